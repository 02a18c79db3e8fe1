"""The app manifest: manifest.yml as it is, or with request URLs for HTTP Mode."""

import json
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot.files import resource_path
from rules.errors import Refused

EVENTS_PATH = "/slack/events"
OPTIONAL_SCOPES = {  # what does not work without the scope
    "dnd:read": "nobody reads whom Slack does not disturb",
    "usergroups:read": "user groups cannot feed a team",
}


class BadRequestUrl(Refused):
    def __init__(self, url: str) -> None:
        super().__init__(f"--http {url} is no address that Slack can reach. Use one such as https://desk.example.com.")


def load_manifest(http: str | None = None) -> dict[str, Any]:
    """With `http` Slack posts to that address and Socket Mode is off."""
    plain: dict[str, Any] = yaml.safe_load(resource_path("manifest.yml").read_text(encoding="utf-8"))
    return plain if http is None else _with_request_urls(plain, _request_url(http))


def manifest_text(http: str | None = None, *, as_json: bool = False) -> str:
    """YAML, with the comments of the file when `http` is None, or JSON."""
    if as_json:
        return json.dumps(load_manifest(http), indent=2, ensure_ascii=False)
    if http is None:
        return resource_path("manifest.yml").read_text(encoding="utf-8").rstrip()
    return yaml.safe_dump(load_manifest(http), sort_keys=False, allow_unicode=True, width=120).rstrip()


def bot_scopes() -> set[str]:
    return set(load_manifest()["oauth_config"]["scopes"]["bot"])


def _with_request_urls(plain: dict[str, Any], url: str) -> dict[str, Any]:
    for command in plain["features"]["slash_commands"]:
        command["url"] = url
    settings = plain["settings"]
    settings["event_subscriptions"] = {"request_url": url, **settings["event_subscriptions"]}
    settings["interactivity"] |= {"request_url": url, "message_menu_options_url": url}
    settings["socket_mode_enabled"] = False
    return plain


def _request_url(http: str) -> str:
    """A bare host gets EVENTS_PATH."""
    parts = urlsplit(http)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise BadRequestUrl(http)
    return http if parts.path.strip("/") else f"https://{parts.netloc}{EVENTS_PATH}"
