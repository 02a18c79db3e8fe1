"""Builds a workspace from one plain dict and names every mistake in it."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.emulator.errors import SeedError
from bot.emulator.state import user_groups
from bot.emulator.state.workspace import App, Channel, User, Workspace
from bot.emulator.types import Json

DEFAULT_TEAM = {"id": "T0LOCAL", "name": "Local workspace", "domain": "local"}
DEFAULT_APP = {
    "id": "A0LOCAL",
    "bot_user": "U0BOT",
    "bot_id": "B0BOT",
    "name": "App",
    "bot_token": "xoxb-local",
    "app_token": "xapp-local",
    "signing_secret": "local-secret",
}
CHANNEL_FIELDS = {"id", "name", "topic", "purpose", "is_private", "is_archived", "members"}
USER_FIELDS = {field.name for field in fields(User)}
SEED_FIELDS = ("app", "channels", "people", "team", "usergroups")


def build_workspace(seed: Mapping[str, Any]) -> Workspace:
    if not isinstance(seed, Mapping):
        raise SeedError(f"The seed must be a mapping with {', '.join(SEED_FIELDS)}; it is a {type(seed).__name__}.")
    _check_fields("the seed", seed, SEED_FIELDS)
    workspace = Workspace(DEFAULT_TEAM | _mapping(seed, "team"), _app(_mapping(seed, "app")))
    for row in seed.get("people") or []:
        workspace.add_user(_user(workspace, row))
    _add_bot(workspace)
    for row in seed.get("channels") or []:
        workspace.add_channel(_channel(workspace, row))
    for row in seed.get("usergroups") or []:
        _add_usergroup(workspace, row)
    return workspace


def _mapping(seed: Mapping[str, Any], name: str) -> Json:
    value = seed.get(name) or {}
    if not isinstance(value, Mapping):
        raise SeedError(f"{name}: must be a mapping; it is a {type(value).__name__}.")
    return dict(value)


def _app(row: Json) -> App:
    _check_fields("app", row, {*DEFAULT_APP, "manifest", "scopes"})
    merged = {name: str(row.get(name) or value) for name, value in DEFAULT_APP.items()}
    manifest = row.get("manifest") or {}
    scopes = row.get("scopes")
    if scopes is None and "oauth_config" in manifest:
        declared = manifest["oauth_config"].get("scopes", {})
        scopes = [*(declared.get("bot") or []), *(declared.get("bot_optional") or [])]
    granted = None if scopes is None else frozenset(scopes)
    return App(**merged, manifest=manifest, scopes=granted)


def _user(workspace: Workspace, row: Any) -> User:  # noqa: ANN401 - any value of the file
    label = _checked_label("people", row, USER_FIELDS)
    if row["id"] in workspace.users or row["id"] == workspace.app.bot_user:
        raise SeedError(f"{label}: there are two people with this id; give each their own.")
    user = User(**{"name": row["id"].lower(), **row})
    try:
        ZoneInfo(user.tz)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SeedError(f"{label}: tz {user.tz!r} is no IANA zone; write one like Europe/Warsaw.") from error
    user.real_name = user.real_name or user.name
    user.email = user.email or f"{user.name}@{workspace.team['domain']}.example"
    return user


def _add_bot(workspace: Workspace) -> None:
    app = workspace.app
    name = app.name.lower().replace(" ", "")
    workspace.add_user(User(app.bot_user, name, real_name=app.name, is_bot=True))


def _channel(workspace: Workspace, row: Any) -> Channel:  # noqa: ANN401 - any value of the file
    label = _checked_label("channels", row, CHANNEL_FIELDS)
    members = row.get("members") or []
    unknown = [member for member in members if member not in workspace.users]
    if unknown:
        raise SeedError(f"{label}: member {unknown[0]!r} is neither in people nor the app's bot_user.")
    if row["id"] in workspace.channels:
        raise SeedError(f"{label}: there are two channels with this id; give each its own.")
    return Channel(**{"name": row["id"].lower(), **row, "members": dict.fromkeys(members)})


def _add_usergroup(workspace: Workspace, row: Any) -> None:  # noqa: ANN401 - any value of the file
    label = _checked_label("usergroups", row, {"id", "name", "handle", "users", "description"})
    for user in row.get("users") or []:
        if user not in workspace.users:
            raise SeedError(f"{label}: user {user!r} is not in people.")
    workspace.usergroups[row["id"]] = user_groups.new_group({**row, "users": list(row.get("users") or [])})


def _checked_label(section: str, row: Any, allowed: set[str]) -> str:  # noqa: ANN401 - any value of the file
    if not isinstance(row, Mapping) or not row.get("id"):
        raise SeedError(f"{section}: every entry is a mapping with an id; found {row!r}.")
    label = f"{section}: {row['id']}"
    _check_fields(label, row, allowed)
    return label


def _check_fields(label: str, row: Mapping[str, Any], allowed: Collection[str]) -> None:
    unknown = sorted(set(row).difference(allowed))
    if unknown:
        raise SeedError(f"{label}: unknown field {unknown[0]!r}; known are {', '.join(sorted(allowed))}.")
