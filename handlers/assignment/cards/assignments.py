"""The assignment card: a direct message that asks the assignee to start a ticket or to pass it back."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Button
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.timeline import assignment_reason
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from storage.events import DESK_ACTOR
from storage.schema.tickets import Event, Ticket


def assignment_card(
    offer: Event, ticket: Ticket, timers: ticket_cards.Timers, policy: Policy, now: datetime, *, newest: bool
) -> Message:
    """Once the ticket is no longer offered, the card says so and only Open is left."""
    to = str(offer.data["to"])
    content: list[Block] = [
        blocks.section(f"{_assigner_name(offer)} gave you {ticket_cards.ticket_heading(ticket)}"),
        blocks.section(
            f"{ticket_cards.ticket_summary(ticket, policy)}\n{ticket_cards.due_times_text(ticket, timers, now)}"
        ),
    ]
    content += ticket_cards.description_blocks(ticket)
    why = [f"Why you: {because}"] if (because := assignment_reason(offer)) else []
    content.append(blocks.context(*why, ticket_cards.origin_text(ticket, policy)))
    open_ = ticket_cards.open_button(ticket.number)
    if newest and ticket.assignee == to and ticket.status is Status.ASSIGNED:
        start = blocks.button(
            "Start", Button.START, ticket.number, style="primary", spoken=f"Start ticket {ticket.number}"
        )
        pass_ = blocks.button("Pass…", Button.PASS, ticket.number, spoken=f"Pass ticket {ticket.number} on")
        which = f"#{ticket.number} {blocks.escape_line(ticket.title)}"
        spoken = f"{_assigner_name(offer)} gave you ticket {which}. Start it or pass it on."
        return Message(spoken, [*content, blocks.actions(start, pass_, open_)])
    ended = _ended_text(ticket, to)
    return Message(
        f"#{ticket.number} {blocks.escape_line(ticket.title)}: {ended}",
        [*content, blocks.section(ended), blocks.actions(open_)],
    )


def _assigner_name(offer: Event) -> str:
    return "Baton" if offer.by == DESK_ACTOR else blocks.mention(offer.by)


def _ended_text(ticket: Ticket, to: str) -> str:
    if ticket.status in DONE_STATUSES:
        return f"✓ Resolved by {blocks.mention(ticket.resolved_by)}."
    if ticket.assignee == to:
        return "✓ It is yours."
    if ticket.assignee:
        return f"It is no longer offered to you: {blocks.mention(ticket.assignee)} has it now."
    return "It is no longer offered to you: it is back with the team."
