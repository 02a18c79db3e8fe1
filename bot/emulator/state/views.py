"""Modals and Homes: stacks of at most three, a hash against stale updates, the state of what was typed."""

import hashlib
import json
import time

from bot.emulator.errors import Refused
from bot.emulator.state import blocks
from bot.emulator.state.workspace import Change, Json, Workspace

STACK = 3
BYTES = 250_000
PASSED_ON = ("callback_id", "private_metadata", "external_id")


def show(workspace: Workspace, user: str, view: Json) -> Json:
    """Opens a first modal; whatever was open is replaced."""
    kept = _kept(workspace, view)
    kept["root_view_id"] = kept["id"]
    workspace.modals[user] = [kept]
    _changed(workspace, user)
    return kept


def push(workspace: Workspace, user: str, view: Json) -> Json:
    stack = workspace.modals.get(user) or []
    if not stack:
        raise Refused("not_found")
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    kept = _kept(workspace, view)
    kept |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
    stack.append(kept)
    _changed(workspace, user)
    return kept


def update(workspace: Workspace, view_id: str, view: Json, sent_hash: str | None = None) -> Json:
    """Redraws an open modal in place; what was typed stays where block_id and action_id stayed."""
    user, at = find(workspace, view_id)
    before = workspace.modals[user][at]
    check_hash(before, sent_hash)
    after = _kept(workspace, view, before)
    workspace.modals[user][at] = after
    _changed(workspace, user)
    return after


def publish(workspace: Workspace, user: str, view: Json, sent_hash: str | None = None) -> Json:
    before = workspace.homes.get(user)
    if before is not None:
        check_hash(before, sent_hash)
    after = _kept(workspace, view, before)
    after["root_view_id"] = after["id"]
    workspace.homes[user] = after
    workspace.publish(Change("home", user=user, data={"view": after}))
    return after


def close(workspace: Workspace, user: str, view_id: str) -> None:
    stack = workspace.modals.get(user, [])
    workspace.modals[user] = [view for view in stack if view["id"] != view_id]
    _changed(workspace, user)


def clear(workspace: Workspace, user: str) -> None:
    workspace.modals[user] = []
    _changed(workspace, user)


def find(workspace: Workspace, view_id: str) -> tuple[str, int]:
    """Whose stack holds the view (by its id or external_id), and where in it."""
    for user, stack in workspace.modals.items():
        for at, view in enumerate(stack):
            if view_id in (view["id"], view.get("external_id") or None):
                return user, at
    raise Refused("not_found")


def keep_state(workspace: Workspace, user: str, view_id: str, values: blocks.Values) -> None:
    """What the person typed so far; the app sees it with the next press or the submission."""
    home = workspace.homes.get(user)
    for view in [*workspace.modals.get(user, []), *([home] if home else [])]:
        if view["id"] == view_id:
            before = view["state"]["values"]
            merged = {block_id: {**before.get(block_id, {}), **typed} for block_id, typed in values.items()}
            view["state"] = {"values": blocks.state_of(view["blocks"], before | merged)}


def check_hash(view: Json, sent_hash: str | None) -> None:
    if sent_hash and sent_hash != view["hash"]:
        raise Refused("hash_conflict")


def _changed(workspace: Workspace, user: str) -> None:
    workspace.publish(Change("views", user=user, data={"views": workspace.modals[user]}))


def _kept(workspace: Workspace, view: Json, before: Json | None = None) -> Json:
    if len(json.dumps(view)) > BYTES:
        raise Refused("view_too_large")
    _check_external(workspace, view, before)
    typed = before["state"]["values"] if before else None
    drawn = blocks.kept(view["blocks"])
    app = workspace.app
    kept: Json = {
        "id": before["id"] if before else workspace.new_id("V"),
        "team_id": workspace.team["id"],
        "type": view["type"],
        "blocks": drawn,
        **{name: view.get(name) or "" for name in PASSED_ON},
        "state": {"values": blocks.state_of(drawn, typed)},
        "hash": _hash(drawn),
        **_titles(view),
        "clear_on_close": bool(view.get("clear_on_close")),
        "notify_on_close": bool(view.get("notify_on_close")),
        "previous_view_id": before["previous_view_id"] if before else None,
        "root_view_id": before["root_view_id"] if before else None,
    }
    return kept | {"app_id": app.id, "app_installed_team_id": workspace.team["id"], "bot_id": app.bot_id}


def _titles(view: Json) -> Json:
    names = ("title", "submit", "close")
    return {name: {"emoji": True, **view[name]} if view.get(name) else None for name in names}


def _check_external(workspace: Workspace, view: Json, before: Json | None) -> None:
    external = view.get("external_id")
    if not external or (before and before.get("external_id") == external):
        return
    if any(one.get("external_id") == external for stack in workspace.modals.values() for one in stack):
        raise Refused("duplicate_external_id")


def _hash(drawn: list[Json]) -> str:
    return f"{time.time_ns() // 1000 / 1_000_000:.6f}.{hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:8]}"
