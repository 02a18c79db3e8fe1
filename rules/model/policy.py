"""The configuration as values: calendars, teams, types, SLA rules and roles."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum

from rules.calendars.calendars import ALWAYS_OPEN, Calendar
from rules.calendars.durations import Duration
from rules.model.approval import ApprovalRule
from rules.model.groups import RoleGroup
from rules.model.people import PersonProfile, Skill, SkillLevel, slack_user_id
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerKind


class SupportLine(StrEnum):
    """First line talks with customers; experts answer escalations."""

    FIRST = "first"
    EXPERT = "expert"


class AssignmentMode(StrEnum):
    """Who assigns a new ticket: a person, or the desk, to a qualified person with capacity.

    OFFER asks the best candidate, who may pass; ROUND_ROBIN takes turns; LEAST_LOADED compares minutes of work alone.
    """

    BY_HAND = "by_hand"
    OFFER = "offer"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a channel, a calendar and a queue; `role_groups` are the user groups that fill its roles.

    `may_decide_own`: its experts may decide an escalation that they asked themselves.
    """

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
    may_decide_own: bool = False
    role_groups: tuple[RoleGroup, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.leads, *self.agents, *self.experts)))


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One step of a type's process; without `time_limit` an SLA rule may set one."""

    key: str
    name: str
    time_limit: Duration | None = None


@dataclass(frozen=True, slots=True)
class TicketType:
    """What a ticket is about: the team that takes it, the experts who know it, and the steps of its process.

    `required_level` is the least skill level that may take it; None asks for none. Without `assignment_mode` and
    `approval` the team's count.
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
        return next((step for step in self.steps if step.key == key), None)

    def next_step(self, key: str) -> ProcessStep | None:
        keys = [step.key for step in self.steps]
        after = keys.index(key) + 1 if key in keys else len(keys)
        return self.steps[after] if after < len(keys) else None


@dataclass(frozen=True, slots=True)
class Company:
    """A customer with several people: recognised by its names, its people in Slack, or their channel."""

    key: str
    name: str
    customers: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def matches(self, customer: str, requester: str, channel: str) -> bool:
        names = {name.casefold() for name in (self.name, *self.customers)}
        return customer.casefold() in names or slack_user_id(requester) in self.people or channel in self.channels


SLA_CONDITIONS = ("customer", "company", "priority", "type", "channel", "team")


@dataclass(frozen=True, slots=True)
class SlaRule:
    """One row of `sla`: conditions (None fits all), times by target (None sets no target), and the calendar that counts
    them ("" is the team's)."""

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
    conditions: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Its conditions by name, casefolded: every filing compares them."""
        wanted = ((name, getattr(self, name)) for name in SLA_CONDITIONS)
        object.__setattr__(self, "conditions", tuple((name, one.casefold()) for name, one in wanted if one is not None))

    def duration_for(self, kind: TimerKind) -> Duration | None:
        duration: Duration | None = getattr(self, kind)
        return duration


WarningPoint = float | Duration


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """How alerts behave: when an unanswered alert goes up a step, how many messages a channel gets, how much more time
    an assignee may take.

    More than `group_above` tickets that alert in one sweep become one message. `free_extension` is what an assignee may
    add without approval, summed over the ticket.
    """

    escalate_after: Duration = field(default_factory=lambda: Duration(seconds=1800))
    group_above: int = 5
    messages_per_hour: int = 12
    free_extension: Duration = field(default_factory=lambda: Duration(seconds=4 * 3600))


@dataclass(frozen=True, slots=True)
class PeerReviewRule:
    """A colleague reviews a person's escalations of a type when the experts surely accept less than `accepted_below` of
    them; below `min_answers` decisions nobody is judged."""

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
    """The configuration in force."""

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
    stand_in_person: str = ""
    represented: tuple[str, ...] = ()

    def with_stand_in(self, person: str, represented: Collection[str]) -> "Policy":
        return replace(self, stand_in_person=person, represented=tuple(represented))

    def acts_for(self, person: str) -> tuple[str, ...]:
        """The people whose roles this person has now: their own, and those of the absent people they stand in for."""
        return (person, *self.represented) if person == self.stand_in_person else (person,)

    @property
    def user_group_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.group.key for team in self.teams.values() for one in team.role_groups))

    @property
    def everyone(self) -> tuple[str, ...]:
        teams = [person for team in self.teams.values() for person in team.people]
        members = [person for team in self.teams.values() for one in team.role_groups for person in one.group.members]
        return tuple(dict.fromkeys([*teams, *members, *sorted(self.managers | self.observers | self.admins)]))

    @property
    def team_keys_by_name(self) -> dict[str, str]:
        """Casefolded keys and names; where they clash the key counts."""
        return _keys_by_name(self.teams)

    @property
    def type_keys_by_name(self) -> dict[str, str]:
        return _keys_by_name(self.types)

    def profile(self, person: str) -> PersonProfile:
        return self.people.get(person, PersonProfile())

    def pauses_timer(self, kind: TimerKind, status: Status) -> bool:
        return status in self.pausing_statuses.get(kind, ())

    def team(self, key: str) -> Team:
        """The team of that key; an unknown key gives a team of that name with nobody in it."""
        return self.teams.get(key) or Team(key=key, name=key)

    def type(self, key: str) -> TicketType:
        """The type of that key; an unknown key gives a type of that name without a team."""
        return self.types.get(key) or TicketType(key=key, name=key, team="")

    def calendar(self, key: str) -> Calendar:
        """The calendar of that key; an unknown key gives one that is always open, in UTC."""
        return self.calendars.get(key, ALWAYS_OPEN)

    def team_calendar(self, team_key: str) -> Calendar:
        return self.calendar(self.team(team_key).calendar)

    def first_team_of(self, person: str) -> str:
        return next((key for key, team in self.teams.items() if person in team.people), "")

    def person_calendar(self, person: str, team_key: str) -> Calendar:
        """Their own calendar, else this team's if they are in it or in no team, else that of their first team."""
        own = self.profile(person).calendar
        teams = [team.calendar for team in self.teams.values() if person in team.people]
        team_calendar = self.team(team_key).calendar
        return self.calendar(own or (team_calendar if team_calendar in teams or not teams else teams[0]))

    def configured_skill(self, person: str, type_key: str) -> Skill | None:
        return self.profile(person).skills.get(type_key)

    def approval_rule_for(self, type_key: str, experts: str) -> ApprovalRule:
        """The type's rule, else the expert team's, else the first expert decides."""
        return self.type(type_key).approval or self.team(experts).approval or ApprovalRule()

    def company_key_for(self, customer: str, requester: str, channel: str) -> str:
        return next((key for key, one in self.companies.items() if one.matches(customer, requester, channel)), "")


def _keys_by_name(entries: Mapping[str, Team] | Mapping[str, TicketType]) -> dict[str, str]:
    return {entry.name.casefold(): key for key, entry in entries.items()} | {key.casefold(): key for key in entries}
