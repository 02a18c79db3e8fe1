"""Tickets: which one, whose, and how many."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, func, insert, literal_column, or_, select, update

from rules.errors import Refused
from rules.model.timers import TimerState
from storage.compiled import CompiledStatement
from storage.schema.tickets import Ticket, TimerRow, Workspace
from storage.transaction import Reader, Transaction


class NoSuchTicket(Refused):
    """There is no ticket of that number, or this person may not see it: both read the same."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no ticket #{number} that you can see.")


_NEXT_NUMBER = CompiledStatement(
    update(Workspace)
    .where(Workspace.workspace_id == bindparam("w"))
    .values(last_number=Workspace.last_number + literal_column("1"))
    .returning(Workspace.last_number)
)
_INSERT_TICKET = CompiledStatement(insert(Ticket.__table__))  # type: ignore[arg-type]
_COLUMNS = tuple(column.key for column in Ticket.__table__.columns)


def next_number(tx: Transaction) -> int:
    """The next number of this workspace; racing deeds never share one."""
    row = _NEXT_NUMBER.run(tx, {"w": tx.workspace})
    if row is None:
        raise LookupError(f"The workspace {tx.workspace} is not known here; open_desk begins it.")
    return int(row[0])


def add_ticket(tx: Transaction, ticket: Ticket) -> None:
    """Writes a new ticket as it stands, event counter included, past the session: filing is the hottest path."""
    facts = vars(ticket)
    _INSERT_TICKET.run(tx, {name: facts.get(name) for name in _COLUMNS})


def lock_ticket(tx: Transaction, number: int) -> Ticket:
    """The ticket, locked for this deed where the database needs it; NoSuchTicket when there is none."""
    found = select(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.number == number)
    ticket = tx.session.scalars(found.with_for_update()).first()
    if ticket is None:
        raise NoSuchTicket(number)
    return ticket


def find_ticket(reader: Reader, number: int) -> Ticket | None:
    return reader.session.get(Ticket, (reader.workspace, number))


def tickets_by_number(reader: Reader, numbers: Sequence[int]) -> Sequence[Ticket]:
    """Those tickets, by number."""
    those = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(numbers))
    return reader.session.scalars(those.order_by(Ticket.number)).all()


def ticket_from_source(reader: Reader, source: str) -> Ticket | None:
    """The ticket that was filed from that message, thread or foreign record."""
    return reader.session.scalars(
        select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.source == source)
    ).first()


def open_counts(reader: Reader, people: Sequence[str]) -> dict[str, int]:
    """How many open tickets each of these people holds; those who hold none are there with 0."""
    held = (
        select(Ticket.assignee, func.count())
        .where(Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None))
        .group_by(Ticket.assignee)
    )
    found = {who: count for who, count in reader.session.execute(held) if who is not None}
    return {who: found.get(who, 0) for who in people}


def tickets_to_remind(tx: Transaction, *, at: datetime) -> Sequence[Ticket]:
    """Tickets whose assignment has gone unanswered for the team's time, locked; not those that are being answered."""
    late = select(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.remind_at <= at)
    return tx.session.scalars(late.order_by(Ticket.remind_at).with_for_update(skip_locked=True)).all()


def get_ticket(reader: Reader, number: int) -> Ticket:
    """The ticket as it stands, for a card or a form; NoSuchTicket when there is none."""
    ticket = find_ticket(reader, number)
    if ticket is None:
        raise NoSuchTicket(number)
    return ticket


def tickets_with_old_sla(tx: Transaction, *, limit: int) -> Sequence[Ticket]:
    """Open tickets whose promises were made under another description than the one that counts now, locked."""
    still_open = (Ticket.workspace_id == tx.workspace, Ticket.resolved_at.is_(None))
    behind = or_(Ticket.promised_under.is_(None), Ticket.promised_under < tx.policy_version)
    found = select(Ticket).where(*still_open, behind).order_by(Ticket.number).limit(limit)
    return tx.session.scalars(found.with_for_update()).all()


def open_numbers(reader: Reader) -> Sequence[int]:
    """Every open ticket's number, oldest first."""
    still_open = select(Ticket.number).where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None))
    return reader.session.scalars(still_open.order_by(Ticket.number)).all()


def count_open_and_overdue(reader: Reader, *, at: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """How many tickets are open, and how many of them are past a due time, by team."""
    still_open = (Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None))
    late = exists().where(
        TimerRow.workspace_id == reader.workspace,
        TimerRow.number == Ticket.number,
        TimerRow.state == TimerState.RUNNING,
        TimerRow.due_at < at,
    )
    counted = select(Ticket.team, func.count()).where(*still_open).group_by(Ticket.team)
    everything = dict(reader.session.execute(counted).all())
    overdue = dict(reader.session.execute(counted.where(late)).all())
    return everything, {team: overdue.get(team, 0) for team in everything}
