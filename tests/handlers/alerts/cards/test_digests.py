"""Alerts that are told together: one message however many, each ticket once, the most urgent first."""

from dataclasses import replace

import pytest

from handlers.alerts.cards.digests import SHOWN, Alarm, nudge, to_channel, to_person
from handlers.preferences import cards as preferences_cards
from handlers.slack.blocks import Message
from rules.alerts import HearBy
from rules.model.tickets import Status
from rules.model.timers import BREACH, Clock, ClockKind
from storage.schema.tickets import Ticket
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, policy_of, ticket_of

POLICY = policy_of("Network")
FIRST, RESOLUTION = ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION


def alarm(number: int = 12, *, text: str = "VPN is down", level: int = BREACH, kind: ClockKind = FIRST) -> Alarm:
    about: Ticket = ticket_of(text, Status.IN_PROGRESS)
    about.number = number
    clock: Clock = replace(clocks_of(policy_of(text))[kind], level=level)
    return Alarm(about, clock)


def fits(said: Message) -> None:
    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("many", [1, 2, 60])
def test_whatever_people_typed_it_is_harmless_and_within_limits(text: str, many: int) -> None:
    found = [alarm(number, text=text) for number in range(1, many + 1)]
    policy = policy_of(text)

    for said in (to_person(found, "U0AGENT1", policy, NOW), nudge(found, "U0AGENT1", policy, NOW)):
        assert said is not None
        fits(said)
    fits(to_channel(found, policy, NOW))


def test_one_ticket_is_a_sentence_and_its_holder_reads_that_they_have_it() -> None:
    mine = to_person([alarm(level=1)], "U0AGENT1", POLICY, NOW)
    theirs = to_person([alarm(level=1)], "U0LEAD1", POLICY, NOW)

    assert mine
    assert theirs
    assert mine.text == "⏳ #12 needs its first reply in 1 h, and you have it."
    assert theirs.text == "⏳ #12 needs its first reply in 1 h, and it is with <@U0AGENT1>."


def test_a_ticket_with_two_alarms_is_told_once() -> None:
    said = to_person([alarm(), alarm(kind=RESOLUTION, level=1)], "U0AGENT1", POLICY, NOW)

    assert said
    assert said.text.startswith("⚠️ #12 is overdue: its first reply")


def test_several_are_counted_and_the_rest_is_a_list() -> None:
    said = to_person([alarm(number) for number in range(1, 31)], "U0LEAD1", POLICY, NOW)

    assert said
    assert said.text.startswith("30 tickets need you: 30 overdue. #1 VPN is down;")
    assert str(said.blocks).count("'ticket.open'") == SHOWN
    assert f"and {30 - SHOWN} more" in str(said.blocks)
    assert "Show all overdue" in str(said.blocks)


def test_what_alarms_no_more_is_not_told() -> None:
    assert to_person([], "U0LEAD1", POLICY, NOW) is None


def test_once_all_are_dealt_with_the_channels_message_says_so_without_buttons() -> None:
    said = to_channel([], POLICY, NOW)

    assert said.text == "✓ None of the tickets that alarmed together needs anybody now."
    assert [block["type"] for block in said.blocks] == ["section"]


def test_the_channel_reads_who_has_how_many() -> None:
    free = alarm(2)
    free.ticket.assignee = None

    small = to_channel([alarm(1), free], POLICY, NOW).blocks[-1]

    assert small["elements"][0]["text"].startswith("<@U0AGENT1> 1 · nobody 1")


@pytest.mark.parametrize("how", HearBy)
def test_a_choice_says_what_it_means_and_how_to_undo_it(how: HearBy) -> None:
    said = preferences_cards.chosen(how, just_now=True)

    fits(said)
    assert said.text.startswith("✓ Alerts ")
    assert f"/desk alerts {'dm' if how is HearBy.CHANNEL else 'channel'}" in str(said.blocks)
