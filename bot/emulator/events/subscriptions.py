"""The events that a change brings the app, by its subscriptions and scopes."""

from collections.abc import Callable, Iterator

from bot.emulator.state.workspace import KIND_FAMILIES, Change, Channel, Workspace
from bot.emulator.types import Json

NamedEvent = tuple[str, Json]
REQUIRED_SCOPES = {"dnd_updated_user": "dnd:read"}
REQUIRED_SCOPES |= dict.fromkeys(("subteam_members_changed", "subteam_updated"), "usergroups:read")
PLAIN_EVENTS = ("user_change", "team_join", "app_home_opened", *REQUIRED_SCOPES)
OMITTED_FIELDS = {"reactions", "reply_count", "reply_users", "reply_users_count", "latest_reply", "metadata"}


def events_for(workspace: Workspace, change: Change) -> Iterator[Json]:
    """Without its scope an event does not come, even when the manifest subscribes to it."""
    app, build_events = workspace.app, EVENT_BUILDERS.get(change.kind)
    if build_events is None or (change.channel is not None and app.bot_user not in change.channel.members):
        return
    for name, event in build_events(workspace, change):
        scope = REQUIRED_SCOPES.get(name)
        if app.subscribes_to(name) and (scope is None or app.has_scope(scope)):
            yield event


def _message_events(workspace: Workspace, change: Change) -> Iterator[NamedEvent]:
    channel, message = _channel_of(change), change.message
    event = {name: value for name, value in message.items() if name not in OMITTED_FIELDS}
    event |= {"channel": channel.id, "event_ts": message["ts"]}
    yield _message_event_name(channel), event | {"channel_type": channel.kind()}
    mentions_app = f"<@{workspace.app.bot_user}>" in message.get("text", "")
    is_from_person = "bot_id" not in message and message.get("subtype") in (None, "file_share")
    if mentions_app and is_from_person and not channel.is_im:
        event.pop("subtype", None)
        yield "app_mention", event | {"type": "app_mention"}


def _message_changed_events(workspace: Workspace, change: Change) -> Iterator[NamedEvent]:
    event = _edit_event(workspace, change, "message_changed") | {"message": dict(change.message)}
    yield _message_event_name(_channel_of(change)), event


def _message_deleted_events(workspace: Workspace, change: Change) -> Iterator[NamedEvent]:
    event = _edit_event(workspace, change, "message_deleted") | {"deleted_ts": change.message["ts"]}
    yield _message_event_name(_channel_of(change)), event


def _edit_event(workspace: Workspace, change: Change, subtype: str) -> Json:
    channel, ts = _channel_of(change), workspace.new_ts()
    event: Json = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "ts": ts}
    return event | {"event_ts": ts, "channel_type": channel.kind(), "previous_message": change.previous}


def _reaction_events(workspace: Workspace, change: Change) -> Iterator[NamedEvent]:
    event: Json = {"type": change.kind, "user": change.user, "reaction": change.data["reaction"]}
    event["item"] = {"type": "message", "channel": _channel_of(change).id, "ts": change.message["ts"]}
    event |= {"item_user": change.message.get("user", ""), "event_ts": workspace.new_ts()}
    yield change.kind, event


def _member_joined_events(workspace: Workspace, change: Change) -> Iterator[NamedEvent]:
    channel = _channel_of(change)
    event: Json = {"type": "member_joined_channel", "user": change.user, "channel": channel.id}
    event |= {"channel_type": "C" if channel.kind() == "channel" else "G", "team": workspace.team["id"]}
    yield "member_joined_channel", event | {"event_ts": workspace.new_ts()}


def _plain_events(workspace: Workspace, change: Change) -> Iterator[NamedEvent]:
    yield change.kind, {"type": change.kind, "event_ts": workspace.new_ts(), **change.data}


def _channel_of(change: Change) -> Channel:
    if change.channel is None:
        raise ValueError(f"{change.kind} happens in a channel")
    return change.channel


def _message_event_name(channel: Channel) -> str:
    return "message." + KIND_FAMILIES[channel.kind()]


EVENT_BUILDERS: dict[str, Callable[[Workspace, Change], Iterator[NamedEvent]]] = {
    "message": _message_events,
    "message_changed": _message_changed_events,
    "message_deleted": _message_deleted_events,
    "reaction_added": _reaction_events,
    "reaction_removed": _reaction_events,
    "member_joined": _member_joined_events,
    **dict.fromkeys(PLAIN_EVENTS, _plain_events),
}
