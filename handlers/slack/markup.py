"""User text as the person meant it, not as Slack escapes it."""

import html
import re
from collections.abc import Mapping

Names = Mapping[str, str]  # of people, channels and user groups, by their ids

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^<>]*))?>")
_UNKNOWN_PERSON = re.compile(r"(?<!\S)@\w[\w.-]*\b")
_CHANNEL = re.compile(r"<#([^<>|]*)(?:\|([^<>]*))?>")
# A user group, a moment, or everyone here.
_SPECIAL = re.compile(r"<!([^<>|^]*)(?:\^([^<>|^]*))?(?:\^[^<>|]*)?(?:\|([^<>]*))?>")
# Slack escapes what people type, so that a "<" inside is none of its own; without it they would take quadratic time.
_LINK = re.compile(r"<([^<@#!>|][^<>|]*)(?:\|([^<>]*))?>")


def unescape_text(text: str) -> str:
    """Entities are decoded once, links become addresses. People stay as ids: commands read them."""
    return html.unescape(_PERSON.sub(r"@\1", _without_markup(text, {})))


def readable_text(text: str, names: Names) -> str:
    """As people see it: who and what is mentioned by name, which pings nobody, or by id where no name is known."""
    text = _without_markup(text, names)
    return html.unescape(_PERSON.sub(lambda match: "@" + (names.get(match[1]) or match[2] or match[1]), text))


def with_people_named(text: str, escaped: str, names: Names) -> str:
    """Of the unescaped text, with the people in it by name where one is known."""
    for match in _PERSON.finditer(escaped):
        text = text.replace(f"@{match[1]}", f"@{names.get(match[1]) or match[2] or match[1]}")
    return text


def unescape_keeping_mentions(text: str) -> str:
    """As it was typed, with people as Slack mentions them."""
    return html.unescape(_PERSON.sub(r"<@\1>", text))


def mentioned_users(text: str) -> list[str]:
    return [match[1] for match in _PERSON.finditer(text)]


def unknown_people(text: str) -> list[str]:
    """The names behind an @ of which Slack, which escapes whom it knows, made nobody."""
    return list(dict.fromkeys(_UNKNOWN_PERSON.findall(text)))


def ids_in(text: str) -> set[str]:
    """Of the people, and of the channels and user groups whose names Slack has not put beside them."""
    unnamed = [match for pattern in (_CHANNEL, _SPECIAL) for match in pattern.finditer(text)]
    groups = {match[2] if match.re is _SPECIAL else match[1] for match in unnamed if not match[match.re.groups]}
    return {*mentioned_users(text), *filter(None, groups)} - {""}


def _without_markup(text: str, names: Names) -> str:
    text = _LINK.sub(_link_as_typed, text)
    text = _CHANNEL.sub(lambda match: "#" + (match[2] or names.get(match[1]) or match[1]).lstrip("#"), text)
    return _SPECIAL.sub(lambda match: _special_as_shown(match, names), text)


def _special_as_shown(match: re.Match[str], names: Names) -> str:
    """Of a moment what Slack shows where it cannot show one."""
    kind, id_, label = match[1], match[2] or "", match[3] or ""
    if kind == "date":
        return label
    return "@" + (label or names.get(id_) or ("group" if kind == "subteam" else kind)).lstrip("@")


def _link_as_typed(match: re.Match[str]) -> str:
    """The text alone where Slack only made a link of it; text and address where they differ."""
    address, name = match[1], match[2] or ""
    if not name or name == address:
        return address
    return name if address.rstrip("/").endswith(name.rstrip("/")) else f"{name} ({address})"
