"""What people hold, with the minutes of work that are left in it."""

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
    """As much of an open ticket as its load needs."""

    number: int
    type: str
    team: str
    assignee: str
    status: Status
    step: str | None
    priority: Priority
    created_at: datetime

    def with_timeline(self, story: tuple[TimelineEntry, ...]) -> TicketHistory:
        facts = (self.number, self.type, self.priority, self.assignee, self.step or "", self.created_at)
        return TicketHistory(*facts, resolved_at=None, timer=None, timeline=story)


_COLUMNS = tuple(getattr(Ticket, name.name) for name in fields(AssignedTicket))


def workloads(
    reader: Reader,
    people: Iterable[str],
    *,
    policy: Policy,
    at: datetime,
    since: datetime | None = None,
) -> dict[str, Workload]:
    """What each of them holds in all teams; whoever holds nothing is there with nothing.

    What is left of a ticket is what its type is expected to take, less the attention it got. `since` is when the day
    began: only then what they resolved since is counted.
    """
    wanted = list(dict.fromkeys(people))
    held = _open_tickets(reader, wanted)
    learned = {team: team_estimates(reader, team).handling_time for team in {ticket.team for ticket in held}}
    spent = _attention(reader, held, policy, at)
    whole = _total_attention(spent)
    items: dict[str, list[WorkItem]] = defaultdict(list)
    for ticket in held:
        items[ticket.assignee].append(_workload_item(policy, ticket, learned[ticket.team], spent, whole))
    done = _resolved_counts(reader, wanted, learned, since) if since else {}
    return {who: Workload(tuple(items[who]), *done.get(who, (0, 0))) for who in wanted}


def _open_tickets(reader: Reader, people: Sequence[str]) -> list[AssignedTicket]:
    """Their open tickets without their stories, by number."""
    mine = select(*_COLUMNS).where(
        Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None)
    )
    return [AssignedTicket(*row) for row in reader.session.execute(mine.order_by(Ticket.number))]


def _attention(reader: Reader, held: Sequence[AssignedTicket], policy: Policy, at: datetime) -> Attention:
    """The attention that each got so far, by ticket and step: what is not in progress yet has none worth asking for."""
    begun: dict[str, list[AssignedTicket]] = defaultdict(list)
    for ticket in held:
        if ticket.status is not Status.ASSIGNED:
            begun[ticket.team].append(ticket)
    stories = ticket_timelines(reader, {one.number: one.step or "" for those in begun.values() for one in those})
    spent: dict[tuple[int, str], float] = {}
    for team, tickets in begun.items():
        spent |= handling_time_so_far(
            policy, team, [ticket.with_timeline(stories[ticket.number]) for ticket in tickets], at
        )
    return spent


def _total_attention(spent: Attention) -> dict[int, float]:
    """The attention that each ticket got in all its steps."""
    whole: dict[int, float] = defaultdict(float)
    for (number, _), seconds in spent.items():
        whole[number] += seconds
    return whole


def _workload_item(
    policy: Policy, ticket: AssignedTicket, learned: Estimates, spent: Attention, whole: Mapping[int, float]
) -> WorkItem:
    steps = [step.key for step in policy.type(ticket.type).steps]
    ahead = steps[steps.index(ticket.step) :] if ticket.step in steps else []
    given = spent.get((ticket.number, ticket.step or ""), 0.0) if ahead else whole.get(ticket.number, 0.0)
    left = remaining_work_seconds(learned.estimate_for_steps(ticket.type, ahead), given)
    return WorkItem(
        ticket.number, ticket.type, learned.estimate_for(ticket.type).median_s, left, ticket.status in _WAITING_STATES
    )


def remaining_work_seconds(estimate: Estimate, spent_s: float) -> float:
    """What is left after so much attention; of one that took longer than expected a tenth is left."""
    return max(estimate.median_s - spent_s, estimate.median_s / 10)


def _resolved_counts(
    reader: Reader, people: Sequence[str], learned: Mapping[str, Estimates], since: datetime
) -> dict[str, tuple[int, int]]:
    """How many tickets, long and short, each of them resolved since then."""
    found = (
        select(Ticket.resolved_by, Ticket.team, Ticket.type, func.count())
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by.in_(people))
        .group_by(Ticket.resolved_by, Ticket.team, Ticket.type)
    )
    known, long, short = dict(learned), Counter[str](), Counter[str]()
    for who, team, kind, many in reader.session.execute(found):
        if team not in known:
            known[team] = team_estimates(reader, team).handling_time
        counted = long if known[team].estimate_for(kind).median_s >= LONG_TICKET_SECONDS else short
        counted[str(who)] += many
    return {who: (long[who], short[who]) for who in long | short}
