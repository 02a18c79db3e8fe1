"""People, channels and messages as the objects of Slack's API, and as rows for the page."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.emulator.state.workspace import Channel, User, Workspace
from bot.emulator.types import Json

DND_SECONDS = 3600
ROW_FIELDS = ["id", "name", "real_name", "title", "tz", "locale", "is_bot", "is_admin", "is_restricted", "deleted"]
ROW_FIELDS += ["presence", "status_text", "status_emoji", "dnd"]


def user_object(workspace: Workspace, user: User, *, locale: bool = False) -> Json:
    fields: Json = {
        "id": user.id,
        "team_id": user.team_id or workspace.team["id"],
        "name": user.name,
        "deleted": user.deleted,
        "profile": user_profile(workspace, user),
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not user.deleted:
        fields |= {
            "color": user.avatar_color(),
            "real_name": user.real_name,
            "tz": user.tz,
            "tz_label": datetime.now(ZoneInfo(user.tz)).tzname(),
            "tz_offset": int(user.utc_offset().total_seconds()),
            "is_admin": user.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": False,
        }
    return fields | ({"locale": user.locale} if locale else {})


def user_profile(workspace: Workspace, user: User) -> Json:
    fields = {
        "title": user.title,
        "phone": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "status_text": user.status_text,
        "status_emoji": user.status_emoji,
        "status_expiration": user.status_expiration,
        "team": workspace.team["id"],
    }
    app = workspace.app
    if user.is_bot:
        return fields | {"bot_id": app.bot_id, "api_app_id": app.id, "always_active": True}
    return fields | ({"email": user.email} if app.has_scope("users:read.email") else {})


def dnd_status(user: User) -> Json:
    """Start and end are 1 for a person who may be disturbed."""
    if not user.dnd:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
    now = int(time.time())
    start, end = user.dnd_start or now - 60, user.dnd_end or now + DND_SECONDS
    return {"dnd_enabled": True, "next_dnd_start_ts": start, "next_dnd_end_ts": end}


def user_row(user: User) -> Json:
    """A person for the page."""
    return {name: getattr(user, name) for name in ROW_FIELDS} | {"color": user.avatar_color()}


def channel_object(workspace: Workspace, channel: Channel, viewer: str) -> Json:
    fields: Json = {"id": channel.id, "created": channel.created, "is_archived": channel.is_archived}
    fields |= {"context_team_id": workspace.team["id"], "is_im": channel.is_im, "is_org_shared": False}
    if channel.is_im:
        partner = channel.dm_partner(viewer)
        return fields | {"user": partner, "is_user_deleted": workspace.users[partner].deleted, "is_open": True}
    kind = channel.kind()
    return fields | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": kind == "channel",
        "is_group": kind == "group",
        "is_mpim": channel.is_mpim,
        "is_private": kind != "channel",
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": viewer in channel.members,
        "creator": next(iter(channel.members), ""),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def channel_row(workspace: Workspace, channel: Channel, viewer: str) -> Json:
    """A channel for the page; latest is the ts of its newest message."""
    latest = channel.roots[-1] if channel.roots else None
    is_member = viewer in channel.members
    unread = channel.unread_count(viewer) if is_member else 0
    fields = channel_object(workspace, channel, viewer) | {"is_member": is_member, "unread": unread, "latest": latest}
    return fields | {"topic": channel.topic, "purpose": channel.purpose, "members": list(channel.members)}


def message_object(message: Json, *, metadata: bool = False) -> Json:
    """A stored message in an answer of the API, with or without the payload of its metadata."""
    if metadata or "metadata" not in message:
        return dict(message)
    return message | {"metadata": {"event_type": message["metadata"]["event_type"]}}
