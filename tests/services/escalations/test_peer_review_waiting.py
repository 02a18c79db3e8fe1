"""What a colleague has to look at first waits for nobody: without one who is here, or in time, it goes on."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rules.escalations.escalations import EscalationState
from rules.model.timers import TimerKind
from rules.people.permissions import teams_worked_in
from services.desk import Desk
from services.escalations import escalations, peer_review
from services.escalations.peer_review import PEER_REVIEW_CARD, AlreadyReviewed
from storage.escalations.escalations import ESCALATION_CARD, decisions_to_make
from tests.desks import HeldClock, opened_desk
from tests.services.escalations.test_peer_review import CHECKED, looked_at, question, rejected
from tests.services.leaves import on_leave
from tests.services.vpn import ANA, BEN, EVA, LENA, LEO, MIA, escalated, promise, queued, story, ticket, told


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office, where a colleague looks first below 40 %."""
    async with opened_desk(database_url, clock, plain=CHECKED) as opened:
        yield opened


async def decisions(desk: Desk, who: str) -> list[int]:
    decisions = await desk.read(decisions_to_make, who, teams=teams_worked_in(desk.policy, who))
    return [ticket.number for _, ticket in decisions]


async def test_with_every_colleague_on_leave_the_experts_are_asked_at_once(desk: Desk) -> None:
    await rejected(desk)
    for who in (BEN, LENA):
        await on_leave(desk, who)

    number = await escalated(desk)

    assert (await question(desk, number)).state is EscalationState.PENDING
    assert await queued(desk, PEER_REVIEW_CARD) == []


async def test_at_night_it_waits_for_the_colleagues_morning(desk: Desk, clock: HeldClock) -> None:
    await rejected(desk)
    clock.forward(hours=14)  # Monday, 23:00

    number = await escalated(desk)

    waiting = await question(desk, number)
    assert waiting.state is EscalationState.IN_PEER_REVIEW
    assert waiting.answer_due_at == clock.now + timedelta(hours=9, minutes=30)


async def test_nobody_looked_in_time_so_the_experts_are_asked_and_the_lead_and_who_asked_read_it(
    desk: Desk, clock: HeldClock
) -> None:
    number = await looked_at(desk)
    before = await told(desk, ANA)
    clock.forward(minutes=29)
    assert await desk.execute(peer_review.forward_overdue) == 0
    clock.forward(minutes=2)

    assert (await desk.execute(peer_review.forward_overdue), await desk.execute(peer_review.forward_overdue)) == (1, 0)

    assert (await question(desk, number)).state is EscalationState.PENDING
    assert (await promise(desk, number, TimerKind.EXPERT_ANSWER)).started_at == clock.now
    assert [row.lane for row in await queued(desk, ESCALATION_CARD) if row.subject == f"{number}.1"] == ["C0NETWORK"]
    assert await told(desk, LENA) == [
        f"Nobody in Support reviewed the escalation of #{number} in time: it went to Network."
    ]
    assert (await told(desk, ANA))[len(before) :] == [
        f"Nobody in Support reviewed the escalation of #{number} in time: it went to Network."
    ]
    assert await story(desk, number) == ["filed", "escalated", "sent_on"]


async def test_while_the_lead_is_away_the_manager_reads_it(desk: Desk, clock: HeldClock) -> None:
    await looked_at(desk)
    await on_leave(desk, LENA)
    clock.forward(minutes=31)

    await desk.execute(peer_review.forward_overdue)

    assert "reviewed" in (await told(desk, MIA))[-1]
    assert await told(desk, LENA) == []


async def test_who_looks_too_late_reads_that_the_experts_have_it(desk: Desk, clock: HeldClock) -> None:
    number = await looked_at(desk)
    clock.forward(minutes=31)
    await desk.execute(peer_review.forward_overdue)

    with pytest.raises(AlreadyReviewed, match="in time: it went to the experts"):
        await desk.execute(peer_review.return_to_asker, number, 1, by=BEN, comment="Restart it.")
    await desk.execute(escalations.accept, number, 1, by=EVA)

    assert (await ticket(desk, number)).assignee == EVA


async def test_what_a_colleague_sent_on_is_not_sent_again(desk: Desk, clock: HeldClock) -> None:
    number = await looked_at(desk)
    await desk.execute(peer_review.forward_to_experts, number, 1, by=BEN)
    clock.forward(minutes=31)

    assert await desk.execute(peer_review.forward_overdue) == 0


async def test_the_manager_may_look_too(desk: Desk) -> None:
    number = await looked_at(desk)

    await desk.execute(peer_review.forward_to_experts, number, 1, by=MIA)

    assert (await question(desk, number)).checked_by == MIA


async def test_it_is_on_the_home_of_the_colleagues_and_not_of_who_asked(desk: Desk) -> None:
    number = await looked_at(desk)

    assert [await decisions(desk, who) for who in (BEN, LENA, ANA, EVA, LEO)] == [[number], [number], [], [], []]
