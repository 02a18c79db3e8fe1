"""Who knows what, as leads said it, with the evidence; one person's levels, and everybody who knows a type."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, select

from rules.calendars.timezones import zone
from rules.escalations.escalations import EscalationState
from rules.model.people import Skill, rank
from rules.model.policy import Policy, Team
from rules.model.timers import ClockKind, ClockState
from rules.presence.presence import Here, Presence
from rules.skills import Competences, Evidence
from storage.people.people import find, names
from storage.presence.presence import presences
from storage.schema.people import Competence, CompetenceChange
from storage.schema.tickets import Clock, Escalation, Ticket
from storage.transaction import Reader, Transaction
from storage.workload import loads

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Known:
    """One person's skill in each type of their teams, what the history says of it, and who said what last."""

    person: str
    name: str
    day: date
    skills: Mapping[str, Skill | None]
    evidence: Mapping[str, Evidence]
    changes: Sequence[CompetenceChange] = ()


@dataclass(frozen=True, slots=True)
class Knower:
    """Somebody who knows a type, where they are, and what they hold."""

    person: str
    skill: Skill
    presence: Presence
    minutes: int
    open: int


def known_of(reader: Reader, person: str, *, policy: Policy, at: datetime) -> Known:
    """What is said of the person and what speaks for it."""
    teams = [team for team in policy.teams.values() if person in team.people]
    types = [key for key in policy.types if any(works_on(policy, team, key) for team in teams)]
    day = today(policy, teams[0].key if teams else "", at)
    said = competences(reader, [person], policy=policy, day=day)
    return Known(
        person,
        names(reader, [person])[person],
        day,
        {key: said.skill(person, key) for key in types},
        evidence(reader, person, types, at=at),
        history_of(reader, person, limit=NEWEST),
    )


def knowers(reader: Reader, type_key: str, people: Iterable[str], *, policy: Policy, at: datetime) -> list[Knower]:
    """Those of them whose level counts today, who knows most first, then who is here, then who holds least."""
    wanted, team = list(dict.fromkeys(people)), policy.type(type_key).team
    said = competences(reader, wanted, policy=policy, day=today(policy, team, at))
    able = [who for who in wanted if said.level(who, type_key) is not None]
    here = presences(reader, able, policy=policy, team=team, at=at)
    held = loads(reader, able, policy=policy, at=at)
    found = [
        Knower(who, skill, here[who], held[who].minutes, len(held[who].items))
        for who in able
        if (skill := said.skill(who, type_key)) is not None and here[who].here is not Here.GONE
    ]
    return sorted(found, key=lambda one: (-rank(one.skill.level), not one.presence.works, one.minutes, one.person))


def zone_of(reader: Reader, person: str) -> str:
    """The time zone in which this person reads; UTC until Slack has told theirs."""
    known = find(reader, person)
    return known.tz if known is not None else "UTC"


def works_on(policy: Policy, team: Team, type_key: str) -> bool:
    """Whether the team takes tickets of that type or answers for it."""
    kind = policy.type(type_key)
    return team.key in (kind.team, kind.experts) or type_key in team.handles


def today(policy: Policy, team: str, at: datetime) -> date:
    return at.astimezone(zone(policy.calendar_of(team).timezone)).date()


def competences(reader: Reader, people: Iterable[str], *, policy: Policy, day: date) -> Competences:
    """What is known of these people on that day."""
    wanted = list(dict.fromkeys(people))
    rows = select(Competence).where(Competence.workspace_id == reader.workspace, Competence.person.in_(wanted))
    kept = {(row.person, row.type): _skill(row) for row in reader.session.scalars(rows)}
    return Competences(policy, kept, day)


def keep(tx: Transaction, person: str, type_key: str, *, was: Skill | None, now: Skill | None, by: str) -> None:
    """This is how well they know the type from now on, and the history says what it was before."""
    tx.session.merge(
        Competence(
            workspace_id=tx.workspace,
            person=person,
            type=type_key,
            level=now.level if now else None,
            until=now.until.isoformat() if now and now.until else None,
            certificate=now.certificate if now else "",
            by=by,
            at=tx.now,
        )
    )
    tx.session.add(
        CompetenceChange(
            workspace_id=tx.workspace,
            id=time.time_ns(),
            person=person,
            type=type_key,
            was=plain(was),
            now=plain(now),
            by=by,
            at=tx.now,
        )
    )
    tx.flush()


def history_of(reader: Reader, person: str, *, limit: int) -> Sequence[CompetenceChange]:
    """What was said of the person, the newest first."""
    mine = select(CompetenceChange).where(
        CompetenceChange.workspace_id == reader.workspace, CompetenceChange.person == person
    )
    return reader.session.scalars(mine.order_by(CompetenceChange.id.desc()).limit(limit)).all()


def plain(skill: Skill | None) -> dict[str, Any] | None:
    """As JSON keeps it; None where there was no level."""
    if skill is None:
        return None
    until = skill.until.isoformat() if skill.until else None
    return {"level": str(skill.level), "until": until, "certificate": skill.certificate}


def _skill(row: Competence) -> Skill | None:
    if row.level is None:
        return None
    return Skill(row.level, date.fromisoformat(row.until) if row.until else None, row.certificate)


DAYS = 90


def evidence(reader: Reader, person: str, types: Iterable[str], *, at: datetime) -> dict[str, Evidence]:
    """What the person did of each of these types in the last 90 days; what they did nothing of is there with zeros."""
    since = at - timedelta(days=DAYS)
    done = _resolved(reader, person, since)
    asked = _asked(reader, person, since)
    return {key: Evidence(DAYS, *done.get(key, (0, 0, 0, 0)), *asked.get(key, (0, 0))) for key in types}


def _resolved(reader: Reader, person: str, since: datetime) -> dict[str, tuple[int, int, int, int]]:
    """By type: how many, how many of them had a promise that ended, in time, and came back at least once."""
    promise = and_(
        Clock.workspace_id == Ticket.workspace_id,
        Clock.number == Ticket.number,
        Clock.target == ClockKind.RESOLUTION,
        Clock.state.in_((ClockState.MET, ClockState.BREACHED)),
    )
    met = func.sum(case((Clock.state == ClockState.MET, 1), else_=0))
    back = func.sum(case((Ticket.reopened > 0, 1), else_=0))
    rows = (
        select(Ticket.type, func.count(), func.count(Clock.number), met, back)
        .outerjoin(Clock, promise)
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by == person)
        .group_by(Ticket.type)
    )
    return {
        kind: (int(many), int(due), int(kept), int(again))
        for kind, many, due, kept, again in reader.session.execute(rows)
    }


def _asked(reader: Reader, person: str, since: datetime) -> dict[str, tuple[int, int]]:
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
