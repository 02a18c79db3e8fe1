"""Approvers: the people whose approval an escalation needs, and their answers."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select

from rules.escalations.approvals import Approver, ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.timers import TimerKind, TimerState
from storage.schema.columns import same_ticket
from storage.schema.escalations import ApproverRow, awaits_answer_of, joins_escalation
from storage.schema.tickets import Escalation, TimerRow
from storage.transaction import Reader, Transaction, all_where, first_where, select_where, update_where

_PENDING = (Escalation.decided_at.is_(None), Escalation.state == EscalationState.PENDING)


def approver_rows(reader: Reader, number: int, round_: int) -> Sequence[ApproverRow]:
    """In their order; none where any expert of the team decides."""
    query = select_where(reader, ApproverRow, ApproverRow.number == number, ApproverRow.round == round_)
    return reader.session.scalars(query.order_by(ApproverRow.place).execution_options(populate_existing=True)).all()


def as_approvers(rows: Iterable[ApproverRow]) -> tuple[Approver, ...]:
    return tuple(Approver(row.place, row.person, row.asked, row.answer) for row in rows)


def add_approvers(tx: Transaction, escalation: Escalation, approvers: Iterable[Approver]) -> None:
    key = {"workspace_id": tx.workspace, "number": escalation.number, "round": escalation.round}
    tx.session.add_all(ApproverRow(**key, place=approver.position, person=approver.person) for approver in approvers)
    tx.flush()


def record_answers(
    tx: Transaction,
    escalation: Escalation,
    places: Sequence[int],
    *,
    answer: ApproverAnswer,
    by: str,
    reason: RejectionReason | None = None,
    comment: str | None = None,
) -> bool:
    """False when one of those places was answered already."""
    unanswered = (*_of_round(escalation), ApproverRow.place.in_(places), ApproverRow.answer.is_(None))
    values = {"answer": answer, "answered_by": by, "answered_at": tx.now, "advice": reason, "comment": comment}
    return update_where(tx, ApproverRow, *unanswered, **values) == len(places)


def is_asked_to_decide(reader: Reader, escalation: Escalation, person: str) -> bool:
    """Whether the person is asked now, for themselves or as a deputy, or is back while a deputy is asked."""
    return first_where(reader, ApproverRow.place, *_of_round(escalation), awaits_answer_of(person)) is not None


def asked_approvers(reader: Reader, escalation: Escalation) -> list[str]:
    rows = approver_rows(reader, escalation.number, escalation.round)
    return [row.asked for row in rows if row.asked and row.answer is None]


def awaited_approvers(reader: Reader) -> Sequence[tuple[int, str]]:
    """Ticket number and person, for each approver who is asked and has not answered."""
    query = (
        select(ApproverRow.number, ApproverRow.asked)
        .join(Escalation, joins_escalation())
        .where(Escalation.workspace_id == reader.workspace, *_PENDING)
        .where(ApproverRow.answer.is_(None), ApproverRow.asked.is_not(None))
        .order_by(ApproverRow.number, ApproverRow.place)
    )
    return [(number, person) for number, person in reader.session.execute(query) if person]


def awaited_teams(reader: Reader) -> Sequence[tuple[int, str]]:
    """Ticket number and team, for each escalation that any expert of the team may decide."""
    by_any_expert = Escalation.approving.is_(None)
    escalations = all_where(reader, Escalation, *_PENDING, by_any_expert, order_by=Escalation.number)
    return [(escalation.number, escalation.team) for escalation in escalations]


def _of_round(escalation: Escalation) -> tuple[ColumnElement[bool], ...]:
    return ApproverRow.number == escalation.number, ApproverRow.round == escalation.round


def overdue_escalations(tx: Transaction, *, limit: int) -> Sequence[int]:
    """Numbers of tickets whose experts' answer is overdue; not those where a lead was already asked by name."""
    query = (
        select_where(tx, Escalation.number, *_PENDING, Escalation.approving.is_distinct_from(ApprovalMode.ANY))
        .join(TimerRow, same_ticket(TimerRow, Escalation))
        .where(TimerRow.target == TimerKind.EXPERT_ANSWER, TimerRow.state == TimerState.RUNNING)
        .where(TimerRow.due_at < tx.now)
    )
    return tx.session.scalars(query.order_by(Escalation.number).limit(limit)).all()
