"""Who may do what: the roles a person has towards a ticket, and the matrix of role and deed."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from rules.errors import DeskError
from rules.model.policy import Policy, Team


class Role(StrEnum):
    """What a person is towards one ticket or towards the desk."""

    REQUESTER = "requester"
    AGENT = "agent"
    EXPERT = "expert"
    LEAD = "lead"
    MANAGER = "manager"
    OBSERVER = "observer"
    ADMIN = "admin"


class Deed(StrEnum):
    """What can be done or seen at the desk."""

    FILE = "file"
    SEE = "see"
    LIST = "list"
    TAKE = "take"
    ASSIGN = "assign"
    START = "start"
    PASS = "pass"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    REJECT = "reject"
    ASK_BACK = "ask_back"
    REDIRECT = "redirect"
    WITHDRAW = "withdraw"
    CHECK = "check"
    CLOSE_GAP = "close_gap"
    WAIT = "wait"
    REPLY = "reply"
    WRITE = "write"
    NOTE = "note"
    CHANGE = "change"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    SNOOZE = "snooze"
    STEP = "step"
    EXTEND = "extend"
    GRANT = "grant"
    ASK_HELP = "ask_help"
    RISK = "risk"
    PULL = "pull"
    SKILL = "skill"
    MEMBERS = "members"
    NEXT = "next"
    MOVE_BASKET = "move_basket"
    TAKE_BACK = "take_back"
    REPORT = "report"
    REPORT_OWN = "report_own"
    HOURS = "hours"
    DESK = "desk"
    HEALTH = "health"
    HOME = "home"
    HEAR_BY = "hear_by"
    PRESENCE = "presence"
    LEAVE_FOR = "leave_for"
    FLOOR = "floor"


_WORKING = frozenset({Role.AGENT, Role.EXPERT, Role.LEAD})
_DECIDING = frozenset({Role.EXPERT, Role.LEAD})
_LEADING = frozenset({Role.LEAD, Role.MANAGER, Role.ADMIN})
_SEEING = _WORKING | _LEADING | {Role.REQUESTER, Role.OBSERVER}
EVERYONE = frozenset(Role)

MATRIX: dict[Deed, frozenset[Role]] = {
    Deed.FILE: EVERYONE,
    Deed.SEE: _SEEING,
    Deed.LIST: EVERYONE,
    Deed.TAKE: _WORKING,
    Deed.ASSIGN: _WORKING | _LEADING,
    Deed.START: _WORKING,
    Deed.PASS: _WORKING,
    Deed.ESCALATE: _WORKING,
    Deed.ACCEPT: _DECIDING,
    Deed.REJECT: _DECIDING,
    Deed.ASK_BACK: _DECIDING,
    Deed.REDIRECT: _DECIDING,
    Deed.WITHDRAW: frozenset({Role.AGENT, Role.LEAD}),
    Deed.CHECK: _WORKING | {Role.MANAGER},
    Deed.CLOSE_GAP: frozenset({Role.LEAD, Role.MANAGER}),
    Deed.WAIT: _WORKING,
    Deed.REPLY: _WORKING | {Role.MANAGER},
    Deed.WRITE: frozenset({Role.REQUESTER}),
    Deed.NOTE: _WORKING | _LEADING,
    Deed.CHANGE: _WORKING | _LEADING,
    Deed.RESOLVE: _WORKING,
    Deed.REOPEN: _WORKING | _LEADING | {Role.REQUESTER},
    Deed.SNOOZE: _WORKING,
    Deed.STEP: _WORKING,
    Deed.EXTEND: _WORKING | {Role.MANAGER},
    Deed.GRANT: frozenset({Role.LEAD, Role.MANAGER}),
    Deed.ASK_HELP: _WORKING,
    Deed.RISK: _LEADING | {Role.OBSERVER},
    Deed.PULL: frozenset({Role.LEAD, Role.MANAGER}),
    Deed.SKILL: frozenset({Role.LEAD, Role.MANAGER}),
    Deed.MEMBERS: frozenset({Role.LEAD, Role.MANAGER}),  # who leads: managers alone, services/memberships.py
    Deed.NEXT: _WORKING,
    Deed.MOVE_BASKET: frozenset({Role.LEAD, Role.MANAGER}),  # and everybody their own: services/reassignment/bulk.py
    Deed.TAKE_BACK: _WORKING,  # what was handed over of their own
    Deed.REPORT: _LEADING | {Role.OBSERVER},
    Deed.REPORT_OWN: EVERYONE,
    Deed.HOURS: _LEADING,
    Deed.DESK: EVERYONE,
    Deed.HEALTH: _LEADING,
    Deed.HOME: EVERYONE,
    Deed.HEAR_BY: _WORKING,
    Deed.PRESENCE: _WORKING | _LEADING,
    Deed.LEAVE_FOR: _LEADING,
    Deed.FLOOR: _WORKING | _LEADING | {Role.OBSERVER},
}

# Every role may see a ticket, yet a person with no role towards it may not: the full row does not say so by itself.
OPEN_TO_ALL = frozenset({Deed.FILE, Deed.LIST, Deed.REPORT_OWN, Deed.DESK, Deed.HOME})

_PLURALS = {
    Role.AGENT: "agents",
    Role.EXPERT: "experts",
    Role.LEAD: "leads",
    Role.MANAGER: "managers",
    Role.OBSERVER: "observers",
    Role.ADMIN: "admins",
    Role.REQUESTER: "whoever asked for it",
}


class NotAllowed(DeskError):
    """The person has none of the roles that may do this; the sentence says who can."""

    def __init__(self, deed: Deed, teams: Collection[str] = ()) -> None:
        who = [role for role in _PLURALS if role in MATRIX[deed]]
        theirs = [role for role in who if teams and role in _WORKING]
        whose = " and ".join(f"{team}'s" for team in teams)
        others = _listed([role for role in who if role not in theirs])
        can = f"{whose} {_listed(theirs)} can" if theirs else f"{others} can"
        also = f", and so can {others}" if theirs and others else ""
        super().__init__(f"You cannot do that here: {can}{also}.")


def roles(
    policy: Policy, person: str, *, teams: Collection[str], askers: Collection[str] = (), assignee: str | None = None
) -> frozenset[Role]:
    """What the person is towards a ticket of these teams (its first line, its holder, the experts who are asked).

    Whoever registered it for somebody else is among its askers."""
    found: set[Role] = set(standing(policy, person))
    if person in askers:
        found.add(Role.REQUESTER)
    if assignee in policy.acting(person) and person != policy.stranger:
        found.add(Role.AGENT)
    for team in map(policy.team, dict.fromkeys(teams)):
        found |= _within(policy, team, person)
    return frozenset(found)


def standing(policy: Policy, person: str) -> frozenset[Role]:
    """The roles a person has towards the desk as a whole: these do not depend on a team."""
    held = ((Role.MANAGER, policy.managers), (Role.OBSERVER, policy.observers), (Role.ADMIN, policy.admins))
    acting = policy.acting(person)
    return frozenset(role for role, people in held if not people.isdisjoint(acting))


def teams_of(policy: Policy, person: str) -> list[str]:
    """The teams in which the person works, or stands in for somebody who does."""
    return [key for key, team in policy.teams.items() if _within(policy, team, person)]


def teams_led(policy: Policy, person: str) -> list[str]:
    """The teams that the person leads, or whose lead they stand in for."""
    return [key for key, team in policy.teams.items() if Role.LEAD in _within(policy, team, person)]


def desk_roles(policy: Policy, person: str) -> frozenset[Role]:
    """Every role the person has anywhere at the desk."""
    return roles(policy, person, teams=list(policy.teams))


def allowed(deed: Deed, held: Collection[Role]) -> bool:
    """Whether any of these roles may do it; what everyone may do needs no role at all."""
    return deed in OPEN_TO_ALL or not MATRIX[deed].isdisjoint(held)


def _within(policy: Policy, team: Team, person: str) -> set[Role]:
    acting = policy.acting(person)
    lists = ((Role.AGENT, team.agents), (Role.EXPERT, team.experts), (Role.LEAD, team.leads))
    return {role for role, people in lists if any(one in people for one in acting)}


def _listed(found: Sequence[Role]) -> str:
    words = [_PLURALS[role] for role in found]
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
