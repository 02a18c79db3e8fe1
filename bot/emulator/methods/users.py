"""users.*, usergroups.*, dnd.*: who is there, in which zone, and whether to disturb them."""

import time

from bot.emulator.errors import Refused
from bot.emulator.methods.conversations import paged
from bot.emulator.state import user_groups
from bot.emulator.state.api_call import Asked
from bot.emulator.state.shapes import dnd_status, profile, user_object
from bot.emulator.state.workspace import Json, Workspace


def listed(workspace: Workspace, asked: Asked) -> Json:
    locale = asked.flag("include_locale")
    found = [user_object(workspace, user, locale=locale) for user in workspace.users.values()]
    return {"ok": True, "cache_ts": int(time.time())} | paged(found, asked, "members")


def info(workspace: Workspace, asked: Asked) -> Json:
    user = workspace.user(asked.need("user"))
    return {"ok": True, "user": user_object(workspace, user, locale=asked.flag("include_locale"))}


def get_presence(workspace: Workspace, asked: Asked) -> Json:
    user = workspace.user(asked.text("user", workspace.app.bot_user))
    return {"ok": True, "presence": user.presence}


def lookup_by_email(workspace: Workspace, asked: Asked) -> Json:
    email = asked.need("email").lower()
    found = (user for user in workspace.users.values() if user.email.lower() == email and not user.deleted)
    user = next(found, None)
    if user is None:
        raise Refused("users_not_found")
    return {"ok": True, "user": user_object(workspace, user)}


def get_profile(workspace: Workspace, asked: Asked) -> Json:
    user = workspace.user(asked.text("user", workspace.app.bot_user))
    return {"ok": True, "profile": profile(workspace, user)}


def groups(workspace: Workspace, asked: Asked) -> Json:
    user_groups.check_plan(workspace)
    with_users, disabled = asked.flag("include_users"), asked.flag("include_disabled")
    found = [group for group in workspace.usergroups.values() if disabled or not group["date_delete"]]
    return {"ok": True, "usergroups": [user_groups.shown(workspace, group, with_users=with_users) for group in found]}


def group_users(workspace: Workspace, asked: Asked) -> Json:
    user_groups.check_plan(workspace)
    group = user_groups.find(workspace, asked.need("usergroup"))
    told = not group["date_delete"] or asked.flag("include_disabled")
    return {"ok": True, "users": list(group["users"]) if told else []}


def dnd_info(workspace: Workspace, asked: Asked) -> Json:
    return {"ok": True} | dnd_status(workspace.user(asked.text("user", workspace.app.bot_user)))


def dnd_team_info(workspace: Workspace, asked: Asked) -> Json:
    users = asked.names("users")
    return {"ok": True, "users": {one: dnd_status(workspace.users[one]) for one in users if one in workspace.users}}
