"""The assignment's card: somebody is asked by direct message to start a ticket or to pass it on."""

from datetime import datetime

from handlers.slack.blocks import Block, Message, actions, button, context, line, person, section
from handlers.slack.ids import Button
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.timeline import why_given
from rules.model.policy import Policy
from rules.model.tickets import DONE, Status
from storage.events import DESK
from storage.schema.tickets import Event, Ticket


def card(
    offer: Event, ticket: Ticket, clocks: ticket_cards.Clocks, policy: Policy, now: datetime, *, newest: bool
) -> Message:
    """What they were given and by when; once it is no longer offered it says so, and only Open is left to press."""
    to = str(offer.data["to"])
    content: list[Block] = [
        section(f"{_giver(offer)} gave you {ticket_cards.heading(ticket)}"),
        section(f"{ticket_cards.summary(ticket, policy)}\n{ticket_cards.promises(ticket, clocks, now)}"),
    ]
    content += ticket_cards.described(ticket)
    why = [f"Why you: {because}"] if (because := why_given(offer)) else []
    content.append(context(*why, ticket_cards.origin(ticket, policy)))
    open_ = button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
    if newest and ticket.assignee == to and ticket.status is Status.ASSIGNED:
        start = button("Start", Button.START, ticket.number, style="primary", says=f"Start ticket {ticket.number}")
        pass_ = button("Pass…", Button.PASS, ticket.number, says=f"Pass ticket {ticket.number} on")
        said = f"{_giver(offer)} gave you ticket #{ticket.number} {line(ticket.title)}. Start it or pass it on."
        return Message(said, [*content, actions(start, pass_, open_)])
    ended = _ended(ticket, to)
    return Message(f"#{ticket.number} {line(ticket.title)}: {ended}", [*content, section(ended), actions(open_)])


def _giver(offer: Event) -> str:
    return "Baton" if offer.by == DESK else person(offer.by)


def _ended(ticket: Ticket, to: str) -> str:
    if ticket.status in DONE:
        return f"✓ Resolved by {person(ticket.resolved_by)}."
    if ticket.assignee == to:
        return "✓ It is yours."
    if ticket.assignee:
        return f"It is no longer offered to you: {person(ticket.assignee)} has it now."
    return "It is no longer offered to you: it is back with the team."
