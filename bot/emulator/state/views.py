"""Modals and Homes: stacks of at most three, a hash against stale updates, the state of what was typed."""

import hashlib
import json
import time

from bot.emulator.errors import SlackError
from bot.emulator.state import blocks
from bot.emulator.state.workspace import Change, Workspace
from bot.emulator.types import Json

MAX_STACK = 3
MAX_VIEW_BYTES = 250_000
COPIED_FIELDS = ("callback_id", "private_metadata", "external_id")


def open_modal(workspace: Workspace, user: str, view: Json) -> Json:
    """Replaces all open modals."""
    stored = _stored_view(workspace, view)
    stored["root_view_id"] = stored["id"]
    _set_modals(workspace, user, [stored])
    return stored


def push_modal(workspace: Workspace, user: str, view: Json) -> Json:
    stack = workspace.modals.get(user) or []
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= MAX_STACK:
        raise SlackError("push_limit_reached")
    stored = _stored_view(workspace, view)
    stored |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
    _set_modals(workspace, user, [*stack, stored])
    return stored


def update_modal(workspace: Workspace, view_id: str, view: Json, expected_hash: str | None = None) -> Json:
    """view_id may be an external_id; what was typed stays where block_id and action_id stay."""
    user, at = _locate_modal(workspace, view_id)
    stack = workspace.modals[user]
    _check_hash(stack[at], expected_hash)
    stored = _stored_view(workspace, view, stack[at])
    _set_modals(workspace, user, [*stack[:at], stored, *stack[at + 1 :]])
    return stored


def publish_home(workspace: Workspace, user: str, view: Json, expected_hash: str | None = None) -> Json:
    before = workspace.homes.get(user)
    if before is not None:
        _check_hash(before, expected_hash)
    stored = _stored_view(workspace, view, before)
    stored["root_view_id"] = stored["id"]
    workspace.homes[user] = stored
    workspace.publish(Change("home", user=user, data={"view": stored}))
    return stored


def close_modal(workspace: Workspace, user: str, view_id: str) -> None:
    stack = workspace.modals.get(user, [])
    _set_modals(workspace, user, [view for view in stack if view["id"] != view_id])


def close_all_modals(workspace: Workspace, user: str) -> None:
    _set_modals(workspace, user, [])


def store_form_state(workspace: Workspace, user: str, view_id: str, state: blocks.FormState) -> None:
    """The next action and the submission of the view carry it."""
    home = workspace.homes.get(user)
    for view in [*workspace.modals.get(user, []), *([home] if home else [])]:
        if view["id"] == view_id:
            before = view["state"]["values"]
            merged = {block_id: {**before.get(block_id, {}), **typed} for block_id, typed in state.items()}
            view["state"] = {"values": blocks.form_state(view["blocks"], before | merged)}


def _set_modals(workspace: Workspace, user: str, stack: list[Json]) -> None:
    workspace.modals[user] = stack
    workspace.publish(Change("views", user=user, data={"views": stack}))


def _locate_modal(workspace: Workspace, view_id: str) -> tuple[str, int]:
    for user, stack in workspace.modals.items():
        for at, view in enumerate(stack):
            if view_id in (view["id"], view.get("external_id") or None):
                return user, at
    raise SlackError("not_found")


def _check_hash(view: Json, expected_hash: str | None) -> None:
    if expected_hash and expected_hash != view["hash"]:
        raise SlackError("hash_conflict")


def _stored_view(workspace: Workspace, view: Json, before: Json | None = None) -> Json:
    if len(json.dumps(view)) > MAX_VIEW_BYTES:
        raise SlackError("view_too_large")
    _check_external_id(workspace, view, before)
    typed = before["state"]["values"] if before else None
    stored_blocks = blocks.stored_blocks(view["blocks"])
    app = workspace.app
    stored: Json = {
        "id": before["id"] if before else workspace.new_id("V"),
        "team_id": workspace.team["id"],
        "type": view["type"],
        "blocks": stored_blocks,
        **{name: view.get(name) or "" for name in COPIED_FIELDS},
        "state": {"values": blocks.form_state(stored_blocks, typed)},
        "hash": _new_hash(stored_blocks),
        **_titles(view),
        "clear_on_close": bool(view.get("clear_on_close")),
        "notify_on_close": bool(view.get("notify_on_close")),
        "previous_view_id": before["previous_view_id"] if before else None,
        "root_view_id": before["root_view_id"] if before else None,
    }
    return stored | {"app_id": app.id, "app_installed_team_id": workspace.team["id"], "bot_id": app.bot_id}


def _titles(view: Json) -> Json:
    names = ("title", "submit", "close")
    return {name: {"emoji": True, **view[name]} if view.get(name) else None for name in names}


def _check_external_id(workspace: Workspace, view: Json, before: Json | None) -> None:
    external_id = view.get("external_id")
    if not external_id or (before and before.get("external_id") == external_id):
        return
    if any(one.get("external_id") == external_id for stack in workspace.modals.values() for one in stack):
        raise SlackError("duplicate_external_id")


def _new_hash(blocks: list[Json]) -> str:
    return f"{time.time_ns() // 1000 / 1_000_000:.6f}.{hashlib.sha256(json.dumps(blocks).encode()).hexdigest()[:8]}"
