"""The ticket's card: the next right step first, nothing on it that everyone would be refused."""

import pytest

from handlers.slack.blocks import Message
from handlers.tickets.cards.ticket import ticket_card
from rules.model.tickets import Priority, Status
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, policy_of, ticket_of


def drawn(text: str = "VPN is down", status: Status = Status.NEW) -> Message:
    policy = policy_of(text)
    return ticket_card(ticket_of(text, status), clocks_of(policy), policy, NOW)


def under_more(message: Message) -> list[str]:
    return [one["text"]["text"] for one in message.blocks[0]["accessory"]["options"]]


def buttons(message: Message) -> list[str]:
    return [one["text"]["text"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("status", Status)
def test_whatever_people_typed_the_card_is_harmless_and_within_limits(text: str, status: Status) -> None:
    said = drawn(text, status)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


def test_a_new_ticket_is_first_of_all_to_be_taken() -> None:
    assert buttons(drawn()) == ["Take", "Assign…", "Escalate…", "Resolve…"]
    assert under_more(drawn()) == ["Reply…", "Note…", "Change…", "Why this deadline?", "Open"]


def test_a_ticket_in_progress_is_to_be_resolved() -> None:
    said = drawn(status=Status.IN_PROGRESS)

    assert buttons(said) == ["Resolve…", "Assign…", "Escalate…", "Reply…"]
    assert under_more(said) == ["Wait for customer", "Note…", "Change…", "Why this deadline?", "Open"]


def test_what_waits_for_experts_can_only_be_resolved_or_withdrawn() -> None:
    assert buttons(drawn(status=Status.ESCALATED)) == ["Resolve…", "Withdraw"]
    assert under_more(drawn(status=Status.ESCALATED)) == ["Reply…", "Note…", "Change…", "Why this deadline?", "Open"]


def test_what_is_done_can_be_reopened() -> None:
    assert buttons(drawn(status=Status.RESOLVED)) == []
    assert under_more(drawn(status=Status.RESOLVED)) == ["Reopen", "Reply…", "Note…", "Why this deadline?", "Open"]


def test_the_card_says_who_asked_who_registered_it_for_whom_and_how_they_want_the_answer() -> None:
    small = next(block for block in drawn("Acme").blocks if block["type"] == "context")

    told = small["elements"][0]["text"]
    assert told.startswith("Requester <@U0CLIENT1> · Created by <@U0AGENT1> · Customer Acme · Reply via Phone")


@pytest.mark.parametrize(
    ("priority", "words"),
    [
        (Priority.CRITICAL, "🔴 Critical · "),
        (Priority.HIGH, "🟠 High · "),
        (Priority.NORMAL, "Normal · "),
        (Priority.LOW, "⚪ Low · "),
    ],
)
def test_how_urgent_it_is_stands_there_in_word_and_sign(priority: Priority, words: str) -> None:
    policy, urgent = policy_of("VPN is down"), ticket_of("VPN is down")
    urgent.priority = priority

    said = ticket_card(urgent, clocks_of(policy), policy, NOW)

    assert said.blocks[0]["text"]["text"].splitlines()[1].startswith(words)


def test_the_text_beside_the_blocks_is_a_whole_sentence() -> None:
    assert drawn(status=Status.IN_PROGRESS).text == "Ticket #12: VPN is down. High, In progress, assignee <@U0AGENT1>."
