"""Messages are posted, changed and deleted, for a channel or for one person only, and get reactions."""

from bisect import bisect_left, insort

from bot.emulator.errors import SlackError
from bot.emulator.state.workspace import Change, Channel, Workspace
from bot.emulator.types import Json

MAX_REPLY_USERS = 5


def post_message(workspace: Workspace, channel: Channel, message: Json, *, broadcast: bool = False) -> Json:
    """A reply also updates its root; broadcast shows it in the channel too."""
    message = {"type": "message", "ts": workspace.new_ts(), "team": workspace.team["id"], **message}
    root = channel.messages.get(message.get("thread_ts", ""))
    if message.get("thread_ts") and root is None:
        raise SlackError("thread_not_found")
    if root is not None:
        message["thread_ts"] = root.get("thread_ts", root["ts"])
        root = channel.messages[message["thread_ts"]]
        message["parent_user_id"] = root.get("user", "")
        _add_reply(channel, root, message)
        message |= {"subtype": "thread_broadcast"} if broadcast else {}
    if root is None or broadcast:
        channel.roots.append(message["ts"])
    channel.messages[message["ts"]] = message
    if "user" in message:
        channel.last_read[message["user"]] = message["ts"]
    workspace.publish(Change("message", channel, message.get("user"), message))
    if root is not None:
        workspace.publish(Change("thread", channel, message=root))
    return message


def _add_reply(channel: Channel, root: Json, reply: Json) -> None:
    replies = channel.threads.setdefault(root["ts"], [])
    replies.append(reply["ts"])
    people = list(root.get("reply_users", []))
    author = reply.get("user", reply.get("bot_id", ""))
    if author not in people and len(people) < MAX_REPLY_USERS:
        people.append(author)
    root |= {"thread_ts": root["ts"], "reply_count": len(replies), "reply_users": people}
    root |= {"reply_users_count": len(people), "latest_reply": reply["ts"]}


def change_message(workspace: Workspace, channel: Channel, ts: str, fields: Json) -> Json:
    """Replaces the named fields; None removes one."""
    before = channel.messages[ts]
    after = {name: value for name, value in {**before, **fields}.items() if value is not None}
    channel.messages[ts] = after
    workspace.publish(Change("message_changed", channel, after.get("user"), after, before))
    return after


def delete_message(workspace: Workspace, channel: Channel, ts: str) -> None:
    before = channel.messages.pop(ts)
    if channel.threads.get(ts):
        _leave_tombstone(workspace, channel, before)
        return
    at = bisect_left(channel.roots, ts)
    if at < len(channel.roots) and channel.roots[at] == ts:
        del channel.roots[at]
    _remove_reply(workspace, channel, before)
    workspace.publish(Change("message_deleted", channel, before.get("user"), before, before))


def _leave_tombstone(workspace: Workspace, channel: Channel, root: Json) -> None:
    """The thread of a deleted root can still be read."""
    tombstone = {name: root[name] for name in ("type", "ts", "thread_ts", "reply_count", "reply_users", "latest_reply")}
    tombstone |= {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True, "text": "This message was deleted."}
    channel.messages[root["ts"]] = tombstone
    workspace.publish(Change("message_deleted", channel, root.get("user"), root, root))
    workspace.publish(Change("thread", channel, message=tombstone))


def _remove_reply(workspace: Workspace, channel: Channel, reply: Json) -> None:
    root = channel.messages.get(reply.get("thread_ts", ""))
    if root is None or root["ts"] == reply["ts"]:
        return
    replies = channel.threads[root["ts"]]
    replies.remove(reply["ts"])
    root |= {"reply_count": len(replies), "latest_reply": replies[-1] if replies else root["ts"]}
    workspace.publish(Change("thread", channel, message=root))


def get_message(channel: Channel, ts: str) -> Json:
    if ts not in channel.messages:
        raise SlackError("message_not_found")
    return channel.messages[ts]


def post_ephemeral(workspace: Workspace, channel: Channel, user: str, message: Json) -> Json:
    """No method of the API can read it back."""
    message = {"type": "message", "ts": workspace.new_ts(), "is_ephemeral": True, **message}
    channel.ephemerals.setdefault(user, {})[message["ts"]] = message
    workspace.publish(Change("ephemeral", channel, user, message))
    return message


def replace_ephemeral(workspace: Workspace, channel: Channel, user: str, message: Json) -> None:
    channel.ephemerals[user][message["ts"]] = message
    workspace.publish(Change("ephemeral", channel, user, message))


def delete_ephemeral(workspace: Workspace, channel: Channel, user: str, ts: str) -> None:
    before = channel.ephemerals.get(user, {}).pop(ts, None)
    if before is not None:
        workspace.publish(Change("ephemeral_deleted", channel, user, before))


def thread_messages(channel: Channel, ts: str) -> list[Json]:
    if ts not in channel.messages:
        raise SlackError("thread_not_found")
    root = channel.messages[ts].get("thread_ts", ts)
    return [channel.messages[one] for one in (root, *channel.threads.get(root, [])) if one in channel.messages]


def visible_messages(channel: Channel, user: str) -> list[Json]:
    """Oldest first, with her ephemerals, without the replies in threads."""
    order = list(channel.roots)
    ephemerals = channel.ephemerals.get(user, {})
    for ts, message in ephemerals.items():
        if not message.get("thread_ts"):
            insort(order, ts)
    return [channel.messages.get(ts) or ephemerals[ts] for ts in order]


def visible_thread(channel: Channel, ts: str, user: str) -> list[Json]:
    ephemerals = [one for one in channel.ephemerals.get(user, {}).values() if one.get("thread_ts") == ts]
    return sorted([*thread_messages(channel, ts), *ephemerals], key=lambda message: str(message["ts"]))


def add_reaction(workspace: Workspace, channel: Channel, ts: str, user: str, name: str) -> None:
    users_by_name = _users_by_reaction(channel, ts)
    if user in users_by_name.setdefault(name, []):
        raise SlackError("already_reacted")
    users_by_name[name].append(user)
    message = _store_reactions(channel, ts, users_by_name)
    workspace.publish(Change("reaction_added", channel, user, message, data={"reaction": name}))


def remove_reaction(workspace: Workspace, channel: Channel, ts: str, user: str, name: str) -> None:
    users_by_name = _users_by_reaction(channel, ts)
    if user not in users_by_name.get(name, []):
        raise SlackError("no_reaction")
    users_by_name[name].remove(user)
    message = _store_reactions(channel, ts, users_by_name)
    workspace.publish(Change("reaction_removed", channel, user, message, data={"reaction": name}))


def _users_by_reaction(channel: Channel, ts: str) -> dict[str, list[str]]:
    return {group["name"]: list(group["users"]) for group in channel.messages[ts].get("reactions", [])}


def _store_reactions(channel: Channel, ts: str, users_by_name: dict[str, list[str]]) -> Json:
    message = {field: value for field, value in channel.messages[ts].items() if field != "reactions"}
    groups = [{"name": name, "users": users, "count": len(users)} for name, users in users_by_name.items() if users]
    if groups:
        message["reactions"] = groups
    channel.messages[ts] = message
    return message


def join_channel(workspace: Workspace, channel: Channel, user: str) -> None:
    if user in channel.members:
        return
    channel.members[user] = None
    text = f"<@{user}> has joined the channel"
    post_message(workspace, channel, {"subtype": "channel_join", "user": user, "text": text})
    workspace.publish(Change("member_joined", channel, user))
