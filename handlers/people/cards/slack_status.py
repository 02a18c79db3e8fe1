"""The Slack status of people, always labelled as Slack's: the desk's own presence comes first."""

from collections.abc import Mapping

from handlers.slack.blocks import Block, context
from handlers.text.slack import Markup, escape_line, join, render
from rules.people.slack_status import CustomStatus, SlackStatus, emoji_code
from rules.text import Moment, Person, Text, _

STATUS_TEXT_LIMIT = 60


def slack_status_text(slack_status: SlackStatus) -> Markup:
    """For example `Slack: On holiday, do not disturb until 14:00`; empty where there is nothing to say."""
    parts: list[Text | Markup] = [_custom_status_text(slack_status.custom)] if slack_status.custom is not None else []
    if slack_status.do_not_disturb_until is not None:
        parts.append(_("do not disturb until {at}", at=Moment(slack_status.do_not_disturb_until)))
    if slack_status.is_away:
        parts.append(_("away"))
    status = join(", ", parts)
    return render(_("Slack: {status}", status=status)) if status else status


def _custom_status_text(status: CustomStatus) -> Markup:
    emoji, text = emoji_code(status.emoji), escape_line(status.text, STATUS_TEXT_LIMIT)
    shown = Markup(f"{emoji} {text}".strip())
    return render(_("{status} until {at}", status=shown, at=Moment(status.until))) if shown and status.until else shown


def slack_status_blocks(slack_statuses: Mapping[str, SlackStatus]) -> list[Block]:
    lines = [
        render(_("{person} · {status}", person=Person(who), status=text))
        for who, status in slack_statuses.items()
        if (text := slack_status_text(status))
    ]
    return [context("\n".join(lines)) | {"block_id": "hints"}] if lines else []
