"""What is said: posting, editing, deleting, whispering and reacting."""

from bisect import bisect_left, insort

from bot.emulator.errors import Refused
from bot.emulator.state.workspace import Change, Channel, Json, Workspace

REPLY_USERS_SHOWN = 5


def post(workspace: Workspace, channel: Channel, message: Json, *, broadcast: bool = False) -> Json:
    """Keeps the message and tells everyone who listens; a reply also updates its root."""
    message = {"type": "message", "ts": workspace.new_ts(), "team": workspace.team["id"], **message}
    root = channel.messages.get(message.get("thread_ts", ""))
    if message.get("thread_ts") and root is None:
        raise Refused("thread_not_found")
    if root is not None:
        message["thread_ts"] = root.get("thread_ts", root["ts"])
        root = channel.messages[message["thread_ts"]]
        message["parent_user_id"] = root.get("user", "")
        _grow_thread(channel, root, message)
        message |= {"subtype": "thread_broadcast"} if broadcast else {}
    if root is None or broadcast:
        channel.roots.append(message["ts"])
    channel.messages[message["ts"]] = message
    if "user" in message:
        channel.read[message["user"]] = message["ts"]
    workspace.publish(Change("message", channel, message.get("user"), message))
    if root is not None:
        workspace.publish(Change("thread", channel, message=root))
    return message


def _grow_thread(channel: Channel, root: Json, reply: Json) -> None:
    replies = channel.threads.setdefault(root["ts"], [])
    replies.append(reply["ts"])
    people = list(root.get("reply_users", []))
    author = reply.get("user", reply.get("bot_id", ""))
    if author not in people and len(people) < REPLY_USERS_SHOWN:
        people.append(author)
    root |= {"thread_ts": root["ts"], "reply_count": len(replies), "reply_users": people}
    root |= {"reply_users_count": len(people), "latest_reply": reply["ts"]}


def change(workspace: Workspace, channel: Channel, ts: str, fields: Json) -> Json:
    """Replaces the named fields; None removes one."""
    before = channel.messages[ts]
    after = {name: value for name, value in {**before, **fields}.items() if value is not None}
    channel.messages[ts] = after
    workspace.publish(Change("message_changed", channel, after.get("user"), after, before))
    return after


def delete(workspace: Workspace, channel: Channel, ts: str) -> None:
    before = channel.messages.pop(ts)
    if channel.threads.get(ts):
        _bury(workspace, channel, before)
        return
    at = bisect_left(channel.roots, ts)
    if at < len(channel.roots) and channel.roots[at] == ts:
        del channel.roots[at]
    _leave_thread(workspace, channel, before)
    workspace.publish(Change("message_deleted", channel, before.get("user"), before, before))


def _bury(workspace: Workspace, channel: Channel, root: Json) -> None:
    """A root with replies leaves a stone behind, so that its thread can still be read."""
    stone = {name: root[name] for name in ("type", "ts", "thread_ts", "reply_count", "reply_users", "latest_reply")}
    stone |= {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True, "text": "This message was deleted."}
    channel.messages[root["ts"]] = stone
    workspace.publish(Change("message_deleted", channel, root.get("user"), root, root))
    workspace.publish(Change("thread", channel, message=stone))


def _leave_thread(workspace: Workspace, channel: Channel, reply: Json) -> None:
    root = channel.messages.get(reply.get("thread_ts", ""))
    if root is None or root["ts"] == reply["ts"]:
        return
    replies = channel.threads[root["ts"]]
    replies.remove(reply["ts"])
    root |= {"reply_count": len(replies), "latest_reply": replies[-1] if replies else root["ts"]}
    workspace.publish(Change("thread", channel, message=root))


def whisper(workspace: Workspace, channel: Channel, user: str, message: Json) -> Json:
    """An ephemeral: only this person sees it, and no method can read it back."""
    message = {"type": "message", "ts": workspace.new_ts(), "is_ephemeral": True, **message}
    channel.ephemerals.setdefault(user, {})[message["ts"]] = message
    workspace.publish(Change("ephemeral", channel, user, message))
    return message


def rewhisper(workspace: Workspace, channel: Channel, user: str, message: Json) -> None:
    channel.ephemerals[user][message["ts"]] = message
    workspace.publish(Change("ephemeral", channel, user, message))


def unwhisper(workspace: Workspace, channel: Channel, user: str, ts: str) -> None:
    before = channel.ephemerals.get(user, {}).pop(ts, None)
    if before is not None:
        workspace.publish(Change("ephemeral_deleted", channel, user, before))


def thread(channel: Channel, ts: str) -> list[Json]:
    if ts not in channel.messages:
        raise Refused("thread_not_found")
    root = channel.messages[ts].get("thread_ts", ts)
    return [channel.messages[one] for one in (root, *channel.threads.get(root, [])) if one in channel.messages]


def seen(channel: Channel, user: str) -> list[Json]:
    """The channel as this person sees it, what only she sees included."""
    order = list(channel.roots)
    whispers = channel.ephemerals.get(user, {})
    for ts, message in whispers.items():
        if not message.get("thread_ts"):
            insort(order, ts)
    return [channel.messages.get(ts) or whispers[ts] for ts in order]


def seen_thread(channel: Channel, ts: str, user: str) -> list[Json]:
    whispers = channel.ephemerals.get(user, {}).values()
    mine = [message for message in whispers if message.get("thread_ts") == ts]
    return sorted([*thread(channel, ts), *mine], key=lambda message: str(message["ts"]))


def react(workspace: Workspace, channel: Channel, ts: str, user: str, name: str) -> None:
    message = channel.messages[ts]
    groups = [dict(group) for group in message.get("reactions", [])]
    group = next((group for group in groups if group["name"] == name), None)
    if group is None:
        group = {"name": name, "users": [], "count": 0}
        groups.append(group)
    if user in group["users"]:
        raise Refused("already_reacted")
    group |= {"users": [*group["users"], user], "count": group["count"] + 1}
    _keep_reactions(workspace, channel, ts, groups, user=user, name=name, kind="reaction_added")


def unreact(workspace: Workspace, channel: Channel, ts: str, user: str, name: str) -> None:
    groups = [dict(group) for group in channel.messages[ts].get("reactions", [])]
    group = next((group for group in groups if group["name"] == name and user in group["users"]), None)
    if group is None:
        raise Refused("no_reaction")
    group |= {"users": [one for one in group["users"] if one != user], "count": group["count"] - 1}
    left = [group for group in groups if group["count"]]
    _keep_reactions(workspace, channel, ts, left, user=user, name=name, kind="reaction_removed")


def _keep_reactions(
    workspace: Workspace, channel: Channel, ts: str, groups: list[Json], *, user: str, name: str, kind: str
) -> None:
    message = {key: value for key, value in channel.messages[ts].items() if key != "reactions"}
    if groups:
        message["reactions"] = groups
    channel.messages[ts] = message
    workspace.publish(Change(kind, channel, user, message, data={"reaction": name}))


def join(workspace: Workspace, channel: Channel, user: str) -> None:
    if user in channel.members:
        return
    channel.members[user] = None
    text = f"<@{user}> has joined the channel"
    post(workspace, channel, {"subtype": "channel_join", "user": user, "text": text})
    workspace.publish(Change("member_joined", channel, user))
