"""What Slack says of somebody, always named as Slack's: the desk's own word stands before it."""

from collections.abc import Mapping

from handlers.slack.blocks import Block, context, line, moment, person
from rules.people.slack_status import Hint, Status, emoji

STATUS = 60


def said(hint: Hint) -> str:
    """The words beside somebody, as `Slack: On holiday, do not disturb until 14:00`; empty where it says nothing."""
    parts = [_status(hint.status)] if hint.status is not None else []
    if hint.quiet_until is not None:
        parts.append(f"do not disturb until {moment(hint.quiet_until)}")
    if hint.is_away:
        parts.append("away")
    words = ", ".join(part for part in parts if part)
    return f"Slack: {words}" if words else ""


def _status(status: Status) -> str:
    words = f"{emoji(status.emoji)} {line(status.text, STATUS)}".strip()
    return f"{words} until {moment(status.until)}" if words and status.until else words


def beside(hints: Mapping[str, Hint]) -> list[Block]:
    """Below a menu of people: what Slack says of the first of them; nothing where it says nothing."""
    lines = [f"{person(who)} · {words}" for who, hint in hints.items() if (words := said(hint))]
    return [context("\n".join(lines)) | {"block_id": "hints"}] if lines else []
