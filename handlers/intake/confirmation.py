"""The confirmation of a new ticket, made from the request: filing is the hottest path and reads nothing back."""

from datetime import datetime
from typing import Any

from handlers.intake import cards
from handlers.slack.blocks import Message
from rules.intake.requests import TicketRequest, first_line_team, validate_request
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from rules.people.permissions import Permission, is_allowed, roles_towards
from services.intake import Duplicate


def confirmation_message(policy: Policy, request: TicketRequest, result: dict[str, Any]) -> Message:
    """`result` is what services/intake.py returned: a new ticket with its due times, or the earlier ticket."""
    number, earlier = result["number"], Duplicate(result["earlier"])
    if earlier is not Duplicate.NONE:
        return cards.already_filed(number, earlier)
    request = validate_request(policy, request)
    filed = cards.NewTicket(
        number=number,
        title=request.title,
        type=request.type,
        priority=request.priority or policy.type(request.type).priority,
        team=first_line_team(policy, request.type).key,
        registered_by=request.registered_by,
        assignee=result.get("to"),
        asked_expert=result.get("asked"),
        status=Status.ASSIGNED if result.get("to") and not request.assignee else Status.NEW,
    )
    due = {TimerKind(kind): datetime.fromisoformat(moment) for kind, moment in result["due"].items()}
    return cards.ticket_filed(filed, due, policy, may_change=_may_change(policy, request, filed.team))


def _may_change(policy: Policy, request: TicketRequest, team: str) -> bool:
    by = request.registered_by
    own_roles = roles_towards(policy, by, teams=[team], requesters=(request.requester, by), assignee=request.assignee)
    return is_allowed(Permission.CHANGE_TICKET, own_roles)
