"""The card of the person whom a ticket is assigned to; and the jobs that route, remind and warn of overload."""

from datetime import timedelta

from handlers.assignment.cards import assignments as cards
from handlers.outbox import RenderContext, RenderedMessage, ticket_and_index
from handlers.registry import Registry
from services.assignment.assignments import ASSIGNMENT_CARD, route_unassigned
from services.assignment.reminders import remind_all_assignees
from services.workload import warn_of_overload
from storage import events
from storage.events import EventKind
from storage.schema.tickets import OutboxMessage
from storage.sla import timers
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(ASSIGNMENT_CARD)(render_assignment_card)
    on.job("reminders.remind", order=20, every=timedelta(minutes=1))(remind_all_assignees)
    on.job("assignments.give_waiting", order=30, every=timedelta(seconds=30))(route_unassigned)
    on.job("load.warn", order=120, every=timedelta(minutes=10))(warn_of_overload)


def render_assignment_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, seq = ticket_and_index(row)
    event = events.find_event(context.reader, number, seq)
    ticket = tickets.find_ticket(context.reader, number)
    if event is None or ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    newest = events.latest_event(context.reader, ticket.number, EventKind.ASSIGNED)
    last = newest is not None and newest.seq == event.seq
    card = cards.assignment_card(event, ticket, ticket_timers, context.policy, context.now, newest=last)
    return RenderedMessage(card)
