"""The payloads Slack sends an app, field by field."""

import secrets
import time

from bot.emulator.state.shapes import public
from bot.emulator.state.workspace import Channel, Json, User, Workspace

VERIFICATION = "local-verification"


def event_callback(workspace: Workspace, event: Json) -> Json:
    app, team = workspace.app, workspace.team["id"]
    event_id = "Ev0" + secrets.token_hex(5).upper()
    authorization = {"enterprise_id": None, "team_id": team, "user_id": app.bot_user}
    return {
        "token": VERIFICATION,
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


def command(workspace: Workspace, user: User, channel: Channel, name: str, text: str) -> Json:
    team = workspace.team
    return {
        "token": VERIFICATION,
        "team_id": team["id"],
        "team_domain": team["domain"],
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url(workspace, workspace.passes.response(user.id, channel.id)),
        "trigger_id": workspace.passes.trigger(user.id),
    }


def global_shortcut(workspace: Workspace, user: User, callback_id: str) -> Json:
    payload = {"type": "shortcut", "callback_id": callback_id, "action_ts": workspace.new_ts()}
    return payload | _from(workspace, user) | {"trigger_id": workspace.passes.trigger(user.id)}


def message_shortcut(workspace: Workspace, user: User, callback_id: str, channel: Channel, message: Json) -> Json:
    payload: Json = {"type": "message_action", "callback_id": callback_id, "action_ts": workspace.new_ts()}
    payload |= _from(workspace, user) | {"trigger_id": workspace.passes.trigger(user.id)}
    payload |= {"channel": _channel(channel), "message_ts": message["ts"], "message": public(message)}
    name = workspace.passes.response(user.id, channel.id, thread_ts=message.get("thread_ts"))
    return payload | {"response_url": response_url(workspace, name)}


def message_press(workspace: Workspace, user: User, channel: Channel, message: Json, values: Json) -> Json:
    """The frame of block_actions from a message; an ephemeral one does not carry its message."""
    whispered = bool(message.get("is_ephemeral"))
    container: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id}
    container |= {"is_ephemeral": whispered}
    thread = message.get("thread_ts")
    if thread and thread != message["ts"]:
        container["thread_ts"] = thread
    passes = workspace.passes
    name = passes.response(user.id, channel.id, message_ts=message["ts"], is_ephemeral=whispered, thread_ts=thread)
    payload: Json = {"type": "block_actions", "container": container, **_from(workspace, user)}
    payload |= {"channel": _channel(channel), "trigger_id": passes.trigger(user.id), "state": {"values": values}}
    payload |= {} if whispered else {"message": public(message)}
    return payload | {"response_url": response_url(workspace, name)}


def view_press(workspace: Workspace, user: User, view: Json) -> Json:
    payload: Json = {"type": "block_actions", "container": {"type": "view", "view_id": view["id"]}, "view": dict(view)}
    return payload | _from(workspace, user) | {"trigger_id": workspace.passes.trigger(user.id, view["id"])}


def view_submission(workspace: Workspace, user: User, view: Json) -> Json:
    payload: Json = {
        "type": "view_submission",
        "view": dict(view),
        "response_urls": _response_urls(workspace, user, view),
    }
    return payload | _from(workspace, user) | {"trigger_id": workspace.passes.trigger(user.id, view["id"])}


def view_closed(workspace: Workspace, user: User, view: Json, *, cleared: bool) -> Json:
    return {"type": "view_closed", "view": dict(view), "is_cleared": cleared, **_from(workspace, user)}


def suggestion(workspace: Workspace, user: User, block_id: str, action_id: str, value: str) -> Json:
    payload = {"type": "block_suggestion", "block_id": block_id, "action_id": action_id, "value": value}
    return payload | _from(workspace, user)


def in_view(view: Json) -> Json:
    return {"container": {"type": "view", "view_id": view["id"]}, "view": dict(view)}


def in_message(channel: Channel, message: Json) -> Json:
    container = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id}
    whispered = bool(message.get("is_ephemeral"))
    shown = {} if whispered else {"message": public(message)}
    return {"container": container | {"is_ephemeral": whispered}, "channel": _channel(channel), **shown}


def response_url(workspace: Workspace, name: str) -> str:
    return f"{workspace.url}/response/{name}"


def channel_name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup"}.get(channel.kind(), channel.name)


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": channel_name(channel)}


def _from(workspace: Workspace, user: User) -> Json:
    team = workspace.team
    who = {"id": user.id, "username": user.name, "name": user.name, "team_id": team["id"]}
    where = {"team": {"id": team["id"], "domain": team["domain"]}, "api_app_id": workspace.app.id}
    return {"user": who, **where, "token": VERIFICATION, "enterprise": None, "is_enterprise_install": False}


def _response_urls(workspace: Workspace, user: User, view: Json) -> list[Json]:
    """Only for a channel chosen in an input that asked for it with response_url_enabled."""
    urls = []
    for block in view["blocks"]:
        element = block.get("element") or {}
        state = view["state"]["values"].get(block["block_id"], {}).get(element.get("action_id"), {})
        chosen = state.get("selected_conversation") or state.get("selected_channel")
        if block["type"] != "input" or not element.get("response_url_enabled") or not chosen:
            continue
        url = response_url(workspace, workspace.passes.response(user.id, chosen))
        row = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": chosen}
        urls.append(row | {"response_url": url})
    return urls
