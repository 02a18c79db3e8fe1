"""Authority is checked on the deed, from who Slack says it was."""

from collections.abc import Collection

from rules.model.policy import Line, Policy
from rules.people.permissions import Deed, NotAllowed, Role, allowed, roles
from storage.escalations import approvals, escalations
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import NoSuchTicket, seen
from storage.transaction import Reader, Transaction


def towards(policy: Policy, ticket: Ticket, person: str, *, asked: str | None = None) -> frozenset[Role]:
    """What the person is to this ticket; `asked` is the expert team that has been asked about it."""
    teams = [ticket.first_line, ticket.team] + ([asked] if asked else [])
    return roles(policy, person, teams=teams, askers=(ticket.requester, ticket.registered_by), assignee=ticket.assignee)


def require(tx: Transaction, deed: Deed, ticket: Ticket, by: str) -> frozenset[Role]:
    """The person's roles; NotAllowed says who can, and somebody who may not even see it reads that it is not there."""
    asked = escalations.undecided(tx, ticket.number)
    seated = _seated(tx, asked, by)
    return _held(tx.policy, deed, ticket, by, asked, seated=seated)


def permitted(reader: Reader, policy: Policy, deed: Deed, number: int, *, by: str) -> Ticket:
    """The ticket, for a form that leads to this deed: who may not do it reads so before they have typed anything."""
    ticket = seen(reader, number)
    asked = escalations.undecided(reader, number)
    _held(policy, deed, ticket, by, asked, seated=_seated(reader, asked, by))
    return ticket


def require_expert(
    policy: Policy, deed: Deed, ticket: Ticket, by: str, *, asked: Escalation | None, seated: bool = False
) -> None:
    """Only the experts who were asked, or their leads, decide an escalation; `seated` is who stands in for one."""
    team = asked.team if asked else ticket.team
    if seated or allowed(deed, roles(policy, by, teams=[team])):
        return
    if not allowed(Deed.SEE, towards(policy, ticket, by, asked=team)):
        raise NoSuchTicket(ticket.number)
    raise NotAllowed(deed, [policy.team(team).name])


def is_expert_team(policy: Policy, key: str) -> bool:
    return policy.team(key).line is Line.EXPERT


def _seated(reader: Reader, asked: Escalation | None, by: str) -> bool:
    """Whether the person is asked by name, as somebody who stands in for an expert is who is of another team."""
    return asked is not None and asked.approving is not None and approvals.is_asked(reader, asked, by)


def _held(
    policy: Policy, deed: Deed, ticket: Ticket, by: str, asked: Escalation | None, *, seated: bool = False
) -> frozenset[Role]:
    held = towards(policy, ticket, by, asked=asked.team if asked else None)
    held |= frozenset({Role.EXPERT}) if seated else frozenset()
    if allowed(deed, held):
        return held
    if not allowed(Deed.SEE, held):
        raise NoSuchTicket(ticket.number)
    raise NotAllowed(deed, _names(policy, {ticket.first_line, ticket.team}))


def _names(policy: Policy, keys: Collection[str]) -> list[str]:
    return [policy.team(key).name for key in sorted(keys)]
