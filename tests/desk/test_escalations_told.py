"""What becomes of a question reaches who has the ticket now and who asked it; somebody of the experts does the work."""

from typing import Any

import pytest

from desk import escalations, redirects
from desk.desk import Desk
from rules.clocks import ClockKind, ClockState
from rules.escalations import Advice
from rules.tickets import Status
from storage.outbox import Kind
from tests.desk.leaves import holds, on_leave, swept
from tests.desk.test_approvals import ON_LEAVE, accepts, deciding
from tests.desk.test_approvals_absent import LEAD_DECIDES
from tests.desk.vpn import ANA, BEN, EMIL, EVA, LENA, LEO, escalated, history, promise, queued, ticket, told
from tests.desks import OFFICE, HeldClock, opened_desk


async def handed_to_ben(desk: Desk) -> int:
    """Ana asks Network, then goes on leave; Ben has her ticket."""
    number = await escalated(desk)
    await on_leave(desk)
    await swept(desk)
    assert await holds(desk, BEN) == [number]
    return number


async def rejects(desk: Desk, number: int) -> None:
    await desk.do(escalations.reject, number, 1, by=EVA, advice=Advice.NOT_OURS, comment="Ask the provider.")


async def test_rejected_it_reaches_who_has_it_now_and_leaves_who_is_away_in_peace(desk: Desk) -> None:
    number = await handed_to_ben(desk)

    await rejects(desk, number)

    assert (await told(desk, BEN))[-1] == (
        f"<@{EVA}> rejected <@{ANA}>'s escalation of #{number}: not ours. It is back with <@{BEN}>."
    )
    assert await told(desk, ANA) == []


async def test_asked_back_whoever_has_it_now_reads_the_question(desk: Desk) -> None:
    number = await handed_to_ben(desk)

    await desk.do(escalations.ask_back, number, 1, by=EVA, question="Which gateway?")

    assert (await told(desk, BEN))[-1].startswith(f"<@{EVA}> asks about #{number}.")
    assert await told(desk, ANA) == []


async def test_who_asked_and_is_here_hears_beside_whoever_has_it_now(desk: Desk, clock: HeldClock) -> None:
    number = await handed_to_ben(desk)
    clock.forward(days=7)

    await rejects(desk, number)

    assert (await told(desk, ANA))[-1].startswith(f"<@{EVA}> rejected your escalation of #{number}")
    assert (await told(desk, BEN))[-1].startswith(f"<@{EVA}> rejected <@{ANA}>'s escalation of #{number}")


async def test_while_whoever_has_it_is_away_their_deputy_hears_else_the_lead(
    database_url: str, clock: HeldClock
) -> None:
    for deputy, hears in ((BEN, BEN), ("", LENA)):
        people = {ANA: {"deputy": deputy}} if deputy else {}
        async with opened_desk(database_url, clock, workspace=f"T0{hears}", plain=OFFICE | {"people": people}) as desk:
            number = await escalated(desk)
            await on_leave(desk)

            await rejects(desk, number)

            assert f"rejected <@{ANA}>'s escalation of #{number}" in (await told(desk, hears))[-1]


async def test_an_acceptance_reaches_who_asked(desk: Desk) -> None:
    number = await escalated(desk)

    await accepts(desk, number, EVA)

    assert await told(desk, ANA) == [f"<@{EVA}> accepted your escalation of #{number}: it is with <@{EVA}> now."]


async def test_what_a_colleague_withdraws_reaches_who_asked_and_not_the_colleague(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.do(redirects.take_back, number, by=BEN)

    assert await told(desk, ANA) == [
        f"<@{BEN}> withdrew your escalation of #{number}: no answer is needed any more. It is with <@{ANA}>."
    ]
    assert await told(desk, BEN) == []


async def test_who_withdraws_their_own_reads_nothing_of_it(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.do(redirects.take_back, number, by=ANA)

    assert await told(desk, ANA) == []


async def test_who_stands_in_and_accepts_last_does_not_get_the_work(database_url: str, clock: HeldClock) -> None:
    leave = {EVA: {"away": [ON_LEAVE], "deputy": BEN}}
    async with deciding(database_url, clock, leave, approval="all") as desk:
        number = await escalated(desk)
        await accepts(desk, number, EMIL)

        await accepts(desk, number, BEN)

        mine = await ticket(desk, number)
        assert (mine.team, mine.assignee, mine.status) == ("network", EMIL, Status.IN_PROGRESS)
        assert await told(desk, EMIL) == [f"All have accepted #{number}: it is with you now."]


async def test_where_only_the_lead_accepts_it_is_new_to_the_team_and_who_asked_reads_so(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock, plain=LEAD_DECIDES) as desk:
        number = await escalated(desk)

        await accepts(desk, number, LEO)

        mine, event = await ticket(desk, number), (await history(desk, number))[-1]
        assert (mine.team, mine.status, mine.assignee) == ("network", Status.NEW, None)
        assert (event.kind, event.status, event.assignee) == ("accepted", Status.NEW, None)
        assert await told(desk, ANA) == [
            f"<@{LEO}> accepted your escalation of #{number}: Network has it, and nobody of them yet."
        ]
        assert await told(desk, LEO) == []


async def test_where_the_team_gives_its_work_by_itself_an_expert_is_offered_it_at_once(
    database_url: str, clock: HeldClock
) -> None:
    teams = {**OFFICE["teams"], "network": {**OFFICE["teams"]["network"], "assigning": "offer"}}
    async with opened_desk(database_url, clock, plain=LEAD_DECIDES | {"teams": teams}) as desk:
        number = await escalated(desk)

        await accepts(desk, number, LEO)

        mine = await ticket(desk, number)
        assert mine.status is Status.ASSIGNED
        assert mine.assignee in (EVA, EMIL)
        assert [row.lane for row in await queued(desk, Kind.OFFER)] == [mine.assignee]
        assert (await told(desk, ANA))[-1].endswith(f"it is with <@{mine.assignee}> now.")


async def test_what_is_accepted_in_place_of_absent_experts_the_lead_reads_that_nobody_has_it(
    database_url: str, clock: HeldClock
) -> None:
    away = {"away": [ON_LEAVE], "deputy": BEN}
    async with deciding(database_url, clock, {EVA: away, EMIL: away}, approval="all") as desk:
        number = await escalated(desk)

        await accepts(desk, number, BEN)

        assert (await ticket(desk, number)).assignee is None
        assert await told(desk, LEO) == [
            f"<@{BEN}> accepted #{number} for Network; nobody has it yet: press *Assign…* on its card."
        ]


@pytest.mark.parametrize("answer", ["accepted", "rejected", "withdrawn"])
async def test_what_stood_still_while_the_experts_were_asked_runs_on(
    database_url: str, clock: HeldClock, answer: str
) -> None:
    plain: dict[str, Any] = OFFICE | {"pause_while": {"escalated": ["resolution"]}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await escalated(desk)
        assert (await promise(desk, number, ClockKind.RESOLUTION)).state is ClockState.PAUSED

        if answer == "accepted":
            await accepts(desk, number, EVA)
        elif answer == "rejected":
            await rejects(desk, number)
        else:
            await desk.do(redirects.take_back, number, by=ANA)

        assert (await promise(desk, number, ClockKind.RESOLUTION)).state is ClockState.RUNNING
