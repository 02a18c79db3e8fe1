"""People join the team and change: profile, status, presence, do not disturb."""

from typing import Any

from bot.emulator.state.objects import dnd_status, user_object
from bot.emulator.state.workspace import Change, User, Workspace

DND_FIELDS = {"dnd", "dnd_start", "dnd_end"}


def join_team(workspace: Workspace, **fields: Any) -> User:
    user = User(**{"name": fields["id"].lower(), **fields})
    workspace.add_user(user)
    _publish_user(workspace, user, "team_join")
    return user


def change_user(workspace: Workspace, user_id: str, **fields: Any) -> None:
    """The app gets user_change; for do not disturb it gets dnd_updated_user, for presence nothing, as in Slack."""
    user = workspace.user(user_id)
    for name, value in fields.items():
        if not hasattr(user, name):
            raise LookupError(f"A person has no {name!r}.")
        setattr(user, name, value)
    without_event = set(fields) <= {"presence", *DND_FIELDS}
    _publish_user(workspace, user, "presence_change" if without_event else "user_change")
    if DND_FIELDS & set(fields):
        data = {"user": user.id, "dnd_status": dnd_status(user)}
        workspace.publish(Change("dnd_updated_user", user=user.id, data=data))


def _publish_user(workspace: Workspace, user: User, kind: str) -> None:
    data = {"user": user_object(workspace, user, locale=True)}
    workspace.publish(Change(kind, user=user.id, data=data))
