"""New rules count for what is open already: less the time that was used, and nothing that was closed is touched."""

import asyncio
import copy
from typing import Any

import pytest

from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla.timers import remaining_seconds
from rules.text import Text
from services.alerts import sweep
from services.config import (
    TICKETS_PER_RECALCULATION,
    apply_configuration,
    recalculate_all_sla_targets,
    recalculate_sla_targets,
    reload_configuration,
)
from services.desk import Desk
from services.escalations import escalations
from services.sla import extensions
from services.tickets import steps, tickets
from storage.database import Database
from storage.outbox.outbox import TIMELINE_ENTRY
from tests.desks import OFFICE, HeldClock
from tests.services.alarms import told
from tests.services.vpn import ANA, EVA, LENA, asked, filed, history, promise, queued, story, ticket

FIRST, RESOLUTION, STEP, ANSWER = (
    TimerKind.FIRST_RESPONSE,
    TimerKind.RESOLUTION,
    TimerKind.STEP,
    TimerKind.EXPERT_ANSWER,
)
H = 3600


async def rules_change(desk: Desk, **sections: Any) -> int:
    """These sections read so from now on; how many tickets were promised anew."""
    await applied(desk, **sections)
    return await desk.execute(recalculate_sla_targets)


async def applied(desk: Desk, **sections: Any) -> None:
    await desk.execute(apply_configuration, copy.deepcopy(OFFICE) | sections)
    await reload_configuration(desk)


def sla_rows(resolution: str, first: str = "30m") -> list[dict[str, str]]:
    return [{"type": "network", "first_response": first, "resolution": resolution}]


def calendars(*windows: str) -> dict[str, Any]:
    """The office with other hours."""
    return {"office": OFFICE["calendars"]["office"] | {"hours": {"mon-fri": list(windows)}}}


async def left(desk: Desk, number: int, clock: HeldClock, kind: TimerKind = RESOLUTION) -> int:
    running: SlaTimer = await promise(desk, number, kind)
    return remaining_seconds(desk.policy, running, clock.now)


async def test_a_shorter_promise_counts_from_the_filing(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)  # 8 h to resolve it
    clock.forward(hours=2)

    await rules_change(desk, sla=sla_rows("4h"))

    moved = await promise(desk, number)
    assert (moved.duration_text, moved.total_s, await left(desk, number, clock)) == ("4h", 4 * H, 2 * H)
    assert moved.events[-1].reason == Text("the configuration changed")


async def test_the_story_and_the_card_say_so(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    before = (await promise(desk, number)).due_at
    clock.forward(hours=2)

    await rules_change(desk, sla=sla_rows("4h"))

    last, due = (await history(desk, number))[-1], (await promise(desk, number)).due_at
    assert (last.kind, last.by, last.data["due"]) == (
        "promised_anew",
        "desk",
        {"resolution": [before.isoformat(), due.isoformat()]},
    )
    assert [row.subject for row in await queued(desk, TIMELINE_ENTRY)] == [f"{number}.{last.seq}"]


async def test_time_that_was_used_stays_used_by_the_hours_that_counted_then(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    clock.forward(hours=4)  # 13:00 by the wall; half an hour of it was lunch

    await rules_change(desk, calendars=calendars("08:00-18:00"))

    moved = await promise(desk, number)
    assert await left(desk, number, clock) == 8 * H - 3.5 * H
    assert (moved.due_at - clock.now).total_seconds() == 4.5 * H


async def test_what_nobody_changed_is_not_told_anew(desk: Desk) -> None:
    number = await filed(desk)

    done = await rules_change(desk, managers=["U0AGENT2"])

    assert (done, await story(desk, number)) == (1, ["filed"])


async def test_other_warnings_count_at_once(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)

    await rules_change(desk, warn_at=["10m"])

    running = await promise(desk, number, FIRST)
    assert running.next_alert_at == clock.now.replace(minute=20)


async def test_closed_clocks_are_never_touched(desk: Desk, clock: HeldClock) -> None:
    number, resolved = await filed(desk), await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are looking.")
    await desk.execute(tickets.resolve, resolved, by=ANA, solution="Restarted.")
    before = [await promise(desk, number, FIRST), await promise(desk, resolved)]
    clock.forward(hours=1)

    await rules_change(desk, sla=sla_rows("1h", "1m"))

    assert [await promise(desk, number, FIRST), await promise(desk, resolved)] == before


async def test_a_paused_clock_keeps_what_it_has_used(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    clock.forward(hours=2)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)
    clock.forward(days=1)

    await rules_change(desk, sla=sla_rows("4h"))

    waiting = await promise(desk, number)
    assert (waiting.state, waiting.remaining_s) == (TimerState.PAUSED, 2 * H)


async def test_time_that_was_granted_stays_granted(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(extensions.extend_timer, number, by=LENA, target=RESOLUTION, more="3h", reason="Vendor.")

    await rules_change(desk, sla=sla_rows("4h"))

    assert (await promise(desk, number)).total_s == 7 * H


async def test_what_is_promised_no_more_is_cancelled(desk: Desk) -> None:
    number = await filed(desk)

    await rules_change(desk, sla=[{"type": "network", "first_response": "30m"}])

    assert (await promise(desk, number)).state is TimerState.CANCELLED


async def test_other_pauses_count_at_once(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    await asked(desk, number)

    await rules_change(desk, pause_while={"escalated": ["resolution"]})

    assert (await promise(desk, number)).state is TimerState.PAUSED


async def test_the_experts_time_to_answer_is_promised_anew_too(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await asked(desk, number)
    clock.forward(minutes=10)

    await rules_change(desk, sla=[*OFFICE["sla"], {"team": "network", "expert_answer": "1h"}])

    answer = await promise(desk, number, ANSWER)
    assert (answer.duration_text, answer.due_at) == ("1h", clock.now.replace(hour=8, minute=0))
    await desk.execute(escalations.accept, number, 1, by=EVA)
    assert (await promise(desk, number, ANSWER)).state is TimerState.MET


async def test_a_step_that_is_there_no_more_gives_way_to_the_next_that_is(desk: Desk) -> None:
    old = [{"name": "Look", "within": "1h"}, {"name": "Call", "within": "1h"}, {"name": "Tell", "within": "2h"}]
    kinds = copy.deepcopy(OFFICE["types"])
    kinds["network"]["steps"] = old
    await applied(desk, types=kinds)
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    await desk.execute(steps.finish_step, number, 1, by=ANA)
    kinds = copy.deepcopy(kinds)
    kinds["network"]["steps"] = [old[0], old[2]]

    await rules_change(desk, types=kinds)

    assert ((await ticket(desk, number)).step, (await promise(desk, number, STEP)).duration_text) == ("tell", "2h")


async def test_a_process_that_is_there_no_more_leaves_no_step_behind(desk: Desk) -> None:
    kinds = copy.deepcopy(OFFICE["types"])
    kinds["network"]["steps"] = [{"name": "Look", "within": "1h"}]
    await applied(desk, types=kinds)
    number = await filed(desk)

    await rules_change(desk)

    assert (await ticket(desk, number)).step is None
    assert (await promise(desk, number, STEP)).state is TimerState.CANCELLED


async def test_a_second_run_finds_nothing_to_do(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    clock.forward(hours=1)
    first = await rules_change(desk, sla=sla_rows("4h"))
    once = await promise(desk, number)
    clock.forward(hours=1)

    assert (first, await desk.execute(recalculate_sla_targets), await promise(desk, number)) == (1, 0, once)


async def test_two_changes_between_two_runs_count_the_used_time_once(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    clock.forward(hours=2)
    await applied(desk, sla=sla_rows("6h"))

    await rules_change(desk, sla=sla_rows("4h"))

    assert await left(desk, number, clock) == 2 * H


async def test_thousands_are_promised_a_few_at_a_time(desk: Desk) -> None:
    many = 2 * TICKETS_PER_RECALCULATION + 3
    for _ in range(many):
        await filed(desk)
    await applied(desk, sla=sla_rows("4h"))

    runs = [await desk.execute(recalculate_sla_targets) for _ in range(4)]

    assert runs == [TICKETS_PER_RECALCULATION, TICKETS_PER_RECALCULATION, 3, 0]
    assert (await promise(desk, many)).duration_text == "4h"


@pytest.mark.parametrize("many", [1, TICKETS_PER_RECALCULATION + 5])
async def test_two_processes_at_once_promise_each_ticket_once(
    desk: Desk, database_url: str, clock: HeldClock, many: int
) -> None:
    for _ in range(many):
        await filed(desk)
    await applied(desk, sla=sla_rows("4h"))
    database = Database(database_url)
    database.start()
    other = Desk(database, workspace=desk.workspace, clock=clock)
    await reload_configuration(other)

    await asyncio.gather(recalculate_all_sla_targets(desk), recalculate_all_sla_targets(other))
    await database.stop()

    told_anew = [(await story(desk, number)).count("promised_anew") for number in range(1, many + 1)]
    assert told_anew == [1] * many
    assert [len((await promise(desk, number)).events) for number in (1, many)] == [1, 1]


async def test_a_process_that_has_not_heard_of_the_new_rules_leaves_it_to_one_that_has(
    desk: Desk, clock: HeldClock
) -> None:
    number = await filed(desk)
    await desk.execute(apply_configuration, copy.deepcopy(OFFICE) | {"sla": sla_rows("4h")})

    before = await desk.execute(recalculate_sla_targets)
    late = await filed(desk)
    await reload_configuration(desk)
    after = await desk.execute(recalculate_sla_targets)

    assert (before, after) == (0, 2)
    assert [(await promise(desk, one)).duration_text for one in (number, late)] == ["4h", "4h"]


async def test_a_promise_that_is_broken_by_the_new_rules_is_told_like_any_other(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are looking.")
    clock.forward(hours=2)
    await rules_change(desk, sla=sla_rows("1h"))

    await desk.execute(sweep.send_due_alerts)

    assert len(await told(desk, LENA)) == 1
