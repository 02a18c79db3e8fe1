"""Approvals: whose yes an escalation needs, who was asked for them, and what they said."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select, update

from rules.escalations.approvals import Approver, ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.timers import TimerKind, TimerState
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation, TimerRow
from storage.transaction import Reader, Transaction


def approver_rows(reader: Reader, number: int, round_: int) -> Sequence[ApproverRow]:
    """The escalation's approvers in their order; none where the first of the team decides."""
    mine = select(ApproverRow).where(
        ApproverRow.workspace_id == reader.workspace, ApproverRow.number == number, ApproverRow.round == round_
    )
    return reader.session.scalars(mine.order_by(ApproverRow.place).execution_options(populate_existing=True)).all()


def as_approvers(votes: Iterable[ApproverRow]) -> tuple[Approver, ...]:
    """The rows as the values that rules/escalations/approvals.py works on."""
    return tuple(Approver(one.place, one.person, one.asked, one.answer) for one in votes)


def add_approvers(tx: Transaction, escalation: Escalation, sitting: Iterable[Approver]) -> None:
    """New places, nobody asked for them yet."""
    for seat in sitting:
        tx.session.add(
            ApproverRow(
                workspace_id=tx.workspace,
                number=escalation.number,
                round=escalation.round,
                place=seat.position,
                person=seat.person,
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
    advice: RejectionReason | None = None,
    comment: str | None = None,
) -> bool:
    """Keeps the answer of those places; False when one of them was answered already."""
    kept = tx.execute(
        update(ApproverRow)
        .where(
            ApproverRow.workspace_id == tx.workspace,
            ApproverRow.number == escalation.number,
            ApproverRow.round == escalation.round,
            ApproverRow.place.in_(places),
            ApproverRow.answer.is_(None),
        )
        .values(answer=answer, answered_by=by, answered_at=tx.now, advice=advice, comment=comment)
        .returning(ApproverRow.place)
        .execution_options(synchronize_session=False)
    ).all()
    return len(kept) == len(places)


def is_asked_to_decide(reader: Reader, escalation: Escalation, person: str) -> bool:
    """Whether that person is asked now, for themselves or for who is away; or is back while another is asked."""
    mine = select(ApproverRow.place).where(
        ApproverRow.workspace_id == reader.workspace,
        ApproverRow.number == escalation.number,
        ApproverRow.round == escalation.round,
        awaits_answer_of(person),
    )
    return reader.session.scalar(mine.limit(1)) is not None


def awaits_answer_of(person: str) -> ColumnElement[bool]:
    """The places that wait for that person now: theirs, or those for which they are asked."""
    return (
        ApproverRow.answer.is_(None)
        & ApproverRow.asked.is_not(None)
        & or_(ApproverRow.asked == person, ApproverRow.person == person)
    )


def asked_approvers(reader: Reader, escalation: Escalation) -> list[str]:
    """Everybody who is asked now and has not answered, in their order."""
    votes = approver_rows(reader, escalation.number, escalation.round)
    return [one.asked for one in votes if one.asked and one.answer is None]


def awaited_approvers(reader: Reader) -> Sequence[tuple[int, str]]:
    """Which tickets wait for whom: by number, everybody who is asked and has not answered."""
    waiting = (
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
        (number, asked)
        for number, asked in reader.session.execute(waiting.order_by(ApproverRow.number, ApproverRow.place))
        if asked
    ]


def awaited_teams(reader: Reader) -> Sequence[tuple[int, str]]:
    """Which tickets wait for the first of a team's experts, while nobody is asked by name: number and team."""
    waiting = select(Escalation.number, Escalation.team).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at.is_(None),
        Escalation.state == EscalationState.PENDING,
        Escalation.approving.is_(None),
    )
    return [(number, team) for number, team in reader.session.execute(waiting.order_by(Escalation.number))]


def joins_escalation() -> ColumnElement[bool]:
    """The place is one of the escalation's."""
    return (
        (ApproverRow.workspace_id == Escalation.workspace_id)
        & (ApproverRow.number == Escalation.number)
        & (ApproverRow.round == Escalation.round)
    )


def overdue_escalations(tx: Transaction, *, limit: int) -> Sequence[int]:
    """The tickets whose experts have let their time run out, by number; not where somebody was asked by name since."""
    late = (
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
    return tx.session.scalars(late.order_by(Escalation.number).limit(limit)).all()
