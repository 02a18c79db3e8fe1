"""A message as people see it: its text, its blocks, what is attached to it, with names in place of ids.

Alerts, forwarded messages and apps' messages often have no `text` of their own. Whatever is missing, null or of a
kind that Slack has added since is passed over.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.slack.markup import Names, ids_in, readable_text

NO_NAMES: Names = {}
_READ_KEYS = frozenset(
    {
        *("text", "blocks", "attachments", "elements", "fields", "rows", "pretext", "title", "value", "fallback"),
        *("message_blocks", "message", "subtitle", "body"),
    }
)
# In rich text: the sign before the value, and under which key the value is.
_SIGN_AND_KEY = {
    "user": ("@", "user_id"),
    "usergroup": ("@", "usergroup_id"),
    "channel": ("#", "channel_id"),
    "broadcast": ("@", "range"),
    "emoji": ("", "name"),
    "link": ("", "url"),
    "date": ("", "fallback"),
}
_NO_CONTENT = frozenset({"actions", "input", "divider", "file", "context_actions"})


def message_text(message: Mapping[str, Any], names: Names = NO_NAMES) -> str:
    """What people type is all in the text; what apps post says in its blocks what its text only sums up."""
    reader = _MessageReader(names)
    text = reader.markup(message.get("text"))
    parts = [text] if text else []
    if not text or _is_of_app(message):
        parts += [part for part in reader.blocks(message.get("blocks")) if _flat(part) not in _flat(text)]
    for attached in _dicts(message.get("attachments")):
        if not (text and _is_link_preview(attached)):
            parts += [part for part in reader.attachment(attached) if _flat(part) not in _flat("\n".join(parts))]
    return "\n".join(part for part in parts if part.strip()).strip()


def ids_of_message(message: object) -> set[str]:
    """The people, channels and user groups that the message names by their ids alone."""
    match message:
        case str():
            return ids_in(message)
        case Mapping():
            named = {str(message[key]) for key in ("user_id", "channel_id", "usergroup_id") if message.get(key)}
            own = named if str(message.get("type")) in ("user", "channel", "usergroup") else set()
            return own.union(*(ids_of_message(value) for key, value in message.items() if key in _READ_KEYS))
        case list():
            return set().union(*map(ids_of_message, message))
    return set()


@dataclass(frozen=True, slots=True)
class _MessageReader:
    names: Names

    def markup(self, text: object) -> str:
        return readable_text(text, self.names) if isinstance(text, str) else ""

    def blocks(self, blocks: object) -> Iterator[str]:
        for block in _dicts(blocks):
            if block.get("type") == "rich_text":
                yield self._rich_lines(block)
            elif str(block.get("type")) not in _NO_CONTENT:
                yield "\n".join(filter(None, self._texts(block)))

    def attachment(self, attached: Mapping[str, Any]) -> Iterator[str]:
        heads = [self.markup(attached.get(key)) for key in ("pretext", "author_name", "title", "text")]
        fields = [
            ": ".join(filter(None, (self.markup(field.get("title")), self.markup(field.get("value")))))
            for field in _dicts(attached.get("fields"))
        ]
        shared = [one.get("message") for one in _dicts(attached.get("message_blocks"))]
        inner = [*self.blocks(attached.get("blocks"))]
        if not heads[-1]:
            inner += [part for one in _dicts(shared) for part in self.blocks(one.get("blocks"))]
        found = [part for part in (*heads, *fields, *inner) if part]
        yield from found or [self.markup(attached.get("fallback"))]

    def _texts(self, value: object) -> Iterator[str]:
        """Every text object inside, in order."""
        if isinstance(value, list):
            yield from (text for one in value for text in self._texts(one))
        elif isinstance(value, Mapping):
            text = self._text_object(value)
            if text is not None:
                yield text
                return
            yield str(value.get("alt_text") or "")
            yield from (text for key, inner in value.items() if key != "accessory" for text in self._texts(inner))

    def _text_object(self, value: Mapping[str, Any]) -> str | None:
        kind, text = value.get("type"), value.get("text")
        if kind == "rich_text":
            return self._rich_lines(value)
        if not isinstance(text, str):
            return None
        if kind in ("plain_text", "raw_text"):
            return html.unescape(text)
        return self.markup(text) if kind in ("mrkdwn", "markdown") else None

    def _rich_lines(self, element: Mapping[str, Any], bullet: str = "") -> str:
        """Sections run on, the items of a list are a line each."""
        kind = element.get("type")
        if kind in ("rich_text", "rich_text_list"):
            mark = "• " if kind == "rich_text_list" else bullet
            return "\n".join(self._rich_lines(inner, mark) for inner in _dicts(element.get("elements"))).strip("\n")
        return bullet + "".join(self._rich_text(inner) for inner in _dicts(element.get("elements"))).strip("\n")

    def _rich_text(self, element: Mapping[str, Any]) -> str:
        kind = str(element.get("type"))
        sign, key = _SIGN_AND_KEY.get(kind, ("", "text"))
        value = element.get(key)
        if not isinstance(value, str):
            return ""
        if kind == "link":
            text = element.get("text")
            return f"{text} ({value})" if isinstance(text, str) and text and text not in value else value
        return f":{value}:" if kind == "emoji" else sign + self.names.get(value, value)


def _is_of_app(message: Mapping[str, Any]) -> bool:
    return bool(message.get("bot_id") or message.get("app_id") or message.get("subtype") == "bot_message")


def _is_link_preview(attached: Mapping[str, Any]) -> bool:
    """Slack's own picture of a link in the text; a forwarded message is none."""
    return bool(attached.get("from_url")) and not (attached.get("is_share") or attached.get("is_msg_unfurl"))


def _dicts(values: object) -> list[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _flat(text: str) -> str:
    return " ".join(text.split())
