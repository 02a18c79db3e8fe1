"""What a lead types of somebody's competence is understood, or said to be missing."""

from datetime import date

import pytest

from rules.errors import DeskError
from rules.people import Level, Skill
from rules.policy import Policy, TicketType
from rules.skill_words import Said, read_said

TYPES = {
    key: TicketType(key, name, "support") for key, name in (("network", "Network"), ("access", "Access and rights"))
}
DESK = Policy(types=TYPES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@U0ANA", Said("U0ANA")),
        ("@U0ANA network expert", Said("U0ANA", "network", Skill(Level.EXPERT))),
        ("@U0ANA Access and rights CAN", Said("U0ANA", "access", Skill(Level.CAN))),
        (
            "@U0ANA network expert until 2027-01-31",
            Said("U0ANA", "network", Skill(Level.EXPERT, date(2027, 1, 31))),
        ),
        (
            "@U0ANA network expert until 2027-01-31 certificate CCNA Routing",
            Said("U0ANA", "network", Skill(Level.EXPERT, date(2027, 1, 31), "CCNA Routing")),
        ),
        ("@U0ANA network none", Said("U0ANA", "network", None)),
    ],
)
def test_a_level_is_said_in_one_line(text: str, said: Said) -> None:
    assert read_said(text, DESK) == said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Of whom?"),
        ("ana network expert", "Of whom?"),
        ("@U0ANA network", "Which type, and which level?"),
        ("@U0ANA network master", "`master` is no level. Levels: none, learning, can, expert."),
        ("@U0ANA netwrk expert", "Did you mean `network`?"),
        ("@U0ANA network expert until soon", "soon"),
    ],
)
def test_what_is_missing_or_wrong_is_named(text: str, sentence: str) -> None:
    with pytest.raises(DeskError) as refused:
        read_said(text, DESK)

    assert sentence in str(refused.value)
