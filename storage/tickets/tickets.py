"""Tickets: by number, by source, by state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import ColumnElement, bindparam, exists, func, insert, or_, update

from rules.errors import Refused
from rules.text import TicketNumber, _
from storage.compiled import CompiledStatement
from storage.schema.columns import same_ticket
from storage.schema.tickets import NewTicket, Ticket, TimerRow, Workspace
from storage.sla import timers
from storage.transaction import Reader, Transaction, all_where, first_where, select_where


class NoSuchTicket(Refused):
    """There is no ticket of that number, or this person may not see it: both read the same."""

    def __init__(self, number: int) -> None:
        super().__init__(_("There is no ticket {ticket} that you can see.", ticket=TicketNumber(number)))


_NEXT_NUMBER = CompiledStatement(
    update(Workspace)
    .where(Workspace.workspace_id == bindparam("w"))
    .values(last_number=Workspace.last_number + bindparam("count"))
    .returning(Workspace.last_number)
)
_INSERT_TICKET = CompiledStatement(insert(Ticket.__table__))  # type: ignore[arg-type]
_COLUMNS = tuple(column.key for column in Ticket.__table__.columns)
_column_values = attrgetter(*_COLUMNS)


def next_number(tx: Transaction) -> int:
    """The workspace's next ticket number; racing operations never share one."""
    return next_numbers(tx, 1)[0]


def next_numbers(tx: Transaction, count: int) -> range:
    row = _NEXT_NUMBER.run(tx, {"w": tx.workspace, "count": count})
    if row is None:
        raise LookupError(f"The workspace {tx.workspace} is not known here; open_desk begins it.")
    return range(int(row[0]) - count + 1, int(row[0]) + 1)


def add_ticket(tx: Transaction, ticket: NewTicket) -> None:
    """Writes a new ticket past the session, event counter included: creating one is the hottest path."""
    _INSERT_TICKET.run(tx, dict(zip(_COLUMNS, _column_values(ticket), strict=True)))


def add_tickets(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    """Many at once, each as its values by column; a column that is not named is empty."""
    empty: dict[str, object] = {**dict.fromkeys(_COLUMNS), "workspace_id": tx.workspace, "files": []}
    _INSERT_TICKET.run_many(tx, [{**empty, **row} for row in rows])


def lock_ticket(tx: Transaction, number: int) -> Ticket:
    """The ticket, locked for this transaction where the database needs it. NoSuchTicket when there is none."""
    query = select_where(tx, Ticket, Ticket.number == number)
    ticket = tx.session.scalars(query.with_for_update()).first()
    if ticket is None:
        raise NoSuchTicket(number)
    return ticket


def find_ticket(reader: Reader, number: int) -> Ticket | None:
    return reader.session.get(Ticket, (reader.workspace, number))


def tickets_by_number(reader: Reader, numbers: Sequence[int]) -> Sequence[Ticket]:
    return all_where(reader, Ticket, Ticket.number.in_(numbers), order_by=Ticket.number)


def ticket_from_source(reader: Reader, source: str) -> Ticket | None:
    return first_where(reader, Ticket, Ticket.source == source)


def open_counts(reader: Reader, people: Sequence[str]) -> dict[str, int]:
    is_open = (Ticket.assignee.in_(people), Ticket.resolved_at.is_(None))
    query = select_where(reader, Ticket, *is_open).with_only_columns(Ticket.assignee, func.count())
    counts = dict(reader.session.execute(query.group_by(Ticket.assignee)).all())
    return {person: counts.get(person, 0) for person in people}


def tickets_to_remind(tx: Transaction, *, at: datetime, limit: int) -> Sequence[Ticket]:
    """Tickets whose assignment has gone unanswered for the team's time, locked; those locked elsewhere are left out."""
    query = select_where(tx, Ticket, Ticket.remind_at <= at).order_by(Ticket.remind_at, Ticket.number).limit(limit)
    return tx.session.scalars(query.with_for_update(skip_locked=True)).all()


def get_ticket(reader: Reader, number: int) -> Ticket:
    """The ticket for a card or a form, not locked. NoSuchTicket when there is none."""
    ticket = find_ticket(reader, number)
    if ticket is None:
        raise NoSuchTicket(number)
    return ticket


def tickets_with_old_sla(tx: Transaction, *, limit: int) -> Sequence[Ticket]:
    """Their numbers come from the index of open tickets: most often there are none, and this is asked every minute."""
    is_outdated = or_(Ticket.promised_under.is_(None), Ticket.promised_under < tx.policy_version)
    numbers = all_where(tx, Ticket.number, Ticket.resolved_at.is_(None), is_outdated, limit=limit)
    query = select_where(tx, Ticket, Ticket.number.in_(numbers), is_outdated).order_by(Ticket.number)
    return tx.session.scalars(query.with_for_update()).all()


def open_numbers(reader: Reader) -> Sequence[int]:
    return all_where(reader, Ticket.number, Ticket.resolved_at.is_(None), order_by=Ticket.number)


def count_open_and_overdue(reader: Reader, *, at: datetime) -> tuple[dict[str, int], dict[str, int]]:
    open_tickets = select_where(reader, Ticket, Ticket.resolved_at.is_(None))
    counted = open_tickets.with_only_columns(Ticket.team, func.count()).group_by(Ticket.team)
    open_by_team = dict(reader.session.execute(counted).all())
    overdue_by_team = dict(reader.session.execute(counted.where(is_overdue(at))).all())
    return open_by_team, {team: overdue_by_team.get(team, 0) for team in open_by_team}


def is_overdue(at: datetime) -> ColumnElement[bool]:
    """Whether one of the ticket's timers is."""
    return exists().where(same_ticket(TimerRow, Ticket), timers.is_running(), TimerRow.due_at < at)
