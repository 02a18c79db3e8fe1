"""Who knows what, on a lead's pages: names and certificates may be anything."""

from datetime import date
from typing import Any

import pytest

from handlers.skills import cards
from handlers.slack.blocks import context
from handlers.text.slack import render
from rules.model.people import Skill, SkillLevel
from rules.model.policy import Policy, Team, TicketType
from rules.presence.presence import Presence, PresenceStatus
from rules.skills import SkillEvidence
from rules.text import Text
from storage.schema.people import SkillChange
from storage.skills import PersonSkills, SkilledPerson
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, policy_of

DAY = date(2026, 10, 5)
GOOD = SkillEvidence(90, resolved=12, with_target=12, in_time=11)


def known(text: str, skill: Skill | None) -> PersonSkills:
    change = SkillChange(
        person="U0AGENT1", type="network", was=None, now={"level": "can", "certificate": text}, by="U0AGENT2", at=NOW
    )
    return PersonSkills("U0AGENT1", text, DAY, {"network": skill}, {"network": GOOD}, [change])


@pytest.mark.parametrize("text", TYPED)
def test_whatever_people_typed_every_page_is_harmless_and_within_limits(text: str) -> None:
    policy, skill = policy_of(text), Skill(SkillLevel.CAN, DAY, text[:75])
    about = known(text, skill)
    knower = SkilledPerson("U0AGENT1", skill, Presence(PresenceStatus.AT_WORK, until=NOW), 140, 5)
    said = cards.skills_message(about, policy, change=Text("Saved"))
    rows = cards.skilled_people([knower] * 5, "network", policy, day=DAY, zone="Europe/Warsaw", with_details=True)

    views = [cards.skills_form(about, policy), cards.team_page({"support": ["U0AGENT1"] * 60}, policy)]
    assert [problems("modal", view) for view in views] == [[], []]
    assert problems("message", {"text": said.text, "blocks": [*said.blocks, *rows]}) == []
    assert [alarms(block) for block in [*said.blocks, *rows, *views[1]["blocks"]]] == [[]] * (
        len(said.blocks) + len(rows) + len(views[1]["blocks"])
    )


def test_a_form_of_many_types_stays_within_a_hundred_blocks_and_says_how_many_more() -> None:
    types = {f"t{place}": TicketType(f"t{place}", "Type", "support") for place in range(60)}
    about = PersonSkills("U0AGENT1", "Ana", DAY, dict.fromkeys(types), dict.fromkeys(types, GOOD))

    view = cards.skills_form(about, Policy(types=types))

    assert problems("modal", view) == []
    assert "40 more types" in str(view["blocks"][-1])


def test_the_form_shows_the_evidence_and_asks_and_chooses_nothing_by_itself() -> None:
    view = cards.skills_form(known("Ana", None), policy_of("Network"))

    assert "12 resolved in 90 days · SLA met 92 % (11 of 12) · 0 reopened" in str(view["blocks"])
    assert "💡 Suggested level: can do it" in str(view["blocks"])
    assert chosen(view, "level:network") == "none"


def test_a_certificate_that_runs_out_soon_is_marked() -> None:
    assert render(cards.level_text(Skill(SkillLevel.EXPERT, date(2026, 11, 1), "CCNA"), DAY)) == (
        "expert, certificate CCNA, ⚠️ expires on Sun 1 Nov 2026"
    )
    assert render(cards.level_text(Skill(SkillLevel.EXPERT, date(2027, 1, 31)), DAY)) == "expert, until Sun 31 Jan 2027"
    assert "⚠️ expired on Thu 1 Oct 2026" in render(cards.level_text(Skill(SkillLevel.CAN, date(2026, 10, 1)), DAY))


def test_a_type_that_needs_a_level_and_has_nobody_says_so() -> None:
    policy = Policy(types={"network": TicketType("network", "Network", "support", required_level=SkillLevel.CAN)})

    assert "needs somebody who can do it, and there is nobody" in str(
        cards.skilled_people([], "network", policy, day=DAY, zone="UTC", with_details=True)
    )
    assert cards.skilled_people([], "other", policy, day=DAY, zone="UTC", with_details=True) == []


def chosen(view: dict[str, Any], name: str) -> str:
    element = next(block["element"] for block in view["blocks"] if block.get("block_id") == name)
    return str(element["initial_option"]["value"])


def test_of_many_who_know_a_type_the_first_of_each_level_are_named() -> None:
    knowers = [
        SkilledPerson(f"U0PERSON{place}", Skill(SkillLevel.CAN), Presence(PresenceStatus.AT_WORK), 0, 0)
        for place in range(9)
    ]

    (block,) = cards.skilled_people(
        knowers, "network", policy_of("Network"), day=DAY, zone="Europe/Warsaw", with_details=True
    )

    rows = block["text"]["text"].split("\n")
    assert rows[0] == "*Can do it* · the first 3 of 9"
    assert len(rows) == 4


def test_a_team_that_does_not_fit_says_how_to_set_the_skills_of_the_others() -> None:
    view = cards.team_page({"support": [f"U0PERSON{place}" for place in range(120)]}, policy_of("Network"))

    assert problems("modal", view) == []
    assert "Not everybody fits here. For others write `/desk skill" in str(view["blocks"][-1])


def test_work_is_told_in_hours() -> None:
    knower = SkilledPerson("U0AGENT1", Skill(SkillLevel.CAN), Presence(PresenceStatus.AT_WORK), 325, 3)

    rows = cards.skilled_people([knower], "network", policy_of("N"), day=DAY, zone="UTC", with_details=True)

    assert "3 open · 5 h 25 min of work" in str(rows)


def test_more_roles_than_the_form_shows_are_counted() -> None:
    teams = {f"team{number}": Team(f"team{number}", f"Team {number}", agents=("U0AGENT1",)) for number in range(18)}

    view = cards.skills_form(PersonSkills("U0AGENT1", "Ana", DAY, {}, {}), Policy(teams=teams), led=list(teams))

    assert context("and 3 more") in view["blocks"]
