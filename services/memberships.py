"""A lead says who belongs to their team and as what; who leads it is for managers to say."""

from dataclasses import replace

from rules.errors import DeskError
from rules.model.policy import Policy, Team
from rules.people.memberships import InTeam, Member, lacks, placed, role_in, with_members
from rules.people.permissions import Deed, NotAllowed, Role, allowed, roles, standing
from services.reassignment.absence_cover import has_left
from storage.outbox import outbox
from storage.people import memberships, people
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction
from storage.workspaces import of_workspace


def say(tx: Transaction, key: str, person: str, *, role: InTeam, by: str, shown: InTeam | None = None) -> str:
    """The person is that in the team from now on, whatever desk.yml says; what became of it, as a sentence.

    1. The workspace is held, so that of two who speak at once the second is judged by what the first said.
    2. Who may not, and what would leave the team without somebody it needs, is refused; so is an answer to a form
       that showed (`shown`) what is so no more.
    3. It is kept, and the person and whoever else leads the team read it.
    """
    of_workspace(tx)
    policy = with_members(tx.policy, memberships.said(tx))
    require(policy, key, by)
    team = policy.team(key)
    was = role_in(team, person)
    if shown is not None and shown is not was:
        raise DeskError(f"<@{person}> is {_in(was, team)} meanwhile: open it again.")
    if was is role:
        raise DeskError(f"<@{person}> is {_in(role, team)} already.")
    after = placed(team, person, role)
    _check(tx, policy, team, after, person, was=was, role=role, by=by)
    memberships.keep(tx, Member(key, person, role, by, tx.now))
    for lead in dict.fromkeys((*team.leads, *after.leads)):
        if lead not in (by, person):
            outbox.notice(tx, lead, number=None, words=_words(f"<@{by}>", f"<@{person}>", team, was, role))
    if person != by:
        outbox.notice(tx, person, number=None, words=_words(f"<@{by}>", "you", team, was, role))
    left = _left_behind(tx, replace(policy, teams={**policy.teams, key: after}), person)
    return f"<@{person}> is {_in(role, team)} now.{left}"


def require(policy: Policy, key: str, by: str) -> None:
    """NotAllowed unless they lead that team or manage the desk."""
    if key not in policy.teams:
        raise DeskError(f"There is no team `{key}` here any more: `/desk` says which there are.")
    if not allowed(Deed.MEMBERS, roles(policy, by, teams=[key])):
        raise NotAllowed(Deed.MEMBERS, [policy.team(key).name])


def _check(
    tx: Transaction, policy: Policy, team: Team, after: Team, person: str, *, was: InTeam, role: InTeam, by: str
) -> None:
    if InTeam.LEAD in (was, role) and Role.MANAGER not in standing(policy, by):
        bosses = ", ".join(f"<@{one}>" for one in sorted(policy.managers))
        ask = f"ask {bosses}" if bosses else "there are none, so whoever runs the desk changes it in desk.yml"
        raise DeskError(f"Who leads {team.name} is for managers to say: {ask}.")
    missing = lacks(team, after)
    if missing:
        raise DeskError(f"Then {team.name} would have no {missing}: add another {missing} first.")
    if was is InTeam.OUT and not people.reachable(tx, [person]):
        raise DeskError(f"<@{person}> is no person of this workspace who could work here: choose a colleague.")


def _left_behind(tx: Transaction, policy: Policy, person: str) -> str:
    held = open_counts(tx, [person]).get(person, 0) if has_left(policy, person) else 0
    many, go = ("1 open ticket", "goes") if held == 1 else (f"{held} open tickets", "go")
    return f" They hold {many}, which {go} to colleagues while the team works." if held else ""


def _in(role: InTeam, team: Team) -> str:
    return f"not in {team.name}" if role is InTeam.OUT else f"{role} of {team.name}"


def _words(by: str, whom: str, team: Team, was: InTeam, role: InTeam) -> str:
    if was is InTeam.OUT:
        return f"{by} added {whom} to {team.name} as {role}."
    if role is InTeam.OUT:
        return f"{by} took {whom} out of {team.name}."
    return f"{by} made {whom} {role} of {team.name}, instead of {was}."
