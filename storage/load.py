"""What people hold, with the minutes of work that are left in it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rules.effort import Estimate, Estimates
from rules.load import LONG_S, Item, Load
from rules.policy import Policy
from rules.situations import effort_of
from rules.tickets import Status
from storage.forecasts import known_of, learning_of
from storage.tables import Ticket

_WAITS = frozenset({Status.WAITING, Status.ESCALATED})


def loads(
    session: Session,
    workspace: str,
    people: Iterable[str],
    *,
    policy: Policy,
    at: datetime,
    since: datetime | None = None,
) -> dict[str, Load]:
    """What each of them holds in all teams; whoever holds nothing is there with nothing.

    What is left of a ticket is what its type is expected to take, less the attention it got. `since` is when the day
    began: only then what they resolved since is counted.
    """
    wanted = list(dict.fromkeys(people))
    held = _held(session, workspace, wanted)
    learned = {team: learning_of(session, workspace, team).effort for team in {ticket.team for ticket in held}}
    spent = _spent(session, workspace, held, policy, at)
    items: dict[str, list[Item]] = defaultdict(list)
    for ticket in held:
        items[ticket.assignee or ""].append(_item(policy, ticket, learned[ticket.team], spent))
    done = _done(session, workspace, wanted, learned, since) if since else {}
    return {who: Load(tuple(items[who]), *done.get(who, (0, 0))) for who in wanted}


def _held(session: Session, workspace: str, people: Sequence[str]) -> Sequence[Ticket]:
    mine = select(Ticket).where(
        Ticket.workspace_id == workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None)
    )
    return session.scalars(mine.order_by(Ticket.number)).all()


def _spent(
    session: Session, workspace: str, held: Sequence[Ticket], policy: Policy, at: datetime
) -> Mapping[tuple[int, str], float]:
    """The attention that each got so far, by ticket and step: what is not in progress yet has none worth asking for."""
    begun: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in held:
        if ticket.status is not Status.ASSIGNED:
            begun[ticket.team].append(ticket)
    spent: dict[tuple[int, str], float] = {}
    for team, tickets in begun.items():
        spent |= effort_of(policy, team, known_of(session, workspace, tickets), at)
    return spent


def _item(policy: Policy, ticket: Ticket, learned: Estimates, spent: Mapping[tuple[int, str], float]) -> Item:
    steps = [step.key for step in policy.type(ticket.type).steps]
    ahead = steps[steps.index(ticket.step) :] if ticket.step in steps else []
    parts = [seconds for (number, step), seconds in spent.items() if number == ticket.number]
    given = spent.get((ticket.number, ticket.step or ""), 0.0) if ahead else sum(parts)
    whole, left = learned.of(ticket.type), learned.left(ticket.type, ahead)
    return Item(ticket.number, ticket.type, whole.median_s, still(left, given), ticket.status in _WAITS)


def still(estimate: Estimate, spent_s: float) -> float:
    """What is left after so much attention; of one that took longer than expected a tenth is left."""
    return max(estimate.median_s - spent_s, estimate.median_s / 10)


def _done(
    session: Session, workspace: str, people: Sequence[str], learned: Mapping[str, Estimates], since: datetime
) -> dict[str, tuple[int, int]]:
    """How many tickets, long and short, each of them resolved since then."""
    found = (
        select(Ticket.resolved_by, Ticket.team, Ticket.type, func.count())
        .where(Ticket.workspace_id == workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by.in_(people))
        .group_by(Ticket.resolved_by, Ticket.team, Ticket.type)
    )
    known, long, short = dict(learned), Counter[str](), Counter[str]()
    for who, team, kind, many in session.execute(found):
        if team not in known:
            known[team] = learning_of(session, workspace, team).effort
        counted = long if known[team].of(kind).median_s >= LONG_S else short
        counted[str(who)] += many
    return {who: (long[who], short[who]) for who in long | short}
