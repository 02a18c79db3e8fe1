"""users.*, usergroups.*, dnd.*: people, their groups and their do-not-disturb times."""

import time

from bot.emulator.errors import SlackError
from bot.emulator.methods.arguments import Arguments
from bot.emulator.methods.conversations import page_of
from bot.emulator.state import user_groups
from bot.emulator.state.objects import dnd_status, user_object, user_profile
from bot.emulator.state.workspace import User, Workspace
from bot.emulator.types import Json


def list_users(workspace: Workspace, arguments: Arguments) -> Json:
    locale = arguments.flag("include_locale")
    members = [user_object(workspace, user, locale=locale) for user in workspace.users.values()]
    return {"ok": True, "cache_ts": int(time.time())} | page_of(members, arguments, "members")


def user_info(workspace: Workspace, arguments: Arguments) -> Json:
    user = workspace.user(arguments.required("user"))
    return {"ok": True, "user": user_object(workspace, user, locale=arguments.flag("include_locale"))}


def get_presence(workspace: Workspace, arguments: Arguments) -> Json:
    return {"ok": True, "presence": _user_or_bot(workspace, arguments).presence}


def lookup_by_email(workspace: Workspace, arguments: Arguments) -> Json:
    email = arguments.required("email").lower()
    for user in workspace.users.values():
        if user.email.lower() == email and not user.deleted:
            return {"ok": True, "user": user_object(workspace, user)}
    raise SlackError("users_not_found")


def get_profile(workspace: Workspace, arguments: Arguments) -> Json:
    return {"ok": True, "profile": user_profile(workspace, _user_or_bot(workspace, arguments))}


def list_user_groups(workspace: Workspace, arguments: Arguments) -> Json:
    user_groups.require_paid_plan(workspace)
    with_users, with_disabled = arguments.flag("include_users"), arguments.flag("include_disabled")
    groups = [
        user_groups.group_object(workspace, group, with_users=with_users)
        for group in workspace.usergroups.values()
        if with_disabled or not group["date_delete"]
    ]
    return {"ok": True, "usergroups": groups}


def list_group_users(workspace: Workspace, arguments: Arguments) -> Json:
    user_groups.require_paid_plan(workspace)
    group = user_groups.get_group(workspace, arguments.required("usergroup"))
    is_listed = not group["date_delete"] or arguments.flag("include_disabled")
    return {"ok": True, "users": list(group["users"]) if is_listed else []}


def dnd_info(workspace: Workspace, arguments: Arguments) -> Json:
    return {"ok": True} | dnd_status(_user_or_bot(workspace, arguments))


def dnd_team_info(workspace: Workspace, arguments: Arguments) -> Json:
    users = arguments.names("users")
    return {"ok": True, "users": {user: dnd_status(workspace.users[user]) for user in users if user in workspace.users}}


def _user_or_bot(workspace: Workspace, arguments: Arguments) -> User:
    return workspace.user(arguments.text("user", workspace.app.bot_user))
