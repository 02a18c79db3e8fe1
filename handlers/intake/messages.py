"""The confirmation that a ticket was created."""

from handlers.intake import cards
from handlers.outbox import RenderContext, RenderedMessage
from handlers.registry import Registry
from rules.model.timers import TimerState
from rules.people.permissions import Permission, is_allowed
from services.intake import CONFIRMATION
from services.permissions import roles_on_ticket
from storage.schema.tickets import MessageReference, OutboxMessage
from storage.sla import timers
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(CONFIRMATION)(render_confirmation)


def render_confirmation(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    due = {kind: timer.due_at for kind, timer in ticket_timers.items() if timer.state is TimerState.RUNNING}
    if "thread" in row.data:
        message = cards.ticket_filed_in_thread(ticket, due, context.policy)
        return RenderedMessage(message, thread=MessageReference(channel=row.lane, ts=row.data["thread"]))
    may_change = is_allowed(Permission.CHANGE_TICKET, roles_on_ticket(context.policy, ticket, row.lane))
    is_requester = row.lane == ticket.requester
    message = cards.ticket_filed(ticket, due, context.policy, may_change=may_change, answerable=is_requester)
    return RenderedMessage(message, is_requester_thread=is_requester)
