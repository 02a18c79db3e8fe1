"""What a forecast is made of, and what became of those that were told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from rules.forecasts.inputs import TeamEstimates, TicketHistory, TimelineEntry
from rules.model.tickets import Priority
from rules.model.timers import TimerKind, TimerState
from rules.statistics import ForecastResult
from rules.workload.handling_time import Estimates
from storage.events import EventKind
from storage.schema.forecasts import AppliedAction, Deferral, LatestForecast, Prediction, TeamEstimatesRow
from storage.schema.tickets import Event, Person, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Reader, Transaction

MAX_RESOLVED_READ = 1500  # so many resolved tickets teach enough
MAX_OPEN_READ = 2000
NUMBERS_PER_QUERY = 500
_CLOSED_STATES = (TimerState.MET, TimerState.BREACHED, TimerState.CANCELLED)
_SELECT_TIMELINE = select(Event.number, Event.at, Event.status, Event.assignee, Event.kind, Event.seq)


def open_ticket_histories(reader: Reader, team: str) -> list[TicketHistory]:
    """The open tickets that the team has, the oldest first."""
    mine = select(Ticket).where(
        Ticket.workspace_id == reader.workspace, Ticket.team == team, Ticket.resolved_at.is_(None)
    )
    return ticket_histories(reader, reader.session.scalars(mine.order_by(Ticket.number).limit(MAX_OPEN_READ)).all())


def recent_ticket_histories(reader: Reader, team: str, *, since: datetime) -> list[TicketHistory]:
    """What the team resolved since then, the newest first, and what it has open."""
    done = select(Ticket).where(
        Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None)
    )
    newest = done.where(Ticket.team == team).order_by(Ticket.resolved_at.desc()).limit(MAX_RESOLVED_READ)
    return ticket_histories(reader, reader.session.scalars(newest).all()) + open_ticket_histories(reader, team)


def people_who_left(reader: Reader, people: Iterable[str]) -> frozenset[str]:
    """Those of them whom Slack knows no more."""
    left = select(Person.user_id).where(
        Person.workspace_id == reader.workspace, Person.user_id.in_(list(people)), Person.gone.is_(True)
    )
    return frozenset(reader.session.scalars(left))


def team_estimates(reader: Reader, team: str) -> TeamEstimates:
    """What was learned last of the team's tickets; the belief where nothing was."""
    row = reader.session.get(TeamEstimatesRow, (reader.workspace, team))
    if row is None:
        return TeamEstimates.without_history()
    return TeamEstimates(Estimates.from_json(row.effort), Estimates.from_json(row.pace), row.n)


def save_team_estimates(tx: Transaction, team: str, learned: TeamEstimates) -> None:
    effort, pace = learned.handling_time.to_json(), learned.resolution_time.to_json()
    tx.session.merge(
        TeamEstimatesRow(
            workspace_id=tx.workspace, team=team, at=tx.now, effort=effort, pace=pace, n=learned.resolved_count
        )
    )


def latest_forecast(reader: Reader, team: str) -> LatestForecast | None:
    """The team's newest outlook; None before the first."""
    return reader.session.get(LatestForecast, (reader.workspace, team))


def tickets_predicted_on(reader: Reader, team: str, *, day: str) -> set[int]:
    """The tickets of which a chance was told on that day already."""
    told = select(Prediction.number).where(
        Prediction.workspace_id == reader.workspace, Prediction.day == day, Prediction.team == team
    )
    return set(reader.session.scalars(told))


def deferred_priorities(reader: Reader, team: str, *, at: datetime) -> dict[Priority, datetime]:
    """Which priorities the team lets wait now, and until when."""
    rows = select(Deferral).where(Deferral.workspace_id == reader.workspace, Deferral.team == team, Deferral.until > at)
    return {row.priority: row.until for row in reader.session.scalars(rows)}


def predictions_to_settle(tx: Transaction, *, limit: int) -> Sequence[tuple[Prediction, TimerRow]]:
    """Chances that were told and whose fate is known now: the promise was kept, broken, or moved since then."""
    here = and_(
        TimerRow.workspace_id == Prediction.workspace_id,
        TimerRow.number == Prediction.number,
        TimerRow.target == TimerKind.RESOLUTION,
    )
    known: ColumnElement[bool] = or_(
        TimerRow.state.in_(_CLOSED_STATES),
        and_(TimerRow.state == TimerState.RUNNING, TimerRow.due_at < tx.now),
        TimerRow.total_s != Prediction.promised_s,
    )
    found = select(Prediction, TimerRow).join(TimerRow, here).where(Prediction.workspace_id == tx.workspace, known)
    rows = tx.session.execute(found.where(Prediction.decided_at.is_(None)).limit(limit)).all()
    return [(prediction, clock) for prediction, clock in rows]


def settled_chances(
    reader: Reader, *, since: datetime, teams: Iterable[str] | None
) -> tuple[list[ForecastResult], int]:
    """The chances decided since then with what came true, and how many were void because the promise moved."""
    mine = select(Prediction).where(Prediction.workspace_id == reader.workspace, Prediction.decided_at >= since)
    rows = reader.session.scalars(mine if teams is None else mine.where(Prediction.team.in_(list(teams)))).all()
    told = [ForecastResult(row.chance, row.came_true) for row in rows if row.came_true is not None]
    return told, len(rows) - len(told)


def actions_to_check(tx: Transaction) -> Sequence[AppliedAction]:
    """Levers whose time has come to say whether they helped."""
    due = select(AppliedAction).where(
        AppliedAction.workspace_id == tx.workspace,
        AppliedAction.breached.is_(None),
        AppliedAction.check_at <= tx.now,
    )
    return tx.session.scalars(due.order_by(AppliedAction.check_at).with_for_update()).all()


def applied_actions(reader: Reader, team: str, *, since: datetime) -> Sequence[AppliedAction]:
    """The levers pulled since then, the newest first."""
    mine = select(AppliedAction).where(
        AppliedAction.workspace_id == reader.workspace, AppliedAction.team == team, AppliedAction.at >= since
    )
    return reader.session.scalars(mine.order_by(AppliedAction.at.desc())).all()


def count_breached(reader: Reader, numbers: Sequence[int], *, at: datetime) -> int:
    """How many of these tickets have broken their promise to resolve by then."""
    late = select(TimerRow.number).where(
        TimerRow.workspace_id == reader.workspace,
        TimerRow.number.in_(numbers),
        TimerRow.target == TimerKind.RESOLUTION,
        or_(TimerRow.state == TimerState.BREACHED, and_(TimerRow.state == TimerState.RUNNING, TimerRow.due_at < at)),
    )
    return len(reader.session.scalars(late).all())


def ticket_histories(reader: Reader, tickets: Sequence[Ticket]) -> list[TicketHistory]:
    """These tickets with their promises and their stories."""
    found = []
    for first in range(0, len(tickets), NUMBERS_PER_QUERY):
        some = tickets[first : first + NUMBERS_PER_QUERY]
        numbers = [ticket.number for ticket in some]
        promises = timers.timers_by_ticket(reader, numbers)
        stories = _timeline_rows(reader, numbers)
        for ticket in some:
            promise = promises[ticket.number].get(TimerKind.RESOLUTION)
            step = ticket.step or ""
            story = tuple(_timeline_entries(stories[ticket.number], step))
            found.append(
                TicketHistory(
                    ticket.number,
                    ticket.type,
                    ticket.priority,
                    ticket.assignee,
                    step,
                    ticket.created_at,
                    ticket.resolved_at,
                    promise,
                    story,
                )
            )
    return found


def ticket_timelines(reader: Reader, steps: Mapping[int, str]) -> dict[int, tuple[TimelineEntry, ...]]:
    """Each of these tickets' moments; `steps` are their numbers with the step at which each stands now."""
    stories = _timeline_rows(reader, list(steps)) if steps else {}
    return {number: tuple(_timeline_entries(stories[number], step)) for number, step in steps.items()}


_TimelineRow = tuple[TimelineEntry, str | None]


def _timeline_rows(reader: Reader, numbers: Sequence[int]) -> dict[int, list[_TimelineRow]]:
    """Each ticket's moments, each with the key of the step that was done in it."""
    mine = (Event.workspace_id == reader.workspace, Event.number.in_(numbers))
    steps = select(Event.number, Event.seq, Event.data).where(*mine, Event.kind == str(EventKind.STEP_DONE))
    done = {(number, seq): str(data.get("key", "")) for number, seq, data in reader.session.execute(steps)}
    found: dict[int, list[_TimelineRow]] = defaultdict(list)
    for number, at, status, assignee, _, seq in reader.session.execute(
        _SELECT_TIMELINE.where(*mine).order_by(Event.number, Event.seq)
    ):
        found[number].append((TimelineEntry(at, status, assignee), done.get((number, seq))))
    return found


def _timeline_entries(rows: Sequence[_TimelineRow], step: str) -> Iterator[TimelineEntry]:
    """Each moment with the step that was open from then on: the next one to be done, at last the ticket's own."""
    ahead, found = step, []
    for moment, done in reversed(rows):
        found.append(TimelineEntry(moment.at, moment.status, moment.assignee, ahead))
        ahead = done if done is not None else ahead
    return reversed(found)
