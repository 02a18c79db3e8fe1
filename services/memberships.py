"""A lead sets who is in their team and as what; only managers change who leads it."""

from dataclasses import replace

from rules.errors import Refused
from rules.model.policy import Policy, Team
from rules.people.memberships import (
    TeamMembership,
    TeamRole,
    apply_memberships,
    missing_role,
    place_in_team,
    role_in_team,
)
from rules.people.permissions import Permission, Role, desk_wide_roles
from services.permissions import require_in_teams
from services.reassignment.absence_cover import has_left_desk
from storage.outbox import outbox
from storage.people import memberships, people
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction
from storage.workspaces import lock_workspace


class LeadsAreForManagers(Refused):
    """Only a manager says who leads a team."""

    def __init__(self, policy: Policy, team: Team) -> None:
        managers = ", ".join(f"<@{manager}>" for manager in sorted(policy.managers))
        remedy = f"ask {managers}" if managers else "there are none, so whoever runs the desk changes it in desk.yml"
        super().__init__(f"Who leads {team.name} is for managers to say: {remedy}.")


def set_membership(
    tx: Transaction, team_key: str, person: str, *, role: TeamRole, by: str, shown: TeamRole | None = None
) -> str:
    """Sets the role in the team, overriding desk.yml; returns the result as a sentence.

    The workspace is locked, so that of two changes at once the second is checked against the first. `shown` is the role
    that the form showed: refused when it is no longer so. The person and the other leads are notified.
    """
    lock_workspace(tx)
    policy = apply_memberships(tx.policy, memberships.current_memberships(tx))
    check_may_manage(policy, team_key, by)
    team = policy.team(team_key)
    old_role = role_in_team(team, person)
    if shown is not None and shown is not old_role:
        raise Refused(f"<@{person}> is {_role_text(old_role, team)} meanwhile: open it again.")
    if old_role is role:
        raise Refused(f"<@{person}> is {_role_text(role, team)} already.")
    after = place_in_team(team, person, role)
    if TeamRole.LEAD in (old_role, role) and Role.MANAGER not in desk_wide_roles(policy, by):
        raise LeadsAreForManagers(policy, team)
    if missing := missing_role(team, after):
        raise Refused(f"Then {team.name} would have no {missing}: add another {missing} first.")
    if old_role is TeamRole.NOT_MEMBER and not people.active_people(tx, [person]):
        raise Refused(f"<@{person}> is no person of this workspace who could work here: choose a colleague.")
    memberships.save_membership(tx, TeamMembership(team_key, person, role, by, tx.now))
    for lead in dict.fromkeys(lead for lead in (*team.leads, *after.leads) if lead not in (by, person)):
        text = _change_text(f"<@{by}>", f"<@{person}>", team, old_role, role)
        outbox.notify_person(tx, lead, text=text)
    if person != by:
        outbox.notify_person(tx, person, text=_change_text(f"<@{by}>", "you", team, old_role, role))
    left_behind = _left_behind_text(tx, replace(policy, teams={**policy.teams, team_key: after}), person)
    return f"<@{person}> is {_role_text(role, team)} now.{left_behind}"


def check_may_manage(policy: Policy, key: str, by: str) -> None:
    if key not in policy.teams:
        raise Refused(f"There is no team `{key}` here any more: `/desk` says which there are.")
    require_in_teams(policy, Permission.EDIT_MEMBERSHIPS, by, [key])


def _left_behind_text(tx: Transaction, policy: Policy, person: str) -> str:
    count = open_counts(tx, [person]).get(person, 0) if has_left_desk(policy, person) else 0
    tickets, verb = ("1 open ticket", "goes") if count == 1 else (f"{count} open tickets", "go")
    return f" They hold {tickets}, which {verb} to colleagues while the team works." if count else ""


def _role_text(role: TeamRole, team: Team) -> str:
    return f"not in {team.name}" if role is TeamRole.NOT_MEMBER else f"{role} of {team.name}"


def _change_text(by: str, member: str, team: Team, old_role: TeamRole, role: TeamRole) -> str:
    if old_role is TeamRole.NOT_MEMBER:
        return f"{by} added {member} to {team.name} as {role}."
    if role is TeamRole.NOT_MEMBER:
        return f"{by} took {member} out of {team.name}."
    return f"{by} made {member} {role} of {team.name}, instead of {old_role}."
