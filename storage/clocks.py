"""Clocks: what each ticket has promised, and by when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rules import sla
from rules.sla import ClockKind
from storage.hot import Hot
from storage.tables import Clock
from storage.work import Work

_ADD = Hot(insert(Clock.__table__))  # type: ignore[arg-type]
_VALUES = ("target", "state", "started_at", "due_at", "total_s", "remaining_s", "level", "next_alert_at", "closed_at")


def add(work: Work, number: int, clocks: Sequence[sla.Clock]) -> None:
    """Writes the new ticket's clocks, past the session."""
    if clocks:
        _ADD.run_many(work, [_row(work.workspace, number, clock) for clock in clocks])


def of(session: Session, workspace: str, number: int) -> dict[ClockKind, sla.Clock]:
    """The ticket's clocks as values, by what they promise."""
    mine = select(Clock).where(Clock.workspace_id == workspace, Clock.number == number)
    return {row.target: value(row) for row in session.scalars(mine)}


def of_many(session: Session, workspace: str, numbers: Sequence[int]) -> dict[int, dict[ClockKind, sla.Clock]]:
    """The clocks of many tickets in one read; a ticket without clocks is there with none."""
    found: dict[int, dict[ClockKind, sla.Clock]] = {number: {} for number in numbers}
    rows = session.scalars(select(Clock).where(Clock.workspace_id == workspace, Clock.number.in_(numbers)))
    for row in rows:
        found[row.number][row.target] = value(row)
    return found


def keep(work: Work, number: int, clock: sla.Clock) -> None:
    """Writes a clock back; a clock that the ticket did not have yet is added."""
    row = work.session.get(Clock, (work.workspace, number, clock.target))
    if row is None:
        add(work, number, [clock])
        return
    for name in _VALUES:
        setattr(row, name, getattr(clock, name))


def alerting(session: Session, workspace: str, *, at: datetime, limit: int) -> Sequence[Clock]:
    """Clocks with an alert due by now, the most overdue first."""
    due = select(Clock).where(Clock.workspace_id == workspace, Clock.next_alert_at <= at)
    return session.scalars(due.order_by(Clock.next_alert_at).limit(limit)).all()


def value(row: Clock) -> sla.Clock:
    """The stored row as the value that rules/sla.py works on."""
    return sla.Clock(**{name: getattr(row, name) for name in _VALUES})


def _row(workspace: str, number: int, clock: sla.Clock) -> dict[str, object]:
    return {"workspace_id": workspace, "number": number} | {name: getattr(clock, name) for name in _VALUES}
