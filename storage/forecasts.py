"""What a forecast is made of, and what became of earlier forecasts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from rules.forecasts.chances import ChanceMethod, SettledChance
from rules.forecasts.forecasts import Forecast
from rules.forecasts.history import TicketHistory, TimelineEntry
from rules.forecasts.learning import TeamEstimates
from rules.forecasts.survival import SurvivalCurves
from rules.forecasts.what_if import WhatIfAction
from rules.model.tickets import Priority
from rules.model.timers import TimerKind, TimerState
from rules.text import Person, Text, join_texts
from rules.workload.handling_time import Estimates
from storage.database import in_chunks
from storage.events import EventKind
from storage.json_values import from_json, to_json
from storage.schema.columns import same_ticket
from storage.schema.forecasts import AppliedAction, Deferral, LatestForecast, Prediction, TeamEstimatesRow
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.sla import timers
from storage.texts import text_from_json
from storage.transaction import Reader, Transaction, all_where, first_where, select_where

MAX_RESOLVED_READ = 1500  # more resolved tickets would not improve the estimates
MAX_OPEN_READ = 2000
_MENTION = re.compile(r"<@(\w+)>")
_CLOSED_STATES = (TimerState.MET, TimerState.BREACHED, TimerState.CANCELLED)
_SELECT_TIMELINE = select(Event.number, Event.at, Event.status, Event.assignee, Event.kind, Event.seq)


def open_ticket_histories(reader: Reader, team: str) -> list[TicketHistory]:
    is_open = (Ticket.team == team, Ticket.resolved_at.is_(None))
    return ticket_histories(reader, all_where(reader, Ticket, *is_open, order_by=Ticket.number, limit=MAX_OPEN_READ))


def recent_ticket_histories(reader: Reader, team: str, *, since: datetime) -> list[TicketHistory]:
    """What the team resolved since then, the newest first, then its open tickets."""
    is_recent = (Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None), Ticket.team == team)
    newest = all_where(reader, Ticket, *is_recent, order_by=Ticket.resolved_at.desc(), limit=MAX_RESOLVED_READ)
    return ticket_histories(reader, newest) + open_ticket_histories(reader, team)


def team_estimates(reader: Reader, team: str) -> TeamEstimates:
    """The default estimates where nothing was learned yet."""
    row = reader.session.get(TeamEstimatesRow, (reader.workspace, team))
    if row is None:
        return TeamEstimates.without_history()
    elapsed = SurvivalCurves.from_json(row.elapsed or [])
    method = from_json(ChanceMethod, row.method) if row.method else ChanceMethod()
    return TeamEstimates(Estimates.from_json(row.effort), Estimates.from_json(row.pace), row.n, elapsed, method)


def team_handling_time(reader: Reader, team: str) -> Estimates:
    """The estimates of handling time alone, without reading the others."""
    effort = first_where(reader, TeamEstimatesRow.effort, TeamEstimatesRow.team == team)
    return TeamEstimates.without_history().handling_time if effort is None else Estimates.from_json(effort)


def save_team_estimates(tx: Transaction, team: str, learned: TeamEstimates) -> None:
    """The method that was chosen stays."""
    row = TeamEstimatesRow(workspace_id=tx.workspace, team=team, at=tx.now, n=learned.resolved_count)
    row.effort, row.pace = learned.handling_time.to_json(), learned.resolution_time.to_json()
    row.elapsed = learned.elapsed.to_json()
    tx.session.merge(row)


def save_chance_methods(tx: Transaction, methods: Mapping[str, ChanceMethod]) -> None:
    """Of teams that have estimates."""
    for row in all_where(tx, TeamEstimatesRow, TeamEstimatesRow.team.in_(methods)):
        row.method, row.chosen_at = to_json(methods[row.team]), tx.now


def methods_chosen_at(reader: Reader) -> datetime | None:
    """When a method was chosen last; None when never."""
    of_teams = all_where(reader, TeamEstimatesRow.chosen_at, TeamEstimatesRow.chosen_at.is_not(None))
    return max((at for at in of_teams if at is not None), default=None)


def latest_forecast(reader: Reader, team: str) -> LatestForecast | None:
    return reader.session.get(LatestForecast, (reader.workspace, team))


def forecast_of(run: LatestForecast) -> Forecast:
    return from_json(Forecast, run.outlook)


def what_if_actions(run: LatestForecast) -> tuple[WhatIfAction, ...]:
    """The actions that were found to help; none once one was applied."""
    return tuple(from_json(WhatIfAction, plain) for plain in run.levers)


def deferred_priorities(reader: Reader, team: str, *, at: datetime) -> dict[Priority, datetime]:
    return {row.priority: row.until for row in all_where(reader, Deferral, Deferral.team == team, Deferral.until > at)}


def predictions_to_settle(tx: Transaction, *, limit: int) -> Sequence[tuple[Prediction, TimerRow]]:
    """Predictions whose outcome is known now: the resolution SLA was met, breached, or changed since then."""
    is_settled: ColumnElement[bool] = or_(
        TimerRow.state.in_(_CLOSED_STATES),
        and_(TimerRow.state == TimerState.RUNNING, TimerRow.due_at < tx.now),
        TimerRow.total_s != Prediction.promised_s,
    )
    query = (
        select(Prediction, TimerRow)
        .join(TimerRow, same_ticket(TimerRow, Prediction) & (TimerRow.target == TimerKind.RESOLUTION))
        .where(Prediction.workspace_id == tx.workspace, is_settled, Prediction.decided_at.is_(None))
    )
    return [(prediction, timer) for prediction, timer in tx.session.execute(query.limit(limit))]


def settled_chances(reader: Reader, *, since: datetime, teams: Iterable[str] | None) -> tuple[list[SettledChance], int]:
    """The settled predictions since then, and how many are void because the SLA target changed."""
    of_teams = [] if teams is None else [Prediction.team.in_(list(teams))]
    rows = all_where(reader, Prediction, Prediction.decided_at >= since, *of_teams)
    results = [
        SettledChance(row.team, row.chance, row.came_true, row.elapsed, is_waiting=bool(row.is_waiting))
        for row in rows
        if row.came_true is not None
    ]
    return results, len(rows) - len(results)


def actions_to_check(tx: Transaction) -> Sequence[AppliedAction]:
    query = select_where(tx, AppliedAction, AppliedAction.breached.is_(None), AppliedAction.check_at <= tx.now)
    return tx.session.scalars(query.order_by(AppliedAction.check_at).with_for_update()).all()


def applied_actions(reader: Reader, team: str, *, since: datetime) -> Sequence[AppliedAction]:
    of_team = (AppliedAction.team == team, AppliedAction.at >= since)
    return all_where(reader, AppliedAction, *of_team, order_by=AppliedAction.at.desc())


def applied_text(action: AppliedAction) -> Text:
    """What was applied. Rows written before hold it as text of Slack's, in which people are mentioned."""
    stored = action.lever.get("words", "")
    if not isinstance(stored, str):
        return text_from_json(stored)
    return join_texts(
        Text("{part}", {"part": Person(part) if place % 2 else part.strip()})
        for place, part in enumerate(_MENTION.split(stored))
        if part.strip()
    )


def count_breached(reader: Reader, numbers: Sequence[int], *, at: datetime) -> int:
    is_overdue = and_(TimerRow.state == TimerState.RUNNING, TimerRow.due_at < at)
    is_breached = (TimerRow.target == TimerKind.RESOLUTION, or_(TimerRow.state == TimerState.BREACHED, is_overdue))
    return len(all_where(reader, TimerRow.number, TimerRow.number.in_(numbers), *is_breached))


def ticket_histories(reader: Reader, tickets: Sequence[Ticket]) -> list[TicketHistory]:
    return [history for chunk in in_chunks(tickets) for history in _histories_of_chunk(reader, chunk)]


def _histories_of_chunk(reader: Reader, tickets: Sequence[Ticket]) -> Iterator[TicketHistory]:
    numbers = [ticket.number for ticket in tickets]
    timers_of, rows = timers.timers_by_ticket(reader, numbers), _timeline_rows(reader, numbers)
    for ticket in tickets:
        timer, step = timers_of[ticket.number].get(TimerKind.RESOLUTION), ticket.step or ""
        facts = (ticket.number, ticket.type, ticket.priority, ticket.assignee, step, ticket.created_at)
        timeline = tuple(_timeline_entries(rows[ticket.number], step))
        yield TicketHistory(*facts, ticket.resolved_at, timer, timeline)


def ticket_timelines(reader: Reader, steps: Mapping[int, str]) -> dict[int, tuple[TimelineEntry, ...]]:
    """`steps` maps each ticket's number to its present step."""
    rows = _timeline_rows(reader, list(steps)) if steps else {}
    return {number: tuple(_timeline_entries(rows[number], step)) for number, step in steps.items()}


_TimelineRow = tuple[TimelineEntry, str | None]


def _timeline_rows(reader: Reader, numbers: Sequence[int]) -> dict[int, list[_TimelineRow]]:
    of_tickets = (Event.workspace_id == reader.workspace, Event.number.in_(numbers))
    steps = select(Event.number, Event.seq, Event.data).where(*of_tickets, Event.kind == str(EventKind.STEP_DONE))
    completed_steps = {(number, seq): str(data.get("key", "")) for number, seq, data in reader.session.execute(steps)}
    rows: dict[int, list[_TimelineRow]] = defaultdict(list)
    for number, at, status, assignee, _, seq in reader.session.execute(
        _SELECT_TIMELINE.where(*of_tickets).order_by(Event.number, Event.seq)
    ):
        rows[number].append((TimelineEntry(at, status, assignee), completed_steps.get((number, seq))))
    return rows


def _timeline_entries(rows: Sequence[_TimelineRow], step: str) -> Iterator[TimelineEntry]:
    """Adds to each entry the step that was open from then on: the next one completed, at last the ticket's own."""
    open_step, entries = step, []
    for entry, completed in reversed(rows):
        entries.append(TimelineEntry(entry.at, entry.status, entry.assignee, open_step))
        open_step = completed if completed is not None else open_step
    return reversed(entries)
