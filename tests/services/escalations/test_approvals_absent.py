"""A question never waits for who is away alone: whoever is here is asked by name, and who is back is heard."""

from datetime import timedelta
from typing import Any

import pytest

from rules.escalations.approvals import ApproverAnswer, NotYourTurn
from rules.escalations.escalations import EscalationState
from rules.model.timers import TimerKind
from rules.people.permissions import Permission, teams_worked_in
from services.alerts import sweep
from services.desk import Desk
from services.escalations import approvals, escalations
from storage.escalations.escalations import ESCALATION_CARD, decisions_to_make
from tests.desks import OFFICE, HeldClock, opened_desk, render_message
from tests.services.escalations.test_approvals import ON_LEAVE, accepts, asked, deciding, question, votes
from tests.services.leaves import is_back, on_leave
from tests.services.vpn import ANA, BEN, EMIL, EVA, LEO, MIA, escalated, promise, queued, story, ticket, told

AWAY = {"away": [ON_LEAVE]}
LEAD_DECIDES: dict[str, Any] = {
    **OFFICE,
    "types": {**OFFICE["types"], "network": {**OFFICE["types"]["network"], "lead_decides": True}},
}


async def decisions(desk: Desk, who: str) -> list[int]:
    """What this person's Home says that they have to decide."""
    decisions = await desk.read(decisions_to_make, who, teams=teams_worked_in(desk.policy, who))
    return [ticket.number for _, ticket in decisions]


async def swept(desk: Desk) -> int:
    return await desk.execute(approvals.replace_absent_approvers)


async def test_where_the_lead_who_decides_is_away_the_manager_is_asked_and_may(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock, plain=LEAD_DECIDES | {"people": {LEO: AWAY}}) as desk:
        number = await escalated(desk)
        assert await asked(desk) == [MIA]

        await accepts(desk, number, MIA)

        assert (await question(desk, number)).state is EscalationState.ACCEPTED


async def test_where_approvers_and_leads_are_away_the_manager_answers_for_them(
    database_url: str, clock: HeldClock
) -> None:
    async with deciding(database_url, clock, {EVA: AWAY, LEO: AWAY}, approval="all") as desk:
        number = await escalated(desk)
        assert await asked(desk) == [MIA, EMIL]

        await accepts(desk, number, MIA)
        await accepts(desk, number, EMIL)

        assert (await question(desk, number)).state is EscalationState.ACCEPTED


async def test_after_a_lead_who_has_gone_away_the_manager_is_asked_in_the_end(
    database_url: str, clock: HeldClock
) -> None:
    async with deciding(database_url, clock, approval="all") as desk:
        number = await escalated(desk)
        clock.forward(minutes=31)
        await desk.execute(sweep.send_due_alerts)
        await on_leave(desk, LEO)
        clock.forward(minutes=31)

        await desk.execute(sweep.send_due_alerts)

        assert (await asked(desk))[-2:] == [LEO, MIA]
        assert [one.answer for one in await votes(desk, number)] == [ApproverAnswer.PASSED_OVER] * 3 + [None]


async def test_who_is_back_is_heard_though_a_deputy_was_asked(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, {EVA: {"deputy": BEN}}, approval="all") as desk:
        await on_leave(desk, EVA)
        number = await escalated(desk)
        await is_back(desk, EVA)
        assert (await asked(desk), await decisions(desk, EVA)) == ([BEN, EMIL], [number])

        await accepts(desk, number, EVA)

        assert [(one.person, one.answered_by) for one in await votes(desk, number)] == [(EVA, EVA), (EMIL, None)]


async def test_leave_that_begins_later_is_not_waited_for(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, approval="in_order", approvers=[EMIL, EVA]) as desk:
        number = await escalated(desk)
        clock.forward(minutes=20)
        await on_leave(desk, EMIL)

        assert (await swept(desk), await swept(desk)) == (1, 0)

        assert await asked(desk) == [EMIL, LEO]
        due = (await promise(desk, number, TimerKind.EXPERT_ANSWER)).due_at
        assert due == clock.now + timedelta(minutes=30) == (await question(desk, number)).answer_due_at
        assert await story(desk, number) == ["filed", "escalated", "passed_over"]


async def test_a_stand_in_who_has_gone_away_is_replaced_and_their_copy_asks_nothing_any_more(
    database_url: str, clock: HeldClock
) -> None:
    async with deciding(database_url, clock, {EVA: AWAY | {"deputy": BEN}}, approval="all") as desk:
        await escalated(desk)
        await on_leave(desk, BEN)

        assert await swept(desk) == 1

        copies = {row.lane: row for row in await queued(desk, ESCALATION_CARD)}
        drawn = {lane: await desk.read(render_message, desk.policy, clock.now, row) for lane, row in copies.items()}
        assert {lane for lane, one in drawn.items() if one is not None} == {"C0NETWORK", EMIL, LEO}


async def test_where_nobody_could_be_asked_instead_it_waits_for_who_was(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, approval="in_order", approvers=[EMIL, EVA]) as desk:
        await escalated(desk)
        for who in (EMIL, LEO, MIA):
            await on_leave(desk, who)

        assert await swept(desk) == 0

        assert await asked(desk) == [EMIL]


async def test_with_all_experts_away_the_lead_is_asked_by_name_and_who_asked_reads_so(
    database_url: str, clock: HeldClock
) -> None:
    async with deciding(database_url, clock, {EVA: AWAY, EMIL: AWAY}) as desk:
        number = await escalated(desk)

        assert await asked(desk) == [LEO]
        assert await told(desk, ANA) == [f"None of Network's experts is here. <@{LEO}> is asked to decide #{number}."]
        await accepts(desk, number, LEO)
        assert (await ticket(desk, number)).assignee == LEO


async def test_with_experts_and_lead_away_the_manager_decides(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, {EVA: AWAY, EMIL: AWAY, LEO: AWAY}) as desk:
        number = await escalated(desk)
        assert (await asked(desk), await decisions(desk, MIA)) == ([MIA], [number])

        await accepts(desk, number, MIA)

        assert (await question(desk, number)).state is EscalationState.ACCEPTED


async def test_an_expert_who_is_back_still_decides_beside_the_lead(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock) as desk:
        for who in (EVA, EMIL):
            await on_leave(desk, who)
        number = await escalated(desk)
        await is_back(desk, EVA)

        await accepts(desk, number, EVA)

        assert (await ticket(desk, number)).assignee == EVA


async def test_at_night_the_experts_find_it_in_the_morning_and_no_lead_is_troubled(
    desk: Desk, clock: HeldClock
) -> None:
    clock.forward(hours=14)  # Monday, 23:00
    await escalated(desk)
    await swept(desk)

    assert (await asked(desk), await told(desk, ANA)) == ([], [])


async def test_when_the_last_expert_goes_on_leave_the_lead_is_asked_by_name(desk: Desk) -> None:
    number = await escalated(desk)
    await on_leave(desk, EVA)
    assert await swept(desk) == 0
    await on_leave(desk, EMIL)

    assert (await swept(desk), await swept(desk)) == (1, 0)

    assert await asked(desk) == [LEO]
    assert await told(desk, ANA) == [
        f"None of Network's experts is here any more. <@{LEO}> is asked to decide #{number}."
    ]


async def test_when_the_experts_time_is_over_the_lead_is_asked_by_name_once(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    due = (await question(desk, number)).answer_due_at
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.send_due_alerts)

    assert await asked(desk) == [LEO]
    assert await told(desk, ANA) == [
        f"Network's experts did not decide in time. <@{LEO}> is asked to decide #{number}."
    ]
    assert (await promise(desk, number, TimerKind.EXPERT_ANSWER)).due_at == due  # late stays late
    await accepts(desk, number, EMIL)


async def test_the_lead_who_was_asked_by_name_goes_away_and_the_manager_is_asked(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    due = (await promise(desk, number, TimerKind.EXPERT_ANSWER)).due_at
    clock.forward(minutes=31)
    await desk.execute(sweep.send_due_alerts)
    await on_leave(desk, LEO)

    assert (await swept(desk), await swept(desk)) == (1, 0)

    assert await asked(desk) == [LEO, MIA]
    assert (await promise(desk, number, TimerKind.EXPERT_ANSWER)).due_at == due


async def test_whose_turn_it_is_not_reads_so_before_they_have_typed_anything(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock, plain=LEAD_DECIDES) as desk:
        number = await escalated(desk)

        for deed in (Permission.REJECT_ESCALATION, Permission.REQUEST_INFO, Permission.REDIRECT_ESCALATION):
            with pytest.raises(NotYourTurn, match=f"waiting for {LEO}"):
                await desk.read(escalations.decidable_escalation, desk.policy, number, 1, permission=deed, by=EVA)


async def test_home_says_to_whose_turn_it_is_that_they_have_to_decide(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, {EMIL: AWAY | {"deputy": BEN}}, approval="in_order") as desk:
        number = await escalated(desk)
        assert [await decisions(desk, who) for who in (EVA, BEN, LEO)] == [[number], [], []]

        await accepts(desk, number, EVA)

        assert [await decisions(desk, who) for who in (EVA, BEN, LEO)] == [[], [number], []]


async def test_where_the_first_decides_it_is_on_the_home_of_all_experts(desk: Desk) -> None:
    number = await escalated(desk)

    assert [await decisions(desk, who) for who in (EVA, EMIL, LEO, ANA)] == [[number]] * 3 + [[]]
    assert [row.lane for row in await queued(desk, ESCALATION_CARD)] == ["C0NETWORK"]
