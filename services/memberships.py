"""A lead says who belongs to their team and as what; who leads it is for managers to say."""

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
from rules.people.permissions import NotAllowed, Permission, Role, desk_wide_roles, is_allowed, roles_towards
from services.reassignment.absence_cover import has_left_desk
from storage.outbox import outbox
from storage.people import memberships, people
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction
from storage.workspaces import lock_workspace


def set_membership(
    tx: Transaction, team_key: str, person: str, *, role: TeamRole, by: str, shown: TeamRole | None = None
) -> str:
    """The person is that in the team from now on, whatever desk.yml says; what became of it, as a sentence.

    1. The workspace is held, so that of two who speak at once the second is judged by what the first said.
    2. Who may not, and what would leave the team without somebody it needs, is refused; so is an answer to a form
       that showed (`shown`) what is so no more.
    3. It is kept, and the person and whoever else leads the team read it.
    """
    lock_workspace(tx)
    policy = apply_memberships(tx.policy, memberships.current_memberships(tx))
    check_may_manage(policy, team_key, by)
    team = policy.team(team_key)
    was = role_in_team(team, person)
    if shown is not None and shown is not was:
        raise Refused(f"<@{person}> is {_role_text(was, team)} meanwhile: open it again.")
    if was is role:
        raise Refused(f"<@{person}> is {_role_text(role, team)} already.")
    after = place_in_team(team, person, role)
    _check_change(tx, policy, team, after, person, was=was, role=role, by=by)
    memberships.save_membership(tx, TeamMembership(team_key, person, role, by, tx.now))
    for lead in dict.fromkeys((*team.leads, *after.leads)):
        if lead not in (by, person):
            outbox.notify_person(tx, lead, number=None, text=_change_text(f"<@{by}>", f"<@{person}>", team, was, role))
    if person != by:
        outbox.notify_person(tx, person, number=None, text=_change_text(f"<@{by}>", "you", team, was, role))
    left = _left_behind_text(tx, replace(policy, teams={**policy.teams, team_key: after}), person)
    return f"<@{person}> is {_role_text(role, team)} now.{left}"


def check_may_manage(policy: Policy, key: str, by: str) -> None:
    """NotAllowed unless they lead that team or manage the desk."""
    if key not in policy.teams:
        raise Refused(f"There is no team `{key}` here any more: `/desk` says which there are.")
    if not is_allowed(Permission.EDIT_MEMBERSHIPS, roles_towards(policy, by, teams=[key])):
        raise NotAllowed(Permission.EDIT_MEMBERSHIPS, [policy.team(key).name])


def _check_change(
    tx: Transaction, policy: Policy, team: Team, after: Team, person: str, *, was: TeamRole, role: TeamRole, by: str
) -> None:
    if TeamRole.LEAD in (was, role) and Role.MANAGER not in desk_wide_roles(policy, by):
        bosses = ", ".join(f"<@{one}>" for one in sorted(policy.managers))
        ask = f"ask {bosses}" if bosses else "there are none, so whoever runs the desk changes it in desk.yml"
        raise Refused(f"Who leads {team.name} is for managers to say: {ask}.")
    missing = missing_role(team, after)
    if missing:
        raise Refused(f"Then {team.name} would have no {missing}: add another {missing} first.")
    if was is TeamRole.NOT_MEMBER and not people.active_people(tx, [person]):
        raise Refused(f"<@{person}> is no person of this workspace who could work here: choose a colleague.")


def _left_behind_text(tx: Transaction, policy: Policy, person: str) -> str:
    held = open_counts(tx, [person]).get(person, 0) if has_left_desk(policy, person) else 0
    many, go = ("1 open ticket", "goes") if held == 1 else (f"{held} open tickets", "go")
    return f" They hold {many}, which {go} to colleagues while the team works." if held else ""


def _role_text(role: TeamRole, team: Team) -> str:
    return f"not in {team.name}" if role is TeamRole.NOT_MEMBER else f"{role} of {team.name}"


def _change_text(by: str, whom: str, team: Team, was: TeamRole, role: TeamRole) -> str:
    if was is TeamRole.NOT_MEMBER:
        return f"{by} added {whom} to {team.name} as {role}."
    if role is TeamRole.NOT_MEMBER:
        return f"{by} took {whom} out of {team.name}."
    return f"{by} made {whom} {role} of {team.name}, instead of {was}."
