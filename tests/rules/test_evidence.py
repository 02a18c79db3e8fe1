"""What the history says of a level: in words, with its n, and as a question to the lead."""

import pytest

from rules.evidence import Evidence, suggestion, words
from rules.people import Level

GOOD = Evidence(90, resolved=12, promised=12, in_time=11)
EXCELLENT = Evidence(90, resolved=40, promised=40, in_time=38, reopened=1, accepted=3, rejected=1)
DOUBTFUL = Evidence(90, resolved=20, promised=20, in_time=8)


def test_the_counts_are_told_with_what_they_are_a_part_of() -> None:
    assert words(EXCELLENT) == (
        "40 resolved in 90 days, 38 of 40 in time (95 %), 1 reopened, 3 of 4 escalations accepted."
    )


def test_a_small_n_is_said_to_be_small() -> None:
    assert words(Evidence(90, resolved=3, promised=3, in_time=3)).endswith(
        "none reopened. (n = 3: too few to say much)"
    )


def test_nothing_done_is_said_plainly() -> None:
    assert words(Evidence(90)) == "None resolved in 90 days."


@pytest.mark.parametrize(
    ("found", "level", "asks"),
    [
        (GOOD, None, "12 resolved, 11 in time, none reopened: can do it?"),
        (GOOD, Level.LEARNING, "12 resolved, 11 in time, none reopened: can do it?"),
        (GOOD, Level.CAN, ""),
        (EXCELLENT, Level.CAN, "40 resolved, 38 in time, 1 reopened: is an expert?"),
        (EXCELLENT, Level.EXPERT, ""),
        (Evidence(90, resolved=9, promised=9, in_time=9), None, ""),
        (
            Evidence(90, resolved=20, promised=20, in_time=8),
            Level.CAN,
            "Often late or back again: is this level still right?",
        ),
    ],
)
def test_the_suggestion_is_a_question(found: Evidence, level: Level | None, asks: str) -> None:
    assert suggestion(found, level) == asks
