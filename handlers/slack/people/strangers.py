"""People of other workspaces get ids of their own at the door, so that no one of ours can be mistaken for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.slack.payloads import Body
from rules.model.people import stranger_id


@dataclass(frozen=True, slots=True)
class OwnWorkspace:
    """The workspace that Baton is installed in and its organisation, as Slack's auth.test names them."""

    team: str
    organisation: str = ""
    bot_user: str = ""

    def has_person_of(self, team: object, organisation: object = None) -> bool:
        """Whether people of that workspace, or of that organisation, are ours."""
        own = {self.team, self.organisation} - {""}
        return team in own or (bool(self.organisation) and organisation == self.organisation)

    def qualify(self, user: str, author: Mapping[str, Any]) -> str:
        """The id of who wrote a message; in a shared channel it names their workspace."""
        team = author.get("user_team") or author.get("source_team") or author.get("team")
        return user if not user or team is None or self.has_person_of(team) else stranger_id(user, str(team))


def mark_strangers(body: Body, own: OwnWorkspace) -> None:
    """Replaces, in the payload, the ids of people of other workspaces.

    What Slack says of the whole request (`enterprise`, `authorizations`) is about where Baton is installed, and no
    proof of who acts: the person's own workspace counts, and what is said of that very workspace.
    """
    if "command" in body:
        _mark(body, "user_id", body.get("team_id"), own, organisation=body.get("enterprise_id"))
    elif isinstance(body.get("user"), dict):
        _mark_who_acts(body, own)
        message = body.get("message")
        if body.get("type") == "message_action" and isinstance(message, dict) and message.get("user"):
            message["user"] = own.qualify(str(message["user"]), message)
    elif isinstance(body.get("event"), dict):
        _mark_event(body, own)


def _mark_who_acts(body: Body, own: OwnWorkspace) -> None:
    """In an organisation `team` is the person's workspace and names its organisation."""
    team = body.get("team") or {}
    home = body["user"].get("team_id") or team.get("id")
    _mark(body["user"], "id", home, own, organisation=team.get("enterprise_id") if team.get("id") == home else None)


def _mark_event(body: Body, own: OwnWorkspace) -> None:
    event = body["event"]
    if isinstance(event.get("user"), dict):  # a change of a person's profile
        profile = event["user"]
        _mark(profile, "id", profile.get("team_id"), own, organisation=_organisation_of(profile))
    elif event.get("user"):
        shared_from = event.get("user_team") or event.get("source_team")
        is_shared = bool(shared_from) or body.get("is_ext_shared_channel") is True
        team = shared_from or event.get("team") or (None if is_shared else own.team)
        _mark(event, "user", team, own, organisation=None if is_shared else body.get("enterprise_id"))


def _mark(holder: Body, field: str, team: object, own: OwnWorkspace, *, organisation: object) -> None:
    if holder.get(field) and not own.has_person_of(team, organisation):
        holder[field] = stranger_id(str(holder[field]), str(team or ""))


def _organisation_of(profile: Mapping[str, Any]) -> str:
    return str((profile.get("enterprise_user") or {}).get("enterprise_id") or "")
