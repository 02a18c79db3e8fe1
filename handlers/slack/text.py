"""What people typed, as they meant it and not as Slack escapes it."""

import html
import re

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_PREFIXES = {"#": "#", "!": "@"}  # a channel, and a call to a group or to everybody
_CHANNEL_OR_GROUP = re.compile(r"<([#!])([^>|^]*)(?:\^[^>|]*)?(?:\|([^>]*))?>")
_LINK = re.compile(r"<([^@#!>|][^>|]*)(?:\|([^>]*))?>")


def unescape_text(text: str) -> str:
    """Slack's escaped text as the person meant it: entities decoded once, links as addresses, people kept as ids."""
    text = _LINK.sub(_link_as_typed, text)
    text = _CHANNEL_OR_GROUP.sub(lambda found: _PREFIXES[found[1]] + (found[3] or found[2]).lstrip("#@"), text)
    return html.unescape(_MENTION.sub(r"@\1", text))


def mentioned_users(text: str) -> list[str]:
    """The people whom an escaped text mentions, in order."""
    return _MENTION.findall(text)


def _link_as_typed(found: re.Match[str]) -> str:
    """As it was typed where Slack only made a link of it; where it has a name of its own, both."""
    address, name = found[1], found[2] or ""
    if not name or name == address:
        return address
    return name if address.rstrip("/").endswith(name.rstrip("/")) else f"{name} ({address})"
