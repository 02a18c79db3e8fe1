"""What README says is so: commands and their options, settings and their defaults, links."""

import re
from itertools import zip_longest
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.slack.manifest import load_manifest
from tests.house.command_line import unknown

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
_BATON = re.compile(r"(?:^ +|`)(?:\.venv/bin/)?baton ([^`&\n]+)", re.MULTILINE)
_DEMO = re.compile(r"`make demo ARGS=([^`]+)`")
_SETTINGS = re.compile(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|([^|]*)\|", re.MULTILINE)

TOLD = [*_BATON.findall(README), *(f"demo {options}" for options in _DEMO.findall(README))]


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
