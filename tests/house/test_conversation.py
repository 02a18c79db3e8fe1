"""Every button, form, command, shortcut and event has a listener, a permission and a row in the matrix."""

from enum import StrEnum

import pytest

from bot.slack.manifest import load_manifest
from handlers.routes import build_registry
from handlers.slack.ids import Button, Command, Form, More, Shortcut, SlackEvent
from rules.people.permissions import PERMISSION_MATRIX, Permission

BY_KIND: dict[str, type[StrEnum]] = {
    "command": Command,
    "shortcut": Shortcut,
    "action": Button,
    "view": Form,
    "event": SlackEvent,
}


ROUTES = build_registry().routes


@pytest.mark.parametrize("kind", BY_KIND)
def test_what_slack_may_send_is_exactly_what_is_listened_to(kind: str) -> None:
    asked_of_slack = {name for name in ROUTES[kind] if " " not in name}  # words of a command have a space

    assert asked_of_slack == {str(name) for name in BY_KIND[kind]} - {str(Button.MORE_MENU)}


def test_what_stands_under_more_is_exactly_what_is_listened_to() -> None:
    assert set(ROUTES["menu"]) == {str(choice) for choice in More}


def test_every_permission_has_a_row_in_the_matrix_and_somebody_who_has_it() -> None:
    assert set(PERMISSION_MATRIX) == set(Permission)
    assert [permission for permission, roles in PERMISSION_MATRIX.items() if not roles] == []


def test_every_permission_is_needed_somewhere() -> None:
    within_a_listener = {
        Permission.SEE_TEAM_REPORT,
        Permission.SEE_LOGGED_TIME,
        Permission.SEE_PRESENCE_BOARD,
        Permission.ENTER_LEAVE_FOR_OTHERS,
    }  # such as `/desk away @ana`
    needed = {route.permission for by_name in ROUTES.values() for route in by_name.values()}

    assert set(Permission) - needed == within_a_listener


@pytest.mark.parametrize("command", Command)
def test_every_word_of_a_command_has_help(command: Command) -> None:
    words = build_registry().words_of(command)
    without = {word for word, route in words.items() if route.help is None and not route.is_synonym}

    assert without <= {"help"}
    assert all(
        example.startswith(f"{command} ") for route in words.values() if route.help for example in route.help.examples
    )


def test_the_manifest_names_exactly_the_commands_shortcuts_and_events() -> None:
    told = load_manifest()
    features = told["features"]
    events = {name.partition(".")[0] for name in told["settings"]["event_subscriptions"]["bot_events"]}

    assert {row["command"] for row in features["slash_commands"]} == {str(name) for name in Command}
    assert {row["callback_id"] for row in features["shortcuts"]} == {str(name) for name in Shortcut}
    assert events == {str(name) for name in SlackEvent}
