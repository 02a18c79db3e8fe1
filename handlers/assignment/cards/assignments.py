"""The assignment card: a direct message that asks the assignee to start a ticket or to pass it back."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.text.slack import escape_line, mention
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
from storage.events import DESK_ACTOR
from storage.schema.tickets import Event, Ticket


def assignment_card(
    offer: Event, ticket: Ticket, timers: Timers, policy: Policy, now: datetime, *, newest: bool
) -> Message:
    """Once the ticket is no longer offered, the card says so and only Open is left."""
    to = str(offer.data["to"])
    content: list[Block] = [
        blocks.section(f"{_assigner_name(offer)} gave you {ticket_heading(ticket)}"),
        blocks.section(f"{ticket_summary(ticket, policy)}\n{due_times_text(ticket, timers, now)}"),
    ]
    content += description_blocks(ticket)
    why = [f"Why you: {because}"] if (because := assignment_reason(offer)) else []
    content.append(blocks.context(*why, origin_text(ticket, policy)))
    if newest and ticket.assignee == to and ticket.status is Status.ASSIGNED:
        which = f"#{ticket.number} {escape_line(ticket.title)}"
        spoken = f"{_assigner_name(offer)} gave you ticket {which}. Start it or pass it on."
        return Message(spoken, [*content, blocks.actions(*assignment_buttons(ticket.number))])
    ended = _ended_text(ticket, to)
    return Message(
        f"#{ticket.number} {escape_line(ticket.title)}: {ended}",
        [*content, blocks.section(ended), blocks.actions(open_button(ticket.number))],
    )


def assignment_buttons(number: int) -> list[Element]:
    return [
        blocks.button("Start", Button.START, number, style="primary", spoken=f"Start ticket {number}"),
        blocks.button("Pass…", Button.PASS, number, spoken=f"Pass ticket {number} on"),
        open_button(number),
    ]


def _assigner_name(offer: Event) -> str:
    return "Baton" if offer.by == DESK_ACTOR else mention(offer.by)


def _ended_text(ticket: Ticket, to: str) -> str:
    if ticket.status in DONE_STATUSES:
        return f"✓ Resolved by {mention(ticket.resolved_by)}."
    if ticket.assignee == to:
        return "✓ It is yours."
    if ticket.assignee:
        return f"It is no longer offered to you: {mention(ticket.assignee)} has it now."
    return "It is no longer offered to you: it is back with the team."
