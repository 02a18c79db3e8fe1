"""Messages that a person points at, and events about them, read once into frozen values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from handlers.slack.markup import Names
from handlers.slack.messages.content import message_text
from handlers.slack.payloads import Body, request_key
from handlers.slack.people.profiles import SLACKBOT_USER_ID

# The subtypes of messages that people write; the others report joins, topics, deletions.
WRITTEN_SUBTYPES = frozenset({"", "file_share", "thread_broadcast", "reply_broadcast", "me_message", "bot_message"})


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message that a person points at, or an event about one; `text` is what people see of it.

    `author` is empty where no person wrote it. A message that only reports an event (`is_written` is False), such as
    a person who joined or a message that was deleted, has no text.
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
        key = request_key("shortcut", body.get("trigger_id"))
        return cls._read(body["message"], user=body["user"]["id"], channel=body["channel"]["id"], key=key)

    @classmethod
    def from_event(cls, body: Body) -> "SlackMessage":
        event = body["event"]
        key = request_key("event", body.get("event_id"))
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


def _attached_files(message: Body) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {"id": str(one.get("id", "")), "name": str(one.get("name", "file")), "url": str(one.get("permalink", ""))}
        for one in message.get("files") or []
        if isinstance(one, Mapping)
    )
