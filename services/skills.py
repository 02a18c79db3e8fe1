"""A lead says how well somebody knows a type; certificates that run out are told in time."""

from datetime import date

from rules.calendars.timezones import zone
from rules.errors import DeskError, FieldError
from rules.model.people import Skill
from rules.model.policy import Policy
from rules.people.permissions import Deed, NotAllowed, allowed, roles
from services.notifications.recipients import leads_called
from storage.outbox import outbox
from storage.skills import competences, keep
from storage.transaction import Transaction

REMINDED = ((30, 24), (7, 1))  # from so many days before the last one down to so many; each is said once


def say(tx: Transaction, person: str, type_key: str, *, skill: Skill | None, by: str) -> bool:
    """The person knows the type so from now on, whatever desk.yml says; whether that is anything new.

    None takes the level away."""
    require(tx.policy, person, by)
    if type_key not in tx.policy.types:
        raise DeskError(f"`{type_key}` is not a type here any more.")
    known = competences(tx, [person], policy=tx.policy, day=tx.now.date())
    was = known.skill(person, type_key)
    if was == skill:
        return False
    if skill is not None and not skill.counts_on(_today(tx, person)):
        words = f"{skill.until} is past, and a level counts until its last day: choose a later one, or none."
        raise FieldError(f"until:{type_key}", words)
    keep(tx, person, type_key, was=was, now=skill, by=by)
    return True


def _today(tx: Transaction, person: str) -> date:
    return tx.now.astimezone(zone(tx.policy.calendar_for(person, "").timezone)).date()


def require(policy: Policy, person: str, by: str) -> None:
    """NotAllowed unless they lead a team of this person's, or manage the desk."""
    teams = [key for key, team in policy.teams.items() if person in team.people]
    if not allowed(Deed.SKILL, roles(policy, by, teams=teams)):
        raise NotAllowed(Deed.SKILL, [policy.team(key).name for key in teams])
    if not teams:
        raise DeskError(f"<@{person}> is in no team here: a lead adds them with `/desk team add`.")


def remind(tx: Transaction) -> int:
    """Whoever has a certificate that runs out in a month or in a week reads so, and their leads do; how many were told.

    Each of both is said once: for as long as it might be said again its key is remembered.
    """
    return sum(_remind(tx, team) for team in tx.policy.teams)


def _remind(tx: Transaction, team: str) -> int:
    people = tx.policy.team(team).people
    day = tx.now.astimezone(zone(tx.policy.calendar_of(team).timezone)).date()
    known = competences(tx, people, policy=tx.policy, day=day)
    told = 0
    for who in people:
        for key in tx.policy.types:
            skill = known.skill(who, key)
            span = _span(skill, day)
            if skill is not None and span:
                once = f"certificate:{who}:{key}:{skill.until}:{span}"[:170]
                _tell(tx, team, who, tx.policy.type(key).name, skill=skill, once=once)
                told += 1
    return told


def _span(skill: Skill | None, day: date) -> int:
    """Which of the reminders it is time for: 30 or 7; 0 for none."""
    if skill is None or skill.until is None:
        return 0
    left = (skill.until - day).days
    return next((first for first, last in REMINDED if last <= left <= first), 0)


def _tell(tx: Transaction, team: str, who: str, kind: str, *, skill: Skill, once: str) -> None:
    name = f"certificate {skill.certificate} for {kind}" if skill.certificate else f"certificate for {kind}"
    left = f"runs out on {skill.until}: after that day the level does not count"
    outbox.notice(tx, who, number=None, words=f"Your {name} {left}.", once=once)
    for lead in leads_called(tx, tx.policy.team(team), but=who):
        words = f"<@{who}>: the {name} {left}. When it is renewed, say so with `/desk skill`."
        outbox.notice(tx, lead, number=None, words=words, once=f"{once}:{lead}")
