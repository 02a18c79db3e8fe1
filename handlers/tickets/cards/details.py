"""A ticket opened: how it stands, and its story as far as the reader may know it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from handlers.slack.blocks import Block, Element, Message, actions, button, context, divider, moment, page, section
from handlers.slack.ids import Button
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards import timeline
from rules.model.policy import Policy
from rules.model.tickets import DONE
from rules.people.permissions import Role
from storage.events import Happened
from storage.schema.tickets import Event, Ticket

NEWEST = 40
DESCRIPTION = 2400
TOLD_TO_ALL = frozenset(
    {
        Happened.FILED,
        Happened.TAKEN,
        Happened.ASSIGNED,
        Happened.HANDED,
        Happened.STARTED,
        Happened.ESCALATED,
        Happened.ACCEPTED,
        Happened.WAITING,
        Happened.REPLIED,
        Happened.WROTE,
        Happened.CHANGED,
        Happened.RESOLVED,
        Happened.REOPENED,
        Happened.CLOSED,
        Happened.PROMISED_ANEW,
    }
)


def opened(
    ticket: Ticket,
    clocks: ticket_cards.Clocks,
    events: Sequence[Event],
    policy: Policy,
    now: datetime,
    *,
    held: Collection[Role],
) -> dict[str, Any]:
    """The page; whoever only asked reads what was done and said to them, not what the team says among itself."""
    told = [event for event in events if inside(held) or event.kind in TOLD_TO_ALL]
    ways = [actions(_why(ticket))] if clocks else []
    content = [*_head(ticket, clocks, policy, now), *ways, divider()]
    if len(told) > NEWEST:
        content.append(context(f"{len(told) - NEWEST} earlier steps are not shown."))
    for event in told[-NEWEST:]:
        content += _step(event, ticket, policy)
    return page(f"#{ticket.number}", content)


def seen(
    ticket: Ticket, clocks: ticket_cards.Clocks, policy: Policy, now: datetime, *, held: Collection[Role]
) -> Message:
    """The card as the team has it; whoever only looks gets it without the team's buttons."""
    if inside(held):
        return ticket_cards.card(ticket, clocks, policy, now)
    ways = [button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")]
    ways += [_why(ticket)] if clocks else []
    if ticket.status in DONE and Role.REQUESTER in held:
        ways.append(button("Reopen", Button.REOPEN, ticket.number, says=f"Reopen ticket {ticket.number}"))
    return Message(ticket_cards.spoken(ticket, policy), [*_head(ticket, clocks, policy, now), actions(*ways)])


def inside(held: Collection[Role]) -> bool:
    """Whether the reader is of the desk, and more to this ticket than the one who asked."""
    return any(role is not Role.REQUESTER for role in held)


def _why(ticket: Ticket) -> Element:
    return button("Why this deadline?", Button.WHY, ticket.number, says=f"Why ticket {ticket.number} is due then")


def _head(ticket: Ticket, clocks: ticket_cards.Clocks, policy: Policy, now: datetime) -> list[Block]:
    promises, took = ticket_cards.promises(ticket, clocks, now), ticket_cards.lasted(ticket, clocks, policy)
    content = [
        section("\n".join([ticket_cards.heading(ticket), ticket_cards.summary(ticket, policy), promises, *took]))
    ]
    content += ticket_cards.described(ticket, DESCRIPTION)
    content.append(context(ticket_cards.origin(ticket, policy)))
    return [*content, *timeline.attached(ticket.files)]


def _step(event: Event, ticket: Ticket, policy: Policy) -> list[Block]:
    told = timeline.line_of(event, ticket, policy).blocks[0]["text"]["text"]
    return [section(f"{moment(event.at, opens=True)} · {told}")]
