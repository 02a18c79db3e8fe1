"""Approvals: whose yes an escalation needs, who was asked for them, and what they said."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select, update

from rules.escalations.approvals import Answer, Seat
from rules.escalations.escalations import Advice, EscalationState
from rules.model.approval import Approving
from rules.model.timers import ClockKind, ClockState
from storage.schema.escalations import Vote
from storage.schema.tickets import Clock, Escalation
from storage.transaction import Reader, Transaction


def votes_of(reader: Reader, number: int, round_: int) -> Sequence[Vote]:
    """The escalation's approvers in their order; none where the first of the team decides."""
    mine = select(Vote).where(Vote.workspace_id == reader.workspace, Vote.number == number, Vote.round == round_)
    return reader.session.scalars(mine.order_by(Vote.place).execution_options(populate_existing=True)).all()


def seats(votes: Iterable[Vote]) -> tuple[Seat, ...]:
    """The rows as the values that rules/escalations/approvals.py works on."""
    return tuple(Seat(one.place, one.person, one.asked, one.answer) for one in votes)


def sit(tx: Transaction, escalation: Escalation, sitting: Iterable[Seat]) -> None:
    """New places, nobody asked for them yet."""
    for seat in sitting:
        tx.session.add(
            Vote(
                workspace_id=tx.workspace,
                number=escalation.number,
                round=escalation.round,
                place=seat.place,
                person=seat.person,
            )
        )
    tx.flush()


def say(
    tx: Transaction,
    escalation: Escalation,
    places: Sequence[int],
    *,
    answer: Answer,
    by: str,
    advice: Advice | None = None,
    comment: str | None = None,
) -> bool:
    """Keeps the answer of those places; False when one of them was answered already."""
    kept = tx.execute(
        update(Vote)
        .where(
            Vote.workspace_id == tx.workspace,
            Vote.number == escalation.number,
            Vote.round == escalation.round,
            Vote.place.in_(places),
            Vote.answer.is_(None),
        )
        .values(answer=answer, answered_by=by, answered_at=tx.now, advice=advice, comment=comment)
        .returning(Vote.place)
        .execution_options(synchronize_session=False)
    ).all()
    return len(kept) == len(places)


def is_asked(reader: Reader, escalation: Escalation, person: str) -> bool:
    """Whether that person is asked now, for themselves or for who is away; or is back while another is asked."""
    mine = select(Vote.place).where(
        Vote.workspace_id == reader.workspace,
        Vote.number == escalation.number,
        Vote.round == escalation.round,
        waits_for(person),
    )
    return reader.session.scalar(mine.limit(1)) is not None


def waits_for(person: str) -> ColumnElement[bool]:
    """The places that wait for that person now: theirs, or those for which they are asked."""
    return Vote.answer.is_(None) & Vote.asked.is_not(None) & or_(Vote.asked == person, Vote.person == person)


def asked_by_name(reader: Reader, escalation: Escalation) -> list[str]:
    """Everybody who is asked now and has not answered, in their order."""
    votes = votes_of(reader, escalation.number, escalation.round)
    return [one.asked for one in votes if one.asked and one.answer is None]


def asked_now(reader: Reader) -> Sequence[tuple[int, str]]:
    """Which tickets wait for whom: by number, everybody who is asked and has not answered."""
    waiting = (
        select(Vote.number, Vote.asked)
        .join(Escalation, of_vote())
        .where(
            Escalation.workspace_id == reader.workspace,
            Escalation.decided_at.is_(None),
            Escalation.state == EscalationState.PENDING,
            Vote.answer.is_(None),
            Vote.asked.is_not(None),
        )
    )
    return [
        (number, asked) for number, asked in reader.session.execute(waiting.order_by(Vote.number, Vote.place)) if asked
    ]


def asked_of_all(reader: Reader) -> Sequence[tuple[int, str]]:
    """Which tickets wait for the first of a team's experts, while nobody is asked by name: number and team."""
    waiting = select(Escalation.number, Escalation.team).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at.is_(None),
        Escalation.state == EscalationState.PENDING,
        Escalation.approving.is_(None),
    )
    return [(number, team) for number, team in reader.session.execute(waiting.order_by(Escalation.number))]


def of_vote() -> ColumnElement[bool]:
    """The place is one of the escalation's."""
    return (
        (Vote.workspace_id == Escalation.workspace_id)
        & (Vote.number == Escalation.number)
        & (Vote.round == Escalation.round)
    )


def overdue(tx: Transaction, *, limit: int) -> Sequence[int]:
    """The tickets whose experts have let their time run out, by number; not where somebody was asked by name since."""
    late = (
        select(Escalation.number)
        .join(Clock, (Clock.workspace_id == Escalation.workspace_id) & (Clock.number == Escalation.number))
        .where(
            Escalation.workspace_id == tx.workspace,
            Escalation.decided_at.is_(None),
            Escalation.state == EscalationState.PENDING,
            Escalation.approving.is_distinct_from(Approving.ANY),
            Clock.target == ClockKind.EXPERT_ANSWER,
            Clock.state == ClockState.RUNNING,
            Clock.due_at < tx.now,
        )
    )
    return tx.session.scalars(late.order_by(Escalation.number).limit(limit)).all()
