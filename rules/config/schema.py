"""desk.yml as models: what may be written, what each setting means and which values it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, PydanticUseDefault

from rules.calendars import calendars
from rules.calendars.opening_hours import WEEKDAYS, parse_weekdays
from rules.config import fields
from rules.config.fields import Each, Span, refusal_error
from rules.model import policy
from rules.model.approval import ApprovalMode
from rules.model.policy import AlertSettings, PeerReviewRule, Policy, SupportLine
from rules.model.tickets import Priority
from rules.text import Text, _

MOST_WARNINGS = 9
_SAMPLE_HOURS = 'hours: {mon-fri: ["08:00-16:00"]}'
_TEAM, _ALERTS = policy.Team("", ""), AlertSettings()


class Entry(BaseModel):
    """A mapping of settings; `title` is what its faults call it. A key without a value counts as left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_settings(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("*", mode="before")
    @classmethod
    def _without_value(cls, value: object, info: ValidationInfo) -> object:
        if cls.model_fields[info.field_name or ""].is_required() and value in (None, "", [], {}):
            raise PydanticKnownError("missing")
        if value is None:
            raise PydanticUseDefault
        return value


@dataclass(frozen=True, slots=True)
class Needed:
    """What to write where a required setting is missing."""

    remedy: Text

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(core) | {"remedy": str(self.remedy)}


def number_field(default: int | None, least: int, most: int, *, description: str) -> Any:  # noqa: ANN401 - as Field
    limits: JsonDict = {"least": least, "most": most}
    return Field(default, strict=True, ge=least, le=most, description=description, json_schema_extra=limits)


def flag_field(*, description: str) -> Any:  # noqa: ANN401 - as Field
    return Field(False, strict=True, description=description)


class Calendar(Entry, title="calendar"):
    """When people work, by the clock on the wall."""

    timezone: Annotated[fields.ZoneName, Needed(_("write an IANA name such as Europe/Warsaw"))] = Field(
        description="an IANA name"
    )
    hours: Annotated[
        dict[fields.Weekdays, fields.Windows], Needed(_("write for example {text}", text=_SAMPLE_HOURS))
    ] = Field(description="windows by single days, lists (mon,wed) and spans (mon-fri) of weekdays")
    holidays: fields.Country = Field("", description="public holidays of a country, or of a part of one: PL, DE-BY")
    closed: Each[fields.Date] = Field((), description="further days off")
    extra: dict[fields.Date, fields.Windows] = Field({}, description="days with hours of their own, even on a holiday")

    @model_validator(mode="after")
    def _opens(self) -> "Calendar":
        fields.as_validator(Calendar.build)(self)
        return self

    def build(self) -> calendars.Calendar:
        """DeskError for a calendar that is never open, and for a day that is both closed and open."""
        by_day = {day: windows for name, windows in self.hours.items() for day in parse_weekdays(name)}
        week = tuple(by_day.get(day, ()) for day in range(len(WEEKDAYS)))
        return calendars.Calendar(self.timezone, week, self.holidays, frozenset(self.closed), self.extra)


class WithApproval(Entry):
    """How escalations are decided, by a team or for one type."""

    approval: fields.Approving = Field(ApprovalMode.ANY, description="any expert (the first), all of them, or in_order")
    approvers: Each[fields.PersonId] = Field((), description="whose approval is needed; left out, that of all experts")
    lead_decides: bool = flag_field(description="the experts' lead alone decides")


class Team(WithApproval, title="team"):
    """People who share a channel, a calendar and a queue. A user group of Slack may stand among them."""

    name: fields.ShortText = Field("", description="what people read; left out, the key")
    line: fields.Line = Field(SupportLine.FIRST, description="first talks with customers, expert answers escalations")
    channel: Annotated[fields.ChannelId, Needed(_("write the id of the team's Slack channel"))] = Field(
        description="where its cards appear"
    )
    calendar: fields.CalendarKey = Field("", description="its business hours; left out, day and night")
    leads: Each[fields.PersonOrGroupId] = Field((), description="are alerted at the last warning and at breach")
    agents: Each[fields.PersonOrGroupId] = Field((), description="work on tickets")
    experts: Each[fields.PersonOrGroupId] = Field((), description="answer escalations")
    handles: Each[fields.TypeKey] = Field((), description="the types that its experts know")
    summary_at: fields.TimeOfDay | None = Field(None, description="when it gets the summary of a working day")
    answer_within: Span = Field(_TEAM.answer_within, description="business time in which it answers an escalation")
    alerts_per_hour: int | None = number_field(
        None, 1, 1000, description="most alert cards in an hour; left out, as in `alerts`"
    )
    assigning: fields.Assigning = Field(
        _TEAM.assignment_mode, description="by_hand, offer, round_robin or least_loaded"
    )
    capacity: int | None = number_field(
        None, 1, 1000, description="most tickets of one person, those on hold not counted"
    )
    absence_cover_after: Span = Field(
        _TEAM.absence_cover_after, description="the absence after which colleagues take over"
    )
    deputies: dict[fields.Role, fields.PersonId | None] = Field({}, description="who stands in for an absent role")
    activities: Each[fields.ShortText] = Field((), description="what people do besides tickets: Meeting, Training")
    presence_board: bool = flag_field(description="a presence board in the channel on each working day")
    decide_own: bool = flag_field(
        description="its experts may decide what they escalated themselves, also where another can"
    )


class Step(Entry, title="step"):
    """One step of a type's process."""

    key: fields.EntryKey = Field("", description="left out, it is made from the name")
    name: Annotated[fields.ShortText, Needed(_("write what is done in this step"))] = Field(description="what is done")
    within: Span | None = Field(None, description="business time for it; left out, that of a row of `sla`")


class TicketType(WithApproval, title="type"):
    """What a ticket is about."""

    name: fields.ShortText = Field("", description="what people read; left out, the key")
    team: Annotated[fields.TeamKey, Needed(_("write the team that takes tickets of this type"))] = Field(
        description="takes these tickets"
    )
    experts: fields.ExpertTeamKey | None = Field(None, description="the team that answers escalations")
    priority: fields.Priority = Field(Priority.NORMAL, description="unless the person who files chooses another")
    steps: tuple[Step, ...] = Field((), description="what is done, one after another")
    needs: fields.Level | None = Field(None, description="the least skill level of an assignee")
    assigning: fields.Assigning | None = Field(None, description="left out, as the team does")


class Company(Entry, title="company"):
    """A customer that is more than one person."""

    name: fields.ShortText = Field("", description="what people read; left out, the key")
    customers: Each[fields.ShortText] = Field((), description="other names that agents write")
    people: Each[fields.PersonId] = Field((), description="its people in Slack")
    channels: Each[fields.ChannelId] = Field((), description="where they write")


class Skill(Entry, title="skill"):
    """What a person knows of a type; the level alone may be written in place of the mapping."""

    level: Annotated[fields.Level, Needed(_("write learning, can or expert"))] = Field(
        description="learning, can or expert"
    )
    until: fields.Date | None = Field(None, description="the last day on which it counts")
    certificate: fields.ShortText = Field("", description="what proves it")

    @model_validator(mode="before")
    @classmethod
    def _of_level(cls, value: object) -> object:
        return value if isinstance(value, Mapping) else {"level": value}


class Person(Entry, title="person"):
    """When one person works, where it is not as the team does, and what the person knows."""

    calendar: fields.CalendarKey = Field("", description="own business hours; left out, those of the team")
    share: fields.TimeShare = Field(1.0, description="how much of that time goes to tickets: 80% or 0.8")
    away: Each[fields.Days] = Field((), description="days (2026-12-21) and spans of days (2026-12-24..2027-01-02)")
    deputy: fields.PersonId = Field("", description="gets the alerts and decides during an absence")
    capacity: int | None = number_field(None, 0, 1000, description="most tickets at a time")
    skills: dict[fields.TypeKey, Skill | None] = Field({}, description="by type; what a lead says in Slack wins")


class SlaRow(Entry, title="sla row"):
    """Times for the tickets that fit all its conditions; for each time the most specific row wins."""

    type: fields.TypeKey | None = Field(None, description="condition: the type")
    priority: fields.Priority | None = Field(None, description="condition: the priority")
    team: fields.TeamKey | None = Field(None, description="condition: the team; for expert_answer, the experts asked")
    customer: fields.ShortText | None = Field(None, description="condition: the customer")
    company: fields.CompanyKey | None = Field(None, description="condition: the company")
    channel: fields.ChannelId | None = Field(None, description="condition: the channel")
    calendar: fields.CalendarKey = Field("", description="the business hours that count; left out, the team's")
    first_response: Span | None = Field(None, description="until the first reply")
    next_response: Span | None = Field(None, description="until the reply to a customer who writes again")
    step: Span | None = Field(None, description="for each step without a time of its own")
    expert_answer: Span | None = Field(None, description="until the experts answer an escalation")
    resolution: Span | None = Field(None, description="until the ticket is resolved")


class Alerts(Entry, title="alerts"):
    """How alerts behave."""

    escalate_after: Span = Field(
        default=_ALERTS.escalate_after, description="when an unanswered breach goes to the managers"
    )
    group_above: int = number_field(
        _ALERTS.group_above, 1, 50, description="more tickets that alarm at the same time are one message"
    )
    per_hour: int = number_field(
        _ALERTS.messages_per_hour, 1, 1000, description="most alert cards of a channel in an hour"
    )
    extend_without_approval: Span = Field(
        default=_ALERTS.free_extension, description="more time that needs no lead's approval"
    )


class Escalations(Entry, title="escalations"):
    """When a colleague reviews an escalation before it goes to the experts."""

    peer_review_below: fields.AcceptedShare | None = Field(
        default=None, description="where the experts accept fewer, with 95 % confidence"
    )
    min_answers: int = number_field(
        PeerReviewRule(0).min_answers, 5, 1000, description="with fewer answers in 90 days nothing is reviewed"
    )


class Desk(Entry):
    """The whole of desk.yml."""

    calendars: dict[fields.EntryKey, Calendar] = Field({}, description="when people work")
    teams: Annotated[dict[fields.EntryKey, Team], Needed(_("a desk needs at least one team"))] = Field(
        description="who works"
    )
    managers: Each[fields.PersonId] = Field((), description="see every team and ask for any report")
    observers: Each[fields.PersonId] = Field((), description="see every team and change nothing")
    admins: Each[fields.PersonId] = Field((), description="look after Baton")
    types: Annotated[dict[fields.EntryKey, TicketType], Needed(_("a ticket needs a type to be filed under"))] = Field(
        description="topics"
    )
    companies: dict[fields.EntryKey, Company] = Field({}, description="customers that are more than one person")
    people: dict[fields.PersonId, Person] = Field({}, description="single people, by their Slack id")
    sla: tuple[SlaRow, ...] = Field((), description="SLA targets")
    warn_at: tuple[fields.WarningPoint, ...] = Field(
        Policy().warn_at, description="shares of the SLA time that are used (50%), or time that is left (30m)"
    )
    pause_while: dict[fields.PausingStatus, Each[fields.PausableTimer]] | None = Field(
        None, description="timers that pause, by status; left out, {waiting: [resolution, next_response, step]}"
    )
    alerts: Alerts = Field(Alerts(), description="how alerts behave")
    escalations: Escalations = Field(Escalations(), description="when escalations are reviewed first")

    @field_validator("warn_at", "pause_while", mode="before")
    @classmethod
    def _empty(cls, value: object, info: ValidationInfo) -> object:
        """Without a value they say: no warnings, no pauses."""
        empty: Any = {"warn_at": (), "pause_while": {}}
        return empty[info.field_name] if value is None else value

    @field_validator("warn_at")
    @classmethod
    def _each_once(cls, points: tuple[policy.WarningPoint, ...]) -> tuple[policy.WarningPoint, ...]:
        if len(set(points)) < len(points):
            raise refusal_error(_("warn_at: a warning is written twice: keep one."))
        if len(points) > MOST_WARNINGS:
            sentence = _("warn_at: more than {most} warnings: keep those that someone acts on.", most=MOST_WARNINGS)
            raise refusal_error(sentence)
        return tuple(sorted(points, key=lambda point: (0, point) if isinstance(point, float) else (1, -point.seconds)))
