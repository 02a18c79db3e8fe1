"""Clocks: what each ticket has promised, and by when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from rules.model.timers import SlaTimer as Running
from rules.model.timers import TimerEvent, TimerKind, TimerState
from storage.compiled import CompiledStatement
from storage.schema.tickets import TimerRow
from storage.transaction import Reader, Transaction

_INSERT_TIMERS = CompiledStatement(insert(TimerRow.__table__))  # type: ignore[arg-type]


def add_timers(tx: Transaction, number: int, clocks: Sequence[Running]) -> None:
    """Writes the new ticket's clocks, past the session."""
    if clocks:
        _INSERT_TIMERS.run_many(tx, [_timer_row(tx.workspace, number, clock) for clock in clocks])


def ticket_timers(reader: Reader, number: int) -> dict[TimerKind, Running]:
    """The ticket's clocks as values, by what they promise."""
    mine = select(TimerRow).where(TimerRow.workspace_id == reader.workspace, TimerRow.number == number)
    return {row.target: timer_of(row) for row in reader.session.scalars(mine)}


def timers_by_ticket(reader: Reader, numbers: Sequence[int]) -> dict[int, dict[TimerKind, Running]]:
    """The clocks of many tickets in one read; a ticket without clocks is there with none."""
    found: dict[int, dict[TimerKind, Running]] = {number: {} for number in numbers}
    rows = reader.session.scalars(
        select(TimerRow).where(TimerRow.workspace_id == reader.workspace, TimerRow.number.in_(numbers))
    )
    for row in rows:
        found[row.number][row.target] = timer_of(row)
    return found


def open_timer_rows(tx: Transaction, numbers: Sequence[int]) -> Sequence[TimerRow]:
    """The open clocks of these tickets, as rows that can be written back with `put`."""
    ticking = (TimerState.RUNNING, TimerState.PAUSED)
    mine = select(TimerRow).where(
        TimerRow.workspace_id == tx.workspace, TimerRow.number.in_(numbers), TimerRow.state.in_(ticking)
    )
    return tx.session.scalars(mine).all()


def save_timer(tx: Transaction, number: int, clock: Running) -> None:
    """Writes a clock back; a clock that the ticket did not have yet is added."""
    row = tx.session.get(TimerRow, (tx.workspace, number, clock.target))
    if row is None:
        add_timers(tx, number, [clock])
        return
    update_row(row, clock)


def update_row(row: TimerRow, clock: Running) -> None:
    """The row as the clock stands now; while it is snoozed it is not looked at, and at the end of that in any case."""
    for column, stored in _column_values(clock).items():
        setattr(row, column, stored)
    turns = [turn.to_json() for turn in clock.events]
    if row.turns != turns:
        row.turns = turns
    if not clock.is_open:
        row.snoozed_until = None
    elif clock.is_running and row.snoozed_until is not None:
        row.next_alert_at = max(clock.next_alert_at or row.snoozed_until, row.snoozed_until)


def tickets_to_alert(reader: Reader, *, at: datetime, limit: int) -> Sequence[int]:
    """The numbers of tickets with an alert due by now, the most overdue first."""
    due = select(TimerRow.number).where(TimerRow.workspace_id == reader.workspace, TimerRow.next_alert_at <= at)
    all_of_each = limit * len(TimerKind)  # fewer would look as if there were no more
    first = reader.session.scalars(due.order_by(TimerRow.next_alert_at).limit(all_of_each))
    return list(dict.fromkeys(first))[:limit]


def timer_of(row: TimerRow) -> Running:
    """The stored row as the value that rules/sla/timers.py works on."""
    return Running(
        target=row.target,
        state=row.state,
        started_at=row.started_at,
        due_at=row.due_at,
        total_s=row.total_s,
        remaining_s=row.remaining_s,
        alert_level=row.level,
        next_alert_at=row.next_alert_at,
        closed_at=row.closed_at,
        calendar=row.calendar,
        duration_text=row.promise,
        conditions_text=row.because,
        escalation_step=row.rung,
        alerted_at=row.told_at,
        events=tuple(TimerEvent.from_json(plain) for plain in row.turns),
    )


def _timer_row(workspace: str, number: int, clock: Running) -> dict[str, object]:
    turns = [turn.to_json() for turn in clock.events]
    return {"workspace_id": workspace, "number": number, "turns": turns} | _column_values(clock)


def _column_values(clock: Running) -> dict[str, object]:
    return {
        "target": clock.target,
        "state": clock.state,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "total_s": clock.total_s,
        "remaining_s": clock.remaining_s,
        "level": clock.alert_level,
        "next_alert_at": clock.next_alert_at,
        "closed_at": clock.closed_at,
        "calendar": clock.calendar,
        "promise": clock.duration_text,
        "because": clock.conditions_text,
        "rung": clock.escalation_step,
        "told_at": clock.alerted_at,
    }
