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
from rules.text import Code, Person, Text, _, join_texts, ngettext
from services.permissions import require_in_teams
from services.reassignment.absence_cover import has_left_desk
from storage.outbox import outbox
from storage.people import memberships, people
from storage.tickets.tickets import open_counts
from storage.transaction import Transaction
from storage.workspaces import lock_workspace


class LeadsAreForManagers(Refused):
    """Only managers change who leads a team."""

    def __init__(self, policy: Policy, team: Team) -> None:
        managers = [Text("{person}", {"person": Person(manager)}) for manager in sorted(policy.managers)]
        if managers:
            names = join_texts(managers, ", ")
            super().__init__(
                _("Only managers can change the leads of {team}. Ask {managers}.", team=team.name, managers=names)
            )
        else:
            sentence = _(
                "Only managers can change the leads of {team}. There are none, so an admin changes it in desk.yml.",
                team=team.name,
            )
            super().__init__(sentence)


def set_membership(
    tx: Transaction, team_key: str, person: str, *, role: TeamRole, by: str, shown: TeamRole | None = None
) -> Text:
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
        now = _role_text(old_role, team)
        raise Refused(_("{person} is now {role}. Open the form again.", person=Person(person), role=now))
    if old_role is role:
        raise Refused(_("{person} is already {role}.", person=Person(person), role=_role_text(role, team)))
    after = place_in_team(team, person, role)
    if TeamRole.LEAD in (old_role, role) and Role.MANAGER not in desk_wide_roles(policy, by):
        raise LeadsAreForManagers(policy, team)
    if missing := missing_role(team, after):
        raise Refused(_("{team} would have no {role} left. Add another {role} first.", team=team.name, role=missing))
    if old_role is TeamRole.NOT_MEMBER and not people.active_people(tx, [person]):
        raise Refused(
            _("{person} is not an active member of this workspace. Choose a colleague.", person=Person(person))
        )
    memberships.save_membership(tx, TeamMembership(team_key, person, role, by, tx.now))
    change = _change_text(Person(by), Person(person), team, old_role, role)
    for lead in dict.fromkeys(lead for lead in (*team.leads, *after.leads) if lead not in (by, person)):
        outbox.notify_person(tx, lead, text=change)
    if person != by:
        outbox.notify_person(tx, person, text=_change_text(Person(by), _("you"), team, old_role, role))
    result = _("{person} is now {role}.", person=Person(person), role=_role_text(role, team))
    left_behind = _left_behind_text(tx, replace(policy, teams={**policy.teams, team_key: after}), person)
    return join_texts([result, left_behind]) if left_behind else result


def check_may_manage(policy: Policy, key: str, by: str) -> None:
    if key not in policy.teams:
        raise Refused(
            _("{team} is no longer a team here. {command} lists the teams.", team=Code(key), command=Code("/desk"))
        )
    require_in_teams(policy, Permission.EDIT_MEMBERSHIPS, by, [key])


def _left_behind_text(tx: Transaction, policy: Policy, person: str) -> Text | None:
    count = open_counts(tx, [person]).get(person, 0) if has_left_desk(policy, person) else 0
    if not count:
        return None
    return ngettext(
        "{n} open ticket of theirs goes to colleagues during business hours.",
        "{n} open tickets of theirs go to colleagues during business hours.",
        count,
    )


def _role_text(role: TeamRole, team: Team) -> Text:
    if role is TeamRole.NOT_MEMBER:
        return _("not in {team}", team=team.name)
    return _("{role} of {team}", role=role.label, team=team.name)


def _change_text(by: Person, member: Person | Text, team: Team, old_role: TeamRole, role: TeamRole) -> Text:
    if old_role is TeamRole.NOT_MEMBER:
        return _("{by} added {member} to {team} as {role}.", by=by, member=member, team=team.name, role=role.label)
    if role is TeamRole.NOT_MEMBER:
        return _("{by} removed {member} from {team}.", by=by, member=member, team=team.name)
    return _(
        "{by} made {member} {role} of {team} (was {old_role}).",
        by=by,
        member=member,
        role=role.label,
        team=team.name,
        old_role=old_role.label,
    )
