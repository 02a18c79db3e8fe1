"""Permissions are checked in the operation, for the person whom Slack authenticated."""

from collections.abc import Collection

from rules.errors import Refused
from rules.model.policy import Policy, SupportLine
from rules.people.permissions import NotAllowed, Permission, Role, is_allowed, roles_towards
from storage.escalations import approvals, escalations
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import NoSuchTicket, get_ticket, lock_ticket
from storage.transaction import Reader, Transaction


class HiddenTicket(NoSuchTicket):
    """They may not see this ticket, which reads as none; `on_card` is for a colleague at its card."""

    def __init__(self, number: int, on_card: NotAllowed) -> None:
        super().__init__(number)
        self.on_card = on_card


def roles_on_ticket(policy: Policy, ticket: Ticket, person: str, *, expert_team: str | None = None) -> frozenset[Role]:
    teams = [ticket.first_line, ticket.team] + ([expert_team] if expert_team else [])
    return roles_towards(
        policy, person, teams=teams, requesters=(ticket.requester, ticket.registered_by), assignee=ticket.assignee
    )


def require(tx: Transaction, permission: Permission, ticket: Ticket, by: str) -> frozenset[Role]:
    return require_roles(tx, tx.policy, permission, ticket, by)


def require_roles(reader: Reader, policy: Policy, permission: Permission, ticket: Ticket, by: str) -> frozenset[Role]:
    """The person's roles. NotAllowed names who can; for a person who may not see the ticket it does not exist."""
    escalation = escalations.undecided_escalation(reader, ticket.number)
    held_roles = roles_on_ticket(policy, ticket, by, expert_team=escalation.team if escalation else None)
    if _is_approver(reader, escalation, by):
        held_roles |= {Role.EXPERT}
    if is_allowed(permission, held_roles):
        return held_roles
    teams = [policy.team(key).name for key in sorted({ticket.first_line, ticket.team})]
    raise refusal(permission, ticket.number, held_roles, teams)


def lock_permitted(tx: Transaction, permission: Permission, number: int, by: str) -> Ticket:
    ticket = lock_ticket(tx, number)
    require(tx, permission, ticket, by)
    return ticket


def require_in_teams(policy: Policy, permission: Permission, by: str, teams: Collection[str]) -> None:
    if not is_allowed(permission, roles_towards(policy, by, teams=teams)):
        raise NotAllowed(permission, [policy.team(key).name for key in teams])


def permitted_ticket(reader: Reader, policy: Policy, permission: Permission, number: int, *, by: str) -> Ticket:
    """The ticket, for a form: a person without the permission reads so before they have typed anything."""
    ticket = get_ticket(reader, number)
    require_roles(reader, policy, permission, ticket, by)
    return ticket


def require_expert(
    policy: Policy,
    permission: Permission,
    ticket: Ticket,
    by: str,
    *,
    escalation: Escalation | None,
    is_approver: bool = False,
) -> None:
    team = escalation.team if escalation else ticket.team
    if is_approver or is_allowed(permission, roles_towards(policy, by, teams=[team])):
        return
    held_roles = roles_on_ticket(policy, ticket, by, expert_team=team)
    raise refusal(permission, ticket.number, held_roles, [policy.team(team).name])


def refusal(permission: Permission, number: int, held_roles: Collection[Role], teams: Collection[str]) -> Refused:
    not_allowed = NotAllowed(permission, teams)
    return not_allowed if is_allowed(Permission.SEE_TICKET, held_roles) else HiddenTicket(number, not_allowed)


def is_expert_team(policy: Policy, key: str) -> bool:
    return policy.team(key).line is SupportLine.EXPERT


def _is_approver(reader: Reader, escalation: Escalation | None, by: str) -> bool:
    """Whether the person is asked by name; a deputy may be of another team."""
    if escalation is None or escalation.approving is None:
        return False
    return approvals.is_asked_to_decide(reader, escalation, by)
