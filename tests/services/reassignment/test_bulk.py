"""Somebody's tickets go to others: as it was drawn, all at once, and back again for a while."""

import pytest

from rules.errors import FieldError, Refused
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerState
from rules.reassignment import NoReceiverReason, TicketFilter
from services.assignment import reminders
from services.assignment.assignments import ASSIGNMENT_CARD
from services.desk import Desk
from services.escalations import escalations
from services.reassignment import bulk
from services.reassignment.bulk import PreviewOutdated
from services.tickets import tickets
from storage.outbox.outbox import TICKET_CARD, TIMELINE_ENTRY
from storage.reassignment.bulk import REASSIGNMENT_CARD
from tests.desks import HeldClock, opened_desk
from tests.services.leaves import CARL, DAN, SKILLED, drawn, given, holds, last_of, moved, on_leave
from tests.services.vpn import ANA, BEN, CLEO, EMIL, EVA, LENA, LEO, MIA, OTTO, asked, promise, queued, ticket, told


async def messages(desk: Desk) -> list[tuple[str, str]]:
    """Who reads a basket's one message, and as what."""
    return [(row.lane, row.subject.partition(".")[2]) for row in await queued(desk, REASSIGNMENT_CARD)]


async def test_two_colleagues_share_the_basket_evenly(desk: Desk) -> None:
    await given(desk, 6)

    await moved(desk, BEN, DAN)

    assert [len(await holds(desk, who)) for who in (ANA, BEN, DAN)] == [0, 3, 3]


async def test_who_is_not_competent_gets_nothing_of_that_type(desk: Desk) -> None:
    networks, others = await given(desk, 2), await given(desk, 2, type_="other")

    plan = (await drawn(desk, CARL)).plan

    assert {one.number: (one.to, one.reason) for one in plan.moves} == {
        **dict.fromkeys(networks, (None, NoReceiverReason.SKILL)),
        **dict.fromkeys(others, (CARL, None)),
    }


async def test_what_nobody_can_take_is_nobodys_and_the_other_leads_read_why(desk: Desk) -> None:
    (number,) = await given(desk, 1, type_="access")

    await moved(desk, BEN, by=MIA)

    assert (await ticket(desk, number)).status is Status.NEW
    assert await holds(desk, None) == [number]
    assert (LENA, "lead") in await messages(desk)


async def test_each_receiver_reads_one_message_however_many_they_get(desk: Desk) -> None:
    await given(desk, 12)
    before = len(await queued(desk, ASSIGNMENT_CARD))

    await moved(desk, BEN, DAN)

    assert await messages(desk) == [(BEN, "receiver"), (DAN, "receiver"), (ANA, "giver")]
    assert len(await queued(desk, ASSIGNMENT_CARD)) == before


async def test_the_story_says_from_whom_to_whom(desk: Desk) -> None:
    (number,) = await given(desk, 1)

    id_ = await moved(desk, BEN)

    last = await last_of(desk, number)
    assert (last.kind, last.by, last.assignee) == ("handed", LENA, BEN)
    assert last.data == {"did": "moved", "from": ANA, "to": BEN, "why": "by_hand", "basket": str(id_)}


async def test_what_was_begun_is_offered_and_asked_about_once_for_all(desk: Desk, clock: HeldClock) -> None:
    await given(desk, 3)
    await moved(desk, BEN)
    clock.forward(minutes=31)

    assert await desk.execute(reminders.remind_assignees) == 3

    assert (await ticket(desk, 1)).status is Status.ASSIGNED
    assert (await told(desk, BEN))[-1:] == [
        "#1 and 2 more tickets are waiting for you to start them. Press “Start” or “Decline…” on their cards."
    ]


async def test_what_waits_for_the_customer_goes_on_waiting_with_its_clock(desk: Desk) -> None:
    (number,) = await given(desk, 1)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)

    await moved(desk, BEN)

    now = await ticket(desk, number)
    assert (now.status, now.assignee, now.remind_at) == (Status.WAITING, BEN, None)
    assert (await promise(desk, number)).state is TimerState.PAUSED


async def test_a_question_to_the_experts_goes_on_and_its_answer_comes_to_the_new_holder(desk: Desk) -> None:
    (number,) = await given(desk, 1)
    await asked(desk, number)

    await moved(desk, BEN)

    assert (await ticket(desk, number)).status is Status.ESCALATED
    assert await holds(desk, BEN) == [number]


async def test_clocks_follow_where_the_desk_says_that_offers_stop_them(database_url: str, clock: HeldClock) -> None:
    plain = {**SKILLED, "pause_while": {"assigned": ["resolution"]}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        (number,) = await given(desk, 1)
        assert (await promise(desk, number)).state is TimerState.RUNNING

        await moved(desk, BEN)

        assert (await promise(desk, number)).state is TimerState.PAUSED


async def test_only_what_is_asked_for_is_moved(desk: Desk) -> None:
    await given(desk, 2)
    (other,) = await given(desk, 1, type_="other")

    plan = (await drawn(desk, BEN, wanted=TicketFilter(types=frozenset({"other"})))).plan

    assert [one.number for one in plan.moves] == [other]


async def test_overdue_and_near_are_what_lists_call_so(desk: Desk, clock: HeldClock) -> None:
    await given(desk, 1)
    clock.forward(days=3)
    await given(desk, 1)

    late = await drawn(desk, BEN, wanted=TicketFilter(overdue=True), at=clock.now)

    assert [one.number for one in late.plan.moves] == [1]


async def test_where_nothing_is_meant_it_says_so(desk: Desk) -> None:
    await given(desk, 1)

    with pytest.raises(Refused, match="has no open tickets of `low`: there is nothing to move"):
        await drawn(desk, BEN, wanted=TicketFilter(priorities=frozenset({Priority.LOW})))


async def test_the_more_one_has_in_hand_the_less_one_gets(desk: Desk) -> None:
    await given(desk, 4, to=BEN)
    await given(desk, 4)

    plan = (await drawn(desk, BEN, DAN)).plan

    assert len(plan.moves_to(DAN)) == 4


async def test_nobody_gets_more_than_they_may_hold(database_url: str, clock: HeldClock) -> None:
    plain = {**SKILLED, "people": {**SKILLED["people"], BEN: {"skills": {"network": "can"}, "capacity": 3}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await given(desk, 1, to=BEN)
        await given(desk, 4)

        plan = (await drawn(desk, BEN)).plan

    assert [one.to for one in plan.moves] == [BEN, BEN, None, None]
    assert plan.moves[-1].reason is NoReceiverReason.CAPACITY


async def test_somebody_on_leave_gets_nothing(desk: Desk) -> None:
    await given(desk, 1)
    await on_leave(desk, BEN)

    assert (await drawn(desk, BEN)).plan.moves[0].reason is NoReceiverReason.ABSENT


async def test_when_a_ticket_was_touched_meanwhile_nothing_at_all_is_moved(desk: Desk) -> None:
    numbers = await given(desk, 3)
    preview = await drawn(desk, BEN)
    await desk.execute(tickets.add_note, numbers[1], by=ANA, text="The vendor calls back.")

    with pytest.raises(PreviewOutdated, match="Nothing was moved"):
        await desk.execute(bulk.reassign_tickets, preview)

    assert await holds(desk, ANA) == numbers


async def test_who_went_on_leave_meanwhile_gets_nothing(desk: Desk) -> None:
    await given(desk, 1)
    preview = await drawn(desk, BEN)
    await on_leave(desk, BEN)

    with pytest.raises(PreviewOutdated):
        await desk.execute(bulk.reassign_tickets, preview)


async def test_who_got_other_work_meanwhile_is_not_filled_beyond_their_room(
    database_url: str, clock: HeldClock
) -> None:
    plain = {**SKILLED, "people": {**SKILLED["people"], BEN: {"skills": {"network": "can"}, "capacity": 2}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await given(desk, 2)
        preview = await drawn(desk, BEN)
        await given(desk, 1, to=BEN)

        with pytest.raises(PreviewOutdated):
            await desk.execute(bulk.reassign_tickets, preview)


@pytest.mark.parametrize("who", [BEN, EVA, LEO, OTTO, CLEO])
async def test_leads_of_the_team_and_managers_alone_move_what_is_somebody_elses(desk: Desk, who: str) -> None:
    await given(desk, 1)

    with pytest.raises(Refused, match=r"You cannot reassign these tickets in bulk: .*leads"):
        await drawn(desk, DAN, by=who)


async def test_ones_own_basket_is_given_to_colleagues_and_the_lead_reads_it(desk: Desk) -> None:
    await given(desk, 2)

    await moved(desk, BEN, by=ANA)

    assert len(await holds(desk, BEN)) == 2
    assert await messages(desk) == [(BEN, "receiver"), (LENA, "lead")]


async def test_tickets_of_a_team_that_one_does_not_lead_stay(database_url: str, clock: HeldClock) -> None:
    support = {**SKILLED["teams"]["support"], "agents": [ANA, BEN, DAN, CARL, EVA]}
    plain = {**SKILLED, "teams": {**SKILLED["teams"], "support": support}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await given(desk, 1, to=EVA, type_="other")
        (number,) = await given(desk, 1)
        await asked(desk, number)
        await desk.execute(escalations.accept, number, 1, by=EVA)

        preview = await drawn(desk, EMIL, giver=EVA, by=LEO)

    assert [one.number for one in preview.plan.moves] == [number]
    assert preview.not_allowed_count == 1


@pytest.mark.parametrize(
    ("receivers", "words"),
    [
        ((), "Name who gets them"),
        ((ANA,), "cannot get them too"),
        ((CLEO,), "works in no team"),
        ((OTTO,), "works in no team"),
    ],
)
async def test_who_cannot_receive_is_said_beside_the_field(desk: Desk, receivers: tuple[str, ...], words: str) -> None:
    await given(desk, 1)

    with pytest.raises(FieldError, match=words):
        await drawn(desk, *receivers)


async def test_the_card_in_the_channel_is_redrawn_and_its_thread_told_once(desk: Desk) -> None:
    await given(desk, 2)
    before = len(await queued(desk, TIMELINE_ENTRY))

    await moved(desk, BEN)

    assert len(await queued(desk, TIMELINE_ENTRY)) == before + 2
    assert {row.number for row in await queued(desk, TICKET_CARD)} == {1, 2}
