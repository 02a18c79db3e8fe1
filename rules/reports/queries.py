"""What somebody wants to know who types `/report`: whose day, which day, and whether they may."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum

from rules.calendars.calendars import ALWAYS, Calendar
from rules.errors import DeskError
from rules.escalations.outcomes import SPAN
from rules.model.policy import Policy
from rules.people.permissions import Deed, allowed, roles, standing, teams_led
from rules.reports.daily import Scope

FORMS = (
    "`/report`, `/report who`, `/report times`, `/report hours` or `/report escalations`, each with `me` or "
    "`team NAME` and a day such as `2026-10-05`, or `/report help`"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LIKE_A_DAY = re.compile(r"\d{1,4}[-./]\d{1,2}([-./]\d{1,4})?", re.ASCII)
LONGEST = timedelta(days=92)


class Topic(StrEnum):
    """What is asked, where it is more than the numbers of a day."""

    WHO = "who"
    TIMES = "times"
    HOURS = "hours"
    ESCALATIONS = "escalations"


WORDS = ("help", "me", "team", "today", "yesterday", "forecast-quality", *Topic)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put; `day` and `until` are still the words that were typed."""

    team: str | None = None
    me: bool = False
    help: bool = False
    forecasts: bool = False
    topic: Topic | None = None
    day: str | None = None
    until: str | None = None


class NoSuchTeam(DeskError):
    """A team that neither desk.yml nor that day knows."""

    def __init__(self, policy: Policy, name: str) -> None:
        near = get_close_matches(name.casefold(), _names(policy), n=1)
        meant = f" Did you mean `/report team {_names(policy)[near[0]]}`?" if near else ""
        known = ", ".join(f"`{key}`" for key in policy.teams) or "none yet"
        super().__init__(f"`{name}` is not a team here.{meant} Teams: {known}.")


class NotYourReport(DeskError):
    """The person may not read this team's numbers; the sentence says who may, and what they may read."""

    def __init__(self, team: str, topic: Topic | None) -> None:
        super().__init__(f"{who_may(team, topic)} Your own: `{_typed(topic)} me`.")


def who_may(team: str, topic: Topic | None) -> str:
    """Who reads the numbers of a team; how long people were at work is no observer's."""
    if topic is Topic.HOURS:
        return f"{team}'s hours are for its leads, managers and admins."
    return f"{team}'s numbers are for its leads, managers, observers and admins."


def read(text: str, policy: Policy) -> Asked:
    """The question, or DeskError with a sentence that says what is meant or how to ask."""
    words = text.split()
    if words and words[0].casefold() in set(Topic):
        return _about(Topic(words[0].casefold()), words[1:], policy)
    return _of_day(words, policy)


def _of_day(words: list[str], policy: Policy, *, topic: Topic | None = None) -> Asked:
    days = [word for word in words if _is_day(word)]
    rest = [word for word in words if not _is_day(word)]
    if len(days) > 1:
        raise DeskError(f"One day at a time: `{days[0]}` or `{days[1]}`?")
    day = days[0].casefold() if days else None
    match [word.casefold() for word in rest]:
        case []:
            return Asked(day=day)
        case ["help" | "?"]:
            return Asked(help=True)
        case ["forecast-quality" | "forecasts"]:
            return Asked(forecasts=True)
        case ["me"]:
            return Asked(me=True, day=day)
        case ["team", _, *_]:
            return Asked(team=" ".join(rest[1:]), day=day)
        case ["team"]:
            known = ", ".join(f"`{key}`" for key in policy.teams) or "none yet"
            raise DeskError(f"Which team? Write `{_typed(topic)} team NAME`. Teams: {known}.")
    raise DeskError(_suggestion(" ".join(rest), policy, topic))


def span_meant(asked: Asked, today: date) -> tuple[date, date]:
    """The first and the last day of what is asked: today where none is named, of escalations the last ninety days."""
    last = day_meant(asked.until, today) or today
    if asked.day is None:
        return (last - SPAN if asked.topic is Topic.ESCALATIONS else last), last
    first = day_meant(asked.day, today) or today
    if first > last:
        raise DeskError(
            f"`{asked.day}..{asked.until}` ends before it begins: write the first day, two points, the last."
        )
    if asked.topic is not Topic.ESCALATIONS and last - first >= LONGEST:
        raise DeskError(
            f"{first} to {last} is too long: `/report {asked.topic}` answers for {LONGEST.days} days at most."
        )
    return first, last


def scope(policy: Policy, by: str, asked: Asked) -> Scope:
    """Whose day they may read: what was named, or all that they lead, or their own."""
    if asked.me:
        return Scope(person=by)
    if asked.team is not None:
        return Scope(teams=frozenset([_team(policy, by, asked)]))
    if allowed(_deed(asked), standing(policy, by)):
        return Scope()
    led = frozenset(teams_led(policy, by))
    return Scope(teams=led) if led else Scope(person=by)


def team_named(policy: Policy, name: str) -> str | None:
    """The key of the team with that key or name, however it is capitalised."""
    return _names(policy).get(name.casefold())


def spelled(policy: Policy, wanted: Scope, known: Collection[str]) -> Scope:
    """The scope with a team of imported history spelled as history does; NoSuchTeam when nobody knows it."""
    if wanted.teams is None or wanted.teams <= policy.teams.keys():
        return wanted
    name = next(iter(wanted.teams))
    found = next((team for team in known if team.casefold() == name.casefold()), None)
    if found is None:
        raise NoSuchTeam(policy, name)
    return Scope(teams=frozenset([found]))


def calendar_for(policy: Policy, wanted: Scope) -> Calendar:
    """By whose midnight the day is cut: the zone that most of these teams share; UTC where there are none."""
    if wanted.person is not None:
        keys = [team.key for team in policy.teams.values() if wanted.person in team.people] or list(policy.teams)
    else:
        keys = [key for key in policy.teams if wanted.teams is None or key in wanted.teams] or list(policy.teams)
    calendars = [policy.calendar_of(key) for key in keys] or [ALWAYS]
    ((most_used, _),) = Counter(one.timezone for one in calendars).most_common(1)
    return next(one for one in calendars if one.timezone == most_used)


def day_meant(word: str | None, today: date) -> date | None:
    """The date, None for today; DeskError when there is no such day, or it is still to come."""
    if word in (None, "today"):
        return None
    if word == "yesterday":
        return today - timedelta(days=1)
    if not _DAY.fullmatch(str(word)):
        raise DeskError(f"`{word}` is not a day I can read: write year, month and day, such as `{today}`.")
    try:
        day = date.fromisoformat(str(word))
    except ValueError:
        raise DeskError(f"`{word}` is not in the calendar: there is no such day.") from None
    if day > today:
        raise DeskError(f"{day} is still to come; today is {today}. `/report` answers for today and earlier days.")
    if day.year < 1970:  # noqa: PLR2004 - the calendars' first year
        raise DeskError(f"`{word}` is before any desk: `/report` answers from 1970 on.")
    return day


def _about(topic: Topic, words: list[str], policy: Policy) -> Asked:
    """`TOPIC [team NAME|me] [DAY..DAY]`; of escalations one day alone is where the span begins, else it is the span."""
    spans = [word for word in words if _is_span(word)]
    rest = [word for word in words if not _is_span(word)]
    if len(spans) > 1:
        raise DeskError(f"One span at a time: `{spans[0]}` or `{spans[1]}`?")
    asked = _of_day(rest, policy, topic=topic)
    span = "a day: `2026-09-30`" if topic is Topic.WHO else "a span: `2026-09-01..2026-09-30`"
    first, dots, last = spans[0].casefold().partition("..") if spans else ("", "", "")
    if asked.help or asked.forecasts or (dots and topic is Topic.WHO):
        raise DeskError(f"Ask `/report {topic}`, with `me` or `team NAME`, and with {span}.")
    if first and not dots and topic is not Topic.ESCALATIONS:
        last = first
    return replace(asked, topic=topic, day=first or None, until=last or None)


def _is_span(word: str) -> bool:
    first, _, last = word.partition("..")
    return _is_day(first) and (not last or _is_day(last))


def _team(policy: Policy, by: str, asked: Asked) -> str:
    name = asked.team or ""
    key = team_named(policy, name)
    if key is None:
        if not allowed(_deed(asked), standing(policy, by)):
            raise NoSuchTeam(policy, name)
        return name
    if not allowed(_deed(asked), roles(policy, by, teams=[key])):
        raise NotYourReport(policy.team(key).name, asked.topic)
    return key


def _deed(asked: Asked) -> Deed:
    return Deed.HOURS if asked.topic is Topic.HOURS else Deed.REPORT


def _names(policy: Policy) -> dict[str, str]:
    by_name = {team.name.casefold(): key for key, team in policy.teams.items()}
    return by_name | {key.casefold(): key for key in policy.teams}


def _is_day(word: str) -> bool:
    return word.casefold() in ("today", "yesterday") or bool(_LIKE_A_DAY.fullmatch(word))


def _suggestion(words: str, policy: Policy, topic: Topic | None) -> str:
    key = team_named(policy, words)
    near = get_close_matches(words.casefold().split()[0], WORDS, n=1)
    if key is not None:
        meant = f" Did you mean `{_typed(topic)} team {key}`?"
    elif near:
        meant = f" Did you mean `{_typed(topic)} {near[0]}`?"
    else:
        meant = ""
    return f"`{words}` is not something `{_typed(topic)}` knows.{meant} Ask {FORMS}."


def _typed(topic: Topic | None) -> str:
    return f"/report {topic}" if topic else "/report"
