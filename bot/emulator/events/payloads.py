"""The payloads that Slack sends an app, field by field."""

import secrets
import time
from typing import Any

from bot.emulator.state.blocks import FormState
from bot.emulator.state.objects import message_object
from bot.emulator.state.workspace import Channel, User, Workspace
from bot.emulator.types import Json

VERIFICATION_TOKEN = "local-verification"


def event_payload(workspace: Workspace, event: Json) -> Json:
    app, team = workspace.app, workspace.team["id"]
    event_id = "Ev0" + secrets.token_hex(5).upper()
    authorization = {"enterprise_id": None, "team_id": team, "user_id": app.bot_user}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team,
        "context_team_id": team,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(float(event.get("event_ts", time.time()))),
        "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }


def command_payload(workspace: Workspace, user: User, channel: Channel, name: str, text: str) -> Json:
    team = workspace.team
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team["id"],
        "team_domain": team["domain"],
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": _new_response_url(workspace, user.id, channel.id),
        "trigger_id": workspace.temporary_ids.issue_trigger(user.id),
    }


def global_shortcut_payload(workspace: Workspace, user: User, callback_id: str) -> Json:
    payload = {"type": "shortcut", "callback_id": callback_id, "action_ts": workspace.new_ts()}
    return payload | _common_fields(workspace, user) | _new_trigger(workspace, user)


def message_shortcut_payload(workspace: Workspace, user: User, name: str, channel: Channel, message: Json) -> Json:
    payload: Json = global_shortcut_payload(workspace, user, name) | {"type": "message_action"}
    payload |= {"channel": _channel_reference(channel), "message_ts": message["ts"], "message": message_object(message)}
    response_url = _new_response_url(workspace, user.id, channel.id, thread_ts=message.get("thread_ts"))
    return payload | {"response_url": response_url}


def message_action_payload(workspace: Workspace, user: User, channel: Channel, message: Json, state: FormState) -> Json:
    """block_actions from a message, but for the actions."""
    payload: Json = {"type": "block_actions", **message_container(channel, message), **_common_fields(workspace, user)}
    thread_ts = message.get("thread_ts")
    if thread_ts and thread_ts != message["ts"]:
        payload["container"]["thread_ts"] = thread_ts
    ephemeral = payload["container"]["is_ephemeral"]
    original = {"message_ts": message["ts"], "is_ephemeral": ephemeral, "thread_ts": thread_ts}
    response_url = _new_response_url(workspace, user.id, channel.id, **original)
    return payload | _new_trigger(workspace, user) | {"state": {"values": state}, "response_url": response_url}


def view_action_payload(workspace: Workspace, user: User, view: Json) -> Json:
    """block_actions from a view, but for the actions."""
    payload: Json = {"type": "block_actions", **view_container(view)}
    return payload | _common_fields(workspace, user) | _new_trigger(workspace, user, view)


def view_submission_payload(workspace: Workspace, user: User, view: Json) -> Json:
    response_urls = _requested_response_urls(workspace, user, view)
    payload: Json = {"type": "view_submission", "view": dict(view), "response_urls": response_urls}
    return payload | _common_fields(workspace, user) | _new_trigger(workspace, user, view)


def view_closed_payload(workspace: Workspace, user: User, view: Json, *, cleared: bool) -> Json:
    return {"type": "view_closed", "view": dict(view), "is_cleared": cleared, **_common_fields(workspace, user)}


def suggestion_payload(workspace: Workspace, user: User, container: Json, about: Json) -> Json:
    """container: of view_container or message_container; about: block_id, action_id and value."""
    return {"type": "block_suggestion", **about, **_common_fields(workspace, user), **container}


def view_container(view: Json) -> Json:
    return {"container": {"type": "view", "view_id": view["id"]}, "view": dict(view)}


def message_container(channel: Channel, message: Json) -> Json:
    """An ephemeral message is not part of it."""
    ephemeral = bool(message.get("is_ephemeral"))
    container = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id, "is_ephemeral": ephemeral}
    fields: Json = {"container": container, "channel": _channel_reference(channel)}
    return fields if ephemeral else fields | {"message": message_object(message)}


def _new_trigger(workspace: Workspace, user: User, view: Json | None = None) -> Json:
    return {"trigger_id": workspace.temporary_ids.issue_trigger(user.id, view["id"] if view else None)}


def _new_response_url(workspace: Workspace, user_id: str, channel_id: str, **original: Any) -> str:
    """original: message_ts, thread_ts and is_ephemeral of the message that the response may replace."""
    return f"{workspace.url}/response/{workspace.temporary_ids.issue_response_id(user_id, channel_id, **original)}"


def _channel_reference(channel: Channel) -> Json:
    return {"id": channel.id, "name": _channel_name(channel)}


def _channel_name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup"}.get(channel.kind(), channel.name)


def _common_fields(workspace: Workspace, user: User) -> Json:
    team = workspace.team
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": team["id"]},
        "team": {"id": team["id"], "domain": team["domain"]},
        "api_app_id": workspace.app.id,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _requested_response_urls(workspace: Workspace, user: User, view: Json) -> list[Json]:
    """One for each channel chosen in an input with response_url_enabled."""
    rows = []
    for block in view["blocks"]:
        element = block.get("element") or {}
        state = view["state"]["values"].get(block["block_id"], {}).get(element.get("action_id"), {})
        channel_id = state.get("selected_conversation") or state.get("selected_channel")
        if block["type"] != "input" or not element.get("response_url_enabled") or not channel_id:
            continue
        url = _new_response_url(workspace, user.id, channel_id)
        row = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel_id}
        rows.append(row | {"response_url": url})
    return rows
