"""Which events Slack would send the app for what happened, under which subscription."""

from collections.abc import Callable, Iterator

from bot.emulator.state.workspace import Change, Channel, Json, Workspace

Told = tuple[str, Json]
SUBSCRIPTIONS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
SCOPES = {
    "dnd_updated_user": "dnd:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
}
KEPT_FROM_EVENTS = {"reactions", "reply_count", "reply_users", "reply_users_count", "latest_reply", "metadata"}


def told(workspace: Workspace, change: Change) -> Iterator[Json]:
    """The events for this change that the manifest subscribes to."""
    source = SOURCES.get(change.kind)
    if source is None:
        return
    if change.channel is not None and workspace.app.bot_user not in change.channel.members:
        return
    for name, event in source(workspace, change):
        if workspace.app.hears(name) and _may_hear(workspace, name):
            yield event


def _may_hear(workspace: Workspace, name: str) -> bool:
    """Without its scope an event does not come, whatever the manifest subscribes to."""
    granted, needed = workspace.app.scopes, SCOPES.get(name)
    return granted is None or needed is None or needed in granted


def _message(workspace: Workspace, change: Change) -> Iterator[Told]:
    channel, message = _there(change), change.message
    spoken = {name: value for name, value in message.items() if name not in KEPT_FROM_EVENTS}
    where = {"channel": channel.id, "event_ts": message["ts"]}
    yield _subscription(channel), spoken | where | {"channel_type": channel.kind()}
    mentioned = f"<@{workspace.app.bot_user}>" in message.get("text", "")
    spoken_by_a_person = "bot_id" not in message and message.get("subtype") in (None, "file_share")
    if mentioned and spoken_by_a_person and not channel.is_im:
        said = {name: value for name, value in spoken.items() if name != "subtype"}
        yield "app_mention", said | where | {"type": "app_mention"}


def _message_changed(workspace: Workspace, change: Change) -> Iterator[Told]:
    event = _edit(workspace, change, "message_changed") | {"message": dict(change.message)}
    yield _subscription(_there(change)), event


def _message_deleted(workspace: Workspace, change: Change) -> Iterator[Told]:
    event = _edit(workspace, change, "message_deleted") | {"deleted_ts": change.message["ts"]}
    yield _subscription(_there(change)), event


def _edit(workspace: Workspace, change: Change, subtype: str) -> Json:
    channel, ts = _there(change), workspace.new_ts()
    event: Json = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "ts": ts}
    return event | {"event_ts": ts, "channel_type": channel.kind(), "previous_message": change.previous}


def _reaction(workspace: Workspace, change: Change) -> Iterator[Told]:
    event: Json = {"type": change.kind, "user": change.user, "reaction": change.data["reaction"]}
    event["item"] = {"type": "message", "channel": _there(change).id, "ts": change.message["ts"]}
    event |= {"item_user": change.message.get("user", ""), "event_ts": workspace.new_ts()}
    yield change.kind, event


def _joined(workspace: Workspace, change: Change) -> Iterator[Told]:
    channel = _there(change)
    event: Json = {"type": "member_joined_channel", "user": change.user, "channel": channel.id}
    event |= {"channel_type": "C" if channel.kind() == "channel" else "G", "team": workspace.team["id"]}
    yield "member_joined_channel", event | {"event_ts": workspace.new_ts()}


def _plain(workspace: Workspace, change: Change) -> Iterator[Told]:
    yield change.kind, {"type": change.kind, "event_ts": workspace.new_ts(), **change.data}


def _there(change: Change) -> Channel:
    if change.channel is None:
        raise ValueError(f"{change.kind} happens in a channel")
    return change.channel


def _subscription(channel: Channel) -> str:
    return "message." + SUBSCRIPTIONS[channel.kind()]


SOURCES: dict[str, Callable[[Workspace, Change], Iterator[Told]]] = {
    "message": _message,
    "message_changed": _message_changed,
    "message_deleted": _message_deleted,
    "reaction_added": _reaction,
    "reaction_removed": _reaction,
    "member_joined": _joined,
    "user_change": _plain,
    "team_join": _plain,
    "app_home_opened": _plain,
    "dnd_updated_user": _plain,
    "subteam_updated": _plain,
    "subteam_members_changed": _plain,
}
