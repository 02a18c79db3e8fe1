"""What the one who filed it reads, told from what they asked: filing is the hottest path and reads nothing back."""

from datetime import datetime
from typing import Any

from handlers.intake import cards
from handlers.slack.blocks import Message
from rules.intake.requests import Request, checked, team_for
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import ClockKind
from rules.people.permissions import Deed, allowed, roles
from services.intake import Earlier


def told(policy: Policy, request: Request, done: dict[str, Any]) -> Message:
    """`done` is what services/intake.py answered: a new ticket with its due times, or which one it was already."""
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
