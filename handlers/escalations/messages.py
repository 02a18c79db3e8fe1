"""The cards of an escalation and of its peer review; and the jobs for answers that nobody gives."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.escalations.cards import escalations as cards
from handlers.escalations.cards import peer_review
from handlers.outbox import RenderContext, RenderedMessage, ticket_and_index
from handlers.registry import Registry
from rules.model.approval import APPROVAL_CHAIN_MODES
from services.escalations.approvals import replace_absent_approvers
from services.escalations.peer_review import PEER_REVIEW_CARD, forward_overdue
from storage.escalations import approvals, escalations
from storage.escalations.escalations import ESCALATION_CARD
from storage.outbox import message_references
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation, OutboxMessage, Ticket
from storage.sla import timers
from storage.tickets import tickets

_USER_ID_PREFIXES = ("U", "W")


def register(on: Registry) -> None:
    on.message(ESCALATION_CARD)(render_escalation_card)
    on.message(PEER_REVIEW_CARD)(render_peer_review_card)
    on.job("approvals.ask_anew", order=40, every=timedelta(minutes=1))(replace_absent_approvers)
    on.job("checks.send_late", order=50, every=timedelta(minutes=1))(forward_overdue)


def render_escalation_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _escalation_and_ticket(context, row)
    if pair is None:
        return None
    escalation, ticket = pair
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    experts = context.policy.team(escalation.team).people
    answers = approvals.approver_rows(context.reader, escalation.number, escalation.round)
    details = cards.EscalationDetails(
        answer=escalations.answer_to_question(context.reader, escalation, experts=experts),
        approvals=answers,
        earlier_rounds=escalations.redirect_chain(context.reader, escalation),
        recipient=_addressed_approver(escalation, answers, row.lane),
    )
    is_closed = escalation.decided_at is not None or not details.may_decide
    if details.recipient and is_closed and not _is_posted(context, row):
        return None
    card = cards.escalation_card(escalation, ticket, ticket_timers, context.policy, context.now, details=details)
    return RenderedMessage(card)


def _addressed_approver(escalation: Escalation, answers: Sequence[ApproverRow], destination: str) -> str | None:
    """The approver whose copy this is; None for a channel, and for people who may decide without being asked."""
    was_asked = any(destination in (one.asked, one.person) for one in answers)
    is_person = escalation.approving in APPROVAL_CHAIN_MODES and destination.startswith(_USER_ID_PREFIXES)
    return destination if was_asked or is_person else None


def render_peer_review_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _escalation_and_ticket(context, row)
    return None if pair is None else RenderedMessage(peer_review.peer_review_card(*pair, context.policy))


def _escalation_and_ticket(context: RenderContext, row: OutboxMessage) -> tuple[Escalation, Ticket] | None:
    number, round_ = ticket_and_index(row)
    escalation = escalations.find_escalation(context.reader, number, round_)
    ticket = tickets.find_ticket(context.reader, number)
    return None if escalation is None or ticket is None else (escalation, ticket)


def _is_posted(context: RenderContext, row: OutboxMessage) -> bool:
    """Whether the card was posted there. A card that was decided overnight is not posted in the morning."""
    card = message_references.find_card(context.reader, kind=row.kind, subject=row.subject, destination=row.lane)
    return card is not None
