"""An escalation goes to other experts with all that is known, or is taken back by those who asked."""

from collections.abc import AsyncIterator

import pytest

from rules.errors import FieldError, Refused
from rules.escalations.escalations import EscalationState
from rules.model.tickets import Status
from rules.model.timers import TimerKind, TimerState
from rules.people.permissions import NotAllowed
from services.desk import Desk
from services.escalations import escalations, redirects
from services.escalations.escalations import AlreadyDecided
from services.tickets import tickets
from storage.escalations.escalations import ESCALATION_CARD, find_escalation, latest_escalation, redirect_chain
from storage.schema.tickets import Escalation
from storage.tickets.tickets import NoSuchTicket
from tests.desks import HeldClock, opened_desk
from tests.services.parts import NOBODY, SAM, WIDER
from tests.services.vpn import ANA, BEN, EMIL, EVA, LENA, LEO, asked, escalated, history, promise, queued, ticket, told


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office, with Security beside Network."""
    async with opened_desk(database_url, clock, plain=WIDER) as opened:
        yield opened


async def question(desk: Desk, number: int) -> Escalation:
    found = await desk.read(latest_escalation, number)
    assert found is not None
    return found


async def redirected(desk: Desk) -> int:
    number = await escalated(desk)
    await desk.execute(redirects.redirect, number, 1, by=EVA, team="security", reason="It is the firewall.")
    return number


async def test_the_other_experts_have_the_evidence_and_the_way_it_came(desk: Desk) -> None:
    number = await redirected(desk)

    now = await question(desk, number)
    assert (now.round, now.team, now.from_team, now.asked_by) == (2, "security", "support", ANA)
    assert (now.why, now.tried) == ("Tunnel flaps", "restarted client")
    (before,) = await desk.read(redirect_chain, now)
    assert (before.team, before.decided_by, before.comment) == ("network", EVA, "It is the firewall.")
    assert [row.subject for row in await queued(desk, ESCALATION_CARD, to="C0SECURE")] == [f"{number}.2"]


async def test_the_other_experts_have_all_of_their_time(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    clock.forward(minutes=25)

    await desk.execute(redirects.redirect, number, 1, by=EVA, team="security", reason="It is the firewall.")

    running = await promise(desk, number, TimerKind.EXPERT_ANSWER)
    assert (running.started_at, running.due_at) == (clock.now, (await question(desk, number)).answer_due_at)


async def test_who_asked_reads_where_it_went_and_why(desk: Desk) -> None:
    number = await redirected(desk)

    assert await told(desk, ANA) == [f"<@{EVA}> redirected the escalation of #{number} from Network to Security."]


async def test_an_answer_that_was_given_goes_with_it(desk: Desk) -> None:
    number = await escalated(desk)
    await desk.execute(escalations.request_info, number, 1, by=EVA, question="Which gateway?")
    await desk.execute(tickets.add_note, number, by=ANA, text="Both.")

    await desk.execute(redirects.redirect, number, 1, by=EVA, team="security", reason="Firewall.")

    assert (await question(desk, number)).question == "Which gateway?"


async def test_it_does_not_go_in_a_circle(desk: Desk) -> None:
    number = await redirected(desk)

    with pytest.raises(FieldError, match="If it isn't yours either, reject it with a comment"):
        await desk.execute(redirects.redirect, number, 2, by=SAM, team="network", reason="No, theirs.")


@pytest.mark.parametrize(
    ("team", "reason", "sentence"),
    [
        ("support", "x", "not an expert team"),
        ("network", "x", "already has this escalation"),
        ("security", " ", "why it belongs to them"),
    ],
)
async def test_what_is_missing_is_said_beside_its_field(desk: Desk, team: str, reason: str, sentence: str) -> None:
    number = await escalated(desk)

    with pytest.raises(FieldError, match=sentence):
        await desk.execute(redirects.redirect, number, 1, by=EVA, team=team, reason=reason)


async def test_who_presses_on_the_card_that_was_sent_on_reads_who_did(desk: Desk) -> None:
    number = await redirected(desk)

    with pytest.raises(AlreadyDecided, match=f"already redirected by {EVA}"):
        await desk.execute(escalations.accept, number, 1, by=EMIL)


@pytest.mark.parametrize("by", [ANA, BEN, LENA])
async def test_who_asked_their_colleagues_and_their_lead_take_it_back(desk: Desk, by: str) -> None:
    number = await escalated(desk)

    await desk.execute(redirects.withdraw, number, by=by)

    mine = await ticket(desk, number)
    assert (await question(desk, number)).state is EscalationState.WITHDRAWN
    assert (mine.status, mine.team, mine.assignee) == (Status.IN_PROGRESS, "support", ANA)
    assert (await promise(desk, number, TimerKind.EXPERT_ANSWER)).state is TimerState.CANCELLED
    assert (await history(desk, number))[-1].kind == "withdrawn"


@pytest.mark.parametrize("by", [EVA, LEO])
async def test_the_experts_do_not_take_back_what_others_asked(desk: Desk, by: str) -> None:
    number = await escalated(desk)

    with pytest.raises(NotAllowed, match="agents and leads of Support can"):
        await desk.execute(redirects.withdraw, number, by=by)


async def test_a_stranger_does_not_learn_that_it_is_there(desk: Desk) -> None:
    number = await escalated(desk)

    with pytest.raises(NoSuchTicket):
        await desk.execute(redirects.withdraw, number, by=NOBODY)


async def test_taken_back_it_can_be_asked_again_and_not_taken_back_twice(desk: Desk) -> None:
    number = await escalated(desk)
    await desk.execute(redirects.withdraw, number, by=ANA)

    with pytest.raises(Refused, match="is not escalated any more"):
        await desk.execute(redirects.withdraw, number, by=ANA)
    await asked(desk, number)

    first = await desk.read(find_escalation, number, 1)
    assert ((await question(desk, number)).round, first and first.state) == (2, EscalationState.WITHDRAWN)
