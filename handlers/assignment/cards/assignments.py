"""The assignment card: a direct message that asks the assignee to start a ticket or to decline it."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.text.slack import Markup, escape_line, join, render
from handlers.tickets.cards.ticket import (
    Timers,
    description_blocks,
    due_times_text,
    open_button,
    origin_text,
    ticket_heading,
    ticket_summary,
)
from handlers.tickets.cards.timeline import assignment_reason
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.text import Person, Text, TicketNumber, _
from storage.events import DESK_ACTOR
from storage.schema.tickets import Event, Ticket


def assignment_card(
    offer: Event, ticket: Ticket, timers: Timers, policy: Policy, now: datetime, *, newest: bool
) -> Message:
    """Once the ticket is started or assigned to another person, the card says so and only Open is left."""
    to, number = str(offer.data["to"]), TicketNumber(ticket.number)
    content: list[Block] = [
        blocks.section(_assigned_text(offer, ticket_heading(ticket))),
        blocks.section(join("\n", [ticket_summary(ticket, policy), due_times_text(ticket, timers, now)])),
    ]
    content += description_blocks(ticket)
    why = [_("Why you: {reason}", reason=reason)] if (reason := assignment_reason(offer)) else []
    content.append(blocks.context(*why, origin_text(ticket, policy)))
    title = escape_line(ticket.title)
    if newest and ticket.assignee == to and ticket.status is Status.ASSIGNED:
        assigned = _assigned_text(offer, render(_("{ticket} {title}", ticket=number, title=title)))
        spoken = render(_("{assigned}. Start it or decline it.", assigned=assigned))
        return Message(spoken, [*content, blocks.actions(*assignment_buttons(ticket.number))])
    ended = _ended_text(ticket, to)
    return Message(
        render(_("{ticket} {title}: {state}", ticket=number, title=title, state=ended)),
        [*content, blocks.section(ended), blocks.actions(open_button(ticket.number))],
    )


def assignment_buttons(number: int) -> list[Element]:
    start, decline = _("Start ticket {number}", number=number), _("Decline ticket {number}", number=number)
    return [
        blocks.button(_("Start"), Button.START, number, style="primary", spoken=start),
        blocks.button(_("Decline…"), Button.PASS, number, spoken=decline),
        open_button(number),
    ]


def _assigned_text(offer: Event, ticket: Markup) -> Text:
    if offer.by == DESK_ACTOR:
        return _("Baton assigned you {ticket}", ticket=ticket)
    return _("{person} assigned you {ticket}", person=Person(offer.by), ticket=ticket)


def _ended_text(ticket: Ticket, to: str) -> Text:
    if ticket.status in DONE_STATUSES:
        return _("✓ Resolved by {person}.", person=Person(ticket.resolved_by or ""))
    if ticket.assignee == to:
        return _("✓ You are the assignee.")
    if ticket.assignee:
        return _("No longer assigned to you. Assignee: {person}.", person=Person(ticket.assignee))
    return _("No longer assigned to you. It is unassigned.")
