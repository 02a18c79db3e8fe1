"""First line asks the experts: decided once, asked back, asked again, forgotten by nobody."""

import asyncio

import pytest

from desk import escalations, sla, tickets
from desk.desk import Desk
from desk.escalations import Decided
from rules.errors import DeskError, FieldError
from rules.escalations import Advice, EscalationState
from rules.roles import NotAllowed
from rules.tickets import Status
from storage.escalations import answer_to_question, latest
from storage.outbox import Kind
from storage.tables import Escalation
from tests.desk.vpn import (
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
    queued,
    story,
    ticket,
    told,
)
from tests.desks import OFFICE, HeldClock, opened_desk

EXPERTS = (EVA, EMIL, LEO)


async def question(desk: Desk, number: int) -> Escalation:
    found = await desk.ask(latest, number)
    assert found is not None
    return found


async def rejected(desk: Desk) -> int:
    number = await escalated(desk)
    await desk.do(
        escalations.reject, number, 1, by=EVA, advice=Advice.INFORMATION_MISSING, comment="Send the gateway log."
    )
    return number


async def test_of_two_experts_at_once_one_decides_and_the_other_reads_who(desk: Desk) -> None:
    number = await escalated(desk)

    answers = await asyncio.gather(
        desk.do(escalations.accept, number, 1, by=EVA),
        desk.do(escalations.reject, number, 1, by=EMIL, advice=Advice.NOT_OURS, comment="Ask the provider."),
        return_exceptions=True,
    )

    decided = await question(desk, number)
    refused = [answer for answer in answers if answer is not None]
    verb = "accepted" if decided.state is EscalationState.ACCEPTED else "rejected"
    assert [type(one) for one in refused] == [Decided]
    assert str(refused[0]).endswith(f"<@{decided.decided_by}> already {verb} it.")


async def test_accepted_it_is_the_experts_ticket_with_a_card_in_their_channel(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.do(escalations.accept, number, 1, by=EVA)

    mine = await ticket(desk, number)
    assert (mine.team, mine.first_line, mine.assignee, mine.status) == ("network", "support", EVA, Status.IN_PROGRESS)
    assert {row.lane for row in await queued(desk, Kind.CARD)} == {"C0SUPPORT", "C0NETWORK"}


async def test_the_experts_lead_may_decide_too(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.do(escalations.accept, number, 1, by=LEO)

    assert (await ticket(desk, number)).assignee == LEO


async def test_first_line_does_not_decide_its_own_question(desk: Desk) -> None:
    number = await escalated(desk)

    with pytest.raises(NotAllowed, match="Network's experts and leads can"):
        await desk.do(escalations.accept, number, 1, by=LENA)


async def test_after_a_rejection_the_experts_are_asked_anew_on_a_new_card(desk: Desk) -> None:
    number = await rejected(desk)

    await asked(desk, number)

    assert (await question(desk, number)).round == 2
    assert [row.subject for row in await queued(desk, Kind.APPROVAL, to="C0NETWORK")][-1] == f"{number}.2"


async def test_two_questions_at_once_are_one_and_the_second_reads_who_asked(desk: Desk) -> None:
    number = await escalated(desk, by=ANA)

    with pytest.raises(DeskError, match=f"escalated already by <@{ANA}>; it waits for Network's answer"):
        await asked(desk, number, by=BEN)


async def test_who_has_it_already_is_not_asked(desk: Desk) -> None:
    number = await escalated(desk)
    await desk.do(escalations.accept, number, 1, by=EVA)

    with pytest.raises(FieldError, match="Network has it already"):
        await asked(desk, number, by=EVA)


async def test_what_waited_for_the_customer_runs_on_when_the_experts_are_asked(desk: Desk) -> None:
    number = await filed(desk)
    await desk.do(tickets.wait, number, by=ANA)

    await asked(desk, number)

    assert (await ticket(desk, number)).status is Status.ESCALATED


async def test_asked_back_the_experts_time_stands_still_until_first_line_answers(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    due_before = (await question(desk, number)).answer_due_at
    clock.forward(minutes=10)
    await desk.do(escalations.ask_back, number, 1, by=EVA, question="Which gateway?")
    clock.forward(minutes=45)

    await desk.do(tickets.note, number, by=BEN, text="Both of them.")

    waiting = await question(desk, number)
    assert waiting.state is EscalationState.PENDING
    assert (waiting.answer_due_at - due_before).total_seconds() == 45 * 60


async def test_the_question_is_in_the_story_and_reaches_who_asked(desk: Desk) -> None:
    number = await escalated(desk)

    await desk.do(escalations.ask_back, number, 1, by=EVA, question="Which gateway?")

    assert (await history(desk, number))[-1].data["text"] == "Which gateway?"
    assert await told(desk, ANA) == [f"<@{EVA}> asks about #{number}. Answer in the ticket's thread or with *Note…*."]


@pytest.mark.parametrize(
    ("deed", "by"), [(tickets.note, BEN), (tickets.reply, ANA), (tickets.write, CLEO)], ids=["note", "reply", "thread"]
)
async def test_any_word_from_first_line_or_the_customer_is_an_answer(desk: Desk, deed: object, by: str) -> None:
    number = await escalated(desk)
    await desk.do(escalations.ask_back, number, 1, by=EVA, question="Which gateway?")

    await desk.do(deed, number, by=by, text="Both of them.")  # type: ignore[arg-type]

    waiting = await question(desk, number)
    assert await desk.ask(answer_to_question, waiting, experts=EXPERTS) == "Both of them."
    assert (await story(desk, number))[-1] == "answered"


async def test_an_experts_own_note_is_no_answer(desk: Desk) -> None:
    number = await escalated(desk)
    await desk.do(escalations.ask_back, number, 1, by=EVA, question="Which gateway?")

    await desk.do(tickets.note, number, by=EMIL, text="I think it is the second.")

    waiting = await question(desk, number)
    assert waiting.state is EscalationState.ASKED_BACK
    assert await desk.ask(answer_to_question, waiting, experts=EXPERTS) == ""


async def test_left_unanswered_the_experts_lead_is_asked_once(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    clock.forward(minutes=31)

    await desk.do(sla.warn_all)
    await desk.do(sla.warn_all)

    assert len(await told(desk, LEO)) == 1
    assert f"#{number}" in (await told(desk, LEO))[0]


async def test_where_there_are_no_experts_the_remedy_is_told(database_url: str, clock: HeldClock) -> None:
    alone = {**OFFICE, "teams": {"support": OFFICE["teams"]["support"]}, "types": {"other": OFFICE["types"]["other"]}}
    async with opened_desk(database_url, clock, plain={**alone, "sla": []}) as desk:
        chair = await ticket(desk, await filed(desk, type_="other"))

        with pytest.raises(DeskError, match="adds a team with `line: expert`"):
            await desk.ask(escalations.escalatable, desk.policy, chair)
