"""Text as Slack's mrkdwn: user text escaped, and sentences rendered for the people who read them there."""

import re
from datetime import datetime

from rules.model.people import slack_user_id
from rules.text import Channel, Moment, Person, Text, Value

TEXT_LIMIT = 3000
CUT_SIGN = "…"
MESSAGE_TEXT_LIMIT = 16_000  # characters that Slack keeps of a message's text
# The joiners 200c and 200d stay: some scripts and emoji need them.
_HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")
_MENTION = re.compile(r"&lt;(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+)(?:\|[A-Z0-9]*)?&gt;")


def strip_invisible(text: str) -> str:
    """Drops control characters and invisible direction marks, which could reorder the text after them."""
    return _HIDDEN.sub("", text)


def clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + CUT_SIGN


def escape(text: str, limit: int = TEXT_LIMIT) -> str:
    """User text made harmless inside mrkdwn, within the limit after escaping."""
    text = clip(strip_invisible(text), limit)
    escaped = escape_entities(text)
    while len(escaped) > limit:
        text = clip(text, len(text) - max(1, (len(escaped) - limit) // 5 + 1))
        escaped = escape_entities(text)
    return escaped


def escape_line(text: str, limit: int = 300) -> str:
    """User text escaped on one line, so that titles and quotes cannot break the card's shape."""
    return escape(" ".join(strip_invisible(text).split()), limit)


def escape_keeping_mentions(text: str) -> str:
    """One of our sentences that may quote user text: only mentions of people and channels stay unescaped."""
    return _MENTION.sub(r"<\1>", escape(text, MESSAGE_TEXT_LIMIT))


def mention(user: str | None) -> str:
    """A mention; people of imported history have only names."""
    if not user:
        return "nobody"
    slack_id = slack_user_id(user)
    return f"<@{slack_id}>" if _SLACK_ID.fullmatch(slack_id) else escape_line(user, 80)


def local_time(at: datetime, *, starts_sentence: bool = False) -> str:
    """A time in the reader's own zone, always with its day, because a card is read on other days too.

    With `starts_sentence` Slack capitalises the date; otherwise an invisible space before it prevents that.
    """
    invisible = "" if starts_sentence else "\u200b"
    return f"<!date^{int(at.timestamp())}^{invisible}{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def escape_entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def render(text: Text | str) -> str:
    """A sentence as mrkdwn. Of a plain string only the mentions stay unescaped: it may quote user text."""
    if isinstance(text, str):
        return escape_keeping_mentions(text)
    return text.render(_render_value, literal=escape_entities)


def _render_value(value: Value) -> str:
    match value:
        case Text():
            return render(value)
        case Person(id_):
            return mention(id_)
        case Channel(id_):
            return f"<#{id_}>"
        case Moment(at):
            return local_time(at)
        case _:
            return escape_line(str(value))
