"""A ticket is given to somebody, who starts it, passes it back or leaves it unanswered."""

import asyncio
from datetime import UTC, datetime

import pytest

from rules.errors import FieldError, Refused
from rules.model.tickets import Status
from services.assignment import assignments, reminders
from services.assignment.assignments import ASSIGNMENT_CARD, AssignedMeanwhile, NotAssignedToYou
from services.config import apply_configuration, reload_configuration
from services.desk import Desk
from services.tickets import tickets
from storage.assignment.candidates import assignee_choices
from storage.people import people
from tests.desks import OFFICE, HeldClock
from tests.services.vpn import ANA, BEN, CLEO, EVA, LENA, LEO, filed, history, queued, story, ticket, told


async def test_the_one_it_is_given_to_is_asked_by_direct_message(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    given = (await history(desk, number))[-1]
    assert [(row.lane, row.subject) for row in await queued(desk, ASSIGNMENT_CARD)] == [(BEN, f"{number}.{given.seq}")]


async def test_given_to_oneself_it_is_begun_at_once(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(assignments.assign_ticket, number, to=ANA, by=ANA)

    assert (await ticket(desk, number)).status is Status.IN_PROGRESS
    assert await queued(desk, ASSIGNMENT_CARD) == []


async def test_somebody_of_another_team_is_refused_beside_the_field(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(FieldError, match="not in Support") as refused:
        await desk.execute(assignments.assign_ticket, number, to=EVA, by=LENA)

    assert refused.value.field == "assignee"


async def test_a_ticket_that_waited_runs_on_with_whoever_gets_it(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)

    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    assert (await ticket(desk, number)).status is Status.ASSIGNED


async def test_of_two_who_give_it_away_at_once_the_second_reads_who_was_first(desk: Desk) -> None:
    number = await filed(desk)
    seen = (await ticket(desk, number)).seq
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA, last_seen_seq=seen)

    with pytest.raises(
        AssignedMeanwhile, match=f"{LENA} assigned #{number} to {BEN} while you were choosing. Nothing was changed"
    ):
        await desk.execute(assignments.assign_ticket, number, to=LENA, by=ANA, last_seen_seq=seen)


async def test_started_it_is_in_progress(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    await desk.execute(assignments.start_work, number, by=BEN)

    assert (await ticket(desk, number)).status is Status.IN_PROGRESS


async def test_starting_what_somebody_else_took_says_who_has_it(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await desk.execute(tickets.take, number, by=ANA)

    with pytest.raises(NotAssignedToYou, match=f"#{number} is now assigned to {ANA}, not to you"):
        await desk.execute(assignments.start_work, number, by=BEN)


async def test_passed_it_goes_back_and_the_lead_reads_why(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    await desk.execute(assignments.pass_ticket_back, number, by=BEN, reason="I am on leave from tomorrow.")

    back = await ticket(desk, number)
    assert (back.status, back.assignee, back.remind_at) == (Status.NEW, None, None)
    assert await told(desk, LENA) == [f"<@{BEN}> declined #{number}. It is unassigned."]


async def test_passing_needs_a_reason(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    with pytest.raises(FieldError) as refused:
        await desk.execute(assignments.pass_ticket_back, number, by=BEN, reason=" ")

    assert refused.value.field == "reason"


async def test_what_was_begun_is_not_passed_but_given_on(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)

    with pytest.raises(Refused, match="You already started #1"):
        await desk.execute(assignments.pass_ticket_back, number, by=ANA, reason="I am on leave.")


async def test_what_one_has_begun_is_given_on_to_a_colleague(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)

    await desk.execute(assignments.assign_ticket, number, to=BEN, by=ANA)

    given = await ticket(desk, number)
    assert (given.assignee, given.status) == (BEN, Status.ASSIGNED)


async def test_left_unanswered_it_is_offered_again_after_the_teams_time(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    clock.forward(minutes=31)

    await desk.execute(reminders.remind_assignees)

    assert await told(desk, BEN) == [
        f"#{number} is waiting for you to start it. Press “Start” or “Decline…” on its card."
    ]


async def test_however_many_wait_all_are_offered_again_in_slices(
    desk: Desk, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "OFFERS_PER_SWEEP", 2)
    for number in [await filed(desk) for _ in range(5)]:
        await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    clock.forward(minutes=31)

    first_slice, rest = await desk.execute(reminders.remind_assignees), await reminders.remind_all_assignees(desk)

    assert (first_slice, rest) == (2, 3)


async def test_however_often_reminders_run_each_time_that_ran_out_is_told_once(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    clock.forward(minutes=31)

    await asyncio.gather(desk.execute(reminders.remind_assignees), desk.execute(reminders.remind_assignees))
    clock.forward(minutes=31)
    await desk.execute(reminders.remind_assignees)

    assert len(await told(desk, BEN)) == 2


async def test_who_is_on_leave_is_asked_again_when_they_are_back(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await desk.execute(apply_configuration, OFFICE | {"people": {BEN: {"away": ["2026-10-05..2026-10-06"]}}})
    await reload_configuration(desk)
    clock.forward(minutes=31)

    on_leave = [await desk.execute(reminders.remind_assignees), await desk.execute(reminders.remind_assignees)]
    clock.now = datetime(2026, 10, 7, 6, 0, tzinfo=UTC)  # Wednesday, when the office opens

    assert (on_leave, await desk.execute(reminders.remind_assignees)) == ([0, 0], 1)


async def test_whoever_has_begun_is_not_asked_again(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await desk.execute(assignments.start_work, number, by=BEN)
    clock.forward(hours=2)

    assert await desk.execute(reminders.remind_assignees) == 0


async def test_nobody_is_reminded_of_what_was_sent_to_the_customer(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)
    clock.forward(hours=2)

    assert await desk.execute(reminders.remind_assignees) == 0


async def test_the_least_loaded_come_first_and_who_left_is_not_offered(desk: Desk) -> None:
    for person, name, gone in ((ANA, "Ana Kowalska", False), (BEN, "Ben Adler", False), (LENA, "Lena Lis", True)):
        await desk.execute(people.save_person, person, name=name, tz="Europe/Warsaw", gone=gone)
    await desk.execute(tickets.take, await filed(desk), by=ANA)

    about = await ticket(desk, await filed(desk))
    found = await desk.read(assignee_choices, about, [ANA, BEN, LENA], policy=desk.policy, at=desk.clock(), viewer=LENA)

    assert [(found.name_of(one.person), one.open_tickets) for one in found.candidates] == [
        ("Ben Adler", 0),
        ("Ana Kowalska", 1),
    ]


async def test_a_lead_of_the_experts_cannot_give_away_what_support_has(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(Refused, match="There is no ticket #1 that you can see"):
        await desk.execute(assignments.assign_ticket, number, to=BEN, by=LEO)


async def test_a_requester_gives_nothing_away(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(Refused, match="agents, experts and leads of Support can, and so can managers and admins"):
        await desk.execute(assignments.assign_ticket, number, to=BEN, by=CLEO)
    assert await story(desk, number) == ["filed"]
