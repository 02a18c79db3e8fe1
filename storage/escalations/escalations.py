"""Escalations: which question waits for whom."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update

from rules.escalations.escalations import UNDECIDED_STATES, EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from storage.escalations.approvals import awaits_answer_of, joins_escalation
from storage.events import EventKind
from storage.schema.tickets import Escalation, Event
from storage.transaction import Reader, Transaction


def undecided_escalation(reader: Reader, number: int) -> Escalation | None:
    """The ticket's question that still waits for an answer; None when none does."""
    return reader.session.scalars(
        select(Escalation).where(
            Escalation.workspace_id == reader.workspace, Escalation.number == number, Escalation.decided_at.is_(None)
        )
    ).first()


def undecided_escalations(reader: Reader, numbers: Sequence[int]) -> Sequence[Escalation]:
    """The questions about these tickets that still wait for an answer."""
    waiting = select(Escalation).where(
        Escalation.workspace_id == reader.workspace, Escalation.number.in_(numbers), Escalation.decided_at.is_(None)
    )
    return reader.session.scalars(waiting).all()


def latest_escalation(reader: Reader, number: int) -> Escalation | None:
    """The ticket's newest escalation, decided or not."""
    mine = select(Escalation).where(Escalation.workspace_id == reader.workspace, Escalation.number == number)
    return reader.session.scalars(mine.order_by(Escalation.round.desc()).limit(1)).first()


def find_escalation(reader: Reader, number: int, round_: int) -> Escalation | None:
    return reader.session.get(Escalation, (reader.workspace, number, round_))


def next_escalation_round(tx: Transaction, number: int) -> int:
    """1 for the ticket's first escalation, and so on."""
    rounds = select(func.max(Escalation.round)).where(
        Escalation.workspace_id == tx.workspace, Escalation.number == number
    )
    return (tx.session.scalar(rounds) or 0) + 1


def decide_escalation(
    tx: Transaction,
    escalation: Escalation,
    *,
    state: EscalationState,
    by: str,
    advice: RejectionReason | None = None,
    comment: str | None = None,
    redirected_to: str | None = None,
) -> bool:
    """True for the one who decided; False when someone else was first."""
    won = tx.execute(
        update(Escalation)
        .where(
            Escalation.workspace_id == tx.workspace,
            Escalation.number == escalation.number,
            Escalation.round == escalation.round,
            Escalation.state.in_(UNDECIDED_STATES),
        )
        .values(
            state=state,
            decided_by=by,
            decided_at=tx.now,
            advice=advice,
            comment=comment,
            redirected_to=redirected_to,
        )
        .returning(Escalation.number)
        .execution_options(synchronize_session=False)
    ).first()
    tx.session.refresh(escalation)
    return won is not None


def redirect_chain(reader: Reader, escalation: Escalation) -> list[Escalation]:
    """The rounds in which the same question was sent from experts to experts before it came here, oldest first."""
    mine = select(Escalation).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.number == escalation.number,
        Escalation.round < escalation.round,
    )
    found: list[Escalation] = []
    for one in reader.session.scalars(mine.order_by(Escalation.round.desc())):
        if one.state is not EscalationState.REDIRECTED:
            break
        found.append(one)
    return found[::-1]


def teams_that_redirected(reader: Reader, escalation: Escalation) -> set[str]:
    """The teams that have sent this question away."""
    return {one.team for one in redirect_chain(reader, escalation)}


def accepted_escalation(reader: Reader, number: int, *, team: str) -> Escalation | None:
    """What the experts who hold the ticket now were told when they accepted it; None when they were not asked."""
    newest = latest_escalation(reader, number)
    accepted = newest is not None and newest.state is EscalationState.ACCEPTED and newest.team == team
    return newest if accepted else None


def mark_reviewed(tx: Transaction, escalation: Escalation, *, by: str) -> bool:
    """True for the colleague who sent it on; False when it was sent on or ended before."""
    won = tx.execute(
        update(Escalation)
        .where(
            Escalation.workspace_id == tx.workspace,
            Escalation.number == escalation.number,
            Escalation.round == escalation.round,
            Escalation.state == EscalationState.IN_PEER_REVIEW,
        )
        .values(state=EscalationState.PENDING, checked_by=by)
        .returning(Escalation.number)
        .execution_options(synchronize_session=False)
    ).first()
    tx.session.refresh(escalation)
    return won is not None


def unreviewed_escalations(reader: Reader, *, at: datetime) -> Sequence[int]:
    """The tickets whose questions no colleague has looked at in time, by number."""
    late = select(Escalation.number).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at.is_(None),
        Escalation.state == EscalationState.IN_PEER_REVIEW,
        Escalation.answer_due_at <= at,
    )
    return reader.session.scalars(late.order_by(Escalation.number)).all()


def escalations_to_decide(reader: Reader, person: str, *, teams: Sequence[str]) -> Sequence[Escalation]:
    """What this person may decide now, the most urgent first: what they are asked by name, in their teams what is left
    to the first, and what their colleagues ask and somebody has to look at before."""
    by_name = exists().where(joins_escalation(), awaits_answer_of(person))
    the_first = or_(Escalation.approving.is_(None), Escalation.approving == ApprovalMode.ANY)
    with_experts = Escalation.state != EscalationState.IN_PEER_REVIEW
    to_check = ~with_experts & Escalation.from_team.in_(teams) & (Escalation.asked_by != person)
    theirs = (
        select(Escalation)
        .where(Escalation.workspace_id == reader.workspace, Escalation.decided_at.is_(None))
        .where(or_(by_name, with_experts & the_first & Escalation.team.in_(teams), to_check))
    )
    return reader.session.scalars(theirs.order_by(Escalation.answer_due_at)).all()


def answer_to_question(reader: Reader, escalation: Escalation, *, experts: Collection[str]) -> str:
    """What anyone but the experts last wrote since they asked back; empty when nothing yet."""
    if escalation.question is None:
        return ""
    mine = select(Event.kind, Event.by, Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == escalation.number
    )
    said = ""
    for kind, by, data in reader.session.execute(mine.order_by(Event.seq)):
        if kind == EventKind.INFO_REQUESTED:
            said = ""
        elif kind in (EventKind.NOTED, EventKind.REQUESTER_WROTE, EventKind.REPLIED) and by not in experts:
            said = str(data.get("text", ""))
    return said
