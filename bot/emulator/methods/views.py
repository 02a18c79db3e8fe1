"""views.*: the app opens forms and publishes Homes; blocks.validate."""

from bot.emulator.errors import SlackError
from bot.emulator.limits import surfaces
from bot.emulator.methods.arguments import Arguments
from bot.emulator.state import images, views
from bot.emulator.state.workspace import Workspace
from bot.emulator.types import Json


def open_view(workspace: Workspace, arguments: Arguments) -> Json:
    view = checked_view(workspace, arguments, "modal")
    trigger = workspace.temporary_ids.redeem_trigger(arguments.required("trigger_id"))
    return {"ok": True, "view": views.open_modal(workspace, trigger.user, view)}


def push_view(workspace: Workspace, arguments: Arguments) -> Json:
    view = checked_view(workspace, arguments, "modal")
    trigger = workspace.temporary_ids.redeem_trigger(arguments.required("trigger_id"))
    return {"ok": True, "view": views.push_modal(workspace, trigger.user, view)}


def update_view(workspace: Workspace, arguments: Arguments) -> Json:
    view = checked_view(workspace, arguments, "modal")
    view_id = arguments.text("view_id") or arguments.required("external_id")
    return {"ok": True, "view": views.update_modal(workspace, view_id, view, arguments.text("hash"))}


def publish_view(workspace: Workspace, arguments: Arguments) -> Json:
    view = checked_view(workspace, arguments, "home")
    user = workspace.user(arguments.required("user_id"))
    if user.is_bot or user.deleted:
        raise SlackError("not_enabled" if user.is_bot else "user_not_found")
    return {"ok": True, "view": views.publish_home(workspace, user.id, view, arguments.text("hash"))}


def validate_blocks(_workspace: Workspace, arguments: Arguments) -> Json:
    """Takes exactly one of blocks, message and view."""
    present = [name for name in ("blocks", "message", "view") if arguments.values.get(name)]
    if len(present) != 1:
        raise SlackError("invalid_arguments")
    if present[0] == "blocks":
        problems = surfaces.payload_problems("message", arguments.json_value("blocks", list) or [])
    elif present[0] == "message":
        message = arguments.json_value("message", dict) or {}
        problems = surfaces.payload_problems("message", message.get("blocks") or [])
    else:
        view = arguments.json_value("view", dict) or {}
        problems = surfaces.payload_problems("home" if view.get("type") == "home" else "modal", view)
    if problems:
        raise SlackError("invalid_blocks", problems=problems)
    return {"ok": True}


def checked_view(workspace: Workspace, arguments: Arguments, surface: str) -> Json:
    view = arguments.json_value("view", dict)
    if view is None:
        raise SlackError("invalid_arguments", problems=["missing required field: view"])
    problems = surfaces.payload_problems(surface, view)
    if problems:
        pointed = [problem.replace("[json-pointer:", "[json-pointer:/view", 1) for problem in problems]
        raise SlackError("invalid_arguments", problems=pointed)
    images.check_slack_files(workspace, view["blocks"], "invalid_arguments", "/view/blocks")
    return view
