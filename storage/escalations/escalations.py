"""Escalations: which are undecided, and by whom each may be decided."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select

from rules.escalations.escalations import UNDECIDED_STATES, EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from storage.escalations.approvals import awaits_answer_of, joins_escalation
from storage.events import EventKind
from storage.outbox.outbox import MessageKind
from storage.schema.tickets import Escalation, Event, Ticket
from storage.transaction import Reader, Transaction, update_first

DECISIONS_SHOWN = 10
ESCALATION_CARD = MessageKind("approval", refreshed=True)


def undecided_escalation(reader: Reader, number: int) -> Escalation | None:
    return reader.session.scalars(
        select(Escalation).where(
            Escalation.workspace_id == reader.workspace, Escalation.number == number, Escalation.decided_at.is_(None)
        )
    ).first()


def undecided_escalations(reader: Reader, numbers: Sequence[int]) -> Sequence[Escalation]:
    query = select(Escalation).where(
        Escalation.workspace_id == reader.workspace, Escalation.number.in_(numbers), Escalation.decided_at.is_(None)
    )
    return reader.session.scalars(query).all()


def latest_escalation(reader: Reader, number: int) -> Escalation | None:
    query = select(Escalation).where(Escalation.workspace_id == reader.workspace, Escalation.number == number)
    return reader.session.scalars(query.order_by(Escalation.round.desc()).limit(1)).first()


def find_escalation(reader: Reader, number: int, round_: int) -> Escalation | None:
    return reader.session.get(Escalation, (reader.workspace, number, round_))


def next_escalation_round(tx: Transaction, number: int) -> int:
    query = select(func.max(Escalation.round)).where(
        Escalation.workspace_id == tx.workspace, Escalation.number == number
    )
    return (tx.session.scalar(query) or 0) + 1


def decide_escalation(
    tx: Transaction,
    escalation: Escalation,
    *,
    state: EscalationState,
    by: str,
    reason: RejectionReason | None = None,
    comment: str | None = None,
    redirected_to: str | None = None,
) -> bool:
    """True for the decision that came first; False when the escalation was decided already."""
    return update_first(
        tx,
        escalation,
        Escalation.state.in_(UNDECIDED_STATES),
        state=state,
        decided_by=by,
        decided_at=tx.now,
        advice=reason,
        comment=comment,
        redirected_to=redirected_to,
    )


def redirect_chain(reader: Reader, escalation: Escalation) -> list[Escalation]:
    """The rounds in which experts redirected this escalation before it came to its team, the oldest first."""
    query = select(Escalation).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.number == escalation.number,
        Escalation.round < escalation.round,
    )
    redirected: list[Escalation] = []
    for earlier in reader.session.scalars(query.order_by(Escalation.round.desc())):
        if earlier.state is not EscalationState.REDIRECTED:
            break
        redirected.append(earlier)
    return redirected[::-1]


def teams_that_redirected(reader: Reader, escalation: Escalation) -> set[str]:
    return {earlier.team for earlier in redirect_chain(reader, escalation)}


def accepted_escalation(reader: Reader, number: int, *, team: str) -> Escalation | None:
    """The escalation that brought the ticket to this team; None when the team got it in another way."""
    escalation = latest_escalation(reader, number)
    accepted = escalation is not None and escalation.state is EscalationState.ACCEPTED and escalation.team == team
    return escalation if accepted else None


def mark_reviewed(tx: Transaction, escalation: Escalation, *, by: str) -> bool:
    in_review = Escalation.state == EscalationState.IN_PEER_REVIEW
    return update_first(tx, escalation, in_review, state=EscalationState.PENDING, checked_by=by)


def unreviewed_escalations(reader: Reader, *, at: datetime) -> Sequence[int]:
    query = select(Escalation.number).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at.is_(None),
        Escalation.state == EscalationState.IN_PEER_REVIEW,
        Escalation.answer_due_at <= at,
    )
    return reader.session.scalars(query.order_by(Escalation.number)).all()


def decisions_to_make(reader: Reader, person: str, *, teams: Sequence[str]) -> list[tuple[Escalation, Ticket]]:
    """The first few escalations that this person may decide now, with their tickets."""
    escalations = escalations_to_decide(reader, person, teams=teams)[:DECISIONS_SHOWN]
    numbers = [escalation.number for escalation in escalations]
    query = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(numbers))
    tickets = {ticket.number: ticket for ticket in reader.session.scalars(query)} if numbers else {}
    return [(escalation, tickets[escalation.number]) for escalation in escalations if escalation.number in tickets]


def escalations_to_decide(reader: Reader, person: str, *, teams: Sequence[str]) -> Sequence[Escalation]:
    """What this person may decide now, the most urgent first.

    That is: escalations where they are an approver, those that any expert of their teams may decide, and those of their
    colleagues that need a peer review.
    """
    by_name = exists().where(joins_escalation(), awaits_answer_of(person))
    the_first = or_(Escalation.approving.is_(None), Escalation.approving == ApprovalMode.ANY)
    with_experts = Escalation.state != EscalationState.IN_PEER_REVIEW
    to_check = ~with_experts & Escalation.from_team.in_(teams) & (Escalation.asked_by != person)
    query = (
        select(Escalation)
        .where(Escalation.workspace_id == reader.workspace, Escalation.decided_at.is_(None))
        .where(or_(by_name, with_experts & the_first & Escalation.team.in_(teams), to_check))
    )
    return reader.session.scalars(query.order_by(Escalation.answer_due_at)).all()


def answer_to_question(reader: Reader, escalation: Escalation, *, experts: Collection[str]) -> str:
    """The last text by someone other than the experts since they requested information; empty when there is none
    yet."""
    if escalation.question is None:
        return ""
    query = select(Event.kind, Event.by, Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == escalation.number
    )
    text = ""
    for kind, by, data in reader.session.execute(query.order_by(Event.seq)):
        if kind == EventKind.INFO_REQUESTED:
            text = ""
        elif kind in (EventKind.NOTED, EventKind.REQUESTER_WROTE, EventKind.REPLIED) and by not in experts:
            text = str(data.get("text", ""))
    return text
