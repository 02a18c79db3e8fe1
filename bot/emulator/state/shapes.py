"""People, channels and messages as Slack spells them out."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.emulator.state.workspace import Channel, Json, User, Workspace

DND_LASTS = 3600


def user_object(workspace: Workspace, user: User, *, locale: bool = False) -> Json:
    shown: Json = {
        "id": user.id,
        "team_id": user.team_id or workspace.team["id"],
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile(workspace, user),
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not user.deleted:
        shown |= {
            "color": user.color(),
            "real_name": user.real_name,
            "tz": user.tz,
            "tz_label": datetime.now(ZoneInfo(user.tz)).tzname(),
            "tz_offset": int(user.offset().total_seconds()),
            "is_admin": user.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": False,
        }
    return shown | ({"locale": user.locale} if locale else {})


def profile(workspace: Workspace, user: User) -> Json:
    shown = {
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
        return shown | {"bot_id": app.bot_id, "api_app_id": app.id, "always_active": True}
    may_see_mail = app.scopes is None or "users:read.email" in app.scopes
    return shown | ({"email": user.email} if may_see_mail else {})


def dnd_status(user: User) -> Json:
    """Whether and when the person is not to be disturbed; what is over or never was is told as 1."""
    if not user.dnd:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
    now = int(time.time())
    start, end = user.dnd_start or now - 60, user.dnd_end or now + DND_LASTS
    return {"dnd_enabled": True, "next_dnd_start_ts": start, "next_dnd_end_ts": end}


def user_row(user: User) -> Json:
    """A person for the page."""
    fields = ("id", "name", "real_name", "title", "tz", "locale", "is_bot", "is_admin", "is_restricted", "deleted")
    more = ("presence", "status_text", "status_emoji", "dnd")
    return {name: getattr(user, name) for name in (*fields, *more)} | {"color": user.color()}


def channel_object(workspace: Workspace, channel: Channel, viewer: str) -> Json:
    shown: Json = {"id": channel.id, "created": channel.created, "is_archived": channel.is_archived}
    shown |= {"context_team_id": workspace.team["id"], "is_im": channel.is_im, "is_org_shared": False}
    if channel.is_im:
        other = channel.other(viewer)
        return shown | {"user": other, "is_user_deleted": workspace.users[other].deleted, "is_open": True}
    kind = channel.kind()
    return shown | {
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
    """A channel for the page: what this person has not read, and when somebody last spoke."""
    latest = channel.roots[-1] if channel.roots else None
    mine = viewer in channel.members
    read = {"is_member": mine, "unread": channel.unread(viewer) if mine else 0, "latest": latest}
    shown = channel_object(workspace, channel, viewer) | read
    return shown | {"topic": channel.topic, "purpose": channel.purpose, "members": list(channel.members)}


def public(message: Json, *, metadata: bool = False) -> Json:
    """A stored message as an answer shows it; the payload of its metadata only to who asked for it."""
    if metadata or "metadata" not in message:
        return dict(message)
    return message | {"metadata": {"event_type": message["metadata"]["event_type"]}}
