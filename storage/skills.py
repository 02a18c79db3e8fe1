"""Who knows what, as leads said it, with the evidence; one person's levels, and everybody who knows a type."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, select

from rules.calendars.timezones import time_zone
from rules.escalations.escalations import EscalationState
from rules.model.people import Skill, skill_rank
from rules.model.policy import Policy, Team
from rules.model.timers import TimerKind, TimerState
from rules.presence.presence import Presence, PresenceStatus
from rules.skills import KnownSkills, SkillEvidence
from storage.people.people import find_person, names_of
from storage.presence.presence import presence_by_person
from storage.schema.people import SkillChange, SkillRow
from storage.schema.tickets import Escalation, Ticket, TimerRow
from storage.transaction import Reader, Transaction
from storage.workload import workloads

MAX_CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PersonSkills:
    """One person's skill in each type of their teams, what the history says of it, and who said what last."""

    person: str
    name: str
    day: date
    skills: Mapping[str, Skill | None]
    evidence: Mapping[str, SkillEvidence]
    changes: Sequence[SkillChange] = ()


@dataclass(frozen=True, slots=True)
class SkilledPerson:
    """Somebody who knows a type, where they are, and what they hold."""

    person: str
    skill: Skill
    presence: Presence
    workload_minutes: int
    open_count: int


def person_skills(reader: Reader, person: str, *, policy: Policy, at: datetime) -> PersonSkills:
    """What is said of the person and what speaks for it."""
    teams = [team for team in policy.teams.values() if person in team.people]
    types = [key for key in policy.types if any(handles_type(policy, team, key) for team in teams)]
    day = team_today(policy, teams[0].key if teams else "", at)
    said = skills_of(reader, [person], policy=policy, day=day)
    return PersonSkills(
        person,
        names_of(reader, [person])[person],
        day,
        {key: said.skill_of(person, key) for key in types},
        skill_evidence(reader, person, types, at=at),
        skill_changes(reader, person, limit=MAX_CHANGES_SHOWN),
    )


def people_with_skill(
    reader: Reader, type_key: str, people: Iterable[str], *, policy: Policy, at: datetime
) -> list[SkilledPerson]:
    """Those of them whose level counts today, who knows most first, then who is here, then who holds least."""
    wanted, team = list(dict.fromkeys(people)), policy.type(type_key).team
    said = skills_of(reader, wanted, policy=policy, day=team_today(policy, team, at))
    able = [who for who in wanted if said.level_of(who, type_key) is not None]
    here = presence_by_person(reader, able, policy=policy, team=team, at=at)
    held = workloads(reader, able, policy=policy, at=at)
    found = [
        SkilledPerson(who, skill, here[who], held[who].minutes, len(held[who].items))
        for who in able
        if (skill := said.skill_of(who, type_key)) is not None and here[who].status is not PresenceStatus.GONE
    ]
    return sorted(
        found,
        key=lambda one: (-skill_rank(one.skill.level), not one.presence.is_at_work, one.workload_minutes, one.person),
    )


def viewer_timezone(reader: Reader, person: str) -> str:
    """The time zone in which this person reads; UTC until Slack has told theirs."""
    known = find_person(reader, person)
    return known.tz if known is not None else "UTC"


def handles_type(policy: Policy, team: Team, type_key: str) -> bool:
    """Whether the team takes tickets of that type or answers for it."""
    kind = policy.type(type_key)
    return team.key in (kind.team, kind.expert_team) or type_key in team.handles


def team_today(policy: Policy, team: str, at: datetime) -> date:
    return at.astimezone(time_zone(policy.team_calendar(team).timezone)).date()


def skills_of(reader: Reader, people: Iterable[str], *, policy: Policy, day: date) -> KnownSkills:
    """What is known of these people on that day."""
    wanted = list(dict.fromkeys(people))
    rows = select(SkillRow).where(SkillRow.workspace_id == reader.workspace, SkillRow.person.in_(wanted))
    kept = {(row.person, row.type): _skill_of(row) for row in reader.session.scalars(rows)}
    return KnownSkills(policy, kept, day)


def save_skill(
    tx: Transaction, person: str, type_key: str, *, before: Skill | None, after: Skill | None, by: str
) -> None:
    """This is how well they know the type from now on, and the history says what it was before."""
    tx.session.merge(
        SkillRow(
            workspace_id=tx.workspace,
            person=person,
            type=type_key,
            level=after.level if after else None,
            until=after.valid_until.isoformat() if after and after.valid_until else None,
            certificate=after.certificate if after else "",
            by=by,
            at=tx.now,
        )
    )
    tx.session.add(
        SkillChange(
            workspace_id=tx.workspace,
            id=time.time_ns(),
            person=person,
            type=type_key,
            was=skill_as_json(before),
            now=skill_as_json(after),
            by=by,
            at=tx.now,
        )
    )
    tx.flush()


def skill_changes(reader: Reader, person: str, *, limit: int) -> Sequence[SkillChange]:
    """What was said of the person, the newest first."""
    mine = select(SkillChange).where(SkillChange.workspace_id == reader.workspace, SkillChange.person == person)
    return reader.session.scalars(mine.order_by(SkillChange.id.desc()).limit(limit)).all()


def skill_as_json(skill: Skill | None) -> dict[str, Any] | None:
    """As JSON keeps it; None where there was no level."""
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
    """What the person did of each of these types in the last 90 days; what they did nothing of is there with zeros."""
    since = at - timedelta(days=EVIDENCE_DAYS)
    done = _resolved_counts(reader, person, since)
    asked = _escalation_counts(reader, person, since)
    return {key: SkillEvidence(EVIDENCE_DAYS, *done.get(key, (0, 0, 0, 0)), *asked.get(key, (0, 0))) for key in types}


def _resolved_counts(reader: Reader, person: str, since: datetime) -> dict[str, tuple[int, int, int, int]]:
    """By type: how many, how many of them had a promise that ended, in time, and came back at least once."""
    promise = and_(
        TimerRow.workspace_id == Ticket.workspace_id,
        TimerRow.number == Ticket.number,
        TimerRow.target == TimerKind.RESOLUTION,
        TimerRow.state.in_((TimerState.MET, TimerState.BREACHED)),
    )
    met = func.sum(case((TimerRow.state == TimerState.MET, 1), else_=0))
    back = func.sum(case((Ticket.reopened > 0, 1), else_=0))
    rows = (
        select(Ticket.type, func.count(), func.count(TimerRow.number), met, back)
        .outerjoin(TimerRow, promise)
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by == person)
        .group_by(Ticket.type)
    )
    return {
        kind: (int(many), int(due), int(kept), int(again))
        for kind, many, due, kept, again in reader.session.execute(rows)
    }


def _escalation_counts(reader: Reader, person: str, since: datetime) -> dict[str, tuple[int, int]]:
    """By type: how many of the person's questions the experts accepted and rejected."""
    about = and_(Ticket.workspace_id == Escalation.workspace_id, Ticket.number == Escalation.number)
    yes, no = (
        func.sum(case((Escalation.state == state, 1), else_=0))
        for state in (EscalationState.ACCEPTED, EscalationState.REJECTED)
    )
    rows = (
        select(Ticket.type, yes, no)
        .select_from(Escalation)
        .join(Ticket, about)
        .where(
            Escalation.workspace_id == reader.workspace, Escalation.decided_at >= since, Escalation.asked_by == person
        )
        .group_by(Ticket.type)
    )
    return {kind: (int(accepted), int(rejected)) for kind, accepted, rejected in reader.session.execute(rows)}
