"""The ticket page: the status, and the timeline as far as the viewer may read it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards import timeline
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.people.permissions import Role
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket

EVENTS_SHOWN = 40
DESCRIPTION_LIMIT = 2400
PUBLIC_EVENTS = frozenset(
    {
        EventKind.CREATED,
        EventKind.TAKEN,
        EventKind.ASSIGNED,
        EventKind.REASSIGNED,
        EventKind.STARTED,
        EventKind.ESCALATED,
        EventKind.ACCEPTED,
        EventKind.WAITING,
        EventKind.REPLIED,
        EventKind.REQUESTER_WROTE,
        EventKind.CHANGED,
        EventKind.RESOLVED,
        EventKind.REOPENED,
        EventKind.CLOSED,
        EventKind.SLA_RECALCULATED,
    }
)


def ticket_page(
    ticket: Ticket,
    timers: ticket_cards.Timers,
    events: Sequence[Event],
    policy: Policy,
    now: datetime,
    *,
    roles: Collection[Role],
) -> dict[str, Any]:
    """Requesters read what was done and written to them, not the team's own discussion."""
    visible = [event for event in events if is_of_desk(roles) or event.kind in PUBLIC_EVENTS]
    ways = [blocks.actions(_explain_button(ticket))] if timers else []
    content = [*_ticket_head(ticket, timers, policy, now), *ways, blocks.divider()]
    if len(visible) > EVENTS_SHOWN:
        content.append(blocks.context(f"{len(visible) - EVENTS_SHOWN} earlier steps are not shown."))
    for event in visible[-EVENTS_SHOWN:]:
        content += _event_section(event, ticket, policy)
    return blocks.page_modal(f"#{ticket.number}", content)


def card_for_viewer(
    ticket: Ticket, timers: ticket_cards.Timers, policy: Policy, now: datetime, *, roles: Collection[Role]
) -> Message:
    """The team's card; other viewers get it without the team's buttons."""
    if is_of_desk(roles):
        return ticket_cards.ticket_card(ticket, timers, policy, now)
    ways = [ticket_cards.open_button(ticket.number)]
    ways += [_explain_button(ticket)] if timers else []
    if ticket.status in DONE_STATUSES and Role.REQUESTER in roles:
        ways.append(blocks.button("Reopen", Button.REOPEN, ticket.number, spoken=f"Reopen ticket {ticket.number}"))
    return Message(
        ticket_cards.spoken_ticket(ticket, policy), [*_ticket_head(ticket, timers, policy, now), blocks.actions(*ways)]
    )


def is_of_desk(roles: Collection[Role]) -> bool:
    """Whether the viewer has any role beside that of the requester."""
    return any(role is not Role.REQUESTER for role in roles)


def _explain_button(ticket: Ticket) -> Element:
    return blocks.button(
        "Why this deadline?", Button.EXPLAIN_DEADLINE, ticket.number, spoken=f"Why ticket {ticket.number} is due then"
    )


def _ticket_head(ticket: Ticket, timers: ticket_cards.Timers, policy: Policy, now: datetime) -> list[Block]:
    due_times, took = (
        ticket_cards.due_times_text(ticket, timers, now),
        ticket_cards.resolution_time_lines(ticket, timers, policy),
    )
    content = [
        blocks.section(
            "\n".join(
                [ticket_cards.ticket_heading(ticket), ticket_cards.ticket_summary(ticket, policy), due_times, *took]
            )
        )
    ]
    content += ticket_cards.description_blocks(ticket, DESCRIPTION_LIMIT)
    content.append(blocks.context(ticket_cards.origin_text(ticket, policy)))
    return [*content, *timeline.attachment_links(ticket.files)]


def _event_section(event: Event, ticket: Ticket, policy: Policy) -> list[Block]:
    entry_text = timeline.timeline_entry(event, ticket, policy).blocks[0]["text"]["text"]
    return [blocks.section(f"{blocks.local_time(event.at, starts_sentence=True)} · {entry_text}")]
