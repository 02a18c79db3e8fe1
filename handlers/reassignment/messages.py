"""The card of a bulk reassignment, one for each recipient; and the job that covers absences."""

from datetime import timedelta

from handlers.outbox import RenderContext, RenderedMessage
from handlers.reassignment import cards
from handlers.registry import Registry
from services.reassignment.absence_cover import cover_absences, latest_moves
from storage.reassignment import bulk
from storage.reassignment.bulk import REASSIGNMENT_CARD
from storage.schema.tickets import OutboxMessage
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(REASSIGNMENT_CARD)(render_bulk_reassignment)
    on.job("handovers.hand_over", order=130, every=timedelta(minutes=3))(cover_absences)


def render_bulk_reassignment(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    id_, _, role = row.subject.partition(".")
    reassignment = bulk.find_reassignment(context.reader, int(id_))
    if reassignment is None:
        return None
    moves = bulk.ticket_moves(reassignment)
    if role == "back":
        moves = list(latest_moves(bulk.reported_together(context.reader, reassignment)).values())
    those = tickets.tickets_by_number(context.reader, [one.number for one in moves])
    by_number = {one.number: one for one in those if role != "back" or one.resolved_at is None}
    view = cards.ReassignmentView(reassignment, role, row.lane, context.policy, by_number, moves)
    return RenderedMessage(cards.reassignment_card(view))
