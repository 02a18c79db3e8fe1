"""chat.*: what the app says."""

import json

from bot.emulator.errors import Refused
from bot.emulator.limits import limits
from bot.emulator.state import blocks, images, messages
from bot.emulator.state.api_call import Asked
from bot.emulator.state.workspace import Channel, Json, Workspace

TEXT = 40_000
MARKDOWN = 12_000
METADATA = 16_000


def post_message(workspace: Workspace, asked: Asked) -> Json:
    channel = writable(workspace, asked.need("channel"))
    message = _message(workspace, asked)
    if asked.text("thread_ts"):
        message["thread_ts"] = asked.text("thread_ts")
    workspace.rates.spend(channel.id)
    kept = messages.post(workspace, channel, message, broadcast=asked.flag("reply_broadcast"))
    return {"ok": True, "channel": channel.id, "ts": kept["ts"], "message": dict(kept)}


def update(workspace: Workspace, asked: Asked) -> Json:
    channel = _known(workspace, asked.need("channel"))
    ts = asked.need("ts")
    _own(workspace, channel, ts, "cant_update_message")
    content = _content(workspace, asked)
    if channel.is_archived:
        raise Refused("is_archived")
    edited = {"user": workspace.app.bot_user, "ts": workspace.new_ts()}
    kept = messages.change(workspace, channel, ts, content | {"edited": edited})
    return {"ok": True, "channel": channel.id, "ts": ts, "text": kept.get("text", ""), "message": dict(kept)}


def delete(workspace: Workspace, asked: Asked) -> Json:
    channel = _known(workspace, asked.need("channel"))
    ts = asked.need("ts")
    _own(workspace, channel, ts, "cant_delete_message")
    messages.delete(workspace, channel, ts)
    return {"ok": True, "channel": channel.id, "ts": ts}


def post_ephemeral(workspace: Workspace, asked: Asked) -> Json:
    channel = writable(workspace, asked.need("channel"))
    user = asked.need("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    message = _message(workspace, asked)
    if asked.text("thread_ts"):
        message["thread_ts"] = asked.text("thread_ts")
    workspace.rates.spend(channel.id)
    return {"ok": True, "message_ts": messages.whisper(workspace, channel, user, message)["ts"]}


def get_permalink(workspace: Workspace, asked: Asked) -> Json:
    channel = workspace.app_channel(asked.need("channel"))
    ts = asked.need("message_ts")
    if ts not in channel.messages:
        raise Refused("message_not_found")
    return {"ok": True, "channel": channel.id, "permalink": permalink(workspace, channel, ts)}


def permalink(workspace: Workspace, channel: Channel, ts: str) -> str:
    link = f"{workspace.url}/archives/{channel.id}/p{ts.replace('.', '')}"
    root = channel.messages[ts].get("thread_ts", ts)
    return link if root == ts else f"{link}?thread_ts={root}&cid={channel.id}"


def writable(workspace: Workspace, asked: str) -> Channel:
    """The channel the app may post to; a user id means her DM with the app."""
    channel = _addressed(workspace, asked)
    if channel.id in workspace.closed_to_app:
        raise Refused(workspace.closed_to_app[channel.id])
    if channel.is_archived:
        raise Refused("is_archived")
    app = workspace.app
    if app.bot_user not in channel.members and "chat:write.public" not in (app.scopes or ()):
        raise Refused("not_in_channel")
    return channel


def _addressed(workspace: Workspace, asked: str) -> Channel:
    if asked in workspace.users:
        channel = direct(workspace, asked)
    else:
        named = workspace.channel_named(asked.removeprefix("#"))
        channel = workspace.app_channel(asked if named is None else named.id)
    if channel.is_im:
        _check_direct(workspace, channel)
    return channel


def direct(workspace: Workspace, user: str) -> Channel:
    if workspace.users[user].is_bot:
        raise Refused("cannot_dm_bot")
    return workspace.conversation(user, workspace.app.bot_user)


def _check_direct(workspace: Workspace, channel: Channel) -> None:
    if workspace.users[channel.other(workspace.app.bot_user)].deleted:
        raise Refused("account_inactive")
    if not workspace.app.messages_tab():
        raise Refused("messages_tab_disabled")


def _known(workspace: Workspace, channel_id: str) -> Channel:
    channel = workspace.app_channel(channel_id)
    if channel.id in workspace.closed_to_app:
        raise Refused(workspace.closed_to_app[channel.id])
    return channel


def _own(workspace: Workspace, channel: Channel, ts: str, error: str) -> None:
    if ts not in channel.messages:
        raise Refused("message_not_found")
    if channel.messages[ts].get("bot_id") != workspace.app.bot_id:
        raise Refused(error)


def _message(workspace: Workspace, asked: Asked) -> Json:
    content = _content(workspace, asked)
    if not (content.get("text") or content.get("blocks") or content.get("attachments")):
        raise Refused("no_text")
    return signed(workspace, {"text": "", **content}, username=asked.text("username"))


def signed(workspace: Workspace, content: Json, *, username: str = "") -> Json:
    """The message as the app's own."""
    app = workspace.app
    profile = {"id": app.bot_id, "app_id": app.id, "name": app.name, "team_id": workspace.team["id"]}
    message = {"user": app.bot_user, "bot_id": app.bot_id, "app_id": app.id, "bot_profile": profile, **content}
    if username and (app.scopes is None or "chat:write.customize" in app.scopes):
        del message["user"]
        message |= {"subtype": "bot_message", "username": username}
    return message


def _content(workspace: Workspace, asked: Asked) -> Json:
    """What the message says, checked; fields that were left out stay out, so that an update keeps them."""
    content: Json = {}
    markdown = asked.text("markdown_text")
    if markdown and ("text" in asked.values or "blocks" in asked.values):
        raise Refused("markdown_text_conflict")
    if len(asked.text("text")) > TEXT or len(markdown) > MARKDOWN:
        raise Refused("msg_too_long")
    if "text" in asked.values or markdown:
        content["text"] = asked.text("text") or markdown
    drawn = asked.parsed("blocks", list, "invalid_blocks_format")
    if drawn is not None:
        check_blocks(workspace, drawn)
        content["blocks"] = blocks.kept(drawn) or None
    for name in ("attachments",):
        value = asked.parsed(name, list, "invalid_attachments")
        content |= {} if value is None else {name: value or None}
    metadata = asked.parsed("metadata", dict, "invalid_metadata_format")
    return content | ({} if metadata is None else {"metadata": _metadata(metadata)})


def check_blocks(workspace: Workspace, drawn: list[Json]) -> None:
    found = limits.problems("message", drawn)
    if found:
        words = [f"[ERROR] {one}" for one in found]
        raise Refused("invalid_blocks", errors=found, response_metadata={"messages": words})
    images.check(workspace, drawn, "invalid_blocks")


def _metadata(metadata: Json) -> Json:
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA:
        raise Refused("metadata_too_large")
    return metadata


def content_of(workspace: Workspace, payload: Json) -> Json:
    """The content of a response (a command's answer, a response URL), checked as chat.postMessage checks it."""
    given = {key: value for key, value in payload.items() if value is not None}
    content = _content(workspace, Asked("response", given))
    return {name: value for name, value in content.items() if value is not None}
