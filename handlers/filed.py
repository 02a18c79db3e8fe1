"""What the one who filed it reads, told from what they asked: filing is the hottest path and reads nothing back."""

from datetime import datetime
from typing import Any

from desk.authority import towards
from desk.intake import Earlier
from handlers.cards import intake as cards
from handlers.cards.blocks import Message
from handlers.cards.tickets import Clocks
from rules import sla
from rules.intake import Request, checked, team_for
from rules.policy import Policy
from rules.roles import Deed, allowed
from rules.sla import ClockKind
from storage.tables import Ticket


def told(policy: Policy, request: Request, done: dict[str, Any]) -> Message:
    """`done` is what desk/intake.py answered: a new ticket, or which one it was already."""
    number, earlier = done["number"], Earlier(done["earlier"])
    if earlier is not Earlier.NO:
        return cards.already(number, earlier)
    now = datetime.fromisoformat(done["at"])
    ticket = _ticket(policy, checked(policy, request), number)
    may_change = allowed(Deed.CHANGE, towards(policy, ticket, request.registered_by))
    return cards.filed(ticket, _clocks(policy, ticket, now), policy, may_change=may_change)


def _ticket(policy: Policy, request: Request, number: int) -> Ticket:
    team = team_for(policy, request.type).key
    return Ticket(
        number=number,
        title=request.title,
        type=request.type,
        priority=request.priority,
        team=team,
        first_line=team,
        requester=request.requester,
        registered_by=request.registered_by,
        assignee=request.assignee,
    )


def _clocks(policy: Policy, ticket: Ticket, at: datetime) -> Clocks:
    about = {"type": ticket.type, "team": ticket.first_line}
    started = (sla.start(policy, kind, priority=ticket.priority, at=at, **about) for kind in ClockKind)
    return {clock.target: clock for clock in started if clock is not None}
