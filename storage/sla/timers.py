"""SLA timers: their rows and their values."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from itertools import takewhile
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.model.timers import SlaTimer, TimerEvent, TimerEventKind, TimerKind, TimerState
from rules.sla.periods import TimerHistory, TimerPeriod, is_superseded
from rules.text import Text
from storage.compiled import CompiledStatement
from storage.schema.sla import SlaOutcome, SlaPeriod
from storage.schema.tickets import TimerRow
from storage.texts import text_from_json, text_to_json
from storage.transaction import Reader, Transaction, all_where, delete_where

_INSERT_TIMERS = CompiledStatement(insert(TimerRow.__table__))  # type: ignore[arg-type]
_INSERT_OUTCOMES, _INSERT_PERIODS = (
    CompiledStatement(*(dialect.insert(table).on_conflict_do_nothing() for dialect in (sqlite, postgresql)))
    for table in (SlaOutcome, SlaPeriod)
)
_RENAMED = {
    "alert_level": "level",
    "duration_text": "promise",
    "conditions_text": "because",
    "escalation_step": "rung",
    "alerted_at": "told_at",
}
_COLUMN_OF_FIELD = {
    field.name: _RENAMED.get(field.name, field.name) for field in fields(SlaTimer) if field.name != "events"
}
_OUTCOMES = {TimerEventKind.MET: TimerState.MET, TimerEventKind.BREACHED: TimerState.BREACHED}
_field_values = attrgetter(*_COLUMN_OF_FIELD)
# Literals, because a partial index is not found by a parameter.
_OPEN_STATES: list[ColumnElement[Any]] = [literal_column("'running'"), literal_column("'paused'")]


def is_open(timer: Any = TimerRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    return timer.state.in_(_OPEN_STATES)  # type: ignore[no-any-return]


def is_running(timer: Any = TimerRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """An open one, so that the indexes of open timers find it."""
    return and_(is_open(timer), timer.state == TimerState.RUNNING)


def select_due_times(reader: Reader) -> Select[int, datetime]:
    """The next due time (`due`) of each ticket with a running timer."""
    due_times = select(TimerRow.number, func.min(TimerRow.due_at).label("due"))
    return due_times.where(TimerRow.workspace_id == reader.workspace, is_running()).group_by(TimerRow.number)


def add_timers(tx: Transaction, number: int, timers: Sequence[SlaTimer]) -> None:
    """Writes timers that begin now, past the session."""
    add_timer_histories(tx, [(number, TimerHistory(timer, tx.now)) for timer in timers])


def add_timer_histories(tx: Transaction, histories: Sequence[tuple[int, TimerHistory]]) -> None:
    """Writes timers with how they ended and what counted before, past the session."""
    if histories:
        rows = [timer_row(tx.workspace, number, one.timer, since=one.changed_at) for number, one in histories]
        _INSERT_TIMERS.run_many(tx, rows)
    _add_outcomes(tx, [row for number, one in histories for row in outcome_rows(number, one.timer)])
    periods = [(number, period) for number, one in histories for period in one.periods]
    if periods:
        _INSERT_PERIODS.run_many(tx, [_period_row(tx, *each) for each in periods])


def delete_timers(tx: Transaction, number: int) -> None:
    """The ticket's timers and all that is kept of them."""
    for table in (TimerRow, SlaOutcome, SlaPeriod):
        delete_where(tx, table, table.number == number)


def _add_outcomes(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        _INSERT_OUTCOMES.run_many(tx, [{"workspace_id": tx.workspace, **row} for row in rows])


def _period_row(tx: Transaction, number: int, period: TimerPeriod) -> dict[str, object]:
    return {
        "workspace_id": tx.workspace,
        "number": number,
        "target": period.target,
        "since": period.since,
        "until": period.until,
        "due_at": period.due_at,
        "due_soon_at": period.due_soon_at,
        "remaining_s": period.remaining_s,
    }


def outcome_rows(number: int, timer: SlaTimer, *, since: int = 0) -> list[dict[str, object]]:
    """How the timer ended, each time that it did, by its events from the one at `since` on."""
    ended = (event for event in timer.events[since:] if event.kind in _OUTCOMES)
    return [
        {
            "number": number,
            "target": timer.target,
            "ended_at": event.at,
            "state": _OUTCOMES[event.kind],
            "started_at": timer.started_at,
            "due_at": event.due_at,
            "total_s": timer.total_s,
            "left_s": event.left_s,
            "calendar": timer.calendar,
        }
        for event in ended
    ]


def ticket_timers(reader: Reader, number: int) -> dict[TimerKind, SlaTimer]:
    return {row.target: timer_of(row) for row in all_where(reader, TimerRow, TimerRow.number == number)}


def timers_by_ticket(reader: Reader, numbers: Sequence[int]) -> dict[int, dict[TimerKind, SlaTimer]]:
    timers: dict[int, dict[TimerKind, SlaTimer]] = {number: {} for number in numbers}
    rows = all_where(reader, TimerRow, TimerRow.number.in_(numbers))
    for row in rows:
        timers[row.number][row.target] = timer_of(row)
    return timers


def running_timers(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[int, datetime, int]]:
    """Ticket, due time, and newest alert sent."""
    query = select(TimerRow.number, TimerRow.due_at, TimerRow.level)
    of_tickets = (TimerRow.workspace_id == reader.workspace, TimerRow.number.in_(numbers), is_running())
    return [(number, due_at, level) for number, due_at, level in reader.session.execute(query.where(*of_tickets))]


def open_timer_rows(tx: Transaction, numbers: Sequence[int]) -> Sequence[TimerRow]:
    open_states = (TimerState.RUNNING, TimerState.PAUSED)
    return all_where(tx, TimerRow, TimerRow.number.in_(numbers), TimerRow.state.in_(open_states))


def save_timer(tx: Transaction, number: int, timer: SlaTimer) -> None:
    """Adds the timer when the ticket did not have one of its kind."""
    row = tx.session.get(TimerRow, (tx.workspace, number, timer.target))
    if row is None:
        add_timers(tx, number, [timer])
    else:
        _save_outcomes(tx, number, timer, row.turns)
        update_row(tx, row, timer)


def _save_outcomes(tx: Transaction, number: int, timer: SlaTimer, stored: Sequence[Mapping[str, Any]]) -> None:
    """Adds how it ended since the stored events; of those that were taken back the outcome goes."""
    pairs = zip(stored, timer.events, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == _event_to_json(pair[1]), pairs))
    if same < len(stored):
        ended = [row["ended_at"] for row in outcome_rows(number, timer)]
        of_timer = (SlaOutcome.number == number, SlaOutcome.target == timer.target)
        delete_where(tx, SlaOutcome, *of_timer, SlaOutcome.ended_at.not_in(ended))
    _add_outcomes(tx, outcome_rows(number, timer, since=same))


def update_row(tx: Transaction, row: TimerRow, timer: SlaTimer) -> None:
    """While a timer is snoozed it is not looked at; when the snooze ends it is in any case."""
    if is_superseded(row, timer):
        _keep_period(tx, row)
        row.changed_at = tx.now
    for column, stored in _column_values(timer).items():
        setattr(row, column, stored)
    timer_events = [_event_to_json(timer_event) for timer_event in timer.events]
    if row.turns != timer_events:
        row.turns = timer_events
    if not timer.is_open:
        row.snoozed_until = None
    elif timer.is_running and row.snoozed_until is not None:
        row.next_alert_at = max(timer.next_alert_at or row.snoozed_until, row.snoozed_until)


def _keep_period(tx: Transaction, row: TimerRow) -> None:
    """What the row said until now, or until the timer ended."""
    since, until = row.changed_at or row.started_at, row.closed_at or tx.now
    if since < until:
        period = TimerPeriod(row.target, since, until, row.due_at, row.due_soon_at, row.remaining_s)
        _INSERT_PERIODS.run(tx, _period_row(tx, row.number, period))


def tickets_to_alert(reader: Reader, *, at: datetime, limit: int) -> Sequence[int]:
    is_due, all_of_each = TimerRow.next_alert_at <= at, limit * len(TimerKind)  # fewer would look like no more
    numbers = all_where(reader, TimerRow.number, is_due, order_by=TimerRow.next_alert_at, limit=all_of_each)
    return list(dict.fromkeys(numbers))[:limit]


def timer_of(row: TimerRow) -> SlaTimer:
    values = {field: getattr(row, column) for field, column in _COLUMN_OF_FIELD.items()}
    return SlaTimer(**values, events=tuple(map(_event_from_json, row.turns)))


def timer_row(workspace: str, number: int, timer: SlaTimer, *, since: datetime | None = None) -> dict[str, object]:
    turns = [_event_to_json(turn) for turn in timer.events]
    own = {"workspace_id": workspace, "number": number, "turns": turns, "changed_at": since}
    return own | _column_values(timer)


def _column_values(timer: SlaTimer) -> dict[str, object]:
    return dict(zip(_COLUMN_OF_FIELD.values(), _field_values(timer), strict=True))


def _event_to_json(event: TimerEvent) -> dict[str, Any]:
    stored = event.to_json()
    return stored | {"why": text_to_json(event.reason)} if isinstance(event.reason, Text) else stored


def _event_from_json(stored: Mapping[str, Any]) -> TimerEvent:
    event, why = TimerEvent.from_json(stored), stored.get("why")
    return replace(event, reason=text_from_json(why)) if isinstance(why, Mapping) else event
