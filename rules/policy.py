"""The desk's own description as values: calendars, teams, types, targets, and who is who."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum

from rules.calendars import ALWAYS, Calendar
from rules.durations import Duration
from rules.tickets import Priority


class Line(StrEnum):
    """First line talks with customers; experts answer escalations."""

    FIRST = "first"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a channel, a calendar and a queue."""

    key: str
    name: str
    line: Line = Line.FIRST
    channel: str = ""
    calendar: str = ""
    leads: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    summary_at: time | None = None
    answer_within: Duration = field(default_factory=lambda: Duration(seconds=1800))

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone who works tickets here, leads first, each once."""
        return tuple(dict.fromkeys((*self.leads, *self.agents, *self.experts)))

    def without(self, person: str) -> "Team":
        """The same team as if it did not name this person."""
        leads, agents, experts = (
            tuple(one for one in people if one != person) for people in (self.leads, self.agents, self.experts)
        )
        return replace(self, leads=leads, agents=agents, experts=experts)


@dataclass(frozen=True, slots=True)
class TicketType:
    """What a ticket is about: which team takes it, and which experts know it."""

    key: str
    name: str
    team: str
    experts: str | None = None
    priority: Priority = Priority.NORMAL


@dataclass(frozen=True, slots=True)
class Target:
    """One row of `sla`: conditions (None fits all) and the times it promises (None promises nothing)."""

    first_response: Duration | None = None
    resolution: Duration | None = None
    type: str | None = None
    priority: Priority | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One desk's description, as applied."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    types: Mapping[str, TicketType] = field(default_factory=dict)
    sla: tuple[Target, ...] = ()
    warn_at: tuple[float, ...] = (0.5, 0.8)
    managers: frozenset[str] = frozenset()
    observers: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()

    def without(self, person: str) -> "Policy":
        """The same desk as if it did not name this person."""
        teams = {key: team.without(person) for key, team in self.teams.items()}
        bosses, watchers, admins = self.managers - {person}, self.observers - {person}, self.admins - {person}
        return replace(self, teams=teams, managers=bosses, observers=watchers, admins=admins)

    def team(self, key: str) -> Team:
        """The team of that key; a team no longer described keeps its key as its name and has nobody in it."""
        return self.teams.get(key) or Team(key=key, name=key)

    def type(self, key: str) -> TicketType:
        """The type of that key; a type no longer described keeps its key as its name."""
        return self.types.get(key) or TicketType(key=key, name=key, team="")

    def calendar_of(self, team_key: str) -> Calendar:
        """The team's calendar; open day and night in UTC when the team has none."""
        return self.calendars.get(self.team(team_key).calendar, ALWAYS)
