"""The ticket page: the status, and the timeline as far as the viewer may read it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.text.slack import join, local_time
from handlers.tickets.cards import timeline
from handlers.tickets.cards.ticket import (
    Timers,
    description_blocks,
    due_times_text,
    explain_button,
    open_button,
    origin_text,
    reopen_button,
    resolution_time_lines,
    spoken_ticket,
    ticket_card,
    ticket_heading,
    ticket_summary,
)
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.people.permissions import Role
from rules.text import TicketNumber, _, ngettext
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket

EVENTS_SHOWN = 40
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
    ticket: Ticket, timers: Timers, events: Sequence[Event], policy: Policy, now: datetime, *, roles: Collection[Role]
) -> Modal:
    """Requesters read what was done and written to them, not the team's own discussion."""
    visible = [event for event in events if is_of_desk(roles) or _is_public(event)]
    ways = [blocks.actions(explain_button(ticket.number))] if timers else []
    content = [*_ticket_head(ticket, timers, policy, now), *ways, blocks.divider()]
    if len(visible) > EVENTS_SHOWN:
        earlier = len(visible) - EVENTS_SHOWN
        content.append(
            blocks.context(ngettext("{n} earlier entry is not shown.", "{n} earlier entries are not shown.", earlier))
        )
    for event in visible[-EVENTS_SHOWN:]:
        content += _event_section(event, ticket, policy)
    return blocks.page_modal(_("{ticket}", ticket=TicketNumber(ticket.number)), content)


def card_for_viewer(
    ticket: Ticket, timers: Timers, policy: Policy, now: datetime, *, roles: Collection[Role]
) -> Message:
    """The team's card; other viewers get it without the team's buttons."""
    if is_of_desk(roles):
        return ticket_card(ticket, timers, policy, now)
    ways = [open_button(ticket.number)]
    ways += [explain_button(ticket.number)] if timers else []
    if ticket.status in DONE_STATUSES and Role.REQUESTER in roles:
        ways.append(reopen_button(ticket.number))
    return Message(spoken_ticket(ticket, policy), [*_ticket_head(ticket, timers, policy, now), blocks.actions(*ways)])


def is_of_desk(roles: Collection[Role]) -> bool:
    return any(role is not Role.REQUESTER for role in roles)


def _is_public(event: Event) -> bool:
    """Of an edited message what it is an edit of counts."""
    return event.data.get("of_kind", event.kind) in PUBLIC_EVENTS


def _ticket_head(ticket: Ticket, timers: Timers, policy: Policy, now: datetime) -> list[Block]:
    due_times, resolution_times = due_times_text(ticket, timers, now), resolution_time_lines(ticket, timers, policy)
    lines = [ticket_heading(ticket), ticket_summary(ticket, policy), due_times, *resolution_times]
    content = [blocks.section(join("\n", lines))]
    content += description_blocks(ticket, whole=True)
    content.append(blocks.context(origin_text(ticket, policy)))
    return [*content, *timeline.attachment_links(ticket.files)]


def _event_section(event: Event, ticket: Ticket, policy: Policy) -> list[Block]:
    first, *more = timeline.timeline_entry(event, ticket, policy).blocks
    words = f"{local_time(event.at, starts_sentence=True)} · {first['text']['text']}"
    return [blocks.section(words), *(block for block in more if block["type"] == "section")]
