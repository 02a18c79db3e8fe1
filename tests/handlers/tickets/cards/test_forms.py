"""The forms about one ticket say which, and offer only what can be chosen."""

import pytest

from handlers.assignment.cards import forms as assignment_forms
from handlers.slack.blocks import Modal
from handlers.tickets.cards import forms
from rules.assignment.routing import Candidate
from rules.model.people import SkillLevel
from rules.model.policy import Policy
from rules.presence.presence import Presence, PresenceStatus
from storage.assignment.candidates import AssigneeChoices
from tests.desks import problems
from tests.handlers.hostile import TYPED, alarms, policy_of, ticket_of

HERE = Presence(PresenceStatus.AT_WORK)


def every(text: str, policy: Policy) -> list[Modal]:
    ticket = ticket_of(text)
    simple = (
        forms.resolve_form,
        forms.reply_form,
        forms.note_form,
        forms.reopen_form,
        assignment_forms.pass_form,
        forms.change_form,
    )
    people = [
        Candidate(f"U{place}", HERE, SkillLevel.EXPERT, is_qualified=place < 100, open_tickets=place)
        for place in range(150)
    ]
    crowd = AssigneeChoices(people, {one.person: text for one in people})
    return [*(form(ticket, policy) for form in simple), assignment_forms.assign_form(ticket, policy, crowd)]


@pytest.mark.parametrize("text", TYPED)
def test_whatever_people_typed_every_form_is_harmless_and_within_limits(text: str) -> None:
    made = every(text, policy_of(text))

    assert [problems("modal", view) for view in made] == [[]] * len(made)
    assert [alarms(view["blocks"][0]) for view in made] == [[]] * len(made)


def test_a_form_begins_with_the_ticket_it_is_about() -> None:
    for view in every("VPN is down", policy_of("Support")):
        assert "*#12* · *VPN is down*" in view["blocks"][0]["elements"][0]["text"]


def test_a_long_name_leaves_room_for_the_load() -> None:
    ana = Candidate("U0AGENT1", HERE, SkillLevel.EXPERT, minutes=140, open_tickets=7)
    view = assignment_forms.assign_form(
        ticket_of("VPN"), policy_of("Support"), AssigneeChoices([ana], {"U0AGENT1": "Ana " * 40})
    )

    label = view["blocks"][1]["element"]["options"][0]["text"]["text"]
    assert label.endswith("… · here · 7 open (2 h 20 min) · expert")
    assert len(label) <= 75


def test_where_nobody_can_be_chosen_the_way_to_change_that_is_named() -> None:
    view = assignment_forms.assign_form(ticket_of("VPN"), policy_of("Support"), AssigneeChoices([]))

    assert problems("modal", view) == []
    assert "desk.yml" in str(view["blocks"])


def test_a_type_that_is_no_longer_described_stays_choosable_for_its_ticket() -> None:
    ticket = ticket_of("VPN")
    ticket.type = "fax"

    chosen = forms.change_form(ticket, policy_of("Support"))["blocks"][2]["element"]["initial_option"]

    assert chosen["value"] == "fax"
