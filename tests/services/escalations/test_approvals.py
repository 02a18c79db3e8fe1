"""All of the experts decide, or one after the other, or the lead alone: whoever is here is asked, once decided."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from rules.errors import Refused
from rules.escalations.approvals import AlreadyAnswered, ApproverAnswer, NotYourTurn
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from services.alerts import sweep
from services.desk import Desk
from services.escalations import escalations
from services.escalations.escalations import AlreadyDecided
from services.tickets import tickets
from storage.database import Database
from storage.escalations.approvals import approver_rows
from storage.escalations.escalations import ESCALATION_CARD, latest_escalation
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, BEN, EMIL, EVA, LENA, LEO, escalated, promise, queued, story, ticket, told

Deciding = Callable[[Desk, int, str], Awaitable[None]]
ON_LEAVE = "2026-10-05..2026-10-09"


def plain(people: dict[str, Any] | None = None, **approval: Any) -> dict[str, Any]:
    """The office, with another way to decide in Network."""
    network = {**OFFICE["teams"]["network"], **approval}
    return {**OFFICE, "teams": {**OFFICE["teams"], "network": network}, "people": people or {}}


@asynccontextmanager
async def deciding(
    database_url: str, clock: HeldClock, people: dict[str, Any] | None = None, **approval: Any
) -> AsyncIterator[Desk]:
    async with opened_desk(database_url, clock, plain=plain(people, **approval)) as desk:
        yield desk


@pytest.fixture
async def of_all(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    async with deciding(database_url, clock, approval="all") as desk:
        yield desk


@pytest.fixture
async def in_order(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    async with deciding(database_url, clock, approval="in_order", approvers=[EMIL, EVA]) as desk:
        yield desk


async def question(desk: Desk, number: int) -> Escalation:
    found = await desk.read(latest_escalation, number)
    assert found is not None
    return found


async def votes(desk: Desk, number: int) -> list[ApproverRow]:
    return list(await desk.read(approver_rows, number, 1))


async def asked(desk: Desk) -> list[str]:
    """Who has the card by direct message, in the order in which it was sent."""
    return [row.lane for row in await queued(desk, ESCALATION_CARD) if row.lane.startswith("U")]


async def accepts(desk: Desk, number: int, by: str) -> None:
    await desk.execute(escalations.accept, number, 1, by=by)


async def rejects(desk: Desk, number: int, by: str) -> None:
    await desk.execute(
        escalations.reject, number, 1, by=by, reason=RejectionReason.NOT_OURS, comment="Ask the provider."
    )


async def test_all_are_asked_and_the_last_one_decides(of_all: Desk) -> None:
    number = await escalated(of_all)
    assert await asked(of_all) == [EVA, EMIL]

    await accepts(of_all, number, EMIL)
    assert (await ticket(of_all, number)).status is Status.ESCALATED
    await accepts(of_all, number, EVA)

    assert (await ticket(of_all, number)).assignee == EVA
    assert [(one.person, one.answer, one.answered_by) for one in await votes(of_all, number)] == [
        (EVA, ApproverAnswer.ACCEPTED, EVA),
        (EMIL, ApproverAnswer.ACCEPTED, EMIL),
    ]
    assert await story(of_all, number) == ["filed", "escalated", "voted", "accepted"]


async def test_one_rejection_of_all_rejects(of_all: Desk) -> None:
    number = await escalated(of_all)
    await accepts(of_all, number, EVA)

    await rejects(of_all, number, EMIL)

    assert (await question(of_all, number)).state is EscalationState.REJECTED
    assert (await ticket(of_all, number)).assignee == ANA


async def test_accepting_twice_changes_nothing_and_says_whom_it_waits_for(of_all: Desk) -> None:
    number = await escalated(of_all)
    await accepts(of_all, number, EVA)

    with pytest.raises(AlreadyAnswered, match=f"waiting for {EMIL}"):
        await accepts(of_all, number, EVA)


async def test_in_order_each_is_asked_when_the_one_before_has_accepted(in_order: Desk) -> None:
    number = await escalated(in_order)
    assert await asked(in_order) == [EMIL]
    with pytest.raises(NotYourTurn):
        await accepts(in_order, number, EVA)

    await accepts(in_order, number, EMIL)

    assert (await asked(in_order))[-1] == EVA


async def test_in_order_each_has_all_of_their_time(in_order: Desk, clock: HeldClock) -> None:
    number = await escalated(in_order)
    clock.forward(minutes=20)

    await accepts(in_order, number, EMIL)

    due = (await promise(in_order, number, TimerKind.EXPERT_ANSWER)).due_at
    assert due == clock.now + timedelta(minutes=30) == (await question(in_order, number)).answer_due_at


async def test_unanswered_it_goes_to_the_next_then_to_the_lead_then_the_lead_is_alarmed(
    in_order: Desk, clock: HeldClock
) -> None:
    number = await escalated(in_order)
    late = []
    for _ in range(3):
        clock.forward(minutes=31)
        await in_order.execute(sweep.send_due_alerts)
        await in_order.execute(sweep.send_due_alerts)
        late.append(((await asked(in_order))[-1], len(await told(in_order, LEO))))

    assert late == [(EVA, 0), (LEO, 0), (LEO, 1)]
    assert (await story(in_order, number)).count("passed_over") == 2
    with pytest.raises(NotYourTurn):
        await accepts(in_order, number, EMIL)
    await accepts(in_order, number, LEO)


async def test_of_all_the_lead_is_asked_for_those_who_did_not_answer(of_all: Desk, clock: HeldClock) -> None:
    number = await escalated(of_all)
    await accepts(of_all, number, EVA)
    clock.forward(minutes=31)
    await of_all.execute(sweep.send_due_alerts)

    await accepts(of_all, number, LEO)

    assert (await question(of_all, number)).state is EscalationState.ACCEPTED
    assert [one.answer for one in await votes(of_all, number)] == [
        ApproverAnswer.ACCEPTED,
        ApproverAnswer.PASSED_OVER,
        ApproverAnswer.ACCEPTED,
    ]


async def test_the_lead_alone_decides_what_desk_yml_leaves_to_the_lead(database_url: str, clock: HeldClock) -> None:
    special = {**OFFICE["types"]["network"], "lead_decides": True}
    described = {**OFFICE, "types": {**OFFICE["types"], "network": special}}
    async with opened_desk(database_url, clock, plain=described) as desk:
        number = await escalated(desk)

        with pytest.raises(NotYourTurn, match=f"waiting for {LEO}"):
            await accepts(desk, number, EVA)
        await accepts(desk, number, LEO)

        mine = await ticket(desk, number)
        assert (await asked(desk), mine.team, mine.status, mine.assignee) == ([LEO], "network", Status.NEW, None)


async def test_nobody_on_leave_gets_a_card_and_their_deputy_decides(database_url: str, clock: HeldClock) -> None:
    leave = {EVA: {"away": [ON_LEAVE], "deputy": LENA}}
    async with deciding(database_url, clock, leave, approval="all") as desk:
        number = await escalated(desk)
        assert await asked(desk) == [LENA, EMIL]

        await accepts(desk, number, EMIL)
        await accepts(desk, number, LENA)

        mine = await ticket(desk, number)
        assert (mine.team, mine.assignee) == ("network", EMIL)


async def test_without_a_deputy_the_lead_stands_in(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, {EVA: {"away": [ON_LEAVE]}}, approval="all") as desk:
        await escalated(desk)

        assert await asked(desk) == [LEO, EMIL]


async def test_at_night_they_are_asked_when_their_day_begins(database_url: str, clock: HeldClock) -> None:
    clock.forward(hours=14)  # Monday, 23:00
    async with deciding(database_url, clock, approval="all") as desk:
        await escalated(desk)

        rows = [row for row in await queued(desk, ESCALATION_CARD) if row.lane == EVA]
        assert [row.next_at for row in rows] == [clock.now + timedelta(hours=9)]


async def test_a_question_is_asked_back_only_by_whose_turn_it_is(in_order: Desk) -> None:
    number = await escalated(in_order)

    with pytest.raises(NotYourTurn):
        await in_order.execute(escalations.request_info, number, 1, by=EVA, question="Which?")
    await in_order.execute(escalations.request_info, number, 1, by=EMIL, question="Which?")
    await in_order.execute(tickets.add_note, number, by=BEN, text="Both.")

    assert (await question(in_order, number)).state is EscalationState.PENDING


@pytest.mark.parametrize("answers", [(accepts, accepts), (accepts, rejects), (rejects, rejects)])
async def test_of_two_processes_that_press_at_once_exactly_one_decides(
    of_all: Desk, database_url: str, clock: HeldClock, answers: tuple[Deciding, Deciding]
) -> None:
    number = await escalated(of_all)
    database = Database(database_url)
    database.start()
    other = Desk(database, workspace="T0LOCAL", policy=of_all.policy, clock=clock)

    presses = [answers[0](of_all, number, EVA), answers[1](other, number, EMIL)]
    refused = [one for one in await asyncio.gather(*presses, return_exceptions=True) if one is not None]
    await database.stop()

    happened = await story(of_all, number)
    wanted = EscalationState.ACCEPTED if answers == (accepts, accepts) else EscalationState.REJECTED
    assert (await question(of_all, number)).state is wanted
    assert happened.count("accepted") + happened.count("rejected") == 1
    assert all(isinstance(one, Refused) for one in refused)
    assert {type(one) for one in refused} <= {AlreadyDecided}
