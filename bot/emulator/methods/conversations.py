"""conversations.*: channels, direct messages and what was said in them."""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bot.emulator.errors import Refused
from bot.emulator.methods.chat import direct
from bot.emulator.state import messages
from bot.emulator.state.api_call import Asked, invalid, need_scope
from bot.emulator.state.shapes import channel_object, public
from bot.emulator.state.workspace import Channel, Json, Workspace

PAGE = 100
MOST = 1000
FAMILY = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def listed(workspace: Workspace, asked: Asked) -> Json:
    kinds = _kinds(workspace, asked)
    bot = workspace.app.bot_user
    found = [
        channel_object(workspace, channel, bot)
        for channel in workspace.seen_by(bot)
        if channel.kind() in kinds and not (asked.flag("exclude_archived") and channel.is_archived)
    ]
    return {"ok": True} | paged(found, asked, "channels")


def of_user(workspace: Workspace, asked: Asked) -> Json:
    """users.conversations: where this person is, as far as the app can see."""
    kinds = _kinds(workspace, asked)
    bot = workspace.app.bot_user
    user = workspace.user(asked.text("user", bot)).id
    found = [
        channel_object(workspace, channel, bot)
        for channel in workspace.seen_by(bot)
        if user in channel.members and channel.kind() in kinds
    ]
    return {"ok": True} | paged(found, asked, "channels")


def info(workspace: Workspace, asked: Asked) -> Json:
    channel = workspace.app_channel(asked.need("channel"))
    need_scope(workspace, f"{FAMILY[channel.kind()]}:read")
    return {"ok": True, "channel": channel_object(workspace, channel, workspace.app.bot_user)}


def members(workspace: Workspace, asked: Asked) -> Json:
    channel = workspace.app_channel(asked.need("channel"))
    need_scope(workspace, f"{FAMILY[channel.kind()]}:read")
    return {"ok": True} | paged(list(channel.members), asked, "members")


def history(workspace: Workspace, asked: Asked) -> Json:
    """Newest first; replies stay in their threads."""
    channel = _readable(workspace, asked)
    start, end = _window(channel.roots, asked)
    limit = asked.number("limit", PAGE, MOST)
    stop = bisect_left(channel.roots, _cursor(asked), start, end) if asked.text("cursor") else end
    chosen = channel.roots[max(start, stop - limit) : stop]
    full = asked.flag("include_all_metadata")
    shown = [public(channel.messages[ts], metadata=full) for ts in reversed(chosen)]
    more = stop - limit > start
    return {"ok": True, "messages": shown, "has_more": more, "pin_count": 0} | _next(chosen[0] if more else "")


def replies(workspace: Workspace, asked: Asked) -> Json:
    """The root, then its replies, oldest first."""
    channel = _readable(workspace, asked)
    root, *rest = messages.thread(channel, asked.need("ts"))
    order = [str(message["ts"]) for message in rest]
    start, end = _window(order, asked)
    if asked.text("cursor"):
        start = bisect_right(order, _cursor(asked), start, end)
    limit = asked.number("limit", MOST, MOST)
    chosen = rest[start : min(end, start + limit)]
    full = asked.flag("include_all_metadata")
    more = start + limit < end
    shown = [public(message, metadata=full) for message in [root, *chosen]]
    return {"ok": True, "messages": shown, "has_more": more} | _next(str(chosen[-1]["ts"]) if more else "")


def opened(workspace: Workspace, asked: Asked) -> Json:
    if asked.text("channel"):
        channel = workspace.app_channel(asked.text("channel"))
        return _opened(workspace, asked, channel)
    users = asked.names("users")
    if not users:
        raise Refused("users_list_not_supplied")
    for user in users:
        if workspace.user(user).deleted:
            raise Refused("user_disabled")
    need_scope(workspace, "im:write" if len(users) == 1 else "mpim:write")
    channel = direct(workspace, users[0]) if len(users) == 1 else workspace.conversation(workspace.app.bot_user, *users)
    return _opened(workspace, asked, channel)


def joined(workspace: Workspace, asked: Asked) -> Json:
    channel = workspace.app_channel(asked.need("channel"))
    if channel.kind() != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    messages.join(workspace, channel, workspace.app.bot_user)
    return {"ok": True, "channel": channel_object(workspace, channel, workspace.app.bot_user)}


def paged(found: Sequence[object], asked: Asked, name: str) -> Json:
    limit = asked.number("limit", PAGE, MOST)
    cursor = _cursor(asked) if asked.text("cursor") else "0"
    if not cursor.isdecimal():
        raise Refused("invalid_cursor")
    start = int(cursor)
    more = start + limit < len(found)
    return {name: list(found[start : start + limit])} | _next(str(start + limit) if more else "")


def _opened(workspace: Workspace, asked: Asked, channel: Channel) -> Json:
    whole = asked.flag("return_im")
    shown = channel_object(workspace, channel, workspace.app.bot_user) if whole else {"id": channel.id}
    return {"ok": True, "channel": shown}


def _kinds(workspace: Workspace, asked: Asked) -> set[str]:
    names = asked.names("types") or ["public_channel"]
    if any(name not in TYPES for name in names):
        raise Refused("invalid_types")
    kinds = {TYPES[name] for name in names}
    need_scope(workspace, *(f"{FAMILY[kind]}:read" for kind in sorted(kinds)))
    return kinds


def _readable(workspace: Workspace, asked: Asked) -> Channel:
    channel = workspace.app_channel(asked.need("channel"))
    need_scope(workspace, f"{FAMILY[channel.kind()]}:history")
    if workspace.app.bot_user not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _window(order: list[str], asked: Asked) -> tuple[int, int]:
    inclusive = asked.flag("inclusive")
    start, end = 0, len(order)
    if asked.text("oldest"):
        oldest = _ts(asked.text("oldest"), "oldest")
        start = bisect_left(order, oldest) if inclusive else bisect_right(order, oldest)
    if asked.text("latest"):
        latest = _ts(asked.text("latest"), "latest")
        end = bisect_right(order, latest) if inclusive else bisect_left(order, latest)
    return start, max(start, end)


def _ts(text: str, name: str) -> str:
    if text == "now":
        return "9" * 10
    seconds, _, rest = text.partition(".")
    if not seconds.isdigit() or (rest and not rest.isdigit()):
        raise Refused(f"invalid_ts_{name}")
    return f"{int(seconds):010d}.{rest:0<6}"


def _cursor(asked: Asked) -> str:
    try:
        kind, _, value = base64.b64decode(asked.text("cursor"), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused("invalid_cursor") from error
    if kind != "next":
        raise invalid("invalid cursor", "/cursor")
    return value


def _next(value: str) -> Json:
    cursor = base64.b64encode(f"next:{value}".encode()).decode() if value else ""
    return {"response_metadata": {"next_cursor": cursor}}
