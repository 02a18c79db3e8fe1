"""What the one who filed it reads, told from what they asked: filing is the hottest path and reads nothing back."""

from datetime import datetime
from typing import Any

from desk.intake import Earlier
from handlers.cards import intake as cards
from handlers.cards.blocks import Message
from rules.clocks import ClockKind
from rules.intake import Request, checked, team_for
from rules.policy import Policy
from rules.roles import Deed, allowed, roles
from rules.tickets import Status


def told(policy: Policy, request: Request, done: dict[str, Any]) -> Message:
    """`done` is what desk/intake.py answered: a new ticket with its due times, or which one it was already."""
    number, earlier = done["number"], Earlier(done["earlier"])
    if earlier is not Earlier.NO:
        return cards.already(number, earlier)
    request = checked(policy, request)
    filed = cards.Filed(
        number=number,
        title=request.title,
        type=request.type,
        priority=request.priority or policy.type(request.type).priority,
        team=team_for(policy, request.type).key,
        registered_by=request.registered_by,
        assignee=done.get("to"),
        asked=done.get("asked"),
        status=Status.ASSIGNED if done.get("to") and not request.assignee else Status.NEW,
    )
    due = {ClockKind(kind): datetime.fromisoformat(moment) for kind, moment in done["due"].items()}
    return cards.filed(filed, due, policy, may_change=_may_change(policy, request, filed.team))


def _may_change(policy: Policy, request: Request, team: str) -> bool:
    by = request.registered_by
    held = roles(policy, by, teams=[team], askers=(request.requester, by), assignee=request.assignee)
    return allowed(Deed.CHANGE, held)
