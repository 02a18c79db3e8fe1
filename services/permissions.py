"""Authority is checked on the deed, from who Slack says it was."""

from collections.abc import Collection

from rules.model.policy import Policy, SupportLine
from rules.people.permissions import NotAllowed, Permission, Role, is_allowed, roles_towards
from storage.escalations import approvals, escalations
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import NoSuchTicket, get_ticket
from storage.transaction import Reader, Transaction


def roles_on_ticket(policy: Policy, ticket: Ticket, person: str, *, expert_team: str | None = None) -> frozenset[Role]:
    """What the person is to this ticket; `asked` is the expert team that has been asked about it."""
    teams = [ticket.first_line, ticket.team] + ([expert_team] if expert_team else [])
    return roles_towards(
        policy, person, teams=teams, requesters=(ticket.requester, ticket.registered_by), assignee=ticket.assignee
    )


def require(tx: Transaction, deed: Permission, ticket: Ticket, by: str) -> frozenset[Role]:
    """The person's roles; NotAllowed says who can, and somebody who may not even see it reads that it is not there."""
    asked = escalations.undecided_escalation(tx, ticket.number)
    seated = _is_approver(tx, asked, by)
    return _require_roles(tx.policy, deed, ticket, by, asked, seated=seated)


def permitted_ticket(reader: Reader, policy: Policy, deed: Permission, number: int, *, by: str) -> Ticket:
    """The ticket, for a form that leads to this deed: who may not do it reads so before they have typed anything."""
    ticket = get_ticket(reader, number)
    asked = escalations.undecided_escalation(reader, number)
    _require_roles(policy, deed, ticket, by, asked, seated=_is_approver(reader, asked, by))
    return ticket


def require_expert(
    policy: Policy, deed: Permission, ticket: Ticket, by: str, *, asked: Escalation | None, is_approver: bool = False
) -> None:
    """Only the experts who were asked, or their leads, decide an escalation; `seated` is who stands in for one."""
    team = asked.team if asked else ticket.team
    if is_approver or is_allowed(deed, roles_towards(policy, by, teams=[team])):
        return
    if not is_allowed(Permission.SEE_TICKET, roles_on_ticket(policy, ticket, by, expert_team=team)):
        raise NoSuchTicket(ticket.number)
    raise NotAllowed(deed, [policy.team(team).name])


def is_expert_team(policy: Policy, key: str) -> bool:
    return policy.team(key).line is SupportLine.EXPERT


def _is_approver(reader: Reader, asked: Escalation | None, by: str) -> bool:
    """Whether the person is asked by name, as somebody who stands in for an expert is who is of another team."""
    return asked is not None and asked.approving is not None and approvals.is_asked_to_decide(reader, asked, by)


def _require_roles(
    policy: Policy, deed: Permission, ticket: Ticket, by: str, asked: Escalation | None, *, seated: bool = False
) -> frozenset[Role]:
    held = roles_on_ticket(policy, ticket, by, expert_team=asked.team if asked else None)
    held |= frozenset({Role.EXPERT}) if seated else frozenset()
    if is_allowed(deed, held):
        return held
    if not is_allowed(Permission.SEE_TICKET, held):
        raise NoSuchTicket(ticket.number)
    raise NotAllowed(deed, _team_names(policy, {ticket.first_line, ticket.team}))


def _team_names(policy: Policy, keys: Collection[str]) -> list[str]:
    return [policy.team(key).name for key in sorted(keys)]
