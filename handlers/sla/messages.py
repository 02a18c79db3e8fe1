"""The card with which an extension is requested; and the job that recalculates targets."""

from datetime import timedelta

from handlers.outbox import RenderContext, RenderedMessage, ticket_and_index
from handlers.registry import Registry
from handlers.sla.cards import extensions as cards
from services.config import recalculate_all_sla_targets
from services.sla.extensions import EXTENSION_CARD
from storage.schema.tickets import OutboxMessage
from storage.sla import extensions, timers
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(EXTENSION_CARD)(render_extension_card)
    on.job("policy.promise_anew", order=70, every=timedelta(minutes=1))(recalculate_all_sla_targets)


def render_extension_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, round_ = ticket_and_index(row)
    request = extensions.find_extension(context.reader, number, round_)
    ticket = tickets.find_ticket(context.reader, number)
    if request is None or ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    return RenderedMessage(cards.extension_card(request, ticket, ticket_timers, context.policy))
