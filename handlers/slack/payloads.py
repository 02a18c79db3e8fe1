"""Slack's payloads, read once into frozen values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from secrets import token_hex
from typing import Any, TypeVar

from handlers.slack.markup import unescape_text
from rules.errors import FieldError, Refused
from rules.text import Code, Text, _

Body = dict[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)


class OldCard(Refused):
    """A button whose value no longer names a ticket."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This card is from an older version. Type {command} with the number to get the current one.",
                command=Code("/ticket"),
            )
        )


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
            key=request_key("command", body.get("trigger_id")),
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
            key=request_key("press", body.get("trigger_id")),
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

    def choice(self, words: type[Choice], field: str, *, missing: Text = _("Choose one of the list.")) -> Choice:
        try:
            return words(self[field])
        except ValueError:
            raise FieldError(field, missing) from None


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


def request_key(kind: str, id_: str | None) -> str:
    """By which a repeat is known; a request without an id is taken for a new one."""
    return f"{kind}:{id_ or token_hex(16)}"


def _field_answer(element: Mapping[str, Any]) -> str:
    option = element.get("selected_option") or {}
    text = element.get("value") or option.get("value") or element.get("selected_user")
    date_text = element.get("selected_date") or element.get("selected_time")
    return str(text or date_text or ",".join(element.get("selected_users") or []))
