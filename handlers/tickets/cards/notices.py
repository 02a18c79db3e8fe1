"""Notices to one person: alone, or several that came late together."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import escape, escape_line, render
from handlers.tickets.cards.ticket import open_button
from rules.text import ngettext
from storage.schema.tickets import Ticket

QUOTE_LIMIT = 2500
LATE_QUOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """`words` are rendered already; `quote` is a person's own text."""

    words: str
    quote: str
    ticket: Ticket | None


def notice_message(notice: Notice) -> Message:
    quote, ticket = notice.quote, notice.ticket
    content = [blocks.section(notice.words + (f"\n>>> {escape(quote, QUOTE_LIMIT)}" if quote else ""))]
    if ticket is not None:
        open_ = open_button(ticket.number)
        content += [blocks.context(escape_line(ticket.title)), blocks.actions(open_)]
    return Message(notice.words + (f" “{escape_line(quote, 300)}”" if quote else ""), content)


def late_notices_message(notices: Sequence[Notice]) -> Message:
    if len(notices) == 1:
        return notice_message(notices[0])
    heading = ngettext("Delayed by Slack:", "{n} messages delayed by Slack:", len(notices))
    content = [blocks.section(render(heading))]
    for notice in notices:
        quote = f"\n> {escape_line(notice.quote, LATE_QUOTE_LIMIT)}" if notice.quote else ""
        open_ = open_button(notice.ticket.number) if notice.ticket else None
        content.append(blocks.section(notice.words + quote, accessory=open_))
    return Message(" ".join([render(heading), *(notice.words for notice in notices)]), content)
