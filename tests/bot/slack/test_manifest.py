"""What Slack is told about Baton."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.slack.manifest import BadRequestUrl, bot_scopes, load_manifest, manifest_text

TOP = Path(__file__).parents[3]
SCHEMA = TOP.parent / "shared" / "manifest.schema.2.0.0.json"
URL = "https://desk.example.com/slack/events"


def test_the_manifest_runs_over_socket_mode() -> None:
    settings = load_manifest()["settings"]

    assert settings["socket_mode_enabled"] is True
    assert "request_url" not in settings["event_subscriptions"]


def test_an_address_takes_the_place_of_socket_mode() -> None:
    plain = load_manifest(http="https://desk.example.com")

    assert [command["url"] for command in plain["features"]["slash_commands"]] == [URL] * 3
    assert plain["settings"]["event_subscriptions"]["request_url"] == URL
    assert plain["settings"]["interactivity"]["request_url"] == URL
    assert plain["settings"]["interactivity"]["message_menu_options_url"] == URL
    assert plain["settings"]["socket_mode_enabled"] is False


def test_a_path_of_ones_own_is_kept() -> None:
    plain = load_manifest(http="https://example.com/baton/events")

    assert plain["settings"]["interactivity"]["request_url"] == "https://example.com/baton/events"


@pytest.mark.parametrize("url", ["desk.example.com", "http://desk.example.com", "https://", "https://a.example/x?y=1"])
def test_an_address_that_slack_cannot_reach_is_refused(url: str) -> None:
    with pytest.raises(BadRequestUrl, match=r"Use one such as https://"):
        load_manifest(http=url)


def test_people_and_the_slack_cli_read_the_same() -> None:
    assert json.loads(manifest_text(as_json=True)) == yaml.safe_load(manifest_text()) == load_manifest()
    assert yaml.safe_load(manifest_text(URL)) == json.loads(manifest_text(URL, as_json=True)) == load_manifest(URL)


def test_baton_asks_for_no_more_than_it_needs() -> None:
    assert bot_scopes() == {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "dnd:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
    }


@pytest.mark.skipif(
    not SCHEMA.is_file(), reason="Slack's schema of manifests lies beside the repository on some machines"
)
@pytest.mark.parametrize("http", [None, "https://desk.example.com"])
def test_slack_accepts_the_manifest(http: str | None) -> None:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))

    assert [error.message for error in Draft7Validator(schema).iter_errors(load_manifest(http))] == []
