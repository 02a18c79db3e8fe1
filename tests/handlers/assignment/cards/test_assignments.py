"""The assignment's card asks for an answer as long as one is wanted, and then says how it ended."""

import pytest

from handlers.assignment.cards.assignments import assignment_card
from handlers.slack.blocks import Message
from rules.model.tickets import Status
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, event_of, policy_of, ticket_of


def drawn(
    text: str = "VPN is down", status: Status = Status.ASSIGNED, *, to: str = "U0AGENT1", newest: bool = True
) -> Message:
    policy = policy_of(text)
    return assignment_card(
        event_of("assigned", to=to), ticket_of(text, status), clocks_of(policy), policy, NOW, newest=newest
    )


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("status", Status)
def test_whatever_people_typed_the_card_is_harmless_and_within_limits(text: str, status: Status) -> None:
    said = drawn(text, status)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


def test_it_asks_to_start_or_decline() -> None:
    assert [one["text"]["text"] for one in drawn().blocks[-1]["elements"]] == ["Start", "Decline…", "Open"]


@pytest.mark.parametrize(
    ("status", "to", "newest", "ended"),
    [
        (Status.IN_PROGRESS, "U0AGENT1", True, "✓ You are the assignee."),
        (Status.ASSIGNED, "U0AGENT1", False, "✓ You are the assignee."),
        (Status.ASSIGNED, "U0AGENT2", True, "No longer assigned to you. Assignee: <@U0AGENT1>."),
        (Status.NEW, "U0AGENT1", True, "No longer assigned to you. It is unassigned."),
        (Status.RESOLVED, "U0AGENT1", True, "✓ Resolved by <@U0AGENT1>."),
    ],
)
def test_once_it_is_over_it_says_how_it_ended(status: Status, to: str, newest: bool, ended: str) -> None:
    said = drawn(status=status, to=to, newest=newest)

    assert said.blocks[-2]["text"]["text"] == ended
    assert [one["text"]["text"] for one in said.blocks[-1]["elements"]] == ["Open"]
