"""Where most of what somebody escalates is refused, a colleague looks first; gaps are closed by a lead with a note."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rules.errors import FieldError, Refused
from rules.escalations.escalations import EscalationState, ImprovementKind, RejectionReason
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from rules.people.permissions import NotAllowed
from services.desk import Desk
from services.escalations import escalations, improvement_items, peer_review, redirects
from services.escalations.peer_review import PEER_REVIEW_CARD, AlreadyReviewed
from storage.escalations.escalations import ESCALATION_CARD, decisions_to_make, latest_escalation
from storage.escalations.improvement_items import closed_items, item_counts, open_items
from storage.schema.tickets import Escalation
from storage.tickets.tickets import NoSuchTicket
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.parts import NOBODY
from tests.services.vpn import ANA, BEN, EMIL, EVA, LENA, LEO, asked, escalated, filed, promise, queued, ticket, told

CHECKED = {**OFFICE, "escalations": {"peer_review_below": "40%", "min_answers": 10}}
FORM = ("support", "network", ImprovementKind.FORM)


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office, where a colleague looks first below 40 %."""
    async with opened_desk(database_url, clock, plain=CHECKED) as opened:
        yield opened


async def rejected(
    desk: Desk, many: int = 10, *, by: str = ANA, advice: RejectionReason = RejectionReason.INFORMATION_MISSING
) -> None:
    for _ in range(many):
        number = await escalated(desk, by=by)
        await desk.execute(escalations.reject, number, 1, by=EVA, reason=advice, comment="The log?")


async def looked_at(desk: Desk) -> int:
    """Ana's eleventh, after ten that were rejected."""
    await rejected(desk)
    return await escalated(desk)


async def question(desk: Desk, number: int) -> Escalation:
    found = await desk.read(latest_escalation, number)
    assert found is not None
    return found


async def test_a_colleague_is_asked_in_the_teams_channel_and_the_asker_reads_why(desk: Desk) -> None:
    number = await looked_at(desk)

    assert (await question(desk, number)).state is EscalationState.IN_PEER_REVIEW
    assert [(row.lane, row.subject) for row in await queued(desk, PEER_REVIEW_CARD)] == [("C0SUPPORT", f"{number}.1")]
    assert (
        "they accepted 0 of your last 10 on Network, and below 40% a review comes first" in (await told(desk, ANA))[-1]
    )
    assert f"{number}.1" not in [row.subject for row in await queued(desk, ESCALATION_CARD)]


async def test_the_experts_neither_see_nor_decide_it_meanwhile(desk: Desk, clock: HeldClock) -> None:
    number = await looked_at(desk)

    with pytest.raises(Refused, match="still in peer review"):
        await desk.execute(escalations.accept, number, 1, by=EVA)
    decisions = await desk.read(decisions_to_make, EVA, teams=["network"])

    assert decisions == []


async def test_few_answers_another_person_or_another_type_are_not_looked_at(desk: Desk) -> None:
    await rejected(desk, 9)
    mine = await escalated(desk)
    await rejected(desk, 1)

    others = await escalated(desk, by=BEN)
    number = await filed(desk, type_="other")
    await asked(desk, number)

    assert {(await question(desk, one)).state for one in (mine, others, number)} == {EscalationState.PENDING}


async def test_it_is_off_where_desk_yml_does_not_ask_for_it(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock) as plain:
        await rejected(plain, 12)

        assert (await question(plain, await escalated(plain))).state is EscalationState.PENDING


async def test_sent_on_the_experts_are_asked_and_their_time_begins(desk: Desk, clock: HeldClock) -> None:
    number = await looked_at(desk)
    clock.forward(minutes=20)

    await desk.execute(peer_review.forward_to_experts, number, 1, by=BEN)

    now = await question(desk, number)
    assert (now.state, now.checked_by) == (EscalationState.PENDING, BEN)
    assert (await promise(desk, number, TimerKind.EXPERT_ANSWER)).started_at == clock.now
    await desk.execute(escalations.accept, number, 1, by=EVA)


async def test_returned_the_asker_reads_what_to_do_and_the_lead_is_told(desk: Desk) -> None:
    number = await looked_at(desk)

    await desk.execute(peer_review.return_to_asker, number, 1, by=BEN, comment="Restart the gateway, see #3.")

    mine = await ticket(desk, number)
    assert (mine.status, mine.assignee, mine.team) == (Status.IN_PROGRESS, ANA, "support")
    words = f"<@{BEN}> returned the escalation of #{number}. It did not go to the experts."
    assert (await told(desk, ANA))[-1] == words
    assert await told(desk, LENA) == [f"<@{BEN}> returned the escalation of #{number}. It did not go to the experts."]


async def test_nobody_looks_at_their_own_nor_the_experts_nor_a_stranger(desk: Desk) -> None:
    number = await looked_at(desk)

    for by, refusal, words in (
        (ANA, Refused, "You escalated #[0-9]+ yourself"),
        (LEO, NoSuchTicket, "that you can see"),
        (NOBODY, NoSuchTicket, "that you can see"),
        ("U0OBSERVER1", NotAllowed, "agents, experts and leads of Support can"),
    ):
        with pytest.raises(refusal, match=words):
            await desk.execute(peer_review.forward_to_experts, number, 1, by=by)


async def test_of_two_colleagues_at_once_one_decides_and_the_other_reads_who(desk: Desk) -> None:
    number = await looked_at(desk)

    answers = await asyncio.gather(
        desk.execute(peer_review.forward_to_experts, number, 1, by=BEN),
        desk.execute(peer_review.return_to_asker, number, 1, by=LENA, comment="Ask Ben."),
        return_exceptions=True,
    )

    assert [type(one) for one in answers if one is not None] == [AlreadyReviewed]


async def test_what_waits_to_be_looked_at_can_be_taken_back(desk: Desk) -> None:
    number = await looked_at(desk)

    await desk.execute(redirects.withdraw, number, by=ANA)

    with pytest.raises(AlreadyReviewed, match=f"already withdrawn by {ANA}"):
        await desk.execute(peer_review.forward_to_experts, number, 1, by=BEN)


async def test_why_it_was_returned_has_to_be_said(desk: Desk) -> None:
    number = await looked_at(desk)

    with pytest.raises(FieldError, match="what would resolve it"):
        await desk.execute(peer_review.return_to_asker, number, 1, by=BEN, comment=" ")


@pytest.mark.parametrize(
    ("advice", "kind"),
    [
        (RejectionReason.KNOWN_SOLUTION, ImprovementKind.KNOWLEDGE),
        (RejectionReason.NOT_REPRODUCIBLE, ImprovementKind.TRAINING),
        (RejectionReason.OTHER, ImprovementKind.OTHER),
        (RejectionReason.INFORMATION_MISSING, ImprovementKind.FORM),
        (RejectionReason.NOT_OURS, ImprovementKind.ROUTING),
    ],
)
async def test_each_reason_names_what_is_missing(desk: Desk, advice: RejectionReason, kind: ImprovementKind) -> None:
    await rejected(desk, 2, advice=advice)

    (gap,) = await desk.read(open_items, ["support"])
    assert (gap.team, gap.type, gap.kind, gap.count, gap.tickets) == ("support", "network", kind, 2, [1, 2])


async def test_the_lead_closes_a_gap_with_a_note_and_the_next_rejection_opens_it_anew(
    desk: Desk, clock: HeldClock
) -> None:
    await rejected(desk, 2)
    await desk.execute(improvement_items.close_item, *FORM, by=LENA, note="The form asks for the log.")
    clock.forward(days=1)

    await rejected(desk, 1)

    (open_,), (closed,) = await desk.read(open_items, None), await desk.read(closed_items, None, limit=5)
    assert (open_.count, open_.tickets) == (1, [3])
    assert (closed.count, closed.closed_by, closed.note) == (2, LENA, "The form asks for the log.")
    assert [await desk.read(item_counts, teams) for teams in (None, ["network"])] == [(1, 1), (0, 0)]


async def test_of_two_who_close_it_the_second_reads_who_was_first(desk: Desk) -> None:
    await rejected(desk, 1)
    await desk.execute(improvement_items.close_item, *FORM, by=LENA, note="Done.")

    with pytest.raises(Refused, match=f"{LENA} already marked it fixed: “Done.”"):
        await desk.execute(improvement_items.close_item, *FORM, by="U0MANAGER1", note="Too.")


@pytest.mark.parametrize("by", [ANA, EMIL, LEO, "U0OBSERVER1", NOBODY])
async def test_only_the_lead_and_managers_close_a_gap(desk: Desk, by: str) -> None:
    await rejected(desk, 1)

    with pytest.raises(NotAllowed, match="leads of Support can, and so can managers"):
        await desk.execute(improvement_items.close_item, *FORM, by=by, note="Done.")


async def test_a_gap_is_not_closed_without_saying_how(desk: Desk) -> None:
    await rejected(desk, 1)

    with pytest.raises(FieldError, match="Say what was done"):
        await desk.execute(improvement_items.close_item, *FORM, by=LENA, note=" ")
