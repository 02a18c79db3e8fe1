"""A person in a list of those who could get a ticket, by the reader's clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.assignment.cards import candidates
from handlers.tickets.cards import timeline
from rules.assignment.routing import Candidate
from rules.model.people import SkillLevel
from rules.model.tickets import Status
from rules.presence.presence import Presence, PresenceStatus
from storage.assignment.candidates import AssigneeChoices
from storage.schema.tickets import Event
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, policy_of, ticket_of

ANA = Candidate(
    "U0AGENT1",
    Presence(PresenceStatus.AT_WORK, until=NOW + timedelta(hours=7)),
    SkillLevel.EXPERT,
    minutes=140,
    open_tickets=5,
)


def words(one: Candidate, zone: str = "Europe/Warsaw") -> str:
    return candidates.candidate_option(one, AssigneeChoices([one], {"U0AGENT1": "Ana Kowalska"}, zone))[0]


def test_where_they_are_what_they_hold_and_what_they_know() -> None:
    assert words(ANA) == "Ana Kowalska · here until 16:00 · 5 open (2 h 20 min) · expert"
    assert "here until 14:00" in words(ANA, "UTC")


def test_who_is_away_or_not_competent_is_marked() -> None:
    away = replace(ANA, presence=Presence(PresenceStatus.AWAY, until=NOW + timedelta(days=7, hours=15)))

    assert words(away) == "⚠️ Ana Kowalska · away until Mon 12 Oct · 5 open (2 h 20 min) · expert"
    assert words(replace(ANA, is_qualified=False)).endswith("5 open (2 h 20 min) · no matching skill")
    assert words(replace(ANA, is_qualified=False)).startswith("⚠️ ")
    assert "⚠️" not in words(replace(ANA, free_slots=0))


@pytest.mark.parametrize("text", TYPED)
def test_whatever_a_type_is_called_the_proposal_is_harmless_and_within_limits(text: str) -> None:
    people = AssigneeChoices([ANA, replace(ANA, person="U0AGENT2")] * 3)
    block = candidates.proposal_block(people, text, people)

    assert problems("message", {"text": "Now", "blocks": [block]}) == []
    assert [mark for mark in alarms(block) if mark != "<@U0LEAD1>"] == []


@pytest.mark.parametrize("text", TYPED)
def test_whatever_reason_somebody_gave_the_story_is_harmless_and_within_limits(text: str) -> None:
    event = Event(number=12, seq=3, kind="assigned", by="U0AGENT1", at=NOW, data={"to": "U0AGENT2", "reason": text})

    said = timeline.timeline_entry(event, ticket_of("VPN", Status.ASSIGNED), policy_of("Support"))

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms(said.blocks) == []
