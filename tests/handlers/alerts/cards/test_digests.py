"""Alerts that are told together: one message however many, each ticket once, the most urgent first."""

from dataclasses import replace

import pytest

from handlers.alerts.cards.digests import TICKETS_SHOWN, Alarm, alert_nudge, personal_digest, storm_card
from handlers.preferences import cards as preferences_cards
from handlers.slack.blocks import Message
from rules.alerts import AlertChannel
from rules.model.tickets import Status
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from storage.schema.tickets import Ticket
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, policy_of, ticket_of

POLICY = policy_of("Network")
FIRST, RESOLUTION = TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION


def alarm(number: int = 12, *, text: str = "VPN is down", level: int = BREACH_LEVEL, kind: TimerKind = FIRST) -> Alarm:
    about: Ticket = ticket_of(text, Status.IN_PROGRESS)
    about.number = number
    clock: SlaTimer = replace(clocks_of(policy_of(text))[kind], alert_level=level)
    return Alarm(about, clock)


def fits(said: Message) -> None:
    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("many", [1, 2, 60])
def test_whatever_people_typed_it_is_harmless_and_within_limits(text: str, many: int) -> None:
    found = [alarm(number, text=text) for number in range(1, many + 1)]
    policy = policy_of(text)

    for said in (personal_digest(found, "U0AGENT1", policy, NOW), alert_nudge(found, "U0AGENT1", policy, NOW)):
        assert said is not None
        fits(said)
    fits(storm_card(found, policy, NOW))


def test_one_ticket_is_a_sentence_and_its_holder_reads_that_they_have_it() -> None:
    mine = personal_digest([alarm(level=1)], "U0AGENT1", POLICY, NOW)
    theirs = personal_digest([alarm(level=1)], "U0LEAD1", POLICY, NOW)

    assert mine
    assert theirs
    assert mine.text == "⏳ #12 · First reply due in 1 h · Assigned to you"
    assert theirs.text == "⏳ #12 · First reply due in 1 h · Assignee <@U0AGENT1>"


@pytest.mark.parametrize(("kind", "step"), [(FIRST, "Reply…"), (RESOLUTION, "Resolve…")])
def test_a_direct_message_offers_what_stops_the_timer_first(kind: TimerKind, step: str) -> None:
    mine = personal_digest([alarm(kind=kind)], "U0AGENT1", POLICY, NOW)

    assert mine
    labels = [one["text"]["text"] for one in mine.blocks[-1]["elements"]]
    assert labels == [step, "Open", "Why this deadline?"]


def test_a_ticket_with_two_alarms_is_told_once() -> None:
    said = personal_digest([alarm(), alarm(kind=RESOLUTION, level=1)], "U0AGENT1", POLICY, NOW)

    assert said
    assert said.text.startswith("⚠️ #12 · First reply SLA breached")


def test_several_are_counted_and_the_rest_is_a_list() -> None:
    said = personal_digest([alarm(number) for number in range(1, 31)], "U0LEAD1", POLICY, NOW)

    assert said
    assert said.text.startswith("30 tickets need you: 30 breached. #1 VPN is down;")
    assert str(said.blocks).count("'ticket.open'") == TICKETS_SHOWN
    assert f"and {30 - TICKETS_SHOWN} more" in str(said.blocks)
    assert "Show all breached" in str(said.blocks)


def test_what_alarms_no_more_is_not_told() -> None:
    assert personal_digest([], "U0LEAD1", POLICY, NOW) is None


def test_once_all_are_dealt_with_the_channels_message_says_so_without_buttons() -> None:
    said = storm_card([], POLICY, NOW)

    assert said.text == "✓ None of these tickets is at risk any more."
    assert [block["type"] for block in said.blocks] == ["section"]


def test_the_channel_reads_who_has_how_many() -> None:
    free = alarm(2)
    free.ticket.assignee = None

    small = storm_card([alarm(1), free], POLICY, NOW).blocks[-1]

    assert small["elements"][0]["text"].startswith("<@U0AGENT1> 1 · Unassigned 1")


@pytest.mark.parametrize("how", AlertChannel)
def test_a_choice_says_what_it_means_and_how_to_undo_it(how: AlertChannel) -> None:
    said = preferences_cards.alert_preference_message(how, just_now=True)

    fits(said)
    assert said.text.startswith("✓ Alerts ")
    assert f"/desk alerts {'dm' if how is AlertChannel.CHANNEL else 'channel'}" in str(said.blocks)
