"""Every button, form, command, shortcut and event has a listener, a deed and a row in the matrix."""

from enum import StrEnum

import pytest

from bot.slack.manifest import manifest
from handlers.routes import routes
from handlers.slack.ids import LEADS_TO, Button, Command, Form, Happening, More, Shortcut
from rules.people.permissions import MATRIX, Deed

BY_KIND: dict[str, type[StrEnum]] = {
    "command": Command,
    "shortcut": Shortcut,
    "action": Button,
    "view": Form,
    "event": Happening,
}


@pytest.mark.parametrize("kind", BY_KIND)
def test_what_slack_may_send_is_exactly_what_is_listened_to(kind: str) -> None:
    assert set(routes().routes[kind]) == {str(name) for name in BY_KIND[kind]}


@pytest.mark.parametrize("kind", BY_KIND)
def test_everything_that_slack_may_send_leads_to_a_deed(kind: str) -> None:
    assert [name for name in BY_KIND[kind] if name not in LEADS_TO] == []


def test_every_deed_has_a_row_in_the_matrix_and_somebody_who_may() -> None:
    assert set(MATRIX) == set(Deed)
    assert [deed for deed, roles in MATRIX.items() if not roles] == []


def test_every_deed_is_led_to_from_somewhere() -> None:
    by_words = {Deed.REPORT, Deed.HOURS, Deed.HEALTH, Deed.FLOOR, Deed.LEAVE_FOR}  # such as `/desk away @ana`

    assert set(Deed) - set(LEADS_TO.values()) == by_words


@pytest.mark.parametrize("word", More)
def test_every_word_under_more_leads_to_a_deed(word: More) -> None:
    assert word in LEADS_TO


def test_the_manifest_names_exactly_the_commands_shortcuts_and_events() -> None:
    told = manifest()
    features = told["features"]
    events = {name.partition(".")[0] for name in told["settings"]["event_subscriptions"]["bot_events"]}

    assert {row["command"] for row in features["slash_commands"]} == {str(name) for name in Command}
    assert {row["callback_id"] for row in features["shortcuts"]} == {str(name) for name in Shortcut}
    assert events == {str(name) for name in Happening}
