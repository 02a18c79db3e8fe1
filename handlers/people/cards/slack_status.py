"""The Slack status of people, always labelled as Slack's: the desk's own presence comes first."""

from collections.abc import Mapping

from handlers.slack.blocks import Block, context
from handlers.text.slack import escape_line, local_time, mention
from rules.people.slack_status import CustomStatus, SlackStatus, emoji_code

STATUS_TEXT_LIMIT = 60


def slack_status_text(slack_status: SlackStatus) -> str:
    """For example `Slack: On holiday, do not disturb until 14:00`; empty where there is nothing to say."""
    parts = [_custom_status_text(slack_status.custom)] if slack_status.custom is not None else []
    if slack_status.do_not_disturb_until is not None:
        parts.append(f"do not disturb until {local_time(slack_status.do_not_disturb_until)}")
    if slack_status.is_away:
        parts.append("away")
    words = ", ".join(part for part in parts if part)
    return f"Slack: {words}" if words else ""


def _custom_status_text(status: CustomStatus) -> str:
    words = f"{emoji_code(status.emoji)} {escape_line(status.text, STATUS_TEXT_LIMIT)}".strip()
    return f"{words} until {local_time(status.until)}" if words and status.until else words


def slack_status_blocks(slack_statuses: Mapping[str, SlackStatus]) -> list[Block]:
    lines = [f"{mention(who)} · {words}" for who, hint in slack_statuses.items() if (words := slack_status_text(hint))]
    return [context("\n".join(lines)) | {"block_id": "hints"}] if lines else []
