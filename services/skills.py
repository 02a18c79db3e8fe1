"""A lead says how well somebody knows a type; certificates that run out are told in time."""

from datetime import date

from rules.calendars.timezones import time_zone
from rules.errors import FieldError, Refused
from rules.model.people import Skill
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_towards
from services.notifications.recipients import leads_to_notify
from storage.outbox import outbox
from storage.skills import save_skill, skills_of
from storage.transaction import Transaction

REMINDER_WINDOWS_DAYS = ((30, 24), (7, 1))  # from so many days before the last one down to so many; each is said once


def set_skill(tx: Transaction, person: str, type_key: str, *, skill: Skill | None, by: str) -> bool:
    """The person knows the type so from now on, whatever desk.yml says; whether that is anything new.

    None takes the level away."""
    check_may_set_skills(tx.policy, person, by)
    if type_key not in tx.policy.types:
        raise Refused(f"`{type_key}` is not a type here any more.")
    known = skills_of(tx, [person], policy=tx.policy, day=tx.now.date())
    was = known.skill_of(person, type_key)
    if was == skill:
        return False
    if skill is not None and not skill.is_valid_on(_today(tx, person)):
        words = f"{skill.valid_until} is past, and a level counts until its last day: choose a later one, or none."
        raise FieldError(f"until:{type_key}", words)
    save_skill(tx, person, type_key, before=was, after=skill, by=by)
    return True


def _today(tx: Transaction, person: str) -> date:
    return tx.now.astimezone(time_zone(tx.policy.person_calendar(person, "").timezone)).date()


def check_may_set_skills(policy: Policy, person: str, by: str) -> None:
    """NotAllowed unless they lead a team of this person's, or manage the desk."""
    teams = [key for key, team in policy.teams.items() if person in team.people]
    if not is_allowed(Permission.EDIT_SKILLS, roles_towards(policy, by, teams=teams)):
        raise NotAllowed(Permission.EDIT_SKILLS, [policy.team(key).name for key in teams])
    if not teams:
        raise Refused(f"<@{person}> is in no team here: a lead adds them with `/desk team add`.")


def remind_of_certificates(tx: Transaction) -> int:
    """Whoever has a certificate that runs out in a month or in a week reads so, and their leads do; how many were told.

    Each of both is said once: for as long as it might be said again its key is remembered.
    """
    return sum(_remind_team(tx, team) for team in tx.policy.teams)


def _remind_team(tx: Transaction, team: str) -> int:
    people = tx.policy.team(team).people
    day = tx.now.astimezone(time_zone(tx.policy.team_calendar(team).timezone)).date()
    known = skills_of(tx, people, policy=tx.policy, day=day)
    told = 0
    for who in people:
        for key in tx.policy.types:
            skill = known.skill_of(who, key)
            span = _due_reminder(skill, day)
            if skill is not None and span:
                once = f"certificate:{who}:{key}:{skill.valid_until}:{span}"[:170]
                _notify(tx, team, who, tx.policy.type(key).name, skill=skill, once=once)
                told += 1
    return told


def _due_reminder(skill: Skill | None, day: date) -> int:
    """Which of the reminders it is time for: 30 or 7; 0 for none."""
    if skill is None or skill.valid_until is None:
        return 0
    left = (skill.valid_until - day).days
    return next((first for first, last in REMINDER_WINDOWS_DAYS if last <= left <= first), 0)


def _notify(tx: Transaction, team: str, who: str, kind: str, *, skill: Skill, once: str) -> None:
    name = f"certificate {skill.certificate} for {kind}" if skill.certificate else f"certificate for {kind}"
    left = f"runs out on {skill.valid_until}: after that day the level does not count"
    outbox.notify_person(tx, who, number=None, text=f"Your {name} {left}.", dedupe_key=once)
    for lead in leads_to_notify(tx, tx.policy.team(team), excluding=who):
        words = f"<@{who}>: the {name} {left}. When it is renewed, say so with `/desk skill`."
        outbox.notify_person(tx, lead, number=None, text=words, dedupe_key=f"{once}:{lead}")
