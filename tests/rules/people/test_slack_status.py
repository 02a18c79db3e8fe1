"""What Slack says of somebody counts from when until when Slack says so."""

from datetime import timedelta

import pytest

from rules.people.slack_status import (
    NO_CUSTOM_STATUS,
    NO_SLACK_STATUS,
    CustomStatus,
    DoNotDisturb,
    current_slack_status,
    emoji_code,
)
from tests.desks import MONDAY

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("until", "stands"), [(None, True), (MONDAY + HOUR, True), (MONDAY, False), (MONDAY - HOUR, False)]
)
def test_a_status_counts_until_its_end(until: object, stands: bool) -> None:
    status = CustomStatus("At lunch", ":sandwich:", until)  # type: ignore[arg-type]

    assert current_slack_status(status, None, MONDAY).custom == (status if stands else None)


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
    quiet = DoNotDisturb(MONDAY + begins, MONDAY + ends)

    assert current_slack_status(NO_CUSTOM_STATUS, quiet, MONDAY).do_not_disturb_until == (
        quiet.ends if counts else None
    )


def test_who_says_nothing_has_the_silent_hint() -> None:
    assert current_slack_status(NO_CUSTOM_STATUS, None, MONDAY) == NO_SLACK_STATUS


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
    assert emoji_code(word) == kept
