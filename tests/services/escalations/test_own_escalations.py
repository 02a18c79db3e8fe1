"""Who escalates and is one of the experts too: another expert decides where one can, and the outcomes say who did."""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from rules.errors import Refused
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.presence.leave import LeavePeriod
from services.desk import Desk
from services.escalations import escalations, redirects
from services.presence import presence
from services.sla import extensions
from storage.escalations.approvals import approver_rows
from storage.escalations.escalations import latest_escalation
from storage.escalations.outcomes import outcomes_of_person
from tests.desks import HeldClock, opened_desk
from tests.services import parts
from tests.services.vpn import ANA, EVA, LENA, LEO, MIA, filed, ticket

BOTH = [ANA, EVA]  # Ana is an agent of the first line and one of Network's experts


def company(**network: Any) -> dict[str, Any]:
    plain = deepcopy(parts.WIDER)
    plain["teams"]["network"] |= {"experts": BOTH, **network}
    return plain


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    async with opened_desk(database_url, clock, plain=company()) as opened:
        yield opened


async def escalated_by(desk: Desk, by: str) -> int:
    number = await filed(desk)
    await desk.execute(escalations.escalate, number, by=by, team="network", why="Odd traffic", tried="a restart")
    return number


async def state_of(desk: Desk, number: int) -> str:
    escalation = await desk.read(latest_escalation, number)
    assert escalation is not None
    return str(escalation.state)


async def test_another_expert_decides_what_one_of_them_asked(desk: Desk) -> None:
    number = await escalated_by(desk, ANA)

    decisions: list[Any] = [
        (escalations.accept, {}),
        (escalations.reject, {"reason": RejectionReason.OTHER, "comment": "No."}),
        (escalations.request_info, {"question": "Since when?"}),
        (redirects.redirect, {"team": "security", "reason": "Theirs."}),
    ]
    for operation, words in decisions:
        with pytest.raises(
            Refused, match=rf"You escalated #1 yourself: {EVA} or another member of Network decides it\."
        ):
            await desk.execute(operation, number, 1, by=ANA, **words)
    await desk.execute(escalations.accept, number, 1, by=EVA)

    assert (await ticket(desk, number)).assignee == EVA


async def test_who_asked_may_still_withdraw_it(desk: Desk) -> None:
    number = await escalated_by(desk, ANA)

    await desk.execute(redirects.withdraw, number, by=ANA)

    assert await state_of(desk, number) == EscalationState.WITHDRAWN


async def test_where_nobody_else_can_who_asked_decides_and_it_does_not_count_as_confirmed(
    desk: Desk, clock: HeldClock
) -> None:
    for person in (EVA, LEO, MIA):
        leave = LeavePeriod(clock.now, clock.now + timedelta(hours=30))
        await desk.execute(presence.enter_leave, person, leave, by=person)
    number = await escalated_by(desk, ANA)

    await desk.execute(escalations.accept, number, 1, by=ANA)

    outcomes = await desk.read(outcomes_of_person, person=ANA, since=clock.now - timedelta(days=1))
    assert (outcomes.escalated, outcomes.accepted, outcomes.own_decisions) == (1, 0, 1)
    assert outcomes.accepted_share is None


async def test_a_team_may_allow_it_and_then_too_it_does_not_count_as_confirmed(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock, plain=company(decide_own=True)) as desk:
        number = await escalated_by(desk, ANA)

        await desk.execute(escalations.accept, number, 1, by=ANA)

        outcomes = await desk.read(outcomes_of_person, person=ANA, since=clock.now - timedelta(days=1))
    assert (outcomes.accepted, outcomes.own_decisions) == (0, 1)


async def test_what_others_decided_counts_as_before(desk: Desk, clock: HeldClock) -> None:
    number = await escalated_by(desk, ANA)
    await desk.execute(escalations.accept, number, 1, by=EVA)

    outcomes = await desk.read(outcomes_of_person, person=ANA, since=clock.now - timedelta(days=1))

    assert (outcomes.escalated, outcomes.accepted, outcomes.own_decisions) == (1, 1, 0)


async def test_where_all_experts_must_accept_who_asked_is_not_one_of_them(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=company(approval="all")) as desk:
        number = await escalated_by(desk, ANA)

        await desk.execute(escalations.accept, number, 1, by=EVA)

        assert await state_of(desk, number) == EscalationState.ACCEPTED


async def test_where_the_lead_alone_decides_and_asked_it_a_manager_is_asked(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock, plain=company(lead_decides=True, leads=[LENA])) as desk:
        number = await escalated_by(desk, LENA)

        (row,) = await desk.read(approver_rows, number, 1)
        assert row.asked == MIA
        with pytest.raises(Refused, match=rf"yourself: {MIA} decides it"):
            await desk.execute(escalations.accept, number, 1, by=LENA)
        await desk.execute(escalations.accept, number, 1, by=MIA)

        assert await state_of(desk, number) == EscalationState.ACCEPTED


async def test_who_asked_for_more_time_does_not_grant_it_as_the_leads_stand_in(
    database_url: str, clock: HeldClock
) -> None:
    """Ana asked, was made a lead beside Lena since, and Lena decides."""
    async with opened_desk(database_url, clock, plain=company()) as desk:
        number = await filed(desk, by=ANA)
        await parts.more_time(desk, number, ANA, more="20h")
        desk.policy = desk.policy.with_stand_in(ANA, [LENA])

        with pytest.raises(Refused, match=rf"You asked for this time yourself: {LENA} decides\."):
            await desk.execute(extensions.answer_extension, number, 1, by=ANA, granted=True)
        await desk.execute(extensions.answer_extension, number, 1, by=LENA, granted=True)
