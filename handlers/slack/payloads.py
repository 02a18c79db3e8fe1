"""Slack's dictionaries, read once into frozen values: what is pressed, sent and typed, and who people are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from handlers.slack.text import unescape_text
from rules.errors import Refused
from rules.people.slack_status import NO_CUSTOM_STATUS, CustomStatus, DoNotDisturb

Body = dict[str, Any]


class OldCard(Refused):
    """A button whose value no longer says which ticket it means."""

    def __init__(self) -> None:
        super().__init__("This card is from an older version. Type `/ticket` with the number to get the current one.")


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A slash command as it was typed; `text` is as Slack escaped it."""

    user: str
    channel: str
    text: str
    trigger_id: str
    key: str
    response_url: str = ""

    @classmethod
    def from_body(cls, body: Body) -> "TypedCommand":
        return cls(
            user=body["user_id"],
            channel=body.get("channel_id", ""),
            text=body.get("text", "").strip(),
            trigger_id=body.get("trigger_id", ""),
            key=f"command:{body.get('trigger_id', '')}",
            response_url=body.get("response_url", ""),
        )

    @property
    def word(self) -> str:
        """The first word, folded."""
        return self.text.partition(" ")[0].casefold()

    @property
    def rest(self) -> str:
        """What follows the first word, as it was meant and not as Slack escapes it."""
        return unescape_text(self.text).partition(" ")[2].strip()


@dataclass(frozen=True, slots=True)
class Press:
    """A button, a ⋯ line or a menu, wherever it stood."""

    user: str
    value: str
    trigger_id: str
    key: str
    channel: str = ""
    ts: str = ""
    thread_ts: str | None = None
    response_url: str = ""
    block_id: str = ""
    view: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_body(cls, body: Body) -> "Press":
        action = body["actions"][0]
        chosen = action.get("selected_option") or {}
        container = body.get("container", {})
        return cls(
            user=body["user"]["id"],
            value=str(action.get("value") or chosen.get("value") or action.get("selected_user") or ""),
            trigger_id=body.get("trigger_id", ""),
            key=f"press:{body.get('trigger_id', '')}",
            channel=container.get("channel_id") or body.get("channel", {}).get("id", ""),
            ts=container.get("message_ts", ""),
            thread_ts=container.get("thread_ts") or body.get("message", {}).get("thread_ts"),
            response_url=body.get("response_url", ""),
            block_id=action.get("block_id", ""),
            view=body.get("view") or {},
        )

    @property
    def ticket(self) -> int:
        """The ticket's number; OldCard when the value does not hold one."""
        return self.ticket_and_index[0]

    @property
    def ticket_and_index(self) -> tuple[int, int]:
        """The ticket's number, and the round of its escalation (0 when the value names none)."""
        found = re.fullmatch(r"(?:[a-z_]+:)?(\d{1,9})(?:\.(\d{1,6}))?", self.value)
        if found is None:
            raise OldCard
        return int(found[1]), int(found[2] or 0)

    @property
    def index(self) -> int:
        return self.ticket_and_index[1]

    @property
    def menu_choice(self) -> str:
        """What was chosen under ⋯, before the ticket's number."""
        return self.value.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: its answers by field, and what it was about."""

    user: str
    metadata: str
    answers: Mapping[str, str]
    key: str
    trigger_id: str

    @classmethod
    def from_body(cls, body: Body) -> "Submission":
        view = body["view"]
        values = view.get("state", {}).get("values", {})
        return cls(
            user=body["user"]["id"],
            metadata=view.get("private_metadata", ""),
            answers={name: _field_answer(element) for block in values.values() for name, element in block.items()},
            key=f"form:{view['id']}",
            trigger_id=body.get("trigger_id", ""),
        )

    @property
    def ticket(self) -> int:
        return self.ticket_and_index[0]

    @property
    def ticket_and_index(self) -> tuple[int, int]:
        """The ticket's number, and the round of its escalation (0 when the form names none)."""
        number, _, round_ = self.metadata.partition(".")
        if not number.isdigit():
            raise OldCard
        return int(number), int(round_ or 0)

    @property
    def index(self) -> int:
        return self.ticket_and_index[1]

    def answer(self, name: str) -> str:
        """The answer to a field; empty when it was left empty."""
        return self.answers.get(name, "")


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message that someone points at, or that Slack tells us of. `text` is as it was meant, not as Slack escapes."""

    user: str
    author: str
    channel: str
    ts: str
    text: str
    key: str
    trigger_id: str = ""
    thread_ts: str | None = None
    subtype: str | None = None
    from_bot: bool = False
    files: tuple[Mapping[str, str], ...] = ()

    @classmethod
    def from_shortcut(cls, body: Body) -> "SlackMessage":
        told = body["message"]
        return cls(
            user=body["user"]["id"],
            author=told.get("user", ""),
            channel=body["channel"]["id"],
            ts=told["ts"],
            text=unescape_text(told.get("text", "")),
            key=f"shortcut:{body.get('trigger_id', '')}",
            trigger_id=body.get("trigger_id", ""),
            thread_ts=told.get("thread_ts"),
            from_bot=bool(told.get("bot_id")),
            files=_attached_files(told),
        )

    @classmethod
    def from_event(cls, body: Body) -> "SlackMessage":
        event = body["event"]
        return cls(
            user=event.get("user", ""),
            author=event.get("user", ""),
            channel=event.get("channel", ""),
            ts=event.get("ts", ""),
            text=unescape_text(event.get("text", "")),
            key=f"event:{body.get('event_id', '')}",
            thread_ts=event.get("thread_ts"),
            subtype=event.get("subtype"),
            from_bot=bool(event.get("bot_id")),
            files=_attached_files(event),
        )

    @classmethod
    def from_thread_root(cls, mention: "SlackMessage", told: Mapping[str, Any]) -> "SlackMessage":
        """The message that began the thread in which somebody mentions us."""
        return cls(
            user=mention.user,
            author=told.get("user", ""),
            channel=mention.channel,
            ts=told["ts"],
            text=unescape_text(told.get("text", "")),
            key=mention.key,
            thread_ts=told["ts"],
            from_bot=bool(told.get("bot_id")),
            files=_attached_files(told),
        )


def trigger_id_of(body: Body) -> str:
    """What opens a form within three seconds, in any payload."""
    return str(body.get("trigger_id", ""))


def is_home_tab(body: Body) -> bool:
    """Whether somebody looks at Home, and not at their messages with us."""
    return str(body.get("event", {}).get("tab")) == "home"


def bot_user_id(body: Body) -> str:
    """Our own user id in an event; empty when Slack does not say."""
    return str(next((one.get("user_id", "") for one in body.get("authorizations", [])), ""))


def user_of(body: Body) -> str:
    """Who did it, in any payload; empty when Slack does not say."""
    user = body.get("user") or body.get("event", {}).get("user") or body.get("user_id") or ""
    return str(user.get("id", "") if isinstance(user, dict) else user)


def _field_answer(element: Mapping[str, Any]) -> str:
    option = element.get("selected_option") or {}
    found = element.get("value") or option.get("value") or element.get("selected_user")
    moment = element.get("selected_date") or element.get("selected_time")
    return str(found or moment or ",".join(element.get("selected_users") or []))


def _attached_files(message: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {"id": str(one.get("id", "")), "name": str(one.get("name", "file")), "url": str(one.get("permalink", ""))}
        for one in message.get("files", [])
    )


EMOJI_LIMIT = 120
SLACKBOT_USER_ID = "USLACKBOT"  # which Slack does not call a bot


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack knows them; `team` is their workspace, empty in an organisation that has several."""

    user: str
    name: str
    tz: str = "UTC"
    is_guest: bool = False
    is_deactivated: bool = False
    is_bot: bool = False
    status: CustomStatus = NO_CUSTOM_STATUS
    team: str = ""

    @classmethod
    def from_user(cls, told: Mapping[str, Any]) -> "Profile":
        shown = told.get("profile") or {}
        name = shown.get("real_name") or told.get("real_name") or shown.get("display_name") or told.get("name")
        return cls(
            user=str(told["id"]),
            name=str(name or told["id"]),
            tz=str(told.get("tz") or "UTC"),
            is_guest=bool(told.get("is_restricted") or told.get("is_ultra_restricted")),
            is_deactivated=bool(told.get("deleted")),
            is_bot=bool(told.get("is_bot")) or told["id"] == SLACKBOT_USER_ID,
            status=CustomStatus(
                text=str(shown.get("status_text") or ""),
                emoji=str(shown.get("status_emoji") or "")[:EMOJI_LIMIT],
                until=_from_timestamp(shown.get("status_expiration")),
            ),
            team="" if told.get("enterprise_user") else str(told.get("team_id") or ""),
        )

    @classmethod
    def from_event(cls, body: Body) -> "Profile":
        return cls.from_user(body["event"]["user"])


def do_not_disturb_of(told: Mapping[str, Any]) -> DoNotDisturb | None:
    """When Slack disturbs them with nothing: now, or the next time; None for never."""
    begins, ends = _from_timestamp(told.get("next_dnd_start_ts")), _from_timestamp(told.get("next_dnd_end_ts"))
    return DoNotDisturb(begins, ends) if told.get("dnd_enabled") and begins and ends else None


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group as Slack knows it. One that is switched off, or too long to be told whole (500), does not say who is
    in it: `is_whole` is false then."""

    key: str
    name: str
    handle: str
    members: tuple[str, ...]
    changed_at: datetime
    is_disabled: bool = False
    is_complete: bool = False

    @classmethod
    def from_subteam(cls, told: Mapping[str, Any]) -> "UserGroup":
        members, is_off = _texts(told.get("users")), bool(told.get("date_delete"))
        return cls(
            key=str(told["id"]),
            name=str(told.get("name") or told["id"]),
            handle=str(told.get("handle") or told["id"]),
            members=members,
            changed_at=datetime.fromtimestamp(int(told.get("date_update") or 0), UTC),
            is_disabled=is_off,
            is_complete=not is_off and "users" in told and len(members) >= int(told.get("user_count") or 0),
        )

    @classmethod
    def from_event(cls, body: Body) -> "UserGroup":
        return cls.from_subteam(body["event"]["subteam"])

    def with_members(self, told: object) -> "UserGroup":
        """The same with everybody who is in it, as Slack lists them."""
        return replace(self, members=_texts(told), is_complete=True)


def _from_timestamp(told: object) -> datetime | None:
    """Slack's seconds as a moment; None for 0, which is its never."""
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) and told > 0 else None


def _texts(told: object) -> tuple[str, ...]:
    return tuple(str(one) for one in told) if isinstance(told, list) else ()
