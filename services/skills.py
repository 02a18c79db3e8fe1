"""A lead sets skills; people are reminded of certificates before they run out."""

from datetime import date

from rules.calendars.timezones import local_date
from rules.errors import FieldError, Refused
from rules.model.people import Skill
from rules.model.policy import Policy
from rules.people.permissions import Permission
from rules.text import Code, Day, Person, _
from services.notifications.notifications import notify_leads
from services.permissions import require_in_teams
from storage.outbox import outbox
from storage.skills import save_skill, skills_of
from storage.transaction import Transaction

# The first and last day of each reminder, in days before the certificate's last day.
REMINDER_WINDOWS_DAYS = ((30, 24), (7, 1))


def set_skill(tx: Transaction, person: str, type_key: str, *, skill: Skill | None, by: str) -> bool:
    """Overrides desk.yml; False when nothing changes. None removes the skill."""
    check_may_set_skills(tx.policy, person, by)
    if type_key not in tx.policy.types:
        raise Refused(_("{type} is no longer a type here.", type=Code(type_key)))
    skills = skills_of(tx, [person], policy=tx.policy, day=tx.now.date())
    old_skill = skills.skill_of(person, type_key)
    if old_skill == skill:
        return False
    if skill is not None and not skill.is_valid_on(_today(tx, person)):
        day = Day(skill.valid_until) if skill.valid_until else ""
        raise FieldError(
            f"until:{type_key}", _("{day} is in the past. Choose a later day, or leave it empty.", day=day)
        )
    save_skill(tx, person, type_key, before=old_skill, after=skill, by=by)
    return True


def _today(tx: Transaction, person: str) -> date:
    return local_date(tx.now, tx.policy.person_calendar(person, "").timezone)


def check_may_set_skills(policy: Policy, person: str, by: str) -> None:
    teams = [key for key, team in policy.teams.items() if person in team.people]
    require_in_teams(policy, Permission.EDIT_SKILLS, by, teams)
    if not teams:
        command = Code("/desk team add")
        sentence = _(
            "{person} is in no team here. A lead can add them with {command}.", person=Person(person), command=command
        )
        raise Refused(sentence)


def remind_of_certificates(tx: Transaction) -> int:
    """Reminds people and their leads a month and a week before a certificate runs out; how many reminders are due.

    Each is sent once: its dedupe key is remembered longer than it might be sent again.
    """
    return sum(_remind_team(tx, team) for team in tx.policy.teams)


def _remind_team(tx: Transaction, team: str) -> int:
    people = tx.policy.team(team).people
    day = local_date(tx.now, tx.policy.team_calendar(team).timezone)
    skills = skills_of(tx, people, policy=tx.policy, day=day)
    count = 0
    for person in people:
        for type_key in tx.policy.types:
            skill = skills.skill_of(person, type_key)
            reminder = _due_reminder(skill, day)
            if skill is not None and reminder:
                dedupe_key = f"certificate:{person}:{type_key}:{skill.valid_until}:{reminder}"[:170]
                _notify(tx, team, person, tx.policy.type(type_key).name, skill=skill, dedupe_key=dedupe_key)
                count += 1
    return count


def _due_reminder(skill: Skill | None, day: date) -> int:
    """30 or 7 days; 0 when no reminder is due."""
    if skill is None or skill.valid_until is None:
        return 0
    days_left = (skill.valid_until - day).days
    return next((first for first, last in REMINDER_WINDOWS_DAYS if last <= days_left <= first), 0)


def _notify(tx: Transaction, team: str, person: str, type_name: str, *, skill: Skill, dedupe_key: str) -> None:
    certificate = _("certificate for {type}", type=type_name)
    if skill.certificate:
        certificate = _("certificate {name} for {type}", name=skill.certificate, type=type_name)
    day = Day(skill.valid_until) if skill.valid_until else ""
    text = _(
        "Your {certificate} expires on {day}. After that day the level no longer counts.",
        certificate=certificate,
        day=day,
    )
    outbox.notify_person(tx, person, text=text, dedupe_key=dedupe_key)
    text = _(
        "{person}: the {certificate} expires on {day}. After that day the level no longer counts. "
        "When it is renewed, enter the new day with {command}.",
        person=Person(person),
        certificate=certificate,
        day=day,
        command=Code("/desk skill"),
    )
    notify_leads(tx, team, text=text, dedupe_key=dedupe_key, excluding=person)
