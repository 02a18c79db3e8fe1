"""Workload: what people are assigned, with the remaining minutes of work."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Executable, SQLColumnExpression, func, literal, null, select
from sqlalchemy.orm import aliased

from rules.calendars.calendars import business_reading
from rules.forecasts.history import TimelineEntry
from rules.forecasts.work import StepKey, remaining_steps, total_by_ticket, work_intervals
from rules.model.policy import Policy
from rules.model.tickets import WAITING_STATUSES, Status
from rules.workload.handling_time import Estimate, Estimates, WorkInterval, measure_handling_times
from rules.workload.workload import LONG_TICKET_SECONDS, WorkItem, Workload
from storage.forecasts import team_handling_time, ticket_timelines
from storage.schema.columns import same_ticket
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader

_ALIKE = (Ticket.assignee, Ticket.team, Ticket.type, Ticket.step, Ticket.status)
_ONE_BY_ONE = (*_ALIKE, Ticket.number, literal(1))
HAS_BEGUN = Ticket.status != Status.ASSIGNED
Conditions = Sequence[ColumnElement[bool]]
Holder = tuple[str, str | None]  # a ticket's team and assignee
Kind = tuple[str, str, float, bool]  # assignee, type, expected handling time, whether it waits


class AssignedTickets(NamedTuple):
    """A person's open ticket; or, without a number, as `many` that are alike."""

    assignee: str
    team: str
    type: str
    step: str | None
    status: Status
    number: int | None
    many: int


def workloads(
    reader: Reader,
    people: Iterable[str],
    *,
    policy: Policy,
    at: datetime,
    since: datetime | None = None,
    teams: Collection[str] | None = None,
) -> dict[str, Workload]:
    """By person, over all teams or these; people without tickets are in it too.

    What remains of a ticket is the handling time expected of its type, less the attention it got. Tickets of one type
    are added up. `since` is the start of the day: only then what they resolved since is counted.
    """
    persons = list(dict.fromkeys(people))
    which = _open_tickets_of(reader, persons, teams)
    alike = select(*_ALIKE, null(), func.count()).where(*which, ~HAS_BEGUN).group_by(*_ALIKE)
    begun = select(*_ONE_BY_ONE).where(*which, HAS_BEGUN)
    counts, seconds = Counter[Kind](), defaultdict[Kind, float](float)
    for ticket, expected_s, left_s in _work_left(reader, [alike, begun], which, policy, at):
        kind = (ticket.assignee, ticket.type, expected_s, ticket.status in WAITING_STATUSES)
        counts[kind] += ticket.many
        seconds[kind] += left_s
    items: dict[str, list[WorkItem]] = defaultdict(list)
    for kind, count in counts.items():
        person, type_key, expected_s, is_waiting = kind
        items[person].append(WorkItem(None, type_key, expected_s, seconds[kind], is_waiting, count))
    resolved = _resolved_counts(reader, persons, since) if since else {}
    return {person: Workload(tuple(items[person]), *resolved.get(person, (0, 0))) for person in persons}


def work_items(reader: Reader, people: Iterable[str], *, policy: Policy, at: datetime) -> dict[str, list[WorkItem]]:
    """Their open tickets one by one."""
    which = _open_tickets_of(reader, list(people), None)
    items: dict[str, list[WorkItem]] = defaultdict(list)
    for ticket, expected_s, left_s in _work_left(reader, [select(*_ONE_BY_ONE).where(*which)], which, policy, at):
        is_waiting = ticket.status in WAITING_STATUSES
        items[ticket.assignee].append(WorkItem(ticket.number, ticket.type, expected_s, left_s, is_waiting))
    return items


def handling_times_until(reader: Reader, *slices: Conditions, policy: Policy, at: datetime) -> dict[StepKey, float]:
    """The handling time of these tickets until `at`, in seconds, by ticket and step; people share their time among
    those of them that one person has now in one team, so that it is the same figure whichever people are read too.
    The tickets are read slice by slice.

    A ticket that is at no step has all of it under "".
    """

    calendar = cache(policy.team_calendar)
    reading_now = cache(lambda team: business_reading(calendar(team), at))
    intervals: dict[Holder, list[WorkInterval[StepKey]]] = defaultdict(list)
    for which in slices:
        for number, team, holder, person, start, end in _progress_periods(reader, [*which, Ticket.step.is_(None)], at):
            ended = reading_now(team) if end is None else business_reading(calendar(team), end)
            interval = WorkInterval(person, (number, ""), business_reading(calendar(team), start), ended)
            intervals[team, holder].append(interval)
        for of_holder, number, timeline in _stepped_timelines(reader, [*which, Ticket.step.is_not(None)], at):
            intervals[of_holder] += work_intervals(calendar(of_holder[0]), number, timeline, at)
    return {key: spent for of_holder in intervals.values() for key, spent in measure_handling_times(of_holder).items()}


def _open_tickets_of(reader: Reader, people: Sequence[str], teams: Collection[str] | None) -> list[ColumnElement[bool]]:
    of_people = [Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None)]
    return of_people if teams is None else [*of_people, Ticket.team.in_(sorted(teams))]


def _work_left(
    reader: Reader, assigned: Sequence[Executable], which: Conditions, policy: Policy, at: datetime
) -> Iterator[tuple[AssignedTickets, float, float]]:
    """Tickets, the handling time expected of one, and what remains of all that are alike, in seconds."""
    spent = handling_times_until(reader, [*which, HAS_BEGUN], policy=policy, at=at)
    total = total_by_ticket(spent)

    @cache
    def estimates(team: str, type_key: str, step: str | None) -> tuple[float, Estimate, bool]:
        handling_time, steps = team_handling_time(reader, team), remaining_steps(policy, type_key, step)
        return (
            handling_time.estimate_for(type_key).median_s,
            handling_time.estimate_for_steps(type_key, steps),
            bool(steps),
        )

    for ticket in (AssignedTickets._make(row) for query in assigned for row in reader.session.execute(query)):
        expected_s, remaining, at_step = estimates(ticket.team, ticket.type, ticket.step)
        number = ticket.number or 0
        spent_s = spent.get((number, ticket.step or ""), 0.0) if at_step else total.get(number, 0.0)
        yield ticket, expected_s, remaining.work_left_s(spent_s) * ticket.many


def _progress_periods(
    reader: Reader, which: Conditions, at: datetime
) -> Iterator[tuple[int, str, str | None, str, datetime, datetime | None]]:
    """Ticket, team, who has it now, and who had it in progress from when until when (None: until `at`)."""
    later = aliased(Event, name="later")
    until: SQLColumnExpression[datetime | None] = later.at
    is_same = (later.workspace_id == Event.workspace_id) & (later.number == Event.number)
    rows = reader.session.execute(
        select(Event.number, Ticket.team, Ticket.assignee.label("holder"), Event.assignee, Event.at, until)
        .select_from(Ticket)
        .join(Event, same_ticket(Event, Ticket))
        .outerjoin(later, is_same & (later.seq == Event.seq + 1))
        .where(*which, Event.status == Status.IN_PROGRESS)
    )
    for number, team, holder, person, start, end in rows:
        if person is not None and start < at:
            yield number, team, holder, person, start, end if end is not None and end < at else None


def _stepped_timelines(
    reader: Reader, which: Conditions, at: datetime
) -> Iterator[tuple[Holder, int, list[TimelineEntry]]]:
    query = select(Ticket.number, Ticket.team, Ticket.assignee, Ticket.step).where(*which)
    tickets = {number: ((team, person), step or "") for number, team, person, step in reader.session.execute(query)}
    timelines = ticket_timelines(reader, {number: step for number, (_, step) in tickets.items()})
    for number, (holder, _) in tickets.items():
        yield holder, number, [entry for entry in timelines[number] if entry.at <= at]


def _resolved_counts(reader: Reader, people: Sequence[str], since: datetime) -> dict[str, tuple[int, int]]:
    query = (
        select(Ticket.resolved_by, Ticket.team, Ticket.type, func.count())
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by.in_(people))
        .group_by(Ticket.resolved_by, Ticket.team, Ticket.type)
    )
    handling_times, long, short = dict[str, Estimates](), Counter[str](), Counter[str]()
    for person, team, type_key, count in reader.session.execute(query):
        if team not in handling_times:
            handling_times[team] = team_handling_time(reader, team)
        counter = long if handling_times[team].estimate_for(type_key).median_s >= LONG_TICKET_SECONDS else short
        counter[str(person)] += count
    return {person: (long[person], short[person]) for person in long | short}
