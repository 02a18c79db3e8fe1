"""User groups and their members."""

import time
from typing import Any

from bot.emulator.errors import SlackError
from bot.emulator.state.workspace import Change, Workspace
from bot.emulator.types import Json

MAX_USERS_LISTED = 500
CHANGEABLE_FIELDS = {"name", "handle", "description", "users", "disabled"}


def new_group(fields: Json) -> Json:
    now = int(time.time())
    defaults = {"name": fields["id"], "handle": fields["id"].lower(), "description": "", "users": []}
    return defaults | fields | {"date_create": now, "date_update": now, "date_delete": 0}


def get_group(workspace: Workspace, group_id: str) -> Json:
    if group_id not in workspace.usergroups:
        raise SlackError("no_such_subteam")
    return workspace.usergroups[group_id]


def require_paid_plan(workspace: Workspace) -> None:
    """A workspace whose seed says `plan: free` has no user groups, as in Slack."""
    if workspace.team.get("plan") == "free":
        raise SlackError("paid_teams_only")


def change_group(workspace: Workspace, group_id: str, **fields: Any) -> None:
    """The app gets subteam_updated, and subteam_members_changed when the users change."""
    group = get_group(workspace, group_id)
    if unknown := set(fields) - CHANGEABLE_FIELDS:
        raise LookupError(f"A user group has no {sorted(unknown)[0]!r}.")
    before, previous = list(group["users"]), group["date_update"]
    group["date_update"] = max(int(time.time()), previous + 1)
    if "disabled" in fields:
        group["date_delete"] = group["date_update"] if fields.pop("disabled") else 0
    group |= fields
    workspace.publish(Change("subteam_updated", data={"subteam": group_object(workspace, group, with_users=True)}))
    if group["users"] != before:
        data = _membership_change(workspace, group, before, previous)
        workspace.publish(Change("subteam_members_changed", data=data))


def group_object(workspace: Workspace, group: Json, *, with_users: bool) -> Json:
    fields = {name: value for name, value in group.items() if name != "users"}
    fields |= {"team_id": workspace.team["id"], "is_usergroup": True, "user_count": len(group["users"])}
    return fields | ({"users": group["users"][:MAX_USERS_LISTED]} if with_users else {})


def _membership_change(workspace: Workspace, group: Json, before: list[str], previous: int) -> Json:
    added = [user for user in group["users"] if user not in before]
    removed = [user for user in before if user not in group["users"]]
    return {
        "subteam_id": group["id"],
        "team_id": workspace.team["id"],
        "date_previous_update": previous,
        "date_update": group["date_update"],
        "added_users": added,
        "added_users_count": len(added),
        "removed_users": removed,
        "removed_users_count": len(removed),
    }
