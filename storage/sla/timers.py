"""Clocks: what each ticket has promised, and by when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from rules.model.timers import Clock as Running
from rules.model.timers import ClockKind, ClockState, Turn
from storage.compiled import Hot
from storage.schema.tickets import Clock
from storage.transaction import Reader, Transaction

_ADD = Hot(insert(Clock.__table__))  # type: ignore[arg-type]


def add(tx: Transaction, number: int, clocks: Sequence[Running]) -> None:
    """Writes the new ticket's clocks, past the session."""
    if clocks:
        _ADD.run_many(tx, [_row(tx.workspace, number, clock) for clock in clocks])


def of(reader: Reader, number: int) -> dict[ClockKind, Running]:
    """The ticket's clocks as values, by what they promise."""
    mine = select(Clock).where(Clock.workspace_id == reader.workspace, Clock.number == number)
    return {row.target: value(row) for row in reader.session.scalars(mine)}


def of_many(reader: Reader, numbers: Sequence[int]) -> dict[int, dict[ClockKind, Running]]:
    """The clocks of many tickets in one read; a ticket without clocks is there with none."""
    found: dict[int, dict[ClockKind, Running]] = {number: {} for number in numbers}
    rows = reader.session.scalars(
        select(Clock).where(Clock.workspace_id == reader.workspace, Clock.number.in_(numbers))
    )
    for row in rows:
        found[row.number][row.target] = value(row)
    return found


def rows_of(tx: Transaction, numbers: Sequence[int]) -> Sequence[Clock]:
    """The open clocks of these tickets, as rows that can be written back with `put`."""
    ticking = (ClockState.RUNNING, ClockState.PAUSED)
    mine = select(Clock).where(Clock.workspace_id == tx.workspace, Clock.number.in_(numbers), Clock.state.in_(ticking))
    return tx.session.scalars(mine).all()


def keep(tx: Transaction, number: int, clock: Running) -> None:
    """Writes a clock back; a clock that the ticket did not have yet is added."""
    row = tx.session.get(Clock, (tx.workspace, number, clock.target))
    if row is None:
        add(tx, number, [clock])
        return
    put(row, clock)


def put(row: Clock, clock: Running) -> None:
    """The row as the clock stands now; while it is snoozed it is not looked at, and at the end of that in any case."""
    for column, stored in _columns(clock).items():
        setattr(row, column, stored)
    turns = [turn.plain() for turn in clock.turns]
    if row.turns != turns:
        row.turns = turns
    if not clock.is_open:
        row.snoozed_until = None
    elif clock.runs and row.snoozed_until is not None:
        row.next_alert_at = max(clock.next_alert_at or row.snoozed_until, row.snoozed_until)


def alerting(reader: Reader, *, at: datetime, limit: int) -> Sequence[int]:
    """The numbers of tickets with an alert due by now, the most overdue first."""
    due = select(Clock.number).where(Clock.workspace_id == reader.workspace, Clock.next_alert_at <= at)
    all_of_each = limit * len(ClockKind)  # fewer would look as if there were no more
    first = reader.session.scalars(due.order_by(Clock.next_alert_at).limit(all_of_each))
    return list(dict.fromkeys(first))[:limit]


def value(row: Clock) -> Running:
    """The stored row as the value that rules/sla/timers.py works on."""
    return Running(
        target=row.target,
        state=row.state,
        started_at=row.started_at,
        due_at=row.due_at,
        total_s=row.total_s,
        remaining_s=row.remaining_s,
        level=row.level,
        next_alert_at=row.next_alert_at,
        closed_at=row.closed_at,
        calendar=row.calendar,
        promise=row.promise,
        because=row.because,
        rung=row.rung,
        told_at=row.told_at,
        turns=tuple(Turn.read(plain) for plain in row.turns),
    )


def _row(workspace: str, number: int, clock: Running) -> dict[str, object]:
    turns = [turn.plain() for turn in clock.turns]
    return {"workspace_id": workspace, "number": number, "turns": turns} | _columns(clock)


def _columns(clock: Running) -> dict[str, object]:
    return {
        "target": clock.target,
        "state": clock.state,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "total_s": clock.total_s,
        "remaining_s": clock.remaining_s,
        "level": clock.level,
        "next_alert_at": clock.next_alert_at,
        "closed_at": clock.closed_at,
        "calendar": clock.calendar,
        "promise": clock.promise,
        "because": clock.because,
        "rung": clock.rung,
        "told_at": clock.told_at,
    }
