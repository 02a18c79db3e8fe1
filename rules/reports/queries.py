"""What a `/report` command asks for: whose figures, which days, and whether the person may read them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from rules.calendars.calendars import ALWAYS_OPEN, Calendar
from rules.errors import Refused
from rules.escalations.outcomes import OUTCOME_PERIOD
from rules.model.policy import Policy
from rules.people.permissions import Permission, desk_wide_roles, is_allowed, roles_towards, teams_led_by
from rules.reports.daily import ReportScope
from rules.text import Code, Day, Text, _, join_texts, ngettext
from rules.typed_text import closest_word, fold_word

REPORT_WORDS = ("help", "me", "team", "today", "yesterday", "forecast-quality")  # beside those of the topics
_DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_LIKE_PATTERN = re.compile(r"\d{1,4}[-./]\d{1,2}([-./]\d{1,4})?", re.ASCII)
MAX_REPORT_SPAN = timedelta(days=92)


class ReportPeriod(StrEnum):
    """Which days a topic answers for: one day, a span of at most MAX_REPORT_SPAN, or all since a day (since
    OUTCOME_PERIOD ago where none is named)."""

    DAY = "day"
    SPAN = "span"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class ReportTopic:
    """A report other than the day's figures: the word behind `/report`, for which days, and who may read a team's."""

    word: str
    period: ReportPeriod = ReportPeriod.SPAN
    permission: Permission = Permission.SEE_TEAM_REPORT


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """A report command; `day` and `until` are still the words that were typed."""

    team: str | None = None
    me: bool = False
    topic: ReportTopic | None = None
    day: str | None = None
    until: str | None = None


class UnknownTeam(Refused):
    """Neither the configuration nor that day's history has such a team."""

    def __init__(self, policy: Policy, name: str) -> None:
        keys = policy.team_keys_by_name
        closest = closest_word(name.casefold(), keys)
        guess = f"/report team {keys[closest]}" if closest else None
        unknown = _("There is no team {name}.", name=Code(name))
        super().__init__(join_texts([unknown, *_guess_texts(guess), _teams_text(policy)]))


class ReportNotAllowed(Refused):
    """The person may not read this team's figures; the sentence says who may, and what they may read."""

    def __init__(self, team: str, topic: ReportTopic | None) -> None:
        own = _("Your own: {command}.", command=Code(f"{_command_text(topic)} me"))
        super().__init__(join_texts([report_readers_text(topic, team), own]))


def report_readers_text(topic: ReportTopic | None, team: str = "") -> Text:
    """Who reads the figures of this team, or of any team."""
    if topic is not None and topic.permission is Permission.SEE_LOGGED_TIME:
        if team:
            return _("Only leads, managers and admins can see the hours of {team}.", team=team)
        return _("Only a team's leads, managers and admins can see its hours.")
    if team:
        return _("Only leads, managers, observers and admins can see the figures of {team}.", team=team)
    return _("Only a team's leads, managers, observers and admins can see its figures.")


def parse_report_query(text: str, policy: Policy, words: Collection[str] = ()) -> ReportQuery:
    """The day's figures: `[team NAME|me] [DAY]`. `words` are those that `/report` knows besides."""
    return _parse_words(text.split(), policy, words, None)


def parse_topic_query(topic: ReportTopic, text: str, policy: Policy, words: Collection[str] = ()) -> ReportQuery:
    """`[team NAME|me] [DAY..DAY]`; a single day is the whole span, or begins it where the topic answers since a day."""
    typed = text.split()
    spans = [word for word in typed if _is_span(word)]
    rest = [word for word in typed if not _is_span(word)]
    if len(spans) > 1:
        raise Refused(_("One period at a time: {one} or {other}?", one=Code(spans[0]), other=Code(spans[1])))
    first, dots, last = spans[0].casefold().partition("..") if spans else ("", "", "")
    if [word.casefold() for word in rest] in (["help"], ["?"], ["forecast-quality"], ["forecasts"]) or (
        dots and topic.period is ReportPeriod.DAY
    ):
        raise Refused(_topic_forms_text(topic))
    query = _parse_words(rest, policy, words, topic)
    if first and not dots and topic.period is not ReportPeriod.SINCE:
        last = first
    return replace(query, topic=topic, day=first or None, until=last or None)


def _parse_words(words: list[str], policy: Policy, known: Collection[str], topic: ReportTopic | None) -> ReportQuery:
    days = [word for word in words if is_day(word)]
    rest = [word for word in words if not is_day(word)]
    if len(days) > 1:
        raise Refused(_("One day at a time: {one} or {other}?", one=Code(days[0]), other=Code(days[1])))
    day = days[0].casefold() if days else None
    match [word.casefold() for word in rest]:
        case []:
            return ReportQuery(day=day)
        case ["me"]:
            return ReportQuery(me=True, day=day)
        case ["team", _, *_]:
            return ReportQuery(team=" ".join(rest[1:]), day=day)
        case ["team"]:
            form = Code(f"{_command_text(topic)} team NAME")
            raise Refused(join_texts([_("Which team? Write {form}.", form=form), _teams_text(policy)]))
    raise Refused(_suggestion_text(" ".join(rest), policy, known, topic))


def query_span(query: ReportQuery, today: date) -> tuple[date, date]:
    """The first and the last day: today where none is given, for escalations the last ninety days."""
    last = query_day(query.until, today) or today
    is_since = query.topic is not None and query.topic.period is ReportPeriod.SINCE
    if query.day is None:
        return (last - OUTCOME_PERIOD if is_since else last), last
    first = query_day(query.day, today) or today
    if first > last:
        typed, turned = Code(f"{query.day}..{query.until}"), Code(f"{last}..{first}")
        raise Refused(_("{typed} ends before it starts. Did you mean {turned}?", typed=typed, turned=turned))
    if not is_since and last - first >= MAX_REPORT_SPAN:
        command, n = Code(_command_text(query.topic)), MAX_REPORT_SPAN.days
        raise Refused(
            ngettext(
                "{first} to {last} is too long: {command} covers at most {n} day.",
                "{first} to {last} is too long: {command} covers at most {n} days.",
                n,
                first=Day(first),
                last=Day(last),
                command=command,
            )
        )
    return first, last


def query_scope(policy: Policy, by: str, query: ReportQuery) -> ReportScope:
    if query.me:
        return ReportScope(person=by)
    if query.team is not None:
        return ReportScope(teams=frozenset([_readable_team(policy, by, query)]))
    if is_allowed(_required_permission(query), desk_wide_roles(policy, by)):
        return ReportScope()
    led = frozenset(teams_led_by(policy, by))
    return ReportScope(teams=led) if led else ReportScope(person=by)


def find_team_key(policy: Policy, name: str) -> str | None:
    return policy.team_keys_by_name.get(name.casefold())


def match_imported_team(policy: Policy, scope: ReportScope, team_names: Collection[str]) -> ReportScope:
    """The team in every spelling that differs in capitals and spaces alone, as one log had them."""
    if scope.teams is None or scope.teams <= policy.teams.keys():
        return scope
    name = next(iter(scope.teams))
    found = frozenset(team for team in team_names if fold_word(team) == fold_word(name))
    if not found:
        raise UnknownTeam(policy, name)
    return ReportScope(teams=found)


def report_calendar(policy: Policy, scope: ReportScope) -> Calendar:
    """The calendar whose midnight divides the days: of the zone that most of these teams share; UTC without teams."""
    if scope.person is not None:
        keys = [team.key for team in policy.teams.values() if scope.person in team.people] or list(policy.teams)
    else:
        keys = [key for key in policy.teams if scope.teams is None or key in scope.teams] or list(policy.teams)
    calendars = [policy.team_calendar(key) for key in keys] or [ALWAYS_OPEN]
    ((most_used, _),) = Counter(calendar.timezone for calendar in calendars).most_common(1)
    return next(calendar for calendar in calendars if calendar.timezone == most_used)


def query_day(word: str | None, today: date) -> date | None:
    """None for today; Refused when there is no such day, or it is still to come."""
    if word in (None, "today"):
        return None
    if word == "yesterday":
        return today - timedelta(days=1)
    if not _DATE_PATTERN.fullmatch(str(word)):
        example = Code(str(today))
        raise Refused(
            _(
                "{word} is not a date: write year, month and day, such as {example}.",
                word=Code(str(word)),
                example=example,
            )
        )
    try:
        day = date.fromisoformat(str(word))
    except ValueError:
        raise Refused(_("There is no day {word} in the calendar.", word=Code(str(word)))) from None
    if day > today:
        raise Refused(_("{day} is in the future. Reports cover today and earlier days.", day=Day(day)))
    if day.year < 1970:  # noqa: PLR2004 - the calendars' first year
        raise Refused(_("{word} is too early: reports start in 1970.", word=Code(str(word))))
    return day


def _is_span(word: str) -> bool:
    first, _, last = word.partition("..")
    return is_day(first) and (not last or is_day(last))


def _readable_team(policy: Policy, by: str, query: ReportQuery) -> str:
    name = query.team or ""
    key = find_team_key(policy, name)
    if key is None:
        if not is_allowed(_required_permission(query), desk_wide_roles(policy, by)):
            raise UnknownTeam(policy, name)
        return name
    if not is_allowed(_required_permission(query), roles_towards(policy, by, teams=[key])):
        raise ReportNotAllowed(policy.team(key).name, query.topic)
    return key


def _required_permission(query: ReportQuery) -> Permission:
    return Permission.SEE_TEAM_REPORT if query.topic is None else query.topic.permission


def is_day(word: str) -> bool:
    return word.casefold() in ("today", "yesterday") or bool(_DATE_LIKE_PATTERN.fullmatch(word))


def _suggestion_text(text: str, policy: Policy, known: Collection[str], topic: ReportTopic | None) -> Text:
    key = find_team_key(policy, text)
    guess = f"team {key}" if key is not None else closest_word(text.casefold().split()[0], [*REPORT_WORDS, *known])
    unknown = _("Unknown option {text}.", text=Code(text))
    forms = _(
        "Try {forms}, each with `me` or `team NAME` and a day such as `2026-10-05`, or `/report help`.",
        forms=_code_list(["/report", *(f"/report {word}" for word in known)]),
    )
    return join_texts([unknown, *_guess_texts(guess and f"{_command_text(topic)} {guess}"), forms])


def _topic_forms_text(topic: ReportTopic) -> Text:
    command = Code(_command_text(topic))
    if topic.period is ReportPeriod.DAY:
        return _("Write {command} with `me` or `team NAME`, and with a day: `2026-09-30`.", command=command)
    return _("Write {command} with `me` or `team NAME`, and with days: `2026-09-01..2026-09-30`.", command=command)


def _guess_texts(guess: str | None) -> list[Text]:
    return [_("Did you mean {guess}?", guess=Code(guess))] if guess else []


def _teams_text(policy: Policy) -> Text:
    return _("Teams: {teams}.", teams=_code_list(policy.teams)) if policy.teams else _("There are no teams yet.")


def _code_list(words: Iterable[str]) -> Text:
    return join_texts([Text("{code}", {"code": Code(word)}) for word in words], ", ")


def _command_text(topic: ReportTopic | None) -> str:
    return f"/report {topic.word}" if topic else "/report"
