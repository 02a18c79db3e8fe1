"""docs/commands.md is what `make docs` makes, and the buttons that it names exist."""

import re
from pathlib import Path

from bot.slack.manifest import load_manifest
from handlers.routes import build_registry
from handlers.slack.ids import Command
from tools.commands import BUTTONS, PAGE, render_page

CARDS = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "handlers").rglob("*.py"))


def test_the_page_is_what_make_docs_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(build_registry())


def test_every_example_begins_with_a_command_of_slack() -> None:
    commands = {command["command"] for command in load_manifest()["features"]["slash_commands"]}

    assert set(re.findall(r"`(/\w+)", PAGE.read_text(encoding="utf-8"))) == commands == set(Command)


def test_every_button_that_is_named_by_hand_is_on_a_card() -> None:
    shortcuts = {shortcut["name"] for shortcut in load_manifest()["features"]["shortcuts"]}
    places = {"Apps"}
    labels = {label for row in BUTTONS.items() for label in re.findall(r"\*([^*]+)\*", " ".join(row))}

    assert {label for label in labels - shortcuts - places if f'"{label.partition(":")[0]}' not in CARDS} == set()
