"""More time: their own up to a limit, the lead's beyond it, and nobody's for what is done."""

import asyncio

import pytest

from rules.errors import FieldError, Refused
from rules.model.timers import TimerKind, TimerState
from rules.people.permissions import NotAllowed
from services.alerts import sweep
from services.desk import Desk
from services.sla import extensions
from services.sla.extensions import EXTENSION_CARD
from services.tickets import tickets
from tests.desks import HeldClock
from tests.services.vpn import ANA, BEN, CLEO, LENA, MIA, OTTO, filed, history, promise, queued, story, told

RESOLUTION = TimerKind.RESOLUTION


async def taken(desk: Desk) -> int:
    """Ana works on it; it is to be done in 8 open hours, by Tuesday 9:00."""
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    return number


async def asks(desk: Desk, number: int, more: str, *, by: str = ANA, target: TimerKind = RESOLUTION) -> bool:
    return await desk.execute(
        extensions.extend_timer, number, by=by, target=target, more=more, reason="The vendor calls back."
    )


async def left(desk: Desk, number: int) -> int:
    return (await promise(desk, number)).total_s // 3600


async def test_within_the_limit_the_time_is_given_at_once_and_the_story_says_why(desk: Desk) -> None:
    number = await taken(desk)
    before = (await promise(desk, number)).due_at

    given = await asks(desk, number, "2h")

    last = (await history(desk, number))[-1]
    longer = await promise(desk, number)
    assert (given, last.kind, last.data["more"], last.data["text"]) == (
        True,
        "extended",
        "2h",
        "The vendor calls back.",
    )
    assert last.data["due"] == {"resolution": [before.isoformat(), longer.due_at.isoformat()]}
    assert (longer.total_s, longer.events[-1].granted_s) == (10 * 3600, 2 * 3600)


async def test_the_limit_is_that_of_the_whole_ticket_not_of_each_press(desk: Desk) -> None:
    number = await taken(desk)

    given = [await asks(desk, number, "2h"), await asks(desk, number, "2h", by=BEN), await asks(desk, number, "1m")]

    assert given == [True, True, False]
    assert await left(desk, number) == 12


async def test_what_the_lead_gave_is_not_counted_against_anybody(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "2d", by=LENA)

    assert await asks(desk, number, "4h") is True


async def test_a_lead_and_a_manager_give_what_they_want(desk: Desk) -> None:
    number = await taken(desk)

    assert [await asks(desk, number, "5d", by=LENA), await asks(desk, number, "5d", by=MIA)] == [True, True]


async def test_beyond_the_limit_the_lead_is_asked_and_nothing_moves_yet(desk: Desk) -> None:
    number = await taken(desk)

    given = await asks(desk, number, "1d")

    assert given is False
    assert [row.lane for row in await queued(desk, EXTENSION_CARD)] == [LENA]
    assert (await story(desk, number))[-1] == "asked_time"
    assert await left(desk, number) == 8


async def test_the_lead_gives_it_and_who_asked_is_told(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")

    await desk.execute(extensions.answer_extension, number, 1, by=LENA, granted=True)

    assert await told(desk, ANA) == ["<@U0LEAD1> extended #1 by 1 working day."]
    assert (await history(desk, number))[-1].data["asked_by"] == ANA
    assert await left(desk, number) == 16


async def test_the_lead_refuses_it_and_who_asked_is_told(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")

    await desk.execute(extensions.answer_extension, number, 1, by=LENA, granted=False)

    assert await told(desk, ANA) == ["<@U0LEAD1> declined the extension of #1."]
    assert ((await story(desk, number))[-1], await left(desk, number)) == ("refused_time", 8)


async def test_of_two_who_decide_at_once_one_does_and_the_other_reads_who(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")

    answers = await asyncio.gather(
        desk.execute(extensions.answer_extension, number, 1, by=LENA, granted=True),
        desk.execute(extensions.answer_extension, number, 1, by=MIA, granted=False),
        return_exceptions=True,
    )

    (refusal,) = [str(one) for one in answers if one is not None]
    kinds = [kind for kind in await story(desk, number) if kind in ("extended", "refused_time")]
    won = LENA if kinds == ["extended"] else MIA
    did = "approved" if won == LENA else "declined"
    assert (len(kinds), refusal) == (1, f"{won} already {did} the extension of #1.")


async def test_an_agent_does_not_decide(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")

    with pytest.raises(NotAllowed):
        await desk.execute(extensions.answer_extension, number, 1, by=BEN, granted=True)


async def test_who_asks_a_second_time_reads_who_asked_first(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")

    with pytest.raises(Refused, match="U0AGENT1 already asked to extend #1"):
        await asks(desk, number, "1d", by=BEN)


async def test_what_was_resolved_meanwhile_needs_no_time(desk: Desk) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")
    await desk.execute(tickets.resolve, number, by=BEN, solution="Restarted.")

    with pytest.raises(Refused, match="#1 is resolved and cannot be extended"):
        await desk.execute(extensions.answer_extension, number, 1, by=LENA, granted=True)

    assert (await promise(desk, number)).state is TimerState.MET
    assert await told(desk, ANA) == []


async def test_opened_again_it_can_be_asked_for_again(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    await asks(desk, number, "1d")
    await desk.execute(extensions.answer_extension, number, 1, by=LENA, granted=False)

    await asks(desk, number, "1d", by=BEN)

    assert [row.subject for row in await queued(desk, EXTENSION_CARD)] == ["1.1", "1.2"]


async def test_while_it_waits_for_the_customer_the_time_is_added_to_what_is_left(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    clock.forward(hours=1)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)
    await asks(desk, number, "2h")
    clock.forward(days=1)

    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Floor 3.")

    running = await promise(desk, number)
    assert (running.state, running.total_s) == (TimerState.RUNNING, 10 * 3600)
    assert (await history(desk, number))[-1].kind == "wrote"
    assert running.events[-1].left_s == 9 * 3600


async def test_an_overdue_ticket_gets_its_time_from_now_and_warns_anew(desk: Desk, clock: HeldClock) -> None:
    number = await taken(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are looking.")
    clock.forward(days=2)
    await desk.execute(sweep.send_due_alerts)

    await asks(desk, number, "4h")

    running = await promise(desk, number)
    assert ((running.due_at - clock.now).total_seconds(), running.alert_level, running.alerted_at) == (
        4.5 * 3600,
        1,
        None,
    )


@pytest.mark.parametrize(
    ("more", "reason", "field", "words"),
    [
        ("soon", "The vendor calls back.", "more", "`soon` is not a duration"),
        ("", "The vendor calls back.", "more", "Say how long: write 15m, 4 hours"),
        ("0h", "The vendor calls back.", "more", "is no time at all"),
        ("2h", " ", "reason", "Say why it needs more time"),
    ],
)
async def test_a_mistake_is_told_beside_its_field(desk: Desk, more: str, reason: str, field: str, words: str) -> None:
    number = await taken(desk)

    with pytest.raises(FieldError, match=words) as refused:
        await desk.execute(extensions.extend_timer, number, by=ANA, target=RESOLUTION, more=more, reason=reason)

    assert refused.value.field == field


async def test_a_reply_is_not_what_gets_more_time(desk: Desk) -> None:
    number = await taken(desk)

    with pytest.raises(FieldError, match="done or no longer due"):
        await asks(desk, number, "1h", target=TimerKind.FIRST_RESPONSE)


async def test_an_observer_adds_none(desk: Desk) -> None:
    number = await taken(desk)

    with pytest.raises(NotAllowed):
        await asks(desk, number, "1h", by=OTTO)
