"""What Slack says of somebody counts from when until when Slack says so."""

from datetime import timedelta

import pytest

from rules.people.slack_status import NO_STATUS, SILENT, Quiet, Status, emoji, hint
from tests.desks import MONDAY

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("until", "stands"), [(None, True), (MONDAY + HOUR, True), (MONDAY, False), (MONDAY - HOUR, False)]
)
def test_a_status_counts_until_its_end(until: object, stands: bool) -> None:
    status = Status("At lunch", ":sandwich:", until)  # type: ignore[arg-type]

    assert hint(status, None, MONDAY).status == (status if stands else None)


@pytest.mark.parametrize(
    ("begins", "ends", "counts"),
    [
        (-HOUR, HOUR, True),
        (timedelta(0), HOUR, True),
        (HOUR, 2 * HOUR, False),
        (-2 * HOUR, -HOUR, False),
        (-HOUR, timedelta(0), False),
    ],
)
def test_do_not_disturb_counts_between_its_begin_and_its_end(begins: timedelta, ends: timedelta, counts: bool) -> None:
    quiet = Quiet(MONDAY + begins, MONDAY + ends)

    assert hint(NO_STATUS, quiet, MONDAY).quiet_until == (quiet.ends if counts else None)


def test_who_says_nothing_has_the_silent_hint() -> None:
    assert hint(NO_STATUS, None, MONDAY) == SILENT


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        (":palm_tree:", ":palm_tree:"),
        (":wave::skin-tone-3:", ":wave::skin-tone-3:"),
        ("<!channel>", ""),
        (":a: <@U1>", ""),
        ("", ""),
    ],
)
def test_an_emoji_is_slacks_code_or_nothing(word: str, kept: str) -> None:
    assert emoji(word) == kept
