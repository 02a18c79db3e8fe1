"""chat.*: the app posts, changes and deletes messages."""

import json

from bot.emulator.errors import SlackError
from bot.emulator.limits import surfaces
from bot.emulator.methods.arguments import Arguments
from bot.emulator.state import blocks, images, messages
from bot.emulator.state.workspace import Channel, Workspace
from bot.emulator.types import Json

MAX_TEXT_CHARS = 40_000
MAX_MARKDOWN_CHARS = 12_000
MAX_METADATA_CHARS = 16_000


def post_message(workspace: Workspace, arguments: Arguments) -> Json:
    channel = postable_channel(workspace, arguments.required("channel"))
    message = _new_message(workspace, arguments)
    workspace.rate_limits.count_post(channel.id)
    posted = messages.post_message(workspace, channel, message, broadcast=arguments.flag("reply_broadcast"))
    return {"ok": True, "channel": channel.id, "ts": posted["ts"], "message": dict(posted)}


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Json:
    channel = postable_channel(workspace, arguments.required("channel"))
    user = arguments.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = _new_message(workspace, arguments)
    workspace.rate_limits.count_post(channel.id)
    return {"ok": True, "message_ts": messages.post_ephemeral(workspace, channel, user, message)["ts"]}


def update_message(workspace: Workspace, arguments: Arguments) -> Json:
    channel, ts = _own_message(workspace, arguments, "cant_update_message")
    content = _posted_content(workspace, arguments)
    if channel.is_archived:
        raise SlackError("is_archived")
    edited = {"user": workspace.app.bot_user, "ts": workspace.new_ts()}
    updated = messages.change_message(workspace, channel, ts, content | {"edited": edited})
    return {"ok": True, "channel": channel.id, "ts": ts, "text": updated.get("text", ""), "message": dict(updated)}


def delete_message(workspace: Workspace, arguments: Arguments) -> Json:
    channel, ts = _own_message(workspace, arguments, "cant_delete_message")
    messages.delete_message(workspace, channel, ts)
    return {"ok": True, "channel": channel.id, "ts": ts}


def get_permalink(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel_for_app(arguments.required("channel"))
    ts = arguments.required("message_ts")
    permalink = f"{workspace.url}/archives/{channel.id}/p{ts.replace('.', '')}"
    root = messages.get_message(channel, ts).get("thread_ts", ts)
    if root != ts:
        permalink += f"?thread_ts={root}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": permalink}


def postable_channel(workspace: Workspace, address: str) -> Channel:
    """address: a channel's id, its name with or without #, or a user id for the DM with the app."""
    channel = _addressed_channel(workspace, address)
    _raise_post_error(workspace, channel)
    if channel.is_archived:
        raise SlackError("is_archived")
    app = workspace.app
    if app.bot_user not in channel.members and "chat:write.public" not in (app.scopes or ()):
        raise SlackError("not_in_channel")
    return channel


def _addressed_channel(workspace: Workspace, address: str) -> Channel:
    if address in workspace.users:
        channel = dm_with_app(workspace, address)
    else:
        named = workspace.channel_named(address.removeprefix("#"))
        channel = workspace.channel_for_app(address if named is None else named.id)
    if channel.is_im:
        _require_open_dm(workspace, channel)
    return channel


def dm_with_app(workspace: Workspace, user: str) -> Channel:
    if workspace.users[user].is_bot:
        raise SlackError("cannot_dm_bot")
    return workspace.direct_channel(user, workspace.app.bot_user)


def _require_open_dm(workspace: Workspace, channel: Channel) -> None:
    if workspace.users[channel.dm_partner(workspace.app.bot_user)].deleted:
        raise SlackError("account_inactive")
    if not workspace.app.has_messages_tab():
        raise SlackError("messages_tab_disabled")


def _raise_post_error(workspace: Workspace, channel: Channel) -> None:
    if channel.id in workspace.post_errors:
        raise SlackError(workspace.post_errors[channel.id])


def _own_message(workspace: Workspace, arguments: Arguments, error: str) -> tuple[Channel, str]:
    channel = workspace.channel_for_app(arguments.required("channel"))
    _raise_post_error(workspace, channel)
    ts = arguments.required("ts")
    if messages.get_message(channel, ts).get("bot_id") != workspace.app.bot_id:
        raise SlackError(error)
    return channel, ts


def _new_message(workspace: Workspace, arguments: Arguments) -> Json:
    content = _posted_content(workspace, arguments)
    if not (content.get("text") or content.get("blocks") or content.get("attachments")):
        raise SlackError("no_text")
    if arguments.text("thread_ts"):
        content["thread_ts"] = arguments.text("thread_ts")
    return app_message(workspace, {"text": "", **content}, username=arguments.text("username"))


def app_message(workspace: Workspace, content: Json, *, username: str = "") -> Json:
    """The content with the app as its author, under another name where the scopes allow it."""
    app = workspace.app
    profile = {"id": app.bot_id, "app_id": app.id, "name": app.name, "team_id": workspace.team["id"]}
    message = {"user": app.bot_user, "bot_id": app.bot_id, "app_id": app.id, "bot_profile": profile, **content}
    if username and app.has_scope("chat:write.customize"):
        del message["user"]
        message |= {"subtype": "bot_message", "username": username}
    return message


def response_content(workspace: Workspace, payload: Json) -> Json:
    arguments = Arguments({name: value for name, value in payload.items() if value is not None})
    content = _message_content(workspace, arguments, only_shared_files=True)
    return {name: value for name, value in content.items() if value is not None}


def _posted_content(workspace: Workspace, arguments: Arguments) -> Json:
    """A response_url takes longer messages than these methods."""
    content = _message_content(workspace, arguments)
    if surfaces.message_chars(content.get("blocks")) > surfaces.MAX_MESSAGE_CHARS:
        raise SlackError("msg_blocks_too_long")
    return content


def _message_content(workspace: Workspace, arguments: Arguments, *, only_shared_files: bool = False) -> Json:
    """Fields that the call left out are left out here too, so that an update keeps them."""
    content: Json = {}
    markdown = arguments.text("markdown_text")
    if markdown and ("text" in arguments.values or "blocks" in arguments.values):
        raise SlackError("markdown_text_conflict")
    if len(arguments.text("text")) > MAX_TEXT_CHARS or len(markdown) > MAX_MARKDOWN_CHARS:
        raise SlackError("msg_too_long")
    if "text" in arguments.values or markdown:
        content["text"] = arguments.text("text") or markdown
    new_blocks = arguments.json_value("blocks", list, "invalid_blocks_format")
    if new_blocks is not None:
        _check_blocks(workspace, new_blocks, only_shared_files=only_shared_files)
        content["blocks"] = blocks.stored_blocks(new_blocks) or None
    attachments = arguments.json_value("attachments", list, "invalid_attachments")
    if attachments is not None:
        content["attachments"] = attachments or None
    metadata = arguments.json_value("metadata", dict, "invalid_metadata_format")
    if metadata is not None:
        _check_metadata(metadata)
        content["metadata"] = metadata
    return content


def _check_blocks(workspace: Workspace, new_blocks: list[Json], *, only_shared_files: bool) -> None:
    problems = surfaces.payload_problems("message", new_blocks)
    if problems:
        raise SlackError("invalid_blocks", problems=problems, errors=problems)
    images.check_slack_files(workspace, new_blocks, "invalid_blocks", only_shared=only_shared_files)


def _check_metadata(metadata: Json) -> None:
    if not surfaces.is_metadata(metadata):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > MAX_METADATA_CHARS:
        raise SlackError("metadata_too_large")
