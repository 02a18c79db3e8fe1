"""The desk's own description as values: calendars, teams, types, targets, and who is who."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum

from rules.calendars.calendars import ALWAYS_OPEN, Calendar
from rules.calendars.durations import Duration
from rules.model.approval import ApprovalRule
from rules.model.groups import RoleGroup
from rules.model.people import PersonProfile, Skill, SkillLevel
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerKind


class SupportLine(StrEnum):
    """First line talks with customers; experts answer escalations."""

    FIRST = "first"
    EXPERT = "expert"


class AssignmentMode(StrEnum):
    """Who gives a new ticket to somebody: a person, or the desk, to whoever fits and has room for it.

    OFFER asks the best one, who may pass; ROUND_ROBIN takes turns; LEAST_LOADED looks at minutes of work alone.
    """

    BY_HAND = "by_hand"
    OFFER = "offer"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a channel, a calendar and a queue; `feeds` are the user groups that some of them come from."""

    key: str
    name: str
    line: SupportLine = SupportLine.FIRST
    channel: str = ""
    calendar: str = ""
    leads: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    summary_at: time | None = None
    answer_within: Duration = field(default_factory=lambda: Duration(seconds=1800))
    alerts_per_hour: int | None = None
    assignment_mode: AssignmentMode = AssignmentMode.BY_HAND
    capacity: int | None = None
    absence_cover_after: Duration = field(default_factory=lambda: Duration(seconds=4 * 3600))
    activities: tuple[str, ...] = ()
    approval: ApprovalRule | None = None
    has_presence_board: bool = False
    role_groups: tuple[RoleGroup, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone who works tickets here, leads first, each once."""
        return tuple(dict.fromkeys((*self.leads, *self.agents, *self.experts)))

    def without_person(self, person: str) -> "Team":
        """The same team as if it did not name this person."""
        leads, agents, experts = (
            tuple(one for one in people if one != person) for people in (self.leads, self.agents, self.experts)
        )
        return replace(self, leads=leads, agents=agents, experts=experts)


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One step of a type's process, with the open time it may take; without one, a row of `sla` may promise it."""

    key: str
    name: str
    time_limit: Duration | None = None


@dataclass(frozen=True, slots=True)
class TicketType:
    """What a ticket is about: which team takes it, which experts know it, and the steps its process has.

    `needs` is the least level at which somebody takes it; None asks for nothing. `assigning` is the team's where None.
    """

    key: str
    name: str
    team: str
    expert_team: str | None = None
    priority: Priority = Priority.NORMAL
    steps: tuple[ProcessStep, ...] = ()
    required_level: SkillLevel | None = None
    assignment_mode: AssignmentMode | None = None
    approval: ApprovalRule | None = None

    def find_step(self, key: str) -> ProcessStep | None:
        """The step of that key; None when the process has none such any more."""
        return next((step for step in self.steps if step.key == key), None)

    def next_step(self, key: str) -> ProcessStep | None:
        """The step that follows; None after the last one, and after one that the process has no more."""
        keys = [step.key for step in self.steps]
        after = keys.index(key) + 1 if key in keys else len(keys)
        return self.steps[after] if after < len(keys) else None


@dataclass(frozen=True, slots=True)
class Company:
    """A customer that is more than one person: known by names, by its people in Slack, or by where they write."""

    key: str
    name: str
    customers: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def matches(self, customer: str, requester: str, channel: str) -> bool:
        """Whether this customer, this person or this channel is theirs."""
        known = {name.casefold() for name in (self.name, *self.customers)}
        return customer.casefold() in known or requester in self.people or channel in self.channels


@dataclass(frozen=True, slots=True)
class SlaRule:
    """One row of `sla`: conditions (None fits all), the times it promises (None promises nothing), and the calendar by
    which they count ("" is that of the team)."""

    first_response: Duration | None = None
    resolution: Duration | None = None
    type: str | None = None
    priority: Priority | None = None
    team: str | None = None
    next_response: Duration | None = None
    step: Duration | None = None
    expert_answer: Duration | None = None
    customer: str | None = None
    company: str | None = None
    channel: str | None = None
    calendar: str = ""

    def duration_for(self, kind: TimerKind) -> Duration | None:
        """What the row promises of that kind."""
        found: Duration | None = getattr(self, kind)
        return found


WarningPoint = float | Duration


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """How alerts behave: when an unanswered one goes a step up, how many a channel gets, how far one may extend.

    More than `at_once` tickets that alarm in one sweep are one message. `extend_freely` is what whoever holds a ticket
    may add without the lead's yes, counted over the whole ticket.
    """

    escalate_after: Duration = field(default_factory=lambda: Duration(seconds=1800))
    group_above: int = 5
    messages_per_hour: int = 12
    free_extension: Duration = field(default_factory=lambda: Duration(seconds=4 * 3600))


@dataclass(frozen=True, slots=True)
class PeerReviewRule:
    """A colleague looks first at what somebody escalates of whose escalations of that type the experts surely accept
    less than `below`; whoever has fewer than `at_least` answers is not judged."""

    accepted_below: float
    min_answers: int = 10


_WAITING_FOR_CUSTOMER = frozenset({Status.WAITING})
DEFAULT_PAUSES: Mapping[TimerKind, frozenset[Status]] = {
    TimerKind.RESOLUTION: _WAITING_FOR_CUSTOMER,
    TimerKind.NEXT_RESPONSE: _WAITING_FOR_CUSTOMER,
    TimerKind.STEP: _WAITING_FOR_CUSTOMER,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One desk's description, as applied."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    types: Mapping[str, TicketType] = field(default_factory=dict)
    sla_rules: tuple[SlaRule, ...] = ()
    warn_at: tuple[WarningPoint, ...] = (0.5, 0.8)
    pausing_statuses: Mapping[TimerKind, frozenset[Status]] = field(default_factory=lambda: DEFAULT_PAUSES)
    alert_settings: AlertSettings = field(default_factory=AlertSettings)
    peer_review: PeerReviewRule | None = None
    companies: Mapping[str, Company] = field(default_factory=dict)
    people: Mapping[str, PersonProfile] = field(default_factory=dict)
    managers: frozenset[str] = frozenset()
    observers: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    excluded_person: str = ""
    stand_in_person: str = ""
    represented: tuple[str, ...] = ()

    def with_stand_in(self, person: str, represented: Collection[str]) -> "Policy":
        """The same desk, on which this person stands in for those who are away."""
        return replace(self, stand_in_person=person, represented=tuple(represented))

    def acts_for(self, person: str) -> tuple[str, ...]:
        """Whose part the person may take now: their own, and that of whomever they stand in for."""
        return (person, *self.represented) if person == self.stand_in_person else (person,)

    @property
    def user_group_ids(self) -> tuple[str, ...]:
        """The ids of the user groups that feed a team, each once."""
        return tuple(dict.fromkeys(feed.group.key for team in self.teams.values() for feed in team.role_groups))

    @property
    def everyone(self) -> tuple[str, ...]:
        """Everyone whom the description names or who is in a user group that it names, each once."""
        teams = [person for team in self.teams.values() for person in team.people]
        members = [person for team in self.teams.values() for feed in team.role_groups for person in feed.group.members]
        return tuple(dict.fromkeys([*teams, *members, *sorted(self.managers | self.observers | self.admins)]))

    def without_person(self, person: str) -> "Policy":
        """The same desk as if it did not name this person, who has no part in any ticket but as the one who asks."""
        teams = {key: team.without_person(person) for key, team in self.teams.items()}
        bosses, watchers, admins = self.managers - {person}, self.observers - {person}, self.admins - {person}
        return replace(self, teams=teams, managers=bosses, observers=watchers, admins=admins, excluded_person=person)

    def team(self, key: str) -> Team:
        """The team of that key; a team no longer described keeps its key as its name and has nobody in it."""
        return self.teams.get(key) or Team(key=key, name=key)

    def type(self, key: str) -> TicketType:
        """The type of that key; a type no longer described keeps its key as its name."""
        return self.types.get(key) or TicketType(key=key, name=key, team="")

    def calendar(self, key: str) -> Calendar:
        """The calendar of that key; open day and night in UTC where there is none."""
        return self.calendars.get(key, ALWAYS_OPEN)

    def team_calendar(self, team_key: str) -> Calendar:
        """The team's calendar; open day and night in UTC when the team has none."""
        return self.calendar(self.team(team_key).calendar)

    def first_team_of(self, person: str) -> str:
        """The key of the first team that names the person; empty for who is in none."""
        return next((key for key, team in self.teams.items() if person in team.people), "")

    def person_calendar(self, person: str, team_key: str) -> Calendar:
        """The hours in which a person works: their own calendar, else that of a team of theirs, else this team's."""
        own = self.people.get(person, PersonProfile()).calendar
        teams = [team.calendar for team in self.teams.values() if person in team.people]
        theirs = self.team(team_key).calendar
        return self.calendar(own or (theirs if theirs in teams or not teams else teams[0]))

    def configured_skill(self, person: str, type_key: str) -> Skill | None:
        """What desk.yml says that the person knows of that type; None when it says nothing."""
        return self.people.get(person, PersonProfile()).skills.get(type_key)

    def approval_rule_for(self, type_key: str, experts: str) -> ApprovalRule:
        """How those experts decide about that type: as it says, else as their team says, else the first of them."""
        return self.type(type_key).approval or self.team(experts).approval or ApprovalRule()

    def company_key_for(self, customer: str, requester: str, channel: str) -> str:
        """The key of the company that the ticket is for; empty when it is none's that is described."""
        return next((key for key, one in self.companies.items() if one.matches(customer, requester, channel)), "")
