"""Skills as leads set them, with the evidence; one person's skills, and the people with a skill."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from rules.calendars.timezones import local_date
from rules.escalations.escalations import EscalationState
from rules.model.people import Skill, skill_rank
from rules.model.policy import Policy, Team
from rules.model.timers import TimerKind, TimerState
from rules.presence.presence import Presence, PresenceStatus
from rules.skills import KnownSkills, SkillEvidence
from storage.people.people import find_person, names_of
from storage.presence.presence import presence_by_person
from storage.schema.columns import same_ticket
from storage.schema.people import SkillChange, SkillRow
from storage.schema.tickets import Escalation, Ticket, TimerRow
from storage.transaction import Reader, Transaction, all_where
from storage.workload import workloads

MAX_CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PersonSkills:
    """One person's skill in each type of their teams, the evidence for it, and the latest changes."""

    person: str
    name: str
    day: date
    skills: Mapping[str, Skill | None]
    evidence: Mapping[str, SkillEvidence]
    changes: Sequence[SkillChange] = ()


@dataclass(frozen=True, slots=True)
class SkilledPerson:
    """A person with a skill, their presence and their workload."""

    person: str
    skill: Skill
    presence: Presence
    workload_minutes: int
    open_count: int


def person_skills(reader: Reader, person: str, *, policy: Policy, at: datetime) -> PersonSkills:
    teams = [team for team in policy.teams.values() if person in team.people]
    types = [key for key in policy.types if any(handles_type(policy, team, key) for team in teams)]
    day = local_date(at, policy.team_calendar(teams[0].key if teams else "").timezone)
    known_skills = skills_of(reader, [person], policy=policy, day=day)
    return PersonSkills(
        person,
        names_of(reader, [person])[person],
        day,
        {key: known_skills.skill_of(person, key) for key in types},
        skill_evidence(reader, person, types, at=at),
        skill_changes(reader, person, limit=MAX_CHANGES_SHOWN),
    )


def people_with_skill(
    reader: Reader, type_key: str, people: Iterable[str], *, policy: Policy, at: datetime
) -> list[SkilledPerson]:
    """Best skill first, then those at work, then the least workload; people who have left are not among them."""
    persons, team = list(dict.fromkeys(people)), policy.type(type_key).team
    known_skills = skills_of(reader, persons, policy=policy, day=local_date(at, policy.team_calendar(team).timezone))
    skills = {person: skill for person in persons if (skill := known_skills.skill_of(person, type_key))}
    presences = presence_by_person(reader, skills, policy=policy, team=team, at=at)
    workload_of = workloads(reader, skills, policy=policy, at=at)
    skilled = [
        SkilledPerson(person, skill, presences[person], workload_of[person].minutes, workload_of[person].open_count)
        for person, skill in skills.items()
        if presences[person].status is not PresenceStatus.GONE
    ]
    return sorted(skilled, key=_skill_order)


def _skill_order(skilled: SkilledPerson) -> tuple[int, bool, int, str]:
    return -skill_rank(skilled.skill.level), not skilled.presence.is_at_work, skilled.workload_minutes, skilled.person


def viewer_timezone(reader: Reader, person: str) -> str:
    """UTC until Slack has said theirs."""
    profile = find_person(reader, person)
    return profile.tz if profile is not None else "UTC"


def handles_type(policy: Policy, team: Team, type_key: str) -> bool:
    """Whether the team takes tickets of that type or is its expert team."""
    ticket_type = policy.type(type_key)
    return team.key in (ticket_type.team, ticket_type.expert_team) or type_key in team.handles


def skills_of(reader: Reader, people: Iterable[str], *, policy: Policy, day: date) -> KnownSkills:
    rows = all_where(reader, SkillRow, SkillRow.person.in_(list(dict.fromkeys(people))))
    return KnownSkills(policy, {(row.person, row.type): _skill_of(row) for row in rows}, day)


def save_skill(
    tx: Transaction, person: str, type_key: str, *, before: Skill | None, after: Skill | None, by: str
) -> None:
    common = {"workspace_id": tx.workspace, "person": person, "type": type_key, "by": by, "at": tx.now}
    until = after.valid_until.isoformat() if after and after.valid_until else None
    level, certificate = (after.level, after.certificate) if after else (None, "")
    tx.session.merge(SkillRow(**common, level=level, until=until, certificate=certificate))
    was, now = skill_as_json(before), skill_as_json(after)
    tx.session.add(SkillChange(**common, id=time.time_ns(), was=was, now=now))
    tx.flush()


def skill_changes(reader: Reader, person: str, *, limit: int) -> Sequence[SkillChange]:
    return all_where(reader, SkillChange, SkillChange.person == person, order_by=SkillChange.id.desc(), limit=limit)


def skill_as_json(skill: Skill | None) -> dict[str, Any] | None:
    if skill is None:
        return None
    until = skill.valid_until.isoformat() if skill.valid_until else None
    return {"level": str(skill.level), "until": until, "certificate": skill.certificate}


def _skill_of(row: SkillRow) -> Skill | None:
    if row.level is None:
        return None
    return Skill(row.level, date.fromisoformat(row.until) if row.until else None, row.certificate)


EVIDENCE_DAYS = 90


def skill_evidence(reader: Reader, person: str, types: Iterable[str], *, at: datetime) -> dict[str, SkillEvidence]:
    """What the person did in each of these types in the last 90 days; all zeros where there is nothing."""
    since = at - timedelta(days=EVIDENCE_DAYS)
    resolved = _resolved_counts(reader, person, since)
    escalated = _escalation_counts(reader, person, since)
    return {
        key: SkillEvidence(EVIDENCE_DAYS, *resolved.get(key, (0, 0, 0, 0)), *escalated.get(key, (0, 0)))
        for key in types
    }


def _resolved_counts(reader: Reader, person: str, since: datetime) -> dict[str, tuple[int, int, int, int]]:
    """By type: resolved, of those with an ended resolution timer, of those in time, and reopened at least once."""
    has_ended = TimerRow.state.in_((TimerState.MET, TimerState.BREACHED))
    timer_of_ticket = same_ticket(TimerRow, Ticket) & (TimerRow.target == TimerKind.RESOLUTION) & has_ended
    met = func.sum(case((TimerRow.state == TimerState.MET, 1), else_=0))
    reopened = func.sum(case((Ticket.reopened > 0, 1), else_=0))
    rows = (
        select(Ticket.type, func.count(), func.count(TimerRow.number), met, reopened)
        .outerjoin(TimerRow, timer_of_ticket)
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by == person)
        .group_by(Ticket.type)
    )
    return {
        type_key: (int(resolved), int(with_target), int(in_time), int(reopened_count))
        for type_key, resolved, with_target, in_time, reopened_count in reader.session.execute(rows)
    }


def _escalation_counts(reader: Reader, person: str, since: datetime) -> dict[str, tuple[int, int]]:
    """By type: how many of the person's escalations the experts accepted and rejected."""
    accepted_sum, rejected_sum = (
        func.sum(case((Escalation.state == state, 1), else_=0))
        for state in (EscalationState.ACCEPTED, EscalationState.REJECTED)
    )
    rows = (
        select(Ticket.type, accepted_sum, rejected_sum)
        .select_from(Escalation)
        .join(Ticket, same_ticket(Ticket, Escalation))
        .where(Escalation.workspace_id == reader.workspace, Escalation.decided_at >= since)
        .where(Escalation.asked_by == person)
        .group_by(Ticket.type)
    )
    return {type_key: (int(accepted), int(rejected)) for type_key, accepted, rejected in reader.session.execute(rows)}
