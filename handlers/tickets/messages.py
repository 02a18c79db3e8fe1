"""The ticket's card, its timeline, replies to its requester, and notices."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from handlers.outbox import RenderContext, RenderedMessage
from handlers.registry import Registry
from handlers.text.slack import render
from handlers.text.translation import rendering
from handlers.tickets.cards import notices, timeline
from handlers.tickets.cards.ticket import ticket_card
from rules.escalations.escalations import EscalationState
from services.tickets.undelivered import record_undelivered_reply
from storage import events
from storage.escalations import escalations
from storage.events import EventKind
from storage.outbox import message_references
from storage.outbox.deliveries import LATE_AFTER, is_waiting
from storage.outbox.outbox import LATE_NOTICES, NOTICE, REQUESTER_REPLY, TICKET_CARD, TIMELINE_ENTRY
from storage.people.people import find_name
from storage.schema.tickets import Event, OutboxMessage, Ticket
from storage.sla import timers
from storage.texts import text_from_json
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(TICKET_CARD)(render_ticket_card)
    on.message(TIMELINE_ENTRY)(render_timeline_entry)
    on.message(REQUESTER_REPLY, undelivered=record_undelivered_reply)(render_reply)
    on.message(NOTICE)(render_notice)
    on.message(LATE_NOTICES)(render_late_notices)


def render_ticket_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    waiting = escalations.undecided_escalation(context.reader, ticket.number)
    asked_team = waiting.team if waiting and waiting.state is not EscalationState.IN_PEER_REVIEW else None
    accepted = escalations.accepted_escalation(context.reader, ticket.number, team=ticket.team)
    evidence = (accepted.why, accepted.tried) if accepted else None
    lost = _undelivered_reply(context, ticket)
    with rendering(names=partial(find_name, context.reader)):
        card = ticket_card(
            ticket, ticket_timers, context.policy, context.now, asked_team=asked_team, evidence=evidence, lost=lost
        )
    return RenderedMessage(card)


def _undelivered_reply(context: RenderContext, ticket: Ticket) -> Event | None:
    """That the last reply did not arrive; None when it did."""
    lost = events.latest_event(context.reader, ticket.number, EventKind.UNDELIVERED)
    if lost is None:
        return None
    newest = events.latest_event(context.reader, ticket.number, EventKind.REPLIED, EventKind.RESOLVED)
    return lost if newest is None or newest.seq == lost.data["of"] else None


def render_timeline_entry(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _event_and_ticket(context, row)
    if pair is None:
        return None
    event, ticket = pair
    subject = str(ticket.number)
    root = message_references.find_card(context.reader, kind=TICKET_CARD, subject=subject, destination=row.lane)
    waits = root is None and is_waiting(context.reader, TICKET_CARD, subject=subject, destination=row.lane)
    part = row.data.get("part", 0)
    with rendering(names=partial(find_name, context.reader)):
        message = timeline.timeline_entry(event, ticket, context.policy, part=part)
    return RenderedMessage(message, thread=root, waits_for_thread=waits, next_part=timeline.next_part(event, part))


def render_reply(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _event_and_ticket(context, row)
    if pair is None:
        return None
    event, ticket = pair
    root = message_references.source_thread(context.reader, ticket.number)
    if root is None or root.channel != row.lane:  # no source, or one where Baton may not post
        subject = str(ticket.number)
        root = message_references.find_card(context.reader, kind=REQUESTER_REPLY, subject=subject, destination=row.lane)
    part = row.data.get("part", 0)
    with rendering(names=partial(find_name, context.reader)):
        message = timeline.requester_message(event, ticket, first=root is None, part=part)
    following = timeline.next_part(event, part)
    return RenderedMessage(message, thread=root, is_requester_thread=root is None, next_part=following)


def _event_and_ticket(context: RenderContext, row: OutboxMessage) -> tuple[Event, Ticket] | None:
    event = events.find_event(context.reader, row.number or 0, row.data["seq"])
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    return None if event is None or ticket is None else (event, ticket)


def render_notice(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """None when the ticket was resolved while the notice waited."""
    notice = _notice(context, row.data, row.number, row.queued_at)
    return None if notice is None else RenderedMessage(notices.notice_message(notice))


def render_late_notices(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    found = [
        _notice(context, item, item["number"], datetime.fromisoformat(item["queued_at"])) for item in row.data["items"]
    ]
    left = [notice for notice in found if notice is not None]
    return RenderedMessage(notices.late_notices_message(left)) if left else None


def _notice(
    context: RenderContext, data: Mapping[str, Any], number: int | None, queued_at: datetime
) -> notices.Notice | None:
    ticket = tickets.find_ticket(context.reader, number) if number else None
    is_late = queued_at <= context.now - LATE_AFTER
    if ticket is not None and is_late and ticket.resolved_at is not None and queued_at < ticket.resolved_at:
        return None
    words = data["words"]
    words = render(words if isinstance(words, str) else text_from_json(words))
    return notices.Notice(words, data["quote"], ticket)
