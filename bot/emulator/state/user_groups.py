"""User groups: who is in them, and how the workspace changes them."""

import time
from typing import Any

from bot.emulator.errors import Refused
from bot.emulator.state.workspace import Change, Json, Workspace

TOLD_AT_MOST = 500
CHANGING = {"name", "handle", "description", "users", "disabled"}


def made(fields: Json) -> Json:
    """A group as it is kept, from what a seed or a test says of it."""
    now = int(time.time())
    plain = {"name": fields["id"], "handle": fields["id"].lower(), "description": "", "users": []}
    return plain | fields | {"date_create": now, "date_update": now, "date_delete": 0}


def find(workspace: Workspace, group_id: str) -> Json:
    if group_id not in workspace.usergroups:
        raise Refused("no_such_subteam")
    return workspace.usergroups[group_id]


def check_plan(workspace: Workspace) -> None:
    """A workspace whose seed says `plan: free` has no user groups, as in Slack."""
    if workspace.team.get("plan") == "free":
        raise Refused("paid_teams_only")


def change(workspace: Workspace, group_id: str, **fields: Any) -> None:
    """Its name, handle or members change, or it is disabled; the app hears of both where it listens."""
    group = find(workspace, group_id)
    if unknown := set(fields) - CHANGING:
        raise LookupError(f"A user group has no {sorted(unknown)[0]!r}.")
    before, previous = list(group["users"]), group["date_update"]
    group["date_update"] = max(int(time.time()), previous + 1)
    if "disabled" in fields:
        group["date_delete"] = group["date_update"] if fields.pop("disabled") else 0
    group |= fields
    workspace.publish(Change("subteam_updated", data={"subteam": shown(workspace, group, with_users=True)}))
    if group["users"] != before:
        workspace.publish(Change("subteam_members_changed", data=_difference(workspace, group, before, previous)))


def shown(workspace: Workspace, group: Json, *, with_users: bool) -> Json:
    """As Slack spells it out; of a long list it tells only the beginning."""
    plain = {name: value for name, value in group.items() if name != "users"}
    plain |= {"team_id": workspace.team["id"], "is_usergroup": True, "user_count": len(group["users"])}
    return plain | ({"users": group["users"][:TOLD_AT_MOST]} if with_users else {})


def _difference(workspace: Workspace, group: Json, before: list[str], previous: int) -> Json:
    added = [one for one in group["users"] if one not in before]
    removed = [one for one in before if one not in group["users"]]
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
