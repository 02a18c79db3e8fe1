"""Escalations: which question waits for whom."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update

from rules.escalations.escalations import UNDECIDED, Advice, EscalationState
from rules.model.approval import Approving
from storage.escalations.approvals import of_vote, waits_for
from storage.events import Happened
from storage.schema.tickets import Escalation, Event
from storage.transaction import Reader, Transaction


def undecided(reader: Reader, number: int) -> Escalation | None:
    """The ticket's question that still waits for an answer; None when none does."""
    return reader.session.scalars(
        select(Escalation).where(
            Escalation.workspace_id == reader.workspace, Escalation.number == number, Escalation.decided_at.is_(None)
        )
    ).first()


def undecided_of(reader: Reader, numbers: Sequence[int]) -> Sequence[Escalation]:
    """The questions about these tickets that still wait for an answer."""
    waiting = select(Escalation).where(
        Escalation.workspace_id == reader.workspace, Escalation.number.in_(numbers), Escalation.decided_at.is_(None)
    )
    return reader.session.scalars(waiting).all()


def latest(reader: Reader, number: int) -> Escalation | None:
    """The ticket's newest escalation, decided or not."""
    mine = select(Escalation).where(Escalation.workspace_id == reader.workspace, Escalation.number == number)
    return reader.session.scalars(mine.order_by(Escalation.round.desc()).limit(1)).first()


def get(reader: Reader, number: int, round_: int) -> Escalation | None:
    return reader.session.get(Escalation, (reader.workspace, number, round_))


def next_round(tx: Transaction, number: int) -> int:
    """1 for the ticket's first escalation, and so on."""
    rounds = select(func.max(Escalation.round)).where(
        Escalation.workspace_id == tx.workspace, Escalation.number == number
    )
    return (tx.session.scalar(rounds) or 0) + 1


def decide(
    tx: Transaction,
    escalation: Escalation,
    *,
    to: EscalationState,
    by: str,
    advice: Advice | None = None,
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
            Escalation.state.in_(UNDECIDED),
        )
        .values(
            state=to,
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


def chain(reader: Reader, escalation: Escalation) -> list[Escalation]:
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


def redirected_before(reader: Reader, escalation: Escalation) -> set[str]:
    """The teams that have sent this question away."""
    return {one.team for one in chain(reader, escalation)}


def evidence(reader: Reader, number: int, *, team: str) -> Escalation | None:
    """What the experts who hold the ticket now were told when they accepted it; None when they were not asked."""
    newest = latest(reader, number)
    accepted = newest is not None and newest.state is EscalationState.ACCEPTED and newest.team == team
    return newest if accepted else None


def checked(tx: Transaction, escalation: Escalation, *, by: str) -> bool:
    """True for the colleague who sent it on; False when it was sent on or ended before."""
    won = tx.execute(
        update(Escalation)
        .where(
            Escalation.workspace_id == tx.workspace,
            Escalation.number == escalation.number,
            Escalation.round == escalation.round,
            Escalation.state == EscalationState.TO_CHECK,
        )
        .values(state=EscalationState.PENDING, checked_by=by)
        .returning(Escalation.number)
        .execution_options(synchronize_session=False)
    ).first()
    tx.session.refresh(escalation)
    return won is not None


def unlooked(reader: Reader, *, at: datetime) -> Sequence[int]:
    """The tickets whose questions no colleague has looked at in time, by number."""
    late = select(Escalation.number).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at.is_(None),
        Escalation.state == EscalationState.TO_CHECK,
        Escalation.answer_due_at <= at,
    )
    return reader.session.scalars(late.order_by(Escalation.number)).all()


def waiting_for(reader: Reader, person: str, *, teams: Sequence[str]) -> Sequence[Escalation]:
    """What this person may decide now, the most urgent first: what they are asked by name, in their teams what is left
    to the first, and what their colleagues ask and somebody has to look at before."""
    by_name = exists().where(of_vote(), waits_for(person))
    the_first = or_(Escalation.approving.is_(None), Escalation.approving == Approving.ANY)
    with_experts = Escalation.state != EscalationState.TO_CHECK
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
        if kind == Happened.ASKED_BACK:
            said = ""
        elif kind in (Happened.NOTED, Happened.WROTE, Happened.REPLIED) and by not in experts:
            said = str(data.get("text", ""))
    return said
