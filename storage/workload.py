"""Workload: what people are assigned, with the remaining minutes of work."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select

from rules.forecasts.inputs import TicketHistory, TimelineEntry, handling_time_so_far
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.workload.handling_time import Estimate, Estimates
from rules.workload.workload import LONG_TICKET_SECONDS, WorkItem, Workload
from storage.forecasts import team_estimates, ticket_timelines
from storage.schema.tickets import Ticket
from storage.transaction import Reader

Attention = Mapping[tuple[int, str], float]  # seconds of attention by ticket and step
_WAITING_STATES = frozenset({Status.WAITING, Status.ESCALATED})


@dataclass(frozen=True, slots=True)
class AssignedTicket:
    """As much of an open ticket as the workload needs."""

    number: int
    type: str
    team: str
    assignee: str
    status: Status
    step: str | None
    priority: Priority
    created_at: datetime

    def with_timeline(self, timeline: tuple[TimelineEntry, ...]) -> TicketHistory:
        facts = (self.number, self.type, self.priority, self.assignee, self.step or "", self.created_at)
        return TicketHistory(*facts, resolved_at=None, timer=None, timeline=timeline)


_COLUMNS = tuple(getattr(Ticket, name.name) for name in fields(AssignedTicket))


def workloads(
    reader: Reader, people: Iterable[str], *, policy: Policy, at: datetime, since: datetime | None = None
) -> dict[str, Workload]:
    """By person, over all teams; people without tickets are in it too.

    What remains of a ticket is the handling time expected of its type, less the attention it got. `since` is the start
    of the day: only then what they resolved since is counted.
    """
    persons = list(dict.fromkeys(people))
    tickets = _open_tickets(reader, persons)
    handling_times = {team: team_estimates(reader, team).handling_time for team in {ticket.team for ticket in tickets}}
    attention = _attention(reader, tickets, policy, at)
    total = _total_attention(attention)
    items_of: dict[str, list[WorkItem]] = defaultdict(list)
    for ticket in tickets:
        items_of[ticket.assignee].append(_workload_item(policy, ticket, handling_times[ticket.team], attention, total))
    resolved = _resolved_counts(reader, persons, handling_times, since) if since else {}
    return {person: Workload(tuple(items_of[person]), *resolved.get(person, (0, 0))) for person in persons}


def _open_tickets(reader: Reader, people: Sequence[str]) -> list[AssignedTicket]:
    query = select(*_COLUMNS).where(
        Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None)
    )
    return [AssignedTicket(*row) for row in reader.session.execute(query.order_by(Ticket.number))]


def _attention(reader: Reader, tickets: Sequence[AssignedTicket], policy: Policy, at: datetime) -> Attention:
    """Attention so far in seconds, by ticket and step. Tickets that are not started have none."""
    started: dict[str, list[AssignedTicket]] = defaultdict(list)
    for ticket in tickets:
        if ticket.status is not Status.ASSIGNED:
            started[ticket.team].append(ticket)
    steps = {ticket.number: ticket.step or "" for team_tickets in started.values() for ticket in team_tickets}
    timelines = ticket_timelines(reader, steps)
    attention: dict[tuple[int, str], float] = {}
    for team, team_tickets in started.items():
        histories = [ticket.with_timeline(timelines[ticket.number]) for ticket in team_tickets]
        attention |= handling_time_so_far(policy, team, histories, at)
    return attention


def _total_attention(attention: Attention) -> dict[int, float]:
    total: dict[int, float] = defaultdict(float)
    for (number, _), seconds in attention.items():
        total[number] += seconds
    return total


def _workload_item(
    policy: Policy, ticket: AssignedTicket, estimates: Estimates, attention: Attention, total: Mapping[int, float]
) -> WorkItem:
    steps = [step.key for step in policy.type(ticket.type).steps]
    remaining_steps = steps[steps.index(ticket.step) :] if ticket.step in steps else []
    number, step = ticket.number, ticket.step or ""
    used_s = attention.get((number, step), 0.0) if remaining_steps else total.get(number, 0.0)
    left_s = remaining_work_seconds(estimates.estimate_for_steps(ticket.type, remaining_steps), used_s)
    expected_s = estimates.estimate_for(ticket.type).median_s
    return WorkItem(number, ticket.type, expected_s, left_s, ticket.status in _WAITING_STATES)


def remaining_work_seconds(estimate: Estimate, spent_s: float) -> float:
    """Of a ticket that took longer than expected a tenth of the estimate remains."""
    return max(estimate.median_s - spent_s, estimate.median_s / 10)


def _resolved_counts(
    reader: Reader, people: Sequence[str], estimates_by_team: Mapping[str, Estimates], since: datetime
) -> dict[str, tuple[int, int]]:
    query = (
        select(Ticket.resolved_by, Ticket.team, Ticket.type, func.count())
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by.in_(people))
        .group_by(Ticket.resolved_by, Ticket.team, Ticket.type)
    )
    handling_times, long, short = dict(estimates_by_team), Counter[str](), Counter[str]()
    for person, team, type_key, count in reader.session.execute(query):
        if team not in handling_times:
            handling_times[team] = team_estimates(reader, team).handling_time
        counter = long if handling_times[team].estimate_for(type_key).median_s >= LONG_TICKET_SECONDS else short
        counter[str(person)] += count
    return {person: (long[person], short[person]) for person in long | short}
