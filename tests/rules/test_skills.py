"""What a lead types of somebody's skills is understood, and what the history says of a level."""

from datetime import date

import pytest

from rules.errors import Refused
from rules.model.people import Skill, SkillLevel
from rules.model.policy import Policy, TicketType
from rules.skills import SkillCommand, SkillEvidence, evidence_text, level_suggestion, parse_skill_command

TYPES = {
    key: TicketType(key, name, "support") for key, name in (("network", "Network"), ("access", "Access and rights"))
}
DESK = Policy(types=TYPES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@U0ANA", SkillCommand("U0ANA")),
        ("@U0ANA network expert", SkillCommand("U0ANA", "network", Skill(SkillLevel.EXPERT))),
        ("@U0ANA Access and rights CAN", SkillCommand("U0ANA", "access", Skill(SkillLevel.CAN))),
        (
            "@U0ANA network expert until 2027-01-31",
            SkillCommand("U0ANA", "network", Skill(SkillLevel.EXPERT, date(2027, 1, 31))),
        ),
        (
            "@U0ANA network expert until 2027-01-31 certificate CCNA Routing",
            SkillCommand("U0ANA", "network", Skill(SkillLevel.EXPERT, date(2027, 1, 31), "CCNA Routing")),
        ),
        ("@U0ANA network none", SkillCommand("U0ANA", "network", None)),
    ],
)
def test_a_level_is_said_in_one_line(text: str, said: SkillCommand) -> None:
    assert parse_skill_command(text, DESK) == said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Of whom?"),
        ("ana network expert", "Of whom?"),
        ("@U0ANA network", "Which type and level?"),
        ("@U0ANA network master", "`master` isn't a level. Levels: none, learning, can, expert."),
        ("@U0ANA netwrk expert", "Did you mean `network`?"),
        ("@U0ANA network expert until soon", "soon"),
    ],
)
def test_what_is_missing_or_wrong_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_skill_command(text, DESK)

    assert sentence in str(refused.value)


GOOD = SkillEvidence(90, resolved=12, with_target=12, in_time=11)
EXCELLENT = SkillEvidence(90, resolved=40, with_target=40, in_time=38, reopened=1, accepted=3, rejected=1)
DOUBTFUL = SkillEvidence(90, resolved=20, with_target=20, in_time=8)


def test_the_counts_are_told_with_what_they_are_a_part_of() -> None:
    assert str(evidence_text(EXCELLENT)) == (
        "40 resolved in 90 days · SLA met 95 % (38 of 40) · 1 reopened · 3 of 4 escalations accepted"
    )


def test_a_small_n_is_said_to_be_small() -> None:
    text = str(evidence_text(SkillEvidence(90, resolved=3, with_target=3, in_time=3)))

    assert text.endswith("0 reopened · small sample")


def test_nothing_done_is_said_plainly() -> None:
    assert str(evidence_text(SkillEvidence(90))) == "No tickets resolved in 90 days"


@pytest.mark.parametrize(
    ("found", "level", "asks"),
    [
        (GOOD, None, "Suggested level: can do it"),
        (GOOD, SkillLevel.LEARNING, "Suggested level: can do it"),
        (GOOD, SkillLevel.CAN, ""),
        (EXCELLENT, SkillLevel.CAN, "Suggested level: expert"),
        (EXCELLENT, SkillLevel.EXPERT, ""),
        (SkillEvidence(90, resolved=9, with_target=9, in_time=9), None, ""),
        (
            SkillEvidence(90, resolved=20, with_target=20, in_time=8),
            SkillLevel.CAN,
            "Often late or reopened. Is this level still right?",
        ),
    ],
)
def test_the_suggestion_is_a_question(found: SkillEvidence, level: SkillLevel | None, asks: str) -> None:
    assert str(level_suggestion(found, level) or "") == asks
