"""views.*: forms and Homes the app shows."""

from bot.emulator.errors import Refused
from bot.emulator.limits import limits
from bot.emulator.state import images, views
from bot.emulator.state.api_call import Asked
from bot.emulator.state.workspace import Json, Workspace


def opened(workspace: Workspace, asked: Asked) -> Json:
    view = checked(workspace, asked, "modal")
    trigger = workspace.passes.exchange(asked.need("trigger_id"))
    return {"ok": True, "view": views.show(workspace, trigger.user, view)}


def pushed(workspace: Workspace, asked: Asked) -> Json:
    view = checked(workspace, asked, "modal")
    trigger = workspace.passes.exchange(asked.need("trigger_id"))
    return {"ok": True, "view": views.push(workspace, trigger.user, view)}


def updated(workspace: Workspace, asked: Asked) -> Json:
    view = checked(workspace, asked, "modal")
    view_id = asked.text("view_id") or asked.need("external_id")
    return {"ok": True, "view": views.update(workspace, view_id, view, asked.text("hash"))}


def published(workspace: Workspace, asked: Asked) -> Json:
    view = checked(workspace, asked, "home")
    user = workspace.user(asked.need("user_id"))
    if user.is_bot or user.deleted:
        raise Refused("not_enabled" if user.is_bot else "user_not_found")
    return {"ok": True, "view": views.publish(workspace, user.id, view, asked.text("hash"))}


def validated(_workspace: Workspace, asked: Asked) -> Json:
    """blocks.validate: exactly one of blocks, message or view."""
    given = [name for name in ("blocks", "message", "view") if asked.values.get(name)]
    if len(given) != 1:
        raise Refused("invalid_arguments")
    if given[0] == "blocks":
        found = limits.problems("message", asked.parsed("blocks", list) or [])
    elif given[0] == "message":
        found = limits.problems("message", (asked.parsed("message", dict) or {}).get("blocks") or [])
    else:
        view = asked.parsed("view", dict) or {}
        found = limits.problems("home" if view.get("type") == "home" else "modal", view)
    refuse(found, "invalid_blocks")
    return {"ok": True}


def checked(workspace: Workspace, asked: Asked, kind: str) -> Json:
    view = asked.parsed("view", dict)
    if view is None:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    refuse([one.replace("[json-pointer:", "[json-pointer:/view", 1) for one in limits.problems(kind, view)])
    images.check(workspace, view["blocks"], "invalid_arguments", "/view/blocks")
    return view


def refuse(found: list[str], error: str = "invalid_arguments") -> None:
    if found:
        raise Refused(error, response_metadata={"messages": [f"[ERROR] {one}" for one in found]})
