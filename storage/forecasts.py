"""What a forecast is made of, and what became of those that were told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from rules.forecasts.inputs import Known, Learned, Moment
from rules.model.tickets import Priority
from rules.model.timers import ClockKind, ClockState
from rules.statistics import Told
from rules.workload.handling_time import Estimates
from storage.events import Happened
from storage.schema.forecasts import Deferral, Intervention, Learning, Look, Prediction
from storage.schema.tickets import Clock, Event, Person, Ticket
from storage.sla import timers
from storage.transaction import Reader, Transaction

MOST = 1500  # so many resolved tickets teach enough
OPEN_MOST = 2000
AT_ONCE = 500
_CLOSED = (ClockState.MET, ClockState.BREACHED, ClockState.CANCELLED)
_STORY = select(Event.number, Event.at, Event.status, Event.assignee, Event.kind, Event.seq)


def open_of(reader: Reader, team: str) -> list[Known]:
    """The open tickets that the team has, the oldest first."""
    mine = select(Ticket).where(
        Ticket.workspace_id == reader.workspace, Ticket.team == team, Ticket.resolved_at.is_(None)
    )
    return known_of(reader, reader.session.scalars(mine.order_by(Ticket.number).limit(OPEN_MOST)).all())


def history_of(reader: Reader, team: str, *, since: datetime) -> list[Known]:
    """What the team resolved since then, the newest first, and what it has open."""
    done = select(Ticket).where(
        Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None)
    )
    newest = done.where(Ticket.team == team).order_by(Ticket.resolved_at.desc()).limit(MOST)
    return known_of(reader, reader.session.scalars(newest).all()) + open_of(reader, team)


def gone(reader: Reader, people: Iterable[str]) -> frozenset[str]:
    """Those of them whom Slack knows no more."""
    left = select(Person.user_id).where(
        Person.workspace_id == reader.workspace, Person.user_id.in_(list(people)), Person.gone.is_(True)
    )
    return frozenset(reader.session.scalars(left))


def learning_of(reader: Reader, team: str) -> Learned:
    """What was learned last of the team's tickets; the belief where nothing was."""
    row = reader.session.get(Learning, (reader.workspace, team))
    if row is None:
        return Learned.nothing()
    return Learned(Estimates.read(row.effort), Estimates.read(row.pace), row.n)


def keep_learning(tx: Transaction, team: str, learned: Learned) -> None:
    effort, pace = learned.effort.plain(), learned.pace.plain()
    tx.session.merge(Learning(workspace_id=tx.workspace, team=team, at=tx.now, effort=effort, pace=pace, n=learned.n))


def look_of(reader: Reader, team: str) -> Look | None:
    """The team's newest outlook; None before the first."""
    return reader.session.get(Look, (reader.workspace, team))


def predicted_on(reader: Reader, team: str, *, day: str) -> set[int]:
    """The tickets of which a chance was told on that day already."""
    told = select(Prediction.number).where(
        Prediction.workspace_id == reader.workspace, Prediction.day == day, Prediction.team == team
    )
    return set(reader.session.scalars(told))


def deferred(reader: Reader, team: str, *, at: datetime) -> dict[Priority, datetime]:
    """Which priorities the team lets wait now, and until when."""
    rows = select(Deferral).where(Deferral.workspace_id == reader.workspace, Deferral.team == team, Deferral.until > at)
    return {row.priority: row.until for row in reader.session.scalars(rows)}


def decidable(tx: Transaction, *, limit: int) -> Sequence[tuple[Prediction, Clock]]:
    """Chances that were told and whose fate is known now: the promise was kept, broken, or moved since then."""
    here = and_(
        Clock.workspace_id == Prediction.workspace_id,
        Clock.number == Prediction.number,
        Clock.target == ClockKind.RESOLUTION,
    )
    known: ColumnElement[bool] = or_(
        Clock.state.in_(_CLOSED),
        and_(Clock.state == ClockState.RUNNING, Clock.due_at < tx.now),
        Clock.total_s != Prediction.promised_s,
    )
    found = select(Prediction, Clock).join(Clock, here).where(Prediction.workspace_id == tx.workspace, known)
    rows = tx.session.execute(found.where(Prediction.decided_at.is_(None)).limit(limit)).all()
    return [(prediction, clock) for prediction, clock in rows]


def told_chances(reader: Reader, *, since: datetime, teams: Iterable[str] | None) -> tuple[list[Told], int]:
    """The chances decided since then with what came true, and how many were void because the promise moved."""
    mine = select(Prediction).where(Prediction.workspace_id == reader.workspace, Prediction.decided_at >= since)
    rows = reader.session.scalars(mine if teams is None else mine.where(Prediction.team.in_(list(teams)))).all()
    told = [Told(row.chance, row.came_true) for row in rows if row.came_true is not None]
    return told, len(rows) - len(told)


def unchecked(tx: Transaction) -> Sequence[Intervention]:
    """Levers whose time has come to say whether they helped."""
    due = select(Intervention).where(
        Intervention.workspace_id == tx.workspace,
        Intervention.breached.is_(None),
        Intervention.check_at <= tx.now,
    )
    return tx.session.scalars(due.order_by(Intervention.check_at).with_for_update()).all()


def pulled(reader: Reader, team: str, *, since: datetime) -> Sequence[Intervention]:
    """The levers pulled since then, the newest first."""
    mine = select(Intervention).where(
        Intervention.workspace_id == reader.workspace, Intervention.team == team, Intervention.at >= since
    )
    return reader.session.scalars(mine.order_by(Intervention.at.desc())).all()


def broken(reader: Reader, numbers: Sequence[int], *, at: datetime) -> int:
    """How many of these tickets have broken their promise to resolve by then."""
    late = select(Clock.number).where(
        Clock.workspace_id == reader.workspace,
        Clock.number.in_(numbers),
        Clock.target == ClockKind.RESOLUTION,
        or_(Clock.state == ClockState.BREACHED, and_(Clock.state == ClockState.RUNNING, Clock.due_at < at)),
    )
    return len(reader.session.scalars(late).all())


def known_of(reader: Reader, tickets: Sequence[Ticket]) -> list[Known]:
    """These tickets with their promises and their stories."""
    found = []
    for first in range(0, len(tickets), AT_ONCE):
        some = tickets[first : first + AT_ONCE]
        numbers = [ticket.number for ticket in some]
        promises = timers.of_many(reader, numbers)
        stories = _stories(reader, numbers)
        for ticket in some:
            promise = promises[ticket.number].get(ClockKind.RESOLUTION)
            step = ticket.step or ""
            story = tuple(_moments(stories[ticket.number], step))
            found.append(
                Known(
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


def stories_of(reader: Reader, steps: Mapping[int, str]) -> dict[int, tuple[Moment, ...]]:
    """Each of these tickets' moments; `steps` are their numbers with the step at which each stands now."""
    stories = _stories(reader, list(steps)) if steps else {}
    return {number: tuple(_moments(stories[number], step)) for number, step in steps.items()}


_Row = tuple[Moment, str | None]


def _stories(reader: Reader, numbers: Sequence[int]) -> dict[int, list[_Row]]:
    """Each ticket's moments, each with the key of the step that was done in it."""
    mine = (Event.workspace_id == reader.workspace, Event.number.in_(numbers))
    steps = select(Event.number, Event.seq, Event.data).where(*mine, Event.kind == str(Happened.STEP_DONE))
    done = {(number, seq): str(data.get("key", "")) for number, seq, data in reader.session.execute(steps)}
    found: dict[int, list[_Row]] = defaultdict(list)
    for number, at, status, assignee, _, seq in reader.session.execute(
        _STORY.where(*mine).order_by(Event.number, Event.seq)
    ):
        found[number].append((Moment(at, status, assignee), done.get((number, seq))))
    return found


def _moments(rows: Sequence[_Row], step: str) -> Iterator[Moment]:
    """Each moment with the step that was open from then on: the next one to be done, at last the ticket's own."""
    ahead, found = step, []
    for moment, done in reversed(rows):
        found.append(Moment(moment.at, moment.status, moment.assignee, ahead))
        ahead = done if done is not None else ahead
    return reversed(found)
