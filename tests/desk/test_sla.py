"""The desk warns before a promise breaks: once for each due time, those who can act, within open hours."""

from datetime import UTC, datetime

import pytest

from desk import escalations, sla, tickets
from desk.desk import Desk
from rules.errors import DeskError
from rules.intake import Request
from rules.roles import NotAllowed
from rules.sla import BREACH, ClockKind
from rules.tickets import Priority
from storage import clocks, events
from storage.deliveries import pending
from storage.events import Happened
from storage.tables import Clock, Outgoing
from storage.work import Work
from storage.workspaces import enrol
from tests.desks import HeldClock, opened_desk

VPN = Request(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
MAIL = Request(title="Mail is slow", requester="U0CLIENT1", registered_by="U0AGENT1", type="other")
FIRE = Request(
    title="Server room is hot",
    requester="U0CLIENT1",
    registered_by="U0AGENT1",
    type="other",
    priority=Priority.CRITICAL,
)
FIRST = ClockKind.FIRST_RESPONSE


async def waiting(desk: Desk, kind: str) -> list[Outgoing]:
    return [row for row in await desk.ask(pending, at=desk.clock()) if row.kind == kind]


async def alerts(desk: Desk) -> list[tuple[str, int | None]]:
    """Which cards wait to be sent, and where."""
    return [(row.lane, row.number) for row in await waiting(desk, "alert")]


async def told(desk: Desk, person: str) -> list[str]:
    return [row.data["words"] for row in await waiting(desk, "notice") if row.lane == person]


async def test_at_half_the_time_the_team_is_warned_and_the_lead_is_left_alone(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)  # its first reply is promised in 30 minutes
    clock.forward(minutes=15)

    await desk.do(sla.warn_all)

    assert await alerts(desk) == [("C0SUPPORT", number)]
    assert await told(desk, "U0LEAD1") == []


async def test_a_minute_before_half_the_time_nothing_is_said(desk: Desk, clock: HeldClock) -> None:
    await desk.do(tickets.file, VPN)
    clock.forward(minutes=14)

    assert await desk.do(sla.warn_all) == 0
    assert await alerts(desk) == []


async def test_at_the_last_warning_the_lead_is_told_too(desk: Desk, clock: HeldClock) -> None:
    await desk.do(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.do(sla.warn_all)
    clock.forward(minutes=9)

    await desk.do(sla.warn_all)

    assert await told(desk, "U0LEAD1") == ["⏳ #1 needs its first reply in 6 min, and nobody here has it."]


async def test_at_breach_the_lead_reads_who_has_it(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    await desk.do(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=31)

    await desk.do(sla.warn_all)

    assert await told(desk, "U0LEAD1") == [
        "⚠️ #1 is overdue: its first reply was promised by now, and it is with <@U0AGENT1>."
    ]


async def test_at_the_due_moment_itself_nothing_is_late_yet(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    clock.forward(minutes=30)

    taken = [await desk.do(sla.warn_all), await desk.do(sla.warn_all)]

    assert (await desk.ask(clocks.of, number))[FIRST].level < BREACH
    assert taken == [1, 0]


async def test_however_often_the_sweep_runs_nothing_is_said_twice(desk: Desk, clock: HeldClock) -> None:
    await desk.do(tickets.file, VPN)

    for _ in range(80):
        clock.forward(seconds=30)
        await desk.do(sla.warn_all)

    assert len(await told(desk, "U0LEAD1")) == 2  # the last warning and the breach
    assert await alerts(desk) == [("C0SUPPORT", 1)]


async def test_a_desk_that_starts_again_does_not_repeat_itself(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock) as desk:
        await desk.do(tickets.file, VPN)
        clock.forward(minutes=25)
        await desk.do(sla.warn_all)

    async with opened_desk(database_url, clock) as desk:
        clock.forward(minutes=1)
        taken = await desk.do(sla.warn_all)
        clock.forward(minutes=10)
        await desk.do(sla.warn_all)

        assert taken == 0
        assert len(await told(desk, "U0LEAD1")) == 2


async def test_after_a_long_sleep_only_the_newest_alert_is_given(desk: Desk, clock: HeldClock) -> None:
    await desk.do(tickets.file, VPN)
    clock.forward(hours=2)

    await desk.do(sla.warn_all)

    assert [words for words in await told(desk, "U0LEAD1") if "overdue" not in words] == []
    assert len(await told(desk, "U0LEAD1")) == 1


async def test_a_ticket_that_waits_for_the_customer_alarms_nobody(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, FIRE)  # done in 4 open hours
    await desk.do(tickets.reply, number, by="U0AGENT1", text="Which rack?")
    await desk.do(tickets.wait, number, by="U0AGENT1")
    clock.forward(days=3)

    assert await desk.do(sla.warn_all) == 0


async def test_a_resolved_ticket_alarms_nobody(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    await desk.do(tickets.resolve, number, by="U0AGENT1", solution="Gateway restarted.")
    clock.forward(days=3)

    assert await desk.do(sla.warn_all) == 0


async def test_over_a_weekend_the_clock_stands_still(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 9, 14, 20, tzinfo=UTC)  # Friday 16:20 in Warsaw, ten minutes before closing
    await desk.do(tickets.file, VPN)

    clock.now = datetime(2026, 10, 11, 12, 0, tzinfo=UTC)
    on_sunday = await desk.do(sla.warn_all)
    clock.now = datetime(2026, 10, 12, 6, 5, tzinfo=UTC)  # Monday 8:05: half of the 30 minutes is used
    on_monday = await desk.do(sla.warn_all)

    assert (on_sunday, on_monday) == (0, 1)


async def test_an_alert_goes_to_the_channel_of_those_who_hold_the_ticket(desk: Desk, clock: HeldClock) -> None:
    number = await held_by_experts(desk)
    clock.forward(minutes=31)

    await desk.do(sla.warn_all)

    assert await alerts(desk) == [("C0NETWORK", number)]
    assert await told(desk, "U0LEAD2") != []
    assert await told(desk, "U0LEAD1") == []


async def test_a_new_due_time_is_a_new_alert(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, MAIL)  # its first reply is promised in 2 hours
    clock.forward(hours=3)
    await desk.do(sla.warn_all)
    await desk.do(tickets.resolve, number, by="U0AGENT1", solution="Queue emptied.")
    await desk.do(tickets.reopen, number, by="U0CLIENT1", reason="Slow again.")
    clock.now = datetime(2026, 10, 9, 9, 0, tzinfo=UTC)

    await desk.do(sla.warn_all)

    words = await told(desk, "U0LEAD1")
    assert [("its first reply" in line, "its solution" in line) for line in words] == [(True, False), (False, True)]


async def test_many_due_at_once_are_taken_a_few_at_a_time(desk: Desk, clock: HeldClock) -> None:
    for _ in range(sla.AT_ONCE + 3):
        await desk.do(tickets.file, VPN)
    clock.forward(minutes=15)

    sweeps = [await desk.do(sla.warn_all) for _ in range(3)]

    assert sweeps == [sla.AT_ONCE, 3, 0]


async def test_a_snoozed_alert_is_silent_for_half_an_hour_and_then_tells_the_newest(
    desk: Desk, clock: HeldClock
) -> None:
    number = await desk.do(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.do(sla.warn_all)
    await desk.do(sla.snooze, number, by="U0AGENT1")

    clock.forward(minutes=29)
    meanwhile = await desk.do(sla.warn_all)
    clock.forward(minutes=1)
    await desk.do(sla.warn_all)

    assert meanwhile == 0
    assert [line for line in await told(desk, "U0LEAD1") if "overdue" in line] != []


async def test_a_snooze_outlives_a_pause_of_the_clock(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, FIRE)  # done in 4 open hours, the last warning after 3:12
    await desk.do(tickets.take, number, by="U0AGENT1")
    await desk.do(tickets.reply, number, by="U0AGENT1", text="On my way.")
    clock.forward(hours=3, minutes=35)  # lunch is half an hour
    await desk.do(sla.warn_all)
    await desk.do(sla.snooze, number, by="U0AGENT1")
    await desk.do(tickets.wait, number, by="U0AGENT1")
    await desk.do(tickets.write, number, by="U0CLIENT1", text="It is rack 4.")

    clock.forward(minutes=29)
    await desk.do(sla.warn_all)
    meanwhile = await told(desk, "U0LEAD1")
    clock.forward(minutes=1)
    await desk.do(sla.warn_all)

    assert meanwhile == []
    assert [line[:20] for line in await told(desk, "U0LEAD1")] == ["⏳ #1 must be done in"]


async def test_a_breach_that_fell_into_a_snooze_is_told_to_the_lead_after_it(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    await desk.do(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=15)
    await desk.do(sla.warn_all)
    await desk.do(sla.snooze, number, by="U0AGENT1")
    clock.forward(minutes=31)

    await desk.do(sla.warn_all)

    assert [line[:20] for line in await told(desk, "U0LEAD1")] == ["⚠️ #1 is overdue: its"[:20]]


async def test_an_overdue_ticket_comes_back_once_when_its_snooze_ends(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    await desk.do(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=40)
    await desk.do(sla.warn_all)
    await desk.do(sla.snooze, number, by="U0AGENT1")

    for _ in range(10):
        clock.forward(minutes=10)
        await desk.do(sla.warn_all)

    assert len(await told(desk, "U0AGENT1")) == 1
    assert len(await told(desk, "U0LEAD1")) == 1


async def test_a_snooze_is_in_the_history(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.do(sla.warn_all)

    await desk.do(sla.snooze, number, by="U0AGENT2")

    last = (await desk.ask(events.of_ticket, number))[-1]
    assert (last.kind, last.by) == (Happened.SNOOZED, "U0AGENT2")


async def test_without_an_alert_there_is_nothing_to_snooze(desk: Desk) -> None:
    number = await desk.do(tickets.file, VPN)

    with pytest.raises(DeskError, match="#1 has no alert to snooze"):
        await desk.do(sla.snooze, number, by="U0AGENT1")


async def test_an_observer_cannot_silence_an_alert(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.do(sla.warn_all)

    with pytest.raises(NotAllowed):
        await desk.do(sla.snooze, number, by="U0OBSERVER1")


async def test_a_clock_that_stopped_with_its_alert_still_set_is_put_right(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    await desk.do(tickets.reply, number, by="U0AGENT1", text="We are looking.")

    def left_set(work: Work) -> None:
        row = work.session.get(Clock, (work.workspace, number, FIRST))
        assert row is not None
        row.next_alert_at = work.now

    await desk.do(left_set)

    taken = [await desk.do(sla.warn_all), await desk.do(sla.warn_all)]

    assert taken == [1, 0]
    assert await alerts(desk) == []


async def test_the_same_number_in_another_workspace_is_left_alone(desk: Desk, clock: HeldClock) -> None:
    elsewhere = Desk(desk.database, workspace="T0OTHER", policy=desk.policy, clock=clock)
    await elsewhere.do(enrol)
    await desk.do(tickets.file, VPN)
    await elsewhere.do(tickets.file, MAIL)
    clock.forward(minutes=15)

    await desk.do(sla.warn_all)

    assert (len(await alerts(desk)), len(await alerts(elsewhere))) == (1, 0)


async def held_by_experts(desk: Desk) -> int:
    """Ana escalates the ticket, Eva accepts it."""
    number = await desk.do(tickets.file, VPN)
    await desk.do(escalations.escalate, number, by="U0AGENT1", team="network", why="Tunnel flaps", tried="restarted")
    await desk.do(escalations.accept, number, 1, by="U0EXPERT1")
    return number
