"""What README says is so: commands and their options, settings and their defaults, links."""

import re
from itertools import zip_longest
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from bot.cli.main import app
from bot.settings import Settings
from bot.slack.manifest import load_manifest

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
EVERYWHERE = {"--help", "--version"}
_BATON = re.compile(r"(?:^ +|`)(?:\.venv/bin/)?baton ([^`&\n]+)", re.MULTILINE)
_DEMO = re.compile(r"`make demo ARGS=([^`]+)`")
_SETTINGS = re.compile(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|([^|]*)\|", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")

TOLD = [*_BATON.findall(README), *(f"demo {options}" for options in _DEMO.findall(README))]


def unknown(words: list[str]) -> list[str]:
    """What `baton` does not know of these words: a command that it has not, or an option."""
    place: TyperGroup | TyperCommand = typer.main.get_group(app)
    for word in words:
        if not isinstance(place, TyperGroup) or word.startswith("-"):
            break
        if word not in place.commands:
            return [word]
        place = place.commands[word]  # type: ignore[assignment]
    known = EVERYWHERE.union(*(set(one.opts) | set(one.secondary_opts) for one in place.params))
    return [word for word in words if word.startswith("--") and word not in known]


def settings_told() -> dict[str, str]:
    """Each variable of the table with its default; empty where it has none."""
    told: dict[str, str] = {}
    for names, defaults in _SETTINGS.findall(README):
        pairs = zip_longest(re.findall(r"`(\w+)`", names), re.findall(r"`([^`]+)`", defaults), fillvalue="")
        told |= dict(pairs)
    return told


def test_readme_tells_how_to_run_it() -> None:
    assert {"check", "run"} <= set(TOLD)


@pytest.mark.parametrize("command", TOLD)
def test_what_readme_types_is_a_command_of_baton(command: str) -> None:
    assert unknown(command.split()) == []


def test_every_command_in_slack_is_one_that_slack_is_told_of() -> None:
    told = set(re.findall(r"`(/[a-z]+)(?: [^`]*)?`", README))
    pages = {"/healthz", "/readyz", "/metrics", "/invite"}

    assert told - pages == {one["command"] for one in load_manifest()["features"]["slash_commands"]}


def test_the_settings_are_told_with_their_defaults_and_no_others() -> None:
    fields = {name.upper(): field.default for name, field in Settings.model_fields.items()}

    assert settings_told() == {name: "" if default is None else str(default) for name, default in fields.items()}


def test_every_link_leads_somewhere() -> None:
    led_to = _LINK.findall(README)

    assert led_to
    assert [path for path in led_to if not (TOP / path).exists()] == []
