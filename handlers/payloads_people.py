"""What Slack says of people and user groups, read once into frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rules.hints import NO_STATUS, Quiet, Status

Body = dict[str, Any]
LONGEST_EMOJI = 120
SLACKBOT = "USLACKBOT"  # which Slack does not call a bot


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack knows them; `team` is their workspace, empty in an organisation that has several."""

    user: str
    name: str
    tz: str = "UTC"
    is_guest: bool = False
    gone: bool = False
    is_bot: bool = False
    status: Status = NO_STATUS
    team: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Profile":
        shown = told.get("profile") or {}
        name = shown.get("real_name") or told.get("real_name") or shown.get("display_name") or told.get("name")
        return cls(
            user=str(told["id"]),
            name=str(name or told["id"]),
            tz=str(told.get("tz") or "UTC"),
            is_guest=bool(told.get("is_restricted") or told.get("is_ultra_restricted")),
            gone=bool(told.get("deleted")),
            is_bot=bool(told.get("is_bot")) or told["id"] == SLACKBOT,
            status=Status(
                text=str(shown.get("status_text") or ""),
                emoji=str(shown.get("status_emoji") or "")[:LONGEST_EMOJI],
                until=_moment(shown.get("status_expiration")),
            ),
            team="" if told.get("enterprise_user") else str(told.get("team_id") or ""),
        )

    @classmethod
    def of_event(cls, body: Body) -> "Profile":
        return cls.of(body["event"]["user"])


def quiet_of(told: Mapping[str, Any]) -> Quiet | None:
    """When Slack disturbs them with nothing: now, or the next time; None for never."""
    begins, ends = _moment(told.get("next_dnd_start_ts")), _moment(told.get("next_dnd_end_ts"))
    return Quiet(begins, ends) if told.get("dnd_enabled") and begins and ends else None


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group as Slack knows it. One that is switched off, or too long to be told whole (500), does not say who is
    in it: `is_whole` is false then."""

    key: str
    name: str
    handle: str
    members: tuple[str, ...]
    changed_at: datetime
    is_off: bool = False
    is_whole: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "UserGroup":
        members, is_off = _texts(told.get("users")), bool(told.get("date_delete"))
        return cls(
            key=str(told["id"]),
            name=str(told.get("name") or told["id"]),
            handle=str(told.get("handle") or told["id"]),
            members=members,
            changed_at=datetime.fromtimestamp(int(told.get("date_update") or 0), UTC),
            is_off=is_off,
            is_whole=not is_off and "users" in told and len(members) >= int(told.get("user_count") or 0),
        )

    @classmethod
    def of_event(cls, body: Body) -> "UserGroup":
        return cls.of(body["event"]["subteam"])

    def with_members(self, told: object) -> "UserGroup":
        """The same with everybody who is in it, as Slack lists them."""
        return replace(self, members=_texts(told), is_whole=True)


def _moment(told: object) -> datetime | None:
    """Slack's seconds as a moment; None for 0, which is its never."""
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) and told > 0 else None


def _texts(told: object) -> tuple[str, ...]:
    return tuple(str(one) for one in told) if isinstance(told, list) else ()
