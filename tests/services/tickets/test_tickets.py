"""Working a ticket: taken by one, waiting for the customer, resolved, reopened."""

import asyncio

import pytest

from rules.errors import FieldError, Refused
from rules.escalations.escalations import EscalationState
from rules.intake.requests import TicketRequest
from rules.model.tickets import IllegalTransition, Status
from rules.model.timers import TimerKind, TimerState
from rules.people.permissions import NotAllowed
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from services.tickets.tickets import AlreadyTaken
from storage.escalations.escalations import latest_escalation
from storage.outbox.outbox import REQUESTER_REPLY
from storage.tickets.tickets import NoSuchTicket
from tests.desks import HeldClock
from tests.services.vpn import (
    ANA,
    BEN,
    CLEO,
    EVA,
    LENA,
    MIA,
    OTTO,
    escalated,
    filed,
    history,
    promise,
    queued,
    story,
    ticket,
)


async def test_of_two_who_take_it_at_once_one_has_it_and_the_other_reads_who(desk: Desk) -> None:
    number = await filed(desk)

    answers = await asyncio.gather(
        desk.execute(tickets.take, number, by=ANA), desk.execute(tickets.take, number, by=BEN), return_exceptions=True
    )

    refused = [answer for answer in answers if answer is not None]
    holder = (await ticket(desk, number)).assignee
    assert [type(one) for one in refused] == [AlreadyTaken]
    assert str(refused[0]) == f"#{number} is already assigned to {holder}."


async def test_taking_what_one_has_already_changes_nothing(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)

    await desk.execute(tickets.take, number, by=ANA)

    assert await story(desk, number) == ["filed", "taken"]


async def test_an_offer_to_someone_else_may_be_taken_over(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    await desk.execute(tickets.take, number, by=ANA)

    taken = (await history(desk, number))[-1]
    assert (taken.kind, taken.assignee, taken.data["before"]) == ("taken", ANA, BEN)


async def test_someone_of_no_team_reads_that_there_is_no_such_ticket(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(NoSuchTicket):
        await desk.execute(tickets.take, number, by="U0STRANGER")


async def test_an_observer_reads_who_can(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(NotAllowed, match="agents, experts and leads of Support can"):
        await desk.execute(tickets.take, number, by=OTTO)


async def test_waiting_for_the_customer_stops_the_time_to_resolve_until_they_write(
    desk: Desk, clock: HeldClock
) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    due_before = (await promise(desk, number)).due_at
    await desk.execute(tickets.wait_for_customer, number, by=ANA)
    clock.forward(minutes=30)

    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="It works again since this morning?")

    running = await promise(desk, number)
    assert running.state is TimerState.RUNNING
    assert (running.due_at - due_before).total_seconds() == 30 * 60
    assert (await ticket(desk, number)).status is Status.IN_PROGRESS


async def test_the_second_who_lets_it_wait_reads_who_was_first(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)

    with pytest.raises(Refused, match=f"{ANA} already set #{number} to Waiting for customer"):
        await desk.execute(tickets.wait_for_customer, number, by=BEN)


async def test_what_is_resolved_cannot_wait(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    with pytest.raises(IllegalTransition, match="The ticket is Resolved; it cannot become Waiting for customer"):
        await desk.execute(tickets.wait_for_customer, number, by=ANA)


async def test_a_reply_reaches_the_customer_and_stops_the_first_clock(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")

    assert (await promise(desk, number, TimerKind.FIRST_RESPONSE)).state is TimerState.MET
    assert [row.lane for row in await queued(desk, REQUESTER_REPLY)] == [CLEO]


async def test_who_resolves_what_they_asked_for_themselves_gets_no_message_of_their_own_words(desk: Desk) -> None:
    own = TicketRequest(title="My badge does not open", requester=ANA, registered_by=ANA, type="other")
    number = await desk.execute(tickets.create_ticket, own)

    await desk.execute(tickets.reply, number, by=ANA, text="I look for it.")
    await desk.execute(tickets.resolve, number, by=ANA, solution="Programmed it anew.")

    assert await queued(desk, REQUESTER_REPLY) == []


async def test_a_note_stays_among_the_team(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(tickets.add_note, number, by=ANA, text="Third time this week.")

    assert await queued(desk, REQUESTER_REPLY) == []
    assert (await promise(desk, number, TimerKind.FIRST_RESPONSE)).state is TimerState.RUNNING


async def test_an_empty_reply_is_refused_beside_its_field(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(FieldError) as refused:
        await desk.execute(tickets.reply, number, by=ANA, text="  ")

    assert refused.value.field == "text"


async def test_resolving_stops_both_clocks_and_the_customer_reads_the_solution(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    assert {(await promise(desk, number, kind)).state for kind in (TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION)} == {
        TimerState.MET
    }
    assert [row.lane for row in await queued(desk, REQUESTER_REPLY)] == [CLEO]


async def test_the_second_who_resolves_reads_who_was_first(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    with pytest.raises(Refused, match=f"already resolved by {ANA}"):
        await desk.execute(tickets.resolve, number, by=BEN, solution="Changed the cable.")


async def test_resolving_while_the_experts_are_asked_withdraws_the_question(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    question = await desk.read(latest_escalation, number)
    assert question is not None
    assert question.state is EscalationState.WITHDRAWN
    with pytest.raises(Refused, match=f"already withdrawn by {ANA}"):
        await desk.execute(escalations.accept, number, 1, by=EVA)


async def test_what_the_customer_writes_after_the_end_is_kept_and_opens_nothing(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Thank you!")

    assert (await ticket(desk, number)).status is Status.RESOLVED
    assert await story(desk, number) == ["filed", "resolved", "wrote"]


async def test_reopened_it_is_offered_to_whoever_had_it(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    await desk.execute(tickets.reopen, number, by=CLEO, reason="It is down again.")

    again = await ticket(desk, number)
    assert (again.status, again.assignee, again.resolved_at, again.reopened) == (Status.ASSIGNED, ANA, None, 1)
    assert (await promise(desk, number)).state is TimerState.RUNNING


async def test_reopened_by_its_own_agent_it_is_in_progress_again(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    await desk.execute(tickets.reopen, number, by=ANA, reason="It was not the gateway.")

    assert (await ticket(desk, number)).status is Status.IN_PROGRESS


async def test_the_second_who_reopens_reads_who_was_first(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")
    await desk.execute(tickets.reopen, number, by=MIA, reason="It is down again.")

    with pytest.raises(Refused, match=f"{MIA} already reopened #"):
        await desk.execute(tickets.reopen, number, by=CLEO, reason="It is down again.")


async def test_what_never_was_resolved_cannot_be_reopened(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(Refused, match=f"#{number} is already open."):
        await desk.execute(tickets.reopen, number, by=CLEO, reason="It is down again.")
