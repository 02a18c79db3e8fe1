"""Who may do what: a person's roles towards a ticket, and the matrix of roles and permissions."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from rules.errors import Refused
from rules.model.policy import Policy, Team
from rules.text import Text, _, join_list


class Role(StrEnum):
    """What a person is towards one ticket or towards the desk."""

    REQUESTER = "requester"
    AGENT = "agent"
    EXPERT = "expert"
    LEAD = "lead"
    MANAGER = "manager"
    OBSERVER = "observer"
    ADMIN = "admin"


class Permission(StrEnum):
    FILE_TICKET = "file"
    SEE_TICKET = "see"
    LIST_TICKETS = "list"
    TAKE_TICKET = "take"
    ASSIGN_TICKET = "assign"
    START_WORK = "start"
    PASS_OFFER = "pass"
    ESCALATE = "escalate"
    ACCEPT_ESCALATION = "accept"
    REJECT_ESCALATION = "reject"
    REQUEST_INFO = "ask_back"
    REDIRECT_ESCALATION = "redirect"
    WITHDRAW_ESCALATION = "withdraw"
    REVIEW_ESCALATION = "check"
    CLOSE_IMPROVEMENT_ITEM = "close_gap"
    WAIT_FOR_CUSTOMER = "wait"
    REPLY_TO_REQUESTER = "reply"
    WRITE_AS_REQUESTER = "write"
    ADD_NOTE = "note"
    CHANGE_TICKET = "change"
    RESOLVE_TICKET = "resolve"
    REOPEN_TICKET = "reopen"
    SNOOZE_ALERT = "snooze"
    COMPLETE_STEP = "step"
    EXTEND_TARGET = "extend"
    DECIDE_EXTENSION = "grant"
    ASK_FOR_HELP = "ask_help"
    SEE_FORECAST = "risk"
    APPLY_WHAT_IF_ACTION = "pull"
    EDIT_SKILLS = "skill"
    EDIT_MEMBERSHIPS = "members"
    TAKE_NEXT_TICKET = "next"
    REASSIGN_IN_BULK = "move_basket"
    TAKE_BACK_TICKETS = "take_back"
    SEE_TEAM_REPORT = "report"
    SEE_OWN_REPORT = "report_own"
    SEE_LOGGED_TIME = "hours"
    USE_DESK_COMMAND = "desk"
    SEE_HEALTH = "health"
    OPEN_HOME = "home"
    CHOOSE_ALERT_CHANNEL = "hear_by"
    SET_PRESENCE = "presence"
    ENTER_LEAVE_FOR_OTHERS = "leave_for"
    SEE_PRESENCE_BOARD = "floor"


_WORKING_ROLES = frozenset({Role.AGENT, Role.EXPERT, Role.LEAD})
_DECIDING_ROLES = frozenset({Role.EXPERT, Role.LEAD})
_PLANNING_ROLES = frozenset({Role.LEAD, Role.MANAGER})
_LEADING_ROLES = _PLANNING_ROLES | {Role.ADMIN}
_SEEING_ROLES = _WORKING_ROLES | _LEADING_ROLES | {Role.REQUESTER, Role.OBSERVER}
ALL_ROLES = frozenset(Role)

PERMISSION_MATRIX: dict[Permission, frozenset[Role]] = {
    Permission.FILE_TICKET: ALL_ROLES,
    Permission.SEE_TICKET: _SEEING_ROLES,
    Permission.LIST_TICKETS: ALL_ROLES,
    Permission.TAKE_TICKET: _WORKING_ROLES,
    Permission.ASSIGN_TICKET: _WORKING_ROLES | _LEADING_ROLES,
    Permission.START_WORK: _WORKING_ROLES,
    Permission.PASS_OFFER: _WORKING_ROLES,
    Permission.ESCALATE: _WORKING_ROLES,
    Permission.ACCEPT_ESCALATION: _DECIDING_ROLES,
    Permission.REJECT_ESCALATION: _DECIDING_ROLES,
    Permission.REQUEST_INFO: _DECIDING_ROLES,
    Permission.REDIRECT_ESCALATION: _DECIDING_ROLES,
    Permission.WITHDRAW_ESCALATION: frozenset({Role.AGENT, Role.LEAD}),
    Permission.REVIEW_ESCALATION: _WORKING_ROLES | {Role.MANAGER},
    Permission.CLOSE_IMPROVEMENT_ITEM: _PLANNING_ROLES,
    Permission.WAIT_FOR_CUSTOMER: _WORKING_ROLES,
    Permission.REPLY_TO_REQUESTER: _WORKING_ROLES | {Role.MANAGER},
    Permission.WRITE_AS_REQUESTER: frozenset({Role.REQUESTER}),
    Permission.ADD_NOTE: _WORKING_ROLES | _LEADING_ROLES,
    Permission.CHANGE_TICKET: _WORKING_ROLES | _LEADING_ROLES,
    Permission.RESOLVE_TICKET: _WORKING_ROLES,
    Permission.REOPEN_TICKET: _WORKING_ROLES | _LEADING_ROLES | {Role.REQUESTER},
    Permission.SNOOZE_ALERT: _WORKING_ROLES,
    Permission.COMPLETE_STEP: _WORKING_ROLES,
    Permission.EXTEND_TARGET: _WORKING_ROLES | {Role.MANAGER},
    Permission.DECIDE_EXTENSION: _PLANNING_ROLES,
    Permission.ASK_FOR_HELP: _WORKING_ROLES,
    Permission.SEE_FORECAST: _LEADING_ROLES | {Role.OBSERVER},
    Permission.APPLY_WHAT_IF_ACTION: _PLANNING_ROLES,
    Permission.EDIT_SKILLS: _PLANNING_ROLES,
    Permission.EDIT_MEMBERSHIPS: _PLANNING_ROLES,  # leads: managers alone, see services/memberships.py
    Permission.TAKE_NEXT_TICKET: _WORKING_ROLES,
    Permission.REASSIGN_IN_BULK: _PLANNING_ROLES,  # and everyone their own, see services/reassignment/bulk.py
    Permission.TAKE_BACK_TICKETS: _WORKING_ROLES,  # their own tickets only
    Permission.SEE_TEAM_REPORT: _LEADING_ROLES | {Role.OBSERVER},
    Permission.SEE_OWN_REPORT: ALL_ROLES,
    Permission.SEE_LOGGED_TIME: _LEADING_ROLES,
    Permission.USE_DESK_COMMAND: ALL_ROLES,
    Permission.SEE_HEALTH: _LEADING_ROLES,
    Permission.OPEN_HOME: ALL_ROLES,
    Permission.CHOOSE_ALERT_CHANNEL: _WORKING_ROLES,
    Permission.SET_PRESENCE: _WORKING_ROLES | _LEADING_ROLES,
    Permission.ENTER_LEAVE_FOR_OTHERS: _LEADING_ROLES,
    Permission.SEE_PRESENCE_BOARD: _WORKING_ROLES | _LEADING_ROLES | {Role.OBSERVER},
}

# These need no role. A full row alone is not enough: every role may see a ticket, a person without a role may not.
OPEN_PERMISSIONS = frozenset(
    {
        Permission.FILE_TICKET,
        Permission.LIST_TICKETS,
        Permission.SEE_OWN_REPORT,
        Permission.USE_DESK_COMMAND,
        Permission.OPEN_HOME,
    }
)

ROLE_PLURALS = {
    Role.AGENT: _("agents"),
    Role.EXPERT: _("experts"),
    Role.LEAD: _("leads"),
    Role.MANAGER: _("managers"),
    Role.OBSERVER: _("observers"),
    Role.ADMIN: _("admins"),
    Role.REQUESTER: _("the requester"),
}


OPERATION_NAMES = {
    Permission.FILE_TICKET: _("file a ticket"),
    Permission.SEE_TICKET: _("see this ticket"),
    Permission.LIST_TICKETS: _("list tickets"),
    Permission.TAKE_TICKET: _("take this ticket"),
    Permission.ASSIGN_TICKET: _("assign this ticket"),
    Permission.START_WORK: _("start this ticket"),
    Permission.PASS_OFFER: _("pass this ticket on"),
    Permission.ESCALATE: _("escalate this ticket"),
    Permission.ACCEPT_ESCALATION: _("accept this escalation"),
    Permission.REJECT_ESCALATION: _("reject this escalation"),
    Permission.REQUEST_INFO: _("request information for this escalation"),
    Permission.REDIRECT_ESCALATION: _("redirect this escalation"),
    Permission.WITHDRAW_ESCALATION: _("withdraw this escalation"),
    Permission.REVIEW_ESCALATION: _("review this escalation"),
    Permission.CLOSE_IMPROVEMENT_ITEM: _("close this improvement item"),
    Permission.WAIT_FOR_CUSTOMER: _("set this ticket to Waiting for customer"),
    Permission.REPLY_TO_REQUESTER: _("reply to the requester of this ticket"),
    Permission.WRITE_AS_REQUESTER: _("write as the requester of this ticket"),
    Permission.ADD_NOTE: _("write a note on this ticket"),
    Permission.CHANGE_TICKET: _("change this ticket"),
    Permission.RESOLVE_TICKET: _("resolve this ticket"),
    Permission.REOPEN_TICKET: _("reopen this ticket"),
    Permission.SNOOZE_ALERT: _("silence the alerts of this ticket"),
    Permission.COMPLETE_STEP: _("complete a step of this ticket"),
    Permission.EXTEND_TARGET: _("ask for more time for this ticket"),
    Permission.DECIDE_EXTENSION: _("grant or refuse more time for this ticket"),
    Permission.ASK_FOR_HELP: _("ask for help with this ticket"),
    Permission.SEE_FORECAST: _("see the forecast"),
    Permission.APPLY_WHAT_IF_ACTION: _("apply this what-if action"),
    Permission.EDIT_SKILLS: _("set these skills"),
    Permission.EDIT_MEMBERSHIPS: _("change who is in this team"),
    Permission.TAKE_NEXT_TICKET: _("get the next ticket"),
    Permission.REASSIGN_IN_BULK: _("reassign these tickets in bulk"),
    Permission.TAKE_BACK_TICKETS: _("take these tickets back"),
    Permission.SEE_TEAM_REPORT: _("read this team's numbers"),
    Permission.SEE_OWN_REPORT: _("read these numbers"),
    Permission.SEE_LOGGED_TIME: _("read when people logged in and out"),
    Permission.USE_DESK_COMMAND: _("see who handles what"),
    Permission.SEE_HEALTH: _("see the health of the desk"),
    Permission.OPEN_HOME: _("see this Home"),
    Permission.CHOOSE_ALERT_CHANNEL: _("choose how these alerts arrive"),
    Permission.SET_PRESENCE: _("set a status, leave or a shift"),
    Permission.ENTER_LEAVE_FOR_OTHERS: _("enter or end another person's leave or shift"),
    Permission.SEE_PRESENCE_BOARD: _("see who of a team is here"),
}


class NotAllowed(Refused):
    """The person has none of the roles with this permission; the sentence says what it is, and who has."""

    def __init__(self, permission: Permission, teams: Collection[str] = ()) -> None:
        super().__init__(_refusal_text(permission, teams))


def _refusal_text(permission: Permission, teams: Collection[str]) -> Text:
    operation = OPERATION_NAMES[permission]
    allowed = [role for role in ROLE_PLURALS if role in PERMISSION_MATRIX[permission]]
    of_team = [role for role in allowed if teams and role in _WORKING_ROLES]
    roles, others = _roles_text(of_team), _roles_text([role for role in allowed if role not in of_team])
    if not of_team:
        return _("You cannot {operation}: {roles} can.", operation=operation, roles=others)
    names = join_list([Text("{name}", {"name": name}) for name in teams])
    if len(of_team) == len(allowed):
        return _("You cannot {operation}: {roles} of {teams} can.", operation=operation, roles=roles, teams=names)
    return _(
        "You cannot {operation}: {roles} of {teams} can, and so can {others}.",
        operation=operation,
        roles=roles,
        teams=names,
        others=others,
    )


def roles_towards(
    policy: Policy,
    person: str,
    *,
    teams: Collection[str],
    requesters: Collection[str] = (),
    assignee: str | None = None,
) -> frozenset[Role]:
    """The person's roles towards a ticket of these teams (first line, assignee's team, expert team).

    `requesters` include the person who registered the ticket for somebody else.
    """
    held: set[Role] = set(desk_wide_roles(policy, person))
    if person in requesters:
        held.add(Role.REQUESTER)
    if assignee in policy.acts_for(person):
        held.add(Role.AGENT)
    for team in map(policy.team, dict.fromkeys(teams)):
        held |= _roles_in_team(policy, team, person)
    return frozenset(held)


def desk_wide_roles(policy: Policy, person: str) -> frozenset[Role]:
    lists = ((Role.MANAGER, policy.managers), (Role.OBSERVER, policy.observers), (Role.ADMIN, policy.admins))
    acting = policy.acts_for(person)
    return frozenset(role for role, people in lists if not people.isdisjoint(acting))


def teams_worked_in(policy: Policy, person: str) -> list[str]:
    return [key for key, team in policy.teams.items() if _roles_in_team(policy, team, person)]


def teams_led_by(policy: Policy, person: str) -> list[str]:
    return [key for key, team in policy.teams.items() if Role.LEAD in _roles_in_team(policy, team, person)]


def roles_anywhere(policy: Policy, person: str) -> frozenset[Role]:
    return roles_towards(policy, person, teams=list(policy.teams))


def is_allowed(permission: Permission, held: Collection[Role]) -> bool:
    """Whether any of these roles has the permission; open permissions need no role."""
    return permission in OPEN_PERMISSIONS or not PERMISSION_MATRIX[permission].isdisjoint(held)


def _roles_in_team(policy: Policy, team: Team, person: str) -> set[Role]:
    acting = policy.acts_for(person)
    lists = ((Role.AGENT, team.agents), (Role.EXPERT, team.experts), (Role.LEAD, team.leads))
    return {role for role, people in lists if any(one in people for one in acting)}


def _roles_text(roles: Sequence[Role]) -> Text:
    return join_list([ROLE_PLURALS[role] for role in roles])
