"""User text as the person meant it, not as Slack escapes it."""

import html
import re

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_PREFIXES = {"#": "#", "!": "@"}  # a channel; a user group or everyone
# Slack escapes what people type, so that a "<" inside is none of its own; without it they would take quadratic time.
_CHANNEL_OR_GROUP = re.compile(r"<([#!])([^<>|^]*)(?:\^[^<>|]*)?(?:\|([^<>]*))?>")
_LINK = re.compile(r"<([^<@#!>|][^<>|]*)(?:\|([^<>]*))?>")


def unescape_text(text: str) -> str:
    """Entities are decoded once, links become addresses, people stay as ids."""
    text = _LINK.sub(_link_as_typed, text)
    text = _CHANNEL_OR_GROUP.sub(lambda match: _PREFIXES[match[1]] + (match[3] or match[2]).lstrip("#@"), text)
    return html.unescape(_MENTION.sub(r"@\1", text))


def unescape_keeping_mentions(text: str) -> str:
    """As it was typed, with people as Slack mentions them."""
    return html.unescape(_MENTION.sub(r"<@\1>", text))


def mentioned_users(text: str) -> list[str]:
    return _MENTION.findall(text)


def _link_as_typed(match: re.Match[str]) -> str:
    """The text alone where Slack only made a link of it; text and address where they differ."""
    address, name = match[1], match[2] or ""
    if not name or name == address:
        return address
    return name if address.rstrip("/").endswith(name.rstrip("/")) else f"{name} ({address})"
