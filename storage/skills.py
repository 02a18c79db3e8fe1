"""What is known of people: one person's levels with the evidence, and everybody who knows one type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from rules.evidence import Evidence
from rules.people import Skill, rank
from rules.policy import Policy, Team
from rules.presence import Here, Presence
from rules.zones import zone
from storage.competence import competences, history_of
from storage.evidence import evidence
from storage.load import loads
from storage.people import find, names
from storage.presence import presences
from storage.tables_people import CompetenceChange

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


def known_of(session: Session, workspace: str, person: str, *, policy: Policy, at: datetime) -> Known:
    """What is said of the person and what speaks for it."""
    teams = [team for team in policy.teams.values() if person in team.people]
    types = [key for key in policy.types if any(works_on(policy, team, key) for team in teams)]
    day = today(policy, teams[0].key if teams else "", at)
    said = competences(session, workspace, [person], policy=policy, day=day)
    return Known(
        person,
        names(session, workspace, [person])[person],
        day,
        {key: said.skill(person, key) for key in types},
        evidence(session, workspace, person, types, at=at),
        history_of(session, workspace, person, limit=NEWEST),
    )


def knowers(
    session: Session, workspace: str, type_key: str, people: Iterable[str], *, policy: Policy, at: datetime
) -> list[Knower]:
    """Those of them whose level counts today, who knows most first, then who is here, then who holds least."""
    wanted, team = list(dict.fromkeys(people)), policy.type(type_key).team
    said = competences(session, workspace, wanted, policy=policy, day=today(policy, team, at))
    able = [who for who in wanted if said.level(who, type_key) is not None]
    here = presences(session, workspace, able, policy=policy, team=team, at=at)
    held = loads(session, workspace, able, policy=policy, at=at)
    found = [
        Knower(who, skill, here[who], held[who].minutes, len(held[who].items))
        for who in able
        if (skill := said.skill(who, type_key)) is not None and here[who].here is not Here.GONE
    ]
    return sorted(found, key=lambda one: (-rank(one.skill.level), not one.presence.works, one.minutes, one.person))


def zone_of(session: Session, workspace: str, reader: str) -> str:
    """The time zone in which this person reads; UTC until Slack has told theirs."""
    known = find(session, workspace, reader)
    return known.tz if known is not None else "UTC"


def works_on(policy: Policy, team: Team, type_key: str) -> bool:
    """Whether the team takes tickets of that type or answers for it."""
    kind = policy.type(type_key)
    return team.key in (kind.team, kind.experts) or type_key in team.handles


def today(policy: Policy, team: str, at: datetime) -> date:
    return at.astimezone(zone(policy.calendar_of(team).timezone)).date()
