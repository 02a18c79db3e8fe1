"""Slack's payloads, read once into frozen values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from secrets import token_hex
from typing import Any, TypeVar

from handlers.slack.messages.content import message_text
from handlers.slack.messages.markup import Names, unescape_text
from rules.errors import FieldError, Refused
from rules.people.slack_status import NO_CUSTOM_STATUS, CustomStatus, DoNotDisturb
from rules.text import _

Body = dict[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)
SLACKBOT_USER_ID = "USLACKBOT"  # Slack does not mark it as a bot


class OldCard(Refused):
    """A button whose value no longer names a ticket."""

    def __init__(self) -> None:
        super().__init__("This card is from an older version. Type `/ticket` with the number to get the current one.")


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A slash command; `text` is as Slack escaped it."""

    user: str
    channel: str
    text: str
    key: str
    response_url: str = ""

    @classmethod
    def from_body(cls, body: Body) -> "TypedCommand":
        return cls(
            user=body["user_id"],
            channel=body.get("channel_id", ""),
            text=body.get("text", "").strip(),
            key=_request_key("command", body.get("trigger_id")),
            response_url=body.get("response_url", ""),
        )

    @property
    def word(self) -> str:
        return "".join(self.text.split(maxsplit=1)[:1]).casefold()

    @property
    def rest(self) -> str:
        """What follows the first word on its line or below it, as it was meant and not as Slack escapes it."""
        return "".join(unescape_text(self.text).split(maxsplit=1)[1:]).strip()


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button, a chosen line under ⋯, or a choice in a menu."""

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
            key=_request_key("press", body.get("trigger_id")),
            channel=container.get("channel_id") or body.get("channel", {}).get("id", ""),
            ts=container.get("message_ts", ""),
            thread_ts=container.get("thread_ts") or body.get("message", {}).get("thread_ts"),
            response_url=body.get("response_url", ""),
            block_id=action.get("block_id", ""),
            view=body.get("view") or {},
        )

    @property
    def ticket(self) -> int:
        """OldCard when the value names no ticket."""
        return self.ticket_and_index[0]

    @property
    def ticket_and_index(self) -> tuple[int, int]:
        """The ticket, and which escalation round, step or event of it (0 when the value names none)."""
        return parse_ticket_and_index(re.sub(r"^[a-z_]+:", "", self.value))

    @property
    def index(self) -> int:
        return self.ticket_and_index[1]

    @property
    def view_id(self) -> str:
        """The form or page that the button is in; OldCard where it is in none."""
        if "id" not in self.view:
            raise OldCard
        return str(self.view["id"])

    @property
    def menu_choice(self) -> str:
        return self.value.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted form: its answers by field, and the metadata that it was opened with."""

    user: str
    metadata: str
    answers: Mapping[str, str]
    key: str

    @classmethod
    def from_body(cls, body: Body) -> "Submission":
        view = body["view"]
        values = view.get("state", {}).get("values", {})
        return cls(
            user=body["user"]["id"],
            metadata=view.get("private_metadata", ""),
            answers={name: _field_answer(element) for block in values.values() for name, element in block.items()},
            key=f"form:{view['id']}",
        )

    @property
    def ticket(self) -> int:
        return self.ticket_and_index[0]

    @property
    def ticket_and_index(self) -> tuple[int, int]:
        """The ticket, and which escalation round or event of it (0 when the form names none)."""
        return parse_ticket_and_index(self.metadata)

    @property
    def index(self) -> int:
        return self.ticket_and_index[1]

    def __getitem__(self, field: str) -> str:
        """Empty when the field was left empty."""
        return self.answers.get(field, "")

    def day(self, field: str) -> date:
        try:
            return date.fromisoformat(self[field])
        except ValueError:
            raise FieldError(field, _("Choose a day.")) from None

    def time(self, field: str) -> time:
        try:
            return time.fromisoformat(self[field])
        except ValueError:
            raise FieldError(field, _("Choose a time.")) from None

    def choice(self, words: type[Choice], field: str, *, among: str = "the list") -> Choice:
        try:
            return words(self[field])
        except ValueError:
            raise FieldError(field, f"Choose one of {among}.") from None


# What a message is that somebody wrote; the others tell of joins, topics, deletions.
WRITTEN_SUBTYPES = frozenset({"", "file_share", "thread_broadcast", "reply_broadcast", "me_message", "bot_message"})


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message that a person points at, or an event about one; `text` is what people see of it.

    `author` is empty where no person wrote it. Of a message that only tells what happened (`is_written` is False), such
    as that somebody joined or that a message was deleted, there is nothing to read.
    """

    user: str
    author: str
    channel: str
    ts: str
    text: str
    key: str
    thread_ts: str | None = None
    subtype: str | None = None
    from_bot: bool = False
    files: tuple[Mapping[str, str], ...] = ()
    raw: Body = field(default_factory=dict)

    @classmethod
    def from_shortcut(cls, body: Body) -> "SlackMessage":
        key = _request_key("shortcut", body.get("trigger_id"))
        return cls._read(body["message"], user=body["user"]["id"], channel=body["channel"]["id"], key=key)

    @classmethod
    def from_event(cls, body: Body) -> "SlackMessage":
        event = body["event"]
        key = _request_key("event", body.get("event_id"))
        return cls._read(event, user=str(event.get("user") or ""), channel=str(event.get("channel") or ""), key=key)

    @classmethod
    def from_thread_root(cls, mention: "SlackMessage", root: Body, author: str) -> "SlackMessage":
        read = cls._read(root, user=mention.user, channel=mention.channel, key=mention.key)
        return replace(read, author=author if read.author else "", thread_ts=read.ts)

    @classmethod
    def _read(cls, raw: Body, *, user: str, channel: str, key: str) -> "SlackMessage":
        subtype = str(raw.get("subtype") or "")
        from_bot = bool(raw.get("bot_id")) or raw.get("user") == SLACKBOT_USER_ID
        is_written = subtype in WRITTEN_SUBTYPES
        return cls(
            user=user,
            author=str(raw.get("user") or "") if is_written and not from_bot else "",
            channel=channel,
            ts=str(raw.get("ts") or ""),
            text=message_text(raw) if is_written else "",
            key=key,
            thread_ts=raw.get("thread_ts"),
            subtype=subtype or None,
            from_bot=from_bot,
            files=_attached_files(raw) if is_written else (),
            raw=raw,
        )

    @property
    def is_written(self) -> bool:
        return (self.subtype or "") in WRITTEN_SUBTYPES

    def mentions(self, user: str) -> bool:
        return bool(user) and f"<@{user}" in str(self.raw.get("text") or "")

    def with_names(self, names: Names) -> "SlackMessage":
        """The same message with people, channels and user groups by name."""
        return replace(self, text=message_text(self.raw, names)) if self.is_written else self

    def without_mention(self, user: str) -> "SlackMessage":
        """What is said beside the mention of that person or app."""
        if not self.mentions(user):
            return self
        text = re.sub(rf"<@{re.escape(user)}(?:\|[^<>]*)?>", "", str(self.raw["text"]))
        raw = self.raw | {"text": text, "blocks": []}
        return replace(self, text=message_text(raw), raw=raw)


@dataclass(frozen=True, slots=True)
class MessageEdit:
    """A message that was edited, or deleted (`message` is None then); `root` is the first of its thread."""

    channel: str
    ts: str
    root: str
    message: SlackMessage | None

    @classmethod
    def from_event(cls, body: Body) -> "MessageEdit | None":
        """None where Slack only added something to the message, such as the preview of a link."""
        event = body["event"]
        before, after = event.get("previous_message") or {}, event.get("message") or {}
        channel, ts = str(event.get("channel") or ""), str(event.get("deleted_ts") or after.get("ts") or "")
        root = str(before.get("thread_ts") or after.get("thread_ts") or ts)
        if event.get("subtype") == "message_deleted" or after.get("subtype") == "tombstone":
            return cls(channel, ts, root, None)
        if not after.get("edited") or after.get("edited") == before.get("edited"):
            return None
        return cls(channel, ts, root, SlackMessage.from_event(body | {"event": after | {"channel": channel}}))


def parse_ticket_and_index(value: str) -> tuple[int, int]:
    """As cards and forms keep them; OldCard when the value is anything else."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?", value)
    if match is None:
        raise OldCard
    return int(match[1]), int(match[2] or 0)


def trigger_id_of(body: Body) -> str:
    return str(body.get("trigger_id", ""))


def is_home_tab(body: Body) -> bool:
    return str(body.get("event", {}).get("tab")) == "home"


def bot_user_id(body: Body) -> str:
    """Empty when Slack does not say."""
    return str(next((one.get("user_id", "") for one in body.get("authorizations") or []), ""))


def user_of(body: Body) -> str:
    """The person who acted, in any payload; empty when Slack does not say."""
    user = body.get("user") or body.get("event", {}).get("user") or body.get("user_id") or ""
    return str(user.get("id", "") if isinstance(user, dict) else user)


def _request_key(kind: str, id_: str | None) -> str:
    """By which a repeat is known; a request without an id is taken for a new one."""
    return f"{kind}:{id_ or token_hex(16)}"


def _field_answer(element: Mapping[str, Any]) -> str:
    option = element.get("selected_option") or {}
    text = element.get("value") or option.get("value") or element.get("selected_user")
    date_text = element.get("selected_date") or element.get("selected_time")
    return str(text or date_text or ",".join(element.get("selected_users") or []))


def _attached_files(message: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {"id": str(one.get("id", "")), "name": str(one.get("name", "file")), "url": str(one.get("permalink", ""))}
        for one in message.get("files") or []
        if isinstance(one, Mapping)
    )


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
