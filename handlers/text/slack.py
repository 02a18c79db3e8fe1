"""Text as Slack's mrkdwn: user text escaped, and sentences rendered for the people who read them there."""

import re
from collections.abc import Iterable
from datetime import datetime

from handlers.text.plain import render_value
from handlers.text.translation import name_of_person, sentence_of
from rules.model.people import slack_user_id
from rules.text import Channel, Code, Moment, Person, Text, Value

TEXT_LIMIT = 3000
CUT_SIGN = "…"
MESSAGE_TEXT_LIMIT = 16_000  # characters that Slack keeps of a message's text
# The joiners 200c and 200d stay: some scripts and emoji need them.
_HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# mrkdwn knows no escape for its marks: where two of them would be drawn, signs that look the same stand for them.
_MARKED = re.compile(r"(?<!\w)([*_~])(?=\S)(?:.*?\S)\1(?!\w)")
_LOOKALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼"})
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")
_MENTION = re.compile(r"&lt;(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+)(?:\|[A-Z0-9]*)?&gt;")


class Markup(str):
    """mrkdwn that may be shown as it is: our own markup around text that is escaped."""

    __slots__ = ()


def strip_invisible(text: str) -> str:
    """Drops control characters and invisible direction marks, which could reorder the text after them."""
    return _HIDDEN.sub("", text)


def clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + CUT_SIGN


def escape(text: str, limit: int = TEXT_LIMIT) -> Markup:
    """User text made harmless inside mrkdwn, within the limit after escaping."""
    text = clip(strip_invisible(text), limit)
    escaped = escape_entities(text)
    while len(escaped) > limit:
        text = clip(text, len(text) - max(1, (len(escaped) - limit) // 5 + 1))
        escaped = escape_entities(text)
    return Markup(escaped)


def escape_line(text: str, limit: int = 300) -> Markup:
    """User text escaped on one line, so that titles and quotes cannot break the card's shape or draw marks on it."""
    line = " ".join(strip_invisible(text).split())
    return escape(_MARKED.sub(lambda match: match[0].translate(_LOOKALIKES), line), limit)


def escape_keeping_mentions(text: str) -> Markup:
    """One of our sentences that may quote user text: only mentions of people and channels stay unescaped."""
    return Markup(_MENTION.sub(_mentioned, escape(text, MESSAGE_TEXT_LIMIT)))


def _mentioned(match: re.Match[str]) -> str:
    name = name_of_person(match[1].removeprefix("@"))
    return escape_line(name, 80) if name else f"<{match[1]}>"


def person_text(user: str) -> Markup:
    """Their name where people are not to be notified (`rendering`), else a mention."""
    name = name_of_person(user)
    return escape_line(name, 80) if name else mention(user)


def mention(user: str | None) -> Markup:
    """A mention; people of imported history have only names."""
    if not user:
        return Markup("nobody")
    slack_id = slack_user_id(user)
    return Markup(f"<@{slack_id}>") if _SLACK_ID.fullmatch(slack_id) else escape_line(user, 80)


def local_time(at: datetime, *, starts_sentence: bool = False) -> Markup:
    """A time in the reader's own zone, always with its day, because a card is read on other days too.

    With `starts_sentence` Slack capitalises the date; otherwise an invisible space before it prevents that.
    """
    invisible = "" if starts_sentence else "\u200b"
    return Markup(f"<!date^{int(at.timestamp())}^{invisible}{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>")


def escape_entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def render(text: Text | str) -> Markup:
    """A sentence as mrkdwn. Of a plain string only the mentions stay unescaped: it may quote user text."""
    if isinstance(text, Markup):
        return text
    if isinstance(text, str):
        return escape_keeping_mentions(text)
    sentence = escape_entities(sentence_of(text))
    return Markup(sentence.format_map({name: _render_value(value) for name, value in text.values.items()}))


def join(separator: str, parts: Iterable[Text | Markup]) -> Markup:
    """The parts that are not empty."""
    return Markup(separator.join(filter(None, map(render, parts))))


def bold(text: Text | Markup) -> Markup:
    return Markup(f"*{render(text)}*")


def quote(text: str, limit: int = TEXT_LIMIT) -> Markup:
    """What a person wrote, set off from our own words."""
    return Markup(f">>> {escape(text, limit)}")


def link(url: str, label: Text) -> Markup:
    return Markup(f"<{url}|{render(label)}>")


def _render_value(value: Value) -> str:
    match value:
        case Text() | Markup():
            return render(value)
        case Person(id_):
            return person_text(id_)
        case Channel(id_):
            return f"<#{id_}>"
        case Moment(at):
            return local_time(at)
        case str() | Code():
            return escape_line(value) if isinstance(value, str) else _code(value.text)
    return escape_entities(render_value(value))


def _code(text: str) -> str:
    inside = text.replace("`", "'")
    return f"`{escape_line(inside)}`"
