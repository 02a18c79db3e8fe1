"""A ticket goes through the steps of its type, each under its own time."""

import asyncio
import copy
from collections.abc import AsyncIterator

import pytest

from rules.errors import Refused
from rules.model.tickets import Priority, ReplyBy
from rules.model.timers import TimerKind, TimerState
from rules.people.permissions import NotAllowed
from services.alerts import sweep
from services.desk import Desk
from services.tickets import corrections, steps, tickets
from services.tickets.corrections import Correction
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.alarms import told
from tests.services.vpn import ANA, BEN, CLEO, LENA, OTTO, filed, history, promise, story, ticket

STEP = TimerKind.STEP
PROCESS = [
    {"name": "Check the account", "within": "30m"},
    {"name": "Grant access", "within": "1h"},
    {"name": "Tell the user"},
]


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office, where network tickets have three steps and other ones two of their own."""
    plain = copy.deepcopy(OFFICE)
    plain["types"]["network"]["steps"] = PROCESS
    plain["types"]["other"]["steps"] = [{"name": "Look", "within": "2h"}, {"name": "Answer"}]
    async with opened_desk(database_url, clock, plain=plain) as opened:
        yield opened


async def taken(desk: Desk) -> int:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    return number


async def test_the_first_step_begins_when_the_ticket_is_filed(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)

    assert (await ticket(desk, number)).step == "check-the-account"
    assert (await promise(desk, number, STEP)).duration_text == "30m"


async def test_a_step_that_is_done_starts_the_time_of_the_next(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    clock.forward(minutes=20)

    await desk.execute(steps.finish_step, number, 1, by=BEN)

    running = await promise(desk, number, STEP)
    assert (await ticket(desk, number)).step == "grant-access"
    assert (running.started_at, running.duration_text, running.events) == (clock.now, "1h", ())
    last = (await history(desk, number))[-1]
    assert (last.by, last.data["step"], last.data["next"], last.data["late"]) == (
        BEN,
        "Check the account",
        "Grant access",
        False,
    )


async def test_a_late_step_says_so_in_the_story_and_the_next_has_its_whole_time(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    clock.forward(minutes=31)

    await desk.execute(steps.finish_step, number, 1, by=ANA)

    assert (await history(desk, number))[-1].data["late"] is True
    assert (await promise(desk, number, STEP)).state is TimerState.RUNNING


async def test_a_late_step_alarms_its_team(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are looking.")
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)

    assert await told(desk, LENA) == ["⚠️ #1 · Step SLA breached · Assignee <@U0AGENT1>"]


async def test_of_two_who_finish_the_same_step_at_once_one_does_and_the_other_reads_who(desk: Desk) -> None:
    number = await taken(desk)

    answers = await asyncio.gather(
        desk.execute(steps.finish_step, number, 1, by=ANA),
        desk.execute(steps.finish_step, number, 1, by=BEN),
        return_exceptions=True,
    )

    (refusal,) = [str(one) for one in answers if one is not None]
    first = (await history(desk, number))[-1].by
    assert refusal == f"{first} was first: that step of #1 is not the current one any more."
    assert (await story(desk, number)).count("step_done") == 1
    assert (await ticket(desk, number)).step == "grant-access"


async def test_waiting_for_the_customer_stops_the_steps_time_too(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    clock.forward(minutes=10)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)
    clock.forward(hours=2)
    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="It is floor 3.")

    running = await promise(desk, number, STEP)

    assert (running.state, running.due_at) == (TimerState.RUNNING, clock.now.replace(hour=9, minute=30))


async def test_a_step_without_a_time_of_its_own_is_under_none(desk: Desk) -> None:
    number = await taken(desk)
    await desk.execute(steps.finish_step, number, 1, by=ANA)

    await desk.execute(steps.finish_step, number, 2, by=ANA)

    assert (await ticket(desk, number)).step == "tell-the-user"
    assert (await promise(desk, number, STEP)).state is TimerState.MET


async def test_past_the_last_step_none_is_open_and_the_ticket_is_to_be_resolved(desk: Desk) -> None:
    number = await taken(desk)
    for place in (1, 2, 3):
        await desk.execute(steps.finish_step, number, place, by=ANA)

    assert (await ticket(desk, number)).step is None
    assert (await history(desk, number))[-1].data["next"] is None
    with pytest.raises(Refused, match="not the current one any more"):
        await desk.execute(steps.finish_step, number, 3, by=BEN)


async def test_resolved_and_opened_again_the_open_step_goes_on_with_what_was_left(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    clock.forward(minutes=10)
    await desk.execute(tickets.resolve, number, by=ANA, solution="It works again.")
    closed = (await promise(desk, number, STEP)).state
    clock.forward(hours=1)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Not for me.")

    running = await promise(desk, number, STEP)

    assert (closed, running.state) == (TimerState.MET, TimerState.RUNNING)
    assert (running.due_at - clock.now).total_seconds() == 20 * 60


def correction(type_: str) -> Correction:
    return Correction(title="VPN is down", type=type_, priority=Priority.NORMAL, customer=None, reply_by=ReplyBy.SLACK)


async def test_another_type_begins_its_own_steps(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    clock.forward(minutes=25)

    await desk.execute(corrections.correct_ticket, number, by=ANA, to=correction("other"))

    running = await promise(desk, number, STEP)
    assert (await ticket(desk, number)).step == "look"
    assert (running.started_at, running.duration_text) == (clock.now, "2h")


async def test_a_type_without_steps_leaves_none_behind(database_url: str, clock: HeldClock) -> None:
    plain = copy.deepcopy(OFFICE)
    plain["types"]["network"]["steps"] = PROCESS
    plain["sla"].append({"priority": "low", "step": "5m"})
    plain["sla"].append({"team": "support", "step": "5m"})
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await taken(desk)

        await desk.execute(corrections.correct_ticket, number, by=ANA, to=correction("other"))

        assert (await ticket(desk, number)).step is None
        assert (await promise(desk, number, STEP)).state is TimerState.CANCELLED


async def test_before_somebody_took_it_no_step_is_done(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(Refused, match="Take it first"):
        await desk.execute(steps.finish_step, number, 1, by=ANA)


async def test_an_observer_finishes_nothing(desk: Desk) -> None:
    number = await taken(desk)

    with pytest.raises(NotAllowed):
        await desk.execute(steps.finish_step, number, 1, by=OTTO)
