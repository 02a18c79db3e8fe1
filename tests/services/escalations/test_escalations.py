"""First line asks the experts: decided once, asked back, asked again; the answer reaches who has the ticket."""

import asyncio
from typing import Any

import pytest

from rules.errors import FieldError, Refused
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.tickets import Status
from rules.model.timers import TimerKind, TimerState
from rules.people.permissions import NotAllowed
from services.alerts import sweep
from services.assignment.assignments import ASSIGNMENT_CARD
from services.desk import Desk
from services.escalations import escalations, redirects
from services.escalations.escalations import AlreadyDecided
from services.tickets import tickets
from storage.escalations.escalations import ESCALATION_CARD, answer_to_question, latest_escalation
from storage.outbox.outbox import TICKET_CARD
from storage.schema.tickets import Escalation
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.escalations.test_approvals import ON_LEAVE, accepts, deciding
from tests.services.escalations.test_approvals_absent import LEAD_DECIDES
from tests.services.leaves import holds, on_leave, swept
from tests.services.vpn import (
    ANA,
    BEN,
    CLEO,
    EMIL,
    EVA,
    LENA,
    LEO,
    asked,
    escalated,
    filed,
    history,
    promise,
    queued,
    story,
    ticket,
    told,
)

EXPERTS = (EVA, EMIL, LEO)


async def question(desk: Desk, number: int) -> Escalation:
    found = await desk.read(latest_escalation, number)
    assert found is not None
    return found


async def rejected(desk: Desk) -> int:
    number = await escalated(desk)
    await desk.execute(
        escalations.reject,
        number,
        1,
        by=EVA,
        reason=RejectionReason.INFORMATION_MISSING,
        comment="Send the gateway log.",
    )
    return number


async def test_of_two_experts_at_once_one_decides_and_the_other_reads_who(desk: Desk) -> None:
    number = await escalated(desk)

    answers = await asyncio.gather(
        desk.execute(escalations.accept, number, 1, by=EVA),
        desk.execute(
            escalations.reject, number, 1, by=EMIL, reason=RejectionReason.NOT_OURS, comment="Ask the provider."
        ),
        return_exceptions=True,
    )

    decided = await question(desk, number)
    refused = [answer for answer in answers if answer is not None]
    verb = "accepted" if decided.state is EscalationState.ACCEPTED else "rejected"
    assert [type(one) for one in refused] == [AlreadyDecided]
    assert str(refused[0]).endswith(f"already {verb} by {decided.decided_by}.")


async def test_accepted_it_is_the_experts_ticket_with_a_card_in_their_channel(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.execute(escalations.accept, number, 1, by=EVA)

    mine = await ticket(desk, number)
    assert (mine.team, mine.first_line, mine.assignee, mine.status) == ("network", "support", EVA, Status.IN_PROGRESS)
    assert {row.lane for row in await queued(desk, TICKET_CARD)} == {"C0SUPPORT", "C0NETWORK"}


async def test_the_experts_lead_may_decide_too(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.execute(escalations.accept, number, 1, by=LEO)

    assert (await ticket(desk, number)).assignee == LEO


async def test_first_line_does_not_decide_its_own_question(desk: Desk) -> None:
    number = await escalated(desk)

    with pytest.raises(NotAllowed, match="experts and leads of Network can"):
        await desk.execute(escalations.accept, number, 1, by=LENA)


async def test_after_a_rejection_the_experts_are_asked_anew_on_a_new_card(desk: Desk) -> None:
    number = await rejected(desk)

    await asked(desk, number)

    assert (await question(desk, number)).round == 2
    assert [row.subject for row in await queued(desk, ESCALATION_CARD, to="C0NETWORK")][-1] == f"{number}.2"


async def test_two_questions_at_once_are_one_and_the_second_reads_who_asked(desk: Desk) -> None:
    number = await escalated(desk, by=ANA)

    with pytest.raises(Refused, match=f"{ANA} already escalated #{number}: Network has not decided yet"):
        await asked(desk, number, by=BEN)


async def test_who_has_it_already_is_not_asked(desk: Desk) -> None:
    number = await escalated(desk)
    await desk.execute(escalations.accept, number, 1, by=EVA)

    with pytest.raises(FieldError, match="Network already has this ticket"):
        await asked(desk, number, by=EVA)


async def test_what_waited_for_the_customer_runs_on_when_the_experts_are_asked(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)

    await asked(desk, number)

    assert (await ticket(desk, number)).status is Status.ESCALATED


async def test_asked_back_the_experts_time_stands_still_until_first_line_answers(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    due_before = (await question(desk, number)).answer_due_at
    clock.forward(minutes=10)
    await desk.execute(escalations.request_info, number, 1, by=EVA, question="Which gateway?")
    clock.forward(minutes=45)

    await desk.execute(tickets.add_note, number, by=BEN, text="Both of them.")

    waiting = await question(desk, number)
    assert waiting.state is EscalationState.PENDING
    assert (waiting.answer_due_at - due_before).total_seconds() == 45 * 60


async def test_the_question_is_in_the_story_and_reaches_who_asked(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.execute(escalations.request_info, number, 1, by=EVA, question="Which gateway?")

    assert (await history(desk, number))[-1].data["text"] == "Which gateway?"
    assert await told(desk, ANA) == [
        f"<@{EVA}> requested information on #{number}. Answer in the thread of its card, or with “Note…”."
    ]


@pytest.mark.parametrize(
    ("deed", "by"),
    [(tickets.add_note, BEN), (tickets.reply, ANA), (tickets.add_requester_message, CLEO)],
    ids=["note", "reply", "thread"],
)
async def test_any_word_from_first_line_or_the_customer_is_an_answer(desk: Desk, deed: object, by: str) -> None:
    number = await escalated(desk)
    await desk.execute(escalations.request_info, number, 1, by=EVA, question="Which gateway?")

    await desk.execute(deed, number, by=by, text="Both of them.")  # type: ignore[arg-type]

    waiting = await question(desk, number)
    assert await desk.read(answer_to_question, waiting, experts=EXPERTS) == "Both of them."
    assert (await story(desk, number))[-1] == "answered"


async def test_an_experts_own_note_is_no_answer(desk: Desk) -> None:
    number = await escalated(desk)
    await desk.execute(escalations.request_info, number, 1, by=EVA, question="Which gateway?")

    await desk.execute(tickets.add_note, number, by=EMIL, text="I think it is the second.")

    waiting = await question(desk, number)
    assert waiting.state is EscalationState.INFO_REQUESTED
    assert await desk.read(answer_to_question, waiting, experts=EXPERTS) == ""


async def test_left_unanswered_the_experts_lead_is_asked_once(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.send_due_alerts)

    assert len(await told(desk, LEO)) == 1
    assert f"#{number}" in (await told(desk, LEO))[0]


async def test_where_there_are_no_experts_the_remedy_is_told(database_url: str, clock: HeldClock) -> None:
    alone = {**OFFICE, "teams": {"support": OFFICE["teams"]["support"]}, "types": {"other": OFFICE["types"]["other"]}}
    async with opened_desk(database_url, clock, plain={**alone, "sla": []}) as desk:
        chair = await ticket(desk, await filed(desk, type_="other"))

        with pytest.raises(Refused, match="adds one with `line: expert`"):
            await desk.read(escalations.check_escalatable, desk.policy, chair)


async def handed_to_ben(desk: Desk) -> int:
    """Ana asks Network, then goes on leave; Ben has her ticket."""
    number = await escalated(desk)
    await on_leave(desk)
    await swept(desk)
    assert await holds(desk, BEN) == [number]
    return number


async def rejects(desk: Desk, number: int) -> None:
    await desk.execute(
        escalations.reject, number, 1, by=EVA, reason=RejectionReason.NOT_OURS, comment="Ask the provider."
    )


async def test_rejected_it_reaches_who_has_it_now_and_leaves_who_is_away_in_peace(desk: Desk) -> None:
    number = await handed_to_ben(desk)

    await rejects(desk, number)

    assert (await told(desk, BEN))[-1] == (
        f"<@{EVA}> rejected the escalation of #{number}: not ours. It is assigned to <@{BEN}> again."
    )
    assert await told(desk, ANA) == []


async def test_asked_back_whoever_has_it_now_reads_the_question(desk: Desk) -> None:
    number = await handed_to_ben(desk)

    await desk.execute(escalations.request_info, number, 1, by=EVA, question="Which gateway?")

    assert (await told(desk, BEN))[-1].startswith(f"<@{EVA}> requested information on #{number}.")
    assert await told(desk, ANA) == []


async def test_who_asked_and_is_here_hears_beside_whoever_has_it_now(desk: Desk, clock: HeldClock) -> None:
    number = await handed_to_ben(desk)
    clock.forward(days=7)

    await rejects(desk, number)

    assert (await told(desk, ANA))[-1].startswith(f"<@{EVA}> rejected the escalation of #{number}")
    assert (await told(desk, BEN))[-1].startswith(f"<@{EVA}> rejected the escalation of #{number}")


async def test_while_whoever_has_it_is_away_their_deputy_hears_else_the_lead(
    database_url: str, clock: HeldClock
) -> None:
    for deputy, hears in ((BEN, BEN), ("", LENA)):
        people = {ANA: {"deputy": deputy}} if deputy else {}
        async with opened_desk(database_url, clock, workspace=f"T0{hears}", plain=OFFICE | {"people": people}) as desk:
            number = await escalated(desk)
            await on_leave(desk)

            await rejects(desk, number)

            assert f"rejected the escalation of #{number}" in (await told(desk, hears))[-1]


async def test_an_acceptance_reaches_who_asked(desk: Desk) -> None:
    number = await escalated(desk)

    await accepts(desk, number, EVA)

    assert await told(desk, ANA) == [f"<@{EVA}> accepted the escalation of #{number}. It is assigned to <@{EVA}>."]


async def test_what_a_colleague_withdraws_reaches_who_asked_and_not_the_colleague(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.execute(redirects.withdraw, number, by=BEN)

    assert await told(desk, ANA) == [
        f"<@{BEN}> withdrew the escalation of #{number}: no decision is needed any more. It is assigned to <@{ANA}>."
    ]
    assert await told(desk, BEN) == []


async def test_who_withdraws_their_own_reads_nothing_of_it(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.execute(redirects.withdraw, number, by=ANA)

    assert await told(desk, ANA) == []


async def test_who_stands_in_and_accepts_last_does_not_get_the_work(database_url: str, clock: HeldClock) -> None:
    leave = {EVA: {"away": [ON_LEAVE], "deputy": BEN}}
    async with deciding(database_url, clock, leave, approval="all") as desk:
        number = await escalated(desk)
        await accepts(desk, number, EMIL)

        await accepts(desk, number, BEN)

        mine = await ticket(desk, number)
        assert (mine.team, mine.assignee, mine.status) == ("network", EMIL, Status.IN_PROGRESS)
        assert await told(desk, EMIL) == [f"All approvers accepted the escalation of #{number}. It is assigned to you."]


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
            f"<@{LEO}> accepted the escalation of #{number} for Network. It is unassigned."
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
        assert [row.lane for row in await queued(desk, ASSIGNMENT_CARD)] == [mine.assignee]
        assert (await told(desk, ANA))[-1].endswith(f"It is assigned to <@{mine.assignee}>.")


async def test_what_is_accepted_in_place_of_absent_experts_the_lead_reads_that_nobody_has_it(
    database_url: str, clock: HeldClock
) -> None:
    away = {"away": [ON_LEAVE], "deputy": BEN}
    async with deciding(database_url, clock, {EVA: away, EMIL: away}, approval="all") as desk:
        number = await escalated(desk)

        await accepts(desk, number, BEN)

        assert (await ticket(desk, number)).assignee is None
        assert await told(desk, LEO) == [
            f"<@{BEN}> accepted #{number} for Network. It is unassigned: press “Assign…” on its card."
        ]


@pytest.mark.parametrize("answer", ["accepted", "rejected", "withdrawn"])
async def test_what_stood_still_while_the_experts_were_asked_runs_on(
    database_url: str, clock: HeldClock, answer: str
) -> None:
    plain: dict[str, Any] = OFFICE | {"pause_while": {"escalated": ["resolution"]}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await escalated(desk)
        assert (await promise(desk, number, TimerKind.RESOLUTION)).state is TimerState.PAUSED

        if answer == "accepted":
            await accepts(desk, number, EVA)
        elif answer == "rejected":
            await rejects(desk, number)
        else:
            await desk.execute(redirects.withdraw, number, by=ANA)

        assert (await promise(desk, number, TimerKind.RESOLUTION)).state is TimerState.RUNNING
