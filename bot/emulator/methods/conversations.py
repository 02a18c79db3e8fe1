"""conversations.*: channels, direct messages and their history."""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from bot.emulator.errors import SlackError
from bot.emulator.methods.arguments import Arguments, invalid_arguments, require_scopes
from bot.emulator.methods.chat import dm_with_app
from bot.emulator.state import messages
from bot.emulator.state.objects import channel_object, message_object
from bot.emulator.state.workspace import KIND_FAMILIES, Channel, Workspace
from bot.emulator.types import Json

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
KINDS_BY_TYPE = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def list_conversations(workspace: Workspace, arguments: Arguments) -> Json:
    return _conversations_page(workspace, arguments, lambda _channel: True)


def list_user_conversations(workspace: Workspace, arguments: Arguments) -> Json:
    user = workspace.user(arguments.text("user", workspace.app.bot_user)).id
    return _conversations_page(workspace, arguments, lambda channel: user in channel.members)


def conversation_info(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel_for_app(arguments.required("channel"))
    require_scopes(workspace, f"{KIND_FAMILIES[channel.kind()]}:read")
    return {"ok": True, "channel": channel_object(workspace, channel, workspace.app.bot_user)}


def conversation_members(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel_for_app(arguments.required("channel"))
    require_scopes(workspace, f"{KIND_FAMILIES[channel.kind()]}:read")
    return {"ok": True} | page_of(list(channel.members), arguments, "members")


def conversation_history(workspace: Workspace, arguments: Arguments) -> Json:
    """Newest first; replies stay in their threads."""
    channel = _readable_channel(workspace, arguments)
    start, end = _time_window(channel.roots, arguments)
    limit = arguments.number("limit", PAGE_SIZE, MAX_PAGE_SIZE)
    stop = bisect_left(channel.roots, _parsed_cursor(arguments), start, end) if arguments.text("cursor") else end
    page = channel.roots[max(start, stop - limit) : stop]
    metadata = arguments.flag("include_all_metadata")
    objects = [message_object(channel.messages[ts], metadata=metadata) for ts in reversed(page)]
    more = stop - limit > start
    return {"ok": True, "messages": objects, "has_more": more, "pin_count": 0} | _next_cursor(page[0] if more else "")


def conversation_replies(workspace: Workspace, arguments: Arguments) -> Json:
    channel = _readable_channel(workspace, arguments)
    root, *replies = messages.thread_messages(channel, arguments.required("ts"))
    order = [str(reply["ts"]) for reply in replies]
    start, end = _time_window(order, arguments)
    if arguments.text("cursor"):
        start = bisect_right(order, _parsed_cursor(arguments), start, end)
    limit = arguments.number("limit", MAX_PAGE_SIZE, MAX_PAGE_SIZE)
    page = replies[start : min(end, start + limit)]
    metadata = arguments.flag("include_all_metadata")
    more = start + limit < end
    objects = [message_object(message, metadata=metadata) for message in [root, *page]]
    return {"ok": True, "messages": objects, "has_more": more} | _next_cursor(str(page[-1]["ts"]) if more else "")


def open_conversation(workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.text("channel"):
        channel = workspace.channel_for_app(arguments.text("channel"))
    else:
        channel = _channel_with(workspace, arguments.names("users"))
    if arguments.flag("return_im"):
        return {"ok": True, "channel": channel_object(workspace, channel, workspace.app.bot_user)}
    return {"ok": True, "channel": {"id": channel.id}}


def _channel_with(workspace: Workspace, users: list[str]) -> Channel:
    if not users:
        raise SlackError("users_list_not_supplied")
    for user in users:
        if workspace.user(user).deleted:
            raise SlackError("user_disabled")
    if len(users) == 1:
        require_scopes(workspace, "im:write")
        return dm_with_app(workspace, users[0])
    require_scopes(workspace, "mpim:write")
    return workspace.direct_channel(workspace.app.bot_user, *users)


def join_conversation(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel_for_app(arguments.required("channel"))
    if channel.kind() != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    messages.join_channel(workspace, channel, workspace.app.bot_user)
    return {"ok": True, "channel": channel_object(workspace, channel, workspace.app.bot_user)}


def page_of(rows: Sequence[object], arguments: Arguments, name: str) -> Json:
    """The rows under that name, from the call's cursor on, with the cursor of the next page."""
    limit = arguments.number("limit", PAGE_SIZE, MAX_PAGE_SIZE)
    cursor = _parsed_cursor(arguments) if arguments.text("cursor") else "0"
    if not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    start = int(cursor)
    more = start + limit < len(rows)
    return {name: list(rows[start : start + limit])} | _next_cursor(str(start + limit) if more else "")


def _conversations_page(workspace: Workspace, arguments: Arguments, is_wanted: Callable[[Channel], bool]) -> Json:
    kinds = _requested_kinds(workspace, arguments)
    bot, without_archived = workspace.app.bot_user, arguments.flag("exclude_archived")
    rows = [
        channel_object(workspace, channel, bot)
        for channel in workspace.channels_visible_to(bot)
        if channel.kind() in kinds and is_wanted(channel) and not (without_archived and channel.is_archived)
    ]
    return {"ok": True} | page_of(rows, arguments, "channels")


def _requested_kinds(workspace: Workspace, arguments: Arguments) -> set[str]:
    names = arguments.names("types") or ["public_channel"]
    if any(name not in KINDS_BY_TYPE for name in names):
        raise SlackError("invalid_types")
    kinds = {KINDS_BY_TYPE[name] for name in names}
    require_scopes(workspace, *(f"{KIND_FAMILIES[kind]}:read" for kind in sorted(kinds)))
    return kinds


def _readable_channel(workspace: Workspace, arguments: Arguments) -> Channel:
    channel = workspace.channel_for_app(arguments.required("channel"))
    require_scopes(workspace, f"{KIND_FAMILIES[channel.kind()]}:history")
    if workspace.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _time_window(order: list[str], arguments: Arguments) -> tuple[int, int]:
    """The first and one past the last place between oldest and latest."""
    inclusive = arguments.flag("inclusive")
    start, end = 0, len(order)
    if arguments.text("oldest"):
        oldest = _parsed_ts(arguments.text("oldest"), "oldest")
        start = bisect_left(order, oldest) if inclusive else bisect_right(order, oldest)
    if arguments.text("latest"):
        latest = _parsed_ts(arguments.text("latest"), "latest")
        end = bisect_right(order, latest) if inclusive else bisect_left(order, latest)
    return start, max(start, end)


def _parsed_ts(text: str, name: str) -> str:
    if text == "now":
        return "9" * 10
    seconds, _, fraction = text.partition(".")
    if not seconds.isdigit() or (fraction and not fraction.isdigit()):
        raise SlackError(f"invalid_ts_{name}")
    return f"{int(seconds):010d}.{fraction:0<6}"


def _parsed_cursor(arguments: Arguments) -> str:
    try:
        kind, _, value = base64.b64decode(arguments.text("cursor"), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if kind != "next":
        raise invalid_arguments("invalid cursor", "/cursor")
    return value


def _next_cursor(value: str) -> Json:
    cursor = base64.b64encode(f"next:{value}".encode()).decode() if value else ""
    return {"response_metadata": {"next_cursor": cursor}}
