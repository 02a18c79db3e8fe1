"""The next ticket's card says why, and every name and title in it is harmless."""

from datetime import timedelta

import pytest

from handlers.assignment.cards import next_ticket
from handlers.text.slack import render
from rules.assignment.next_ticket import UnassignedTicket
from rules.model.people import SkillLevel
from rules.model.tickets import Priority
from storage.assignment.candidates import NextTicket
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, policy_of, ticket_of

LATER = NOW + timedelta(hours=2)


def waits(**facts: object) -> UnassignedTicket:
    return UnassignedTicket(12, Priority.HIGH, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", TYPED)
def test_whatever_people_typed_the_card_is_harmless_and_within_limits(text: str) -> None:
    said = next_ticket.next_ticket_card(
        NextTicket(ticket_of(text), waits(level=SkillLevel.EXPERT)), policy_of(text), NOW
    )

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert [alarms(block) for block in said.blocks] == [[]] * len(said.blocks)


def test_it_says_how_likely_it_is_to_be_late_and_what_one_knows() -> None:
    reason = next_ticket.next_ticket_reason(ticket_of("VPN"), waits(breach_chance=0.62, level=SkillLevel.CAN), NOW)

    assert render(reason) == "High, 62 % likely to breach its SLA, you can do it."


def test_without_a_risk_worth_naming_it_says_when_it_is_due() -> None:
    later, overdue = waits(breach_chance=0.02, due_at=LATER), waits(due_at=NOW - timedelta(hours=1))

    assert render(next_ticket.next_ticket_reason(ticket_of("VPN"), later, NOW)).startswith("High, due <!date^")
    assert "⚠️ breached, was due" in render(next_ticket.next_ticket_reason(ticket_of("VPN"), overdue, NOW))


def test_nothing_left_is_said_kindly_and_what_was_skipped_is_not_forgotten() -> None:
    assert next_ticket.no_next_ticket(0).text == "No unassigned tickets match your skills."
    assert "You skipped 1 ticket, which is still unassigned" in next_ticket.no_next_ticket(1).text
    assert "You skipped 2 tickets, which are still unassigned" in next_ticket.no_next_ticket(2).text
