"""Every button, form, command, shortcut and event has a listener, a deed and a row in the matrix."""

from enum import StrEnum

import pytest

from bot.slack.manifest import load_manifest
from handlers.routes import build_router
from handlers.slack.ids import REQUIRED_PERMISSIONS, Button, Command, Form, More, Shortcut, SlackEvent
from rules.people.permissions import PERMISSION_MATRIX, Permission

BY_KIND: dict[str, type[StrEnum]] = {
    "command": Command,
    "shortcut": Shortcut,
    "action": Button,
    "view": Form,
    "event": SlackEvent,
}


@pytest.mark.parametrize("kind", BY_KIND)
def test_what_slack_may_send_is_exactly_what_is_listened_to(kind: str) -> None:
    assert set(build_router().routes[kind]) == {str(name) for name in BY_KIND[kind]}


@pytest.mark.parametrize("kind", BY_KIND)
def test_everything_that_slack_may_send_leads_to_a_deed(kind: str) -> None:
    assert [name for name in BY_KIND[kind] if name not in REQUIRED_PERMISSIONS] == []


def test_every_deed_has_a_row_in_the_matrix_and_somebody_who_may() -> None:
    assert set(PERMISSION_MATRIX) == set(Permission)
    assert [deed for deed, roles in PERMISSION_MATRIX.items() if not roles] == []


def test_every_deed_is_led_to_from_somewhere() -> None:
    by_words = {
        Permission.SEE_TEAM_REPORT,
        Permission.SEE_LOGGED_TIME,
        Permission.SEE_HEALTH,
        Permission.SEE_PRESENCE_BOARD,
        Permission.ENTER_LEAVE_FOR_OTHERS,
    }  # such as `/desk away @ana`

    assert set(Permission) - set(REQUIRED_PERMISSIONS.values()) == by_words


@pytest.mark.parametrize("word", More)
def test_every_word_under_more_leads_to_a_deed(word: More) -> None:
    assert word in REQUIRED_PERMISSIONS


def test_the_manifest_names_exactly_the_commands_shortcuts_and_events() -> None:
    told = load_manifest()
    features = told["features"]
    events = {name.partition(".")[0] for name in told["settings"]["event_subscriptions"]["bot_events"]}

    assert {row["command"] for row in features["slash_commands"]} == {str(name) for name in Command}
    assert {row["callback_id"] for row in features["shortcuts"]} == {str(name) for name in Shortcut}
    assert events == {str(name) for name in SlackEvent}
