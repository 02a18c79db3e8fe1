"""Approvers: the people whose approval an escalation needs, and their answers."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select

from rules.escalations.approvals import Approver, ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.timers import TimerKind, TimerState
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation, TimerRow
from storage.transaction import Reader, Transaction, update_where


def approver_rows(reader: Reader, number: int, round_: int) -> Sequence[ApproverRow]:
    """In their order; none where any expert of the team decides."""
    query = select(ApproverRow).where(
        ApproverRow.workspace_id == reader.workspace, ApproverRow.number == number, ApproverRow.round == round_
    )
    return reader.session.scalars(query.order_by(ApproverRow.place).execution_options(populate_existing=True)).all()


def as_approvers(rows: Iterable[ApproverRow]) -> tuple[Approver, ...]:
    return tuple(Approver(row.place, row.person, row.asked, row.answer) for row in rows)


def add_approvers(tx: Transaction, escalation: Escalation, approvers: Iterable[Approver]) -> None:
    for approver in approvers:
        tx.session.add(
            ApproverRow(
                workspace_id=tx.workspace,
                number=escalation.number,
                round=escalation.round,
                place=approver.position,
                person=approver.person,
            )
        )
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
    answered = update_where(
        tx,
        ApproverRow,
        ApproverRow.number == escalation.number,
        ApproverRow.round == escalation.round,
        ApproverRow.place.in_(places),
        ApproverRow.answer.is_(None),
        answer=answer,
        answered_by=by,
        answered_at=tx.now,
        advice=reason,
        comment=comment,
    )
    return answered == len(places)


def is_asked_to_decide(reader: Reader, escalation: Escalation, person: str) -> bool:
    """Whether the person is asked now, for themselves or as a deputy, or is back while a deputy is asked."""
    query = select(ApproverRow.place).where(
        ApproverRow.workspace_id == reader.workspace,
        ApproverRow.number == escalation.number,
        ApproverRow.round == escalation.round,
        awaits_answer_of(person),
    )
    return reader.session.scalar(query.limit(1)) is not None


def awaits_answer_of(person: str) -> ColumnElement[bool]:
    return (
        ApproverRow.answer.is_(None)
        & ApproverRow.asked.is_not(None)
        & or_(ApproverRow.asked == person, ApproverRow.person == person)
    )


def asked_approvers(reader: Reader, escalation: Escalation) -> list[str]:
    rows = approver_rows(reader, escalation.number, escalation.round)
    return [row.asked for row in rows if row.asked and row.answer is None]


def awaited_approvers(reader: Reader) -> Sequence[tuple[int, str]]:
    """Ticket number and person, for each approver who is asked and has not answered."""
    query = (
        select(ApproverRow.number, ApproverRow.asked)
        .join(Escalation, joins_escalation())
        .where(
            Escalation.workspace_id == reader.workspace,
            Escalation.decided_at.is_(None),
            Escalation.state == EscalationState.PENDING,
            ApproverRow.answer.is_(None),
            ApproverRow.asked.is_not(None),
        )
    )
    return [
        (number, person)
        for number, person in reader.session.execute(query.order_by(ApproverRow.number, ApproverRow.place))
        if person
    ]


def awaited_teams(reader: Reader) -> Sequence[tuple[int, str]]:
    """Ticket number and team, for each escalation that any expert of the team may decide."""
    query = select(Escalation.number, Escalation.team).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at.is_(None),
        Escalation.state == EscalationState.PENDING,
        Escalation.approving.is_(None),
    )
    return [(number, team) for number, team in reader.session.execute(query.order_by(Escalation.number))]


def joins_escalation() -> ColumnElement[bool]:
    return (
        (ApproverRow.workspace_id == Escalation.workspace_id)
        & (ApproverRow.number == Escalation.number)
        & (ApproverRow.round == Escalation.round)
    )


def overdue_escalations(tx: Transaction, *, limit: int) -> Sequence[int]:
    """Numbers of tickets whose experts' answer is overdue; not those where a lead was already asked by name."""
    query = (
        select(Escalation.number)
        .join(TimerRow, (TimerRow.workspace_id == Escalation.workspace_id) & (TimerRow.number == Escalation.number))
        .where(
            Escalation.workspace_id == tx.workspace,
            Escalation.decided_at.is_(None),
            Escalation.state == EscalationState.PENDING,
            Escalation.approving.is_distinct_from(ApprovalMode.ANY),
            TimerRow.target == TimerKind.EXPERT_ANSWER,
            TimerRow.state == TimerState.RUNNING,
            TimerRow.due_at < tx.now,
        )
    )
    return tx.session.scalars(query.order_by(Escalation.number).limit(limit)).all()
