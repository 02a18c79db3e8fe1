"""People and user groups as Slack knows them, read once into frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from handlers.slack.payloads import Body
from rules.people.slack_status import NO_CUSTOM_STATUS, CustomStatus, DoNotDisturb

SLACKBOT_USER_ID = "USLACKBOT"  # Slack does not mark it as a bot
EMOJI_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack knows them; `team` is their workspace, `organisation` has several workspaces."""

    user: str
    name: str
    tz: str = "UTC"
    is_deactivated: bool = False
    is_bot: bool = False
    status: CustomStatus = NO_CUSTOM_STATUS
    team: str = ""
    organisation: str = ""

    @classmethod
    def from_user(cls, user: Mapping[str, Any]) -> "Profile":
        profile = user.get("profile") or {}
        name = profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name")
        return cls(
            user=str(user["id"]),
            name=str(name or user["id"]),
            tz=str(user.get("tz") or "UTC"),
            is_deactivated=bool(user.get("deleted")),
            is_bot=bool(user.get("is_bot")) or user["id"] == SLACKBOT_USER_ID,
            status=CustomStatus(
                text=str(profile.get("status_text") or ""),
                emoji=str(profile.get("status_emoji") or "")[:EMOJI_LIMIT],
                until=_from_timestamp(profile.get("status_expiration")),
            ),
            team=str(user.get("team_id") or ""),
            organisation=str((user.get("enterprise_user") or {}).get("enterprise_id") or ""),
        )

    @classmethod
    def from_event(cls, body: Body) -> "Profile":
        return cls.from_user(body["event"]["user"])


def do_not_disturb_of(status: Mapping[str, Any]) -> DoNotDisturb | None:
    """The current or the next do-not-disturb span; None when there is none."""
    begins, ends = _from_timestamp(status.get("next_dnd_start_ts")), _from_timestamp(status.get("next_dnd_end_ts"))
    return DoNotDisturb(begins, ends) if status.get("dnd_enabled") and begins and ends else None


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group as Slack knows it.

    Slack does not list the members of a disabled group or of one above 500 people: `is_complete` is False then.
    """

    key: str
    name: str
    handle: str
    members: tuple[str, ...]
    changed_at: datetime
    is_disabled: bool = False
    is_complete: bool = False

    @classmethod
    def from_subteam(cls, subteam: Mapping[str, Any]) -> "UserGroup":
        members, is_off = _texts(subteam.get("users")), bool(subteam.get("date_delete"))
        return cls(
            key=str(subteam["id"]),
            name=str(subteam.get("name") or subteam["id"]),
            handle=str(subteam.get("handle") or subteam["id"]),
            members=members,
            changed_at=datetime.fromtimestamp(int(subteam.get("date_update") or 0), UTC),
            is_disabled=is_off,
            is_complete=not is_off and "users" in subteam and len(members) >= int(subteam.get("user_count") or 0),
        )

    @classmethod
    def from_event(cls, body: Body) -> "UserGroup":
        return cls.from_subteam(body["event"]["subteam"])

    def with_members(self, members: object) -> "UserGroup":
        return replace(self, members=_texts(members), is_complete=True)


def _from_timestamp(seconds: object) -> datetime | None:
    """None for 0, which is Slack's never."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds > 0 else None


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(one) for one in values) if isinstance(values, list) else ()
