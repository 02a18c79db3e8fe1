"""The kinds of values in desk.yml, as pydantic types: what is written is parsed, or refused with the remedy."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, time
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, PlainValidator, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError, PydanticKnownError

from rules.calendars import calendars, opening_hours
from rules.calendars.calendars import sort_windows
from rules.calendars.durations import Duration, parse_duration
from rules.calendars.public_holidays import check_holiday_country
from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.model import approval, people, policy, tickets
from rules.model.groups import is_user_group_id
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from rules.text import Code, Text, Value, _, join_texts
from rules.typed_text import closest_word

T = TypeVar("T")

REFUSAL = "refused"  # the type of an error whose context has the text
LONGEST_NAME = 75  # what Slack shows of a choice
ROLES = ("leads", "experts", "agents")
PAUSING = (Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING, Status.ESCALATED)
PAUSABLE = (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE, TimerKind.STEP, TimerKind.RESOLUTION)


def parse_person_id(text: str) -> str:
    return _check_id(
        text,
        "UW",
        _(
            "{text} is not a Slack member id: it begins with U or W, as U0AGENT1 (profile, ⋮, Copy member ID).",
            text=Code(text),
        ),
    )


def parse_person_or_group_id(text: str) -> str:
    return text if is_user_group_id(text) else parse_person_id(text)


def parse_channel_id(text: str) -> str:
    return _check_id(
        text,
        "CG",
        _(
            "{text} is not a Slack channel id: it begins with C or G, as C0SUPPORT (channel details, bottom).",
            text=Code(text),
        ),
    )


def _check_id(text: str, initials: str, refusal: Text) -> str:
    if not re.fullmatch(rf"[{initials}][A-Z0-9]{{1,20}}", text):
        raise Refused(refusal)
    return text


def make_step_key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "step"


def parse_warning(value: object) -> policy.WarningPoint:
    """A share of the SLA time from 50% or 0.5, or the business time that is left from 30m."""
    share = _share_of(value)
    if share is not None and 0 < share < 1:
        return share
    try:
        left = parse_duration(value) if isinstance(value, str) else None
    except Refused:
        left = None
    if left is not None and left.seconds:
        return left
    raise Refused(
        _(
            "warn_at: {value} is not a warning: write the share of the SLA time that is used, 50%, "
            "or the time left, 30m.",
            value=quote_value(value),
        )
    )


def parse_time_share(value: object) -> float:
    share = _share_of(value)
    if share is None or not 0 <= share <= 1:
        raise Refused(_("share: {value} is not a share of working time: write 80% or 0.8.", value=quote_value(value)))
    return share


def parse_accepted_share(value: object) -> float:
    share = _share_of(value)
    if share is None or not 0 < share < 1:
        raise Refused(_("peer_review_below: {value} is not a share: write 40% or 0.4.", value=quote_value(value)))
    return share


def _share_of(value: object) -> float | None:
    try:
        if isinstance(value, str):
            return float(value[:-1]) / 100 if value.endswith("%") else None
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None


def quote_value(value: object) -> Value:
    return Code(str(value)) if isinstance(value, str | int | float) else value_kind(value)


def value_kind(value: object) -> Text:
    if isinstance(value, bool):
        return _("true or false")
    kinds = ((str, _("text")), (int | float, _("a number")), (Mapping, _("a mapping")), (list | tuple, _("a list")))
    return next((name for kind, name in kinds if isinstance(value, kind)), _("nothing"))


def suggest_known(word: str, known: Collection[str]) -> Text:
    """A sentence that follows a refusal of the word."""
    if guess := closest_word(word, known):
        return _("Did you mean {guess}?", guess=Code(guess))
    return _("Known: {names}.", names=", ".join(known)) if known else _("There are none yet.")


def refusal_error(text: Text | str) -> PydanticCustomError:
    return PydanticCustomError(REFUSAL, "refused", {"text": text})


def as_validator(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """The same function, with a refusal that pydantic collects."""

    def validate(value: Any) -> T:  # noqa: ANN401 - whatever is written
        try:
            return parse(value)
        except Refused as error:
            raise refusal_error(error.text) from error

    return validate


def _parsed(parse: Callable[[str], object]) -> PlainValidator:
    def validate(value: object) -> object:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return as_validator(parse)(value)

    return PlainValidator(validate, json_schema_input_type=str)


def _checked(check: Callable[[str], object]) -> AfterValidator:
    """For text that stays as it is written."""
    return AfterValidator(as_validator(lambda text: (check(text), text)[1]))


def _one_of(options: Iterable[str], kind: Text) -> PlainValidator:
    """`kind` names what the word is, such as a priority."""
    by_word = {str(option): option for option in options}

    def parse(word: str) -> str:
        if word not in by_word:
            unknown = _("{kind} {word} is unknown.", kind=kind, word=Code(word))
            raise Refused(join_texts([unknown, suggest_known(word, by_word)]))
        return by_word[word]

    return _parsed(parse)


def _key_of(section: str, kind: Text) -> AfterValidator:
    """The key of an entry in that section; the validation's context holds the keys of each."""

    def validate(key: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get(section, {})
        if key not in known:
            missing = _("{kind} {key} is not one of the {section} here.", kind=kind, key=Code(key), section=section)
            raise refusal_error(join_texts([missing, suggest_known(key, known)]))
        return key

    return AfterValidator(validate)


Each = Annotated[
    tuple[T, ...],
    BeforeValidator(lambda items: () if items is None else items),
    AfterValidator(lambda items: tuple(dict.fromkeys(items))),
]

EntryKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
CalendarKey = Annotated[str, _key_of("calendars", _("calendar"))]
TeamKey = Annotated[str, _key_of("teams", _("team"))]
ExpertTeamKey = Annotated[str, _key_of("teams", _("experts"))]
TypeKey = Annotated[str, _key_of("types", _("type"))]
CompanyKey = Annotated[str, _key_of("companies", _("company"))]

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
PersonId = Annotated[str, _checked(parse_person_id)]
PersonOrGroupId = Annotated[str, _checked(parse_person_or_group_id)]
ChannelId = Annotated[str, _checked(parse_channel_id)]

ZoneName = Annotated[str, _checked(time_zone)]
Country = Annotated[str, _checked(check_holiday_country)]
Weekdays = Annotated[str, _checked(opening_hours.parse_weekdays)]
Date = Annotated[date, _parsed(opening_hours.parse_date)]
Days = Annotated[tuple[date, date], _parsed(opening_hours.parse_days)]
TimeOfDay = Annotated[time, _parsed(opening_hours.parse_time_of_day)]
Window = Annotated[calendars.Window, _parsed(opening_hours.parse_window)]
Windows = Annotated[Each[Window], AfterValidator(as_validator(sort_windows))]
Span = Annotated[Duration, _parsed(parse_duration), PlainSerializer(str, return_type=str)]

WarningPoint = Annotated[policy.WarningPoint, PlainValidator(as_validator(parse_warning))]
TimeShare = Annotated[float, PlainValidator(as_validator(parse_time_share))]
AcceptedShare = Annotated[float, PlainValidator(as_validator(parse_accepted_share))]

Line = Annotated[policy.SupportLine, _one_of(policy.SupportLine, _("line"))]
Role = Annotated[str, _one_of(ROLES, _("role"))]
Assigning = Annotated[policy.AssignmentMode, _one_of(policy.AssignmentMode, _("assigning"))]
Approving = Annotated[approval.ApprovalMode, _one_of(approval.ApprovalMode, _("approval"))]
Level = Annotated[people.SkillLevel, _one_of(people.SkillLevel, _("level"))]
Priority = Annotated[tickets.Priority, _one_of(tickets.Priority, _("priority"))]
PausingStatus = Annotated[Status, _one_of(PAUSING, _("status"))]
PausableTimer = Annotated[TimerKind, _one_of(PAUSABLE, _("timer"))]
