"""A team's daily summary: when it is due, and what it contains."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from rules.calendars.calendars import Calendar, day_due, next_moment_at
from rules.model.policy import Team


@dataclass(frozen=True, slots=True)
class DayLoad:
    """A person's or team's open tickets now, and the new and done ones of today."""

    open: int = 0
    new: int = 0
    done: int = 0
    overdue: int = 0
    near: int = 0


HELPERS_COMPARED = 10  # people with the fewest open tickets, whose work is read
HELPERS_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class PersonShare:
    """One person's part; `name` is empty until Slack has given it.

    `free` is what summaries of before know of people who could help.
    """

    who: str
    load: DayLoad
    name: str = ""
    free: bool = False


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who could help, with the minutes of work on their own tickets."""

    who: str
    minutes: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class TeamSummary:
    """A team's day as of its summary: history, never computed again from later data."""

    team: str
    day: date
    load: DayLoad
    unassigned: int
    people: tuple[PersonShare, ...]
    helpers: tuple["Helper", ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket and its due time; None without a target."""

    number: int
    title: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonSummary:
    team: str
    day: date
    load: DayLoad
    soonest: tuple[OpenTicket, ...]


def summary_day_due(team: Team, calendar: Calendar, now: datetime) -> date | None:
    """The local date whose summary is due by now; None before its hour, on a day off, or when the team wants none.

    A summary that a sleeping machine missed is sent until that date ends, not later.
    """
    return None if team.summary_at is None else day_due(calendar, team.summary_at, now)


def build_team_summary(
    team: Team, day: date, *, incoming: int, held: Mapping[str | None, DayLoad], moved: Mapping[str, DayLoad]
) -> TeamSummary:
    """Everyone in the team, and everyone else with tickets there; the person with the most open tickets comes first."""
    on_it = [who for who in dict.fromkeys([*team.people, *held, *moved]) if who is not None]
    shares = [PersonShare(who, _merge_loads(held.get(who, DayLoad()), moved.get(who, DayLoad()))) for who in on_it]
    helpers = team.agents + team.experts or team.leads
    shown = [one for one in shares if one.who in helpers or one.load != DayLoad()]
    total = DayLoad(
        open=sum(load.open for load in held.values()),
        new=incoming,
        done=sum(one.load.done for one in shares),
        overdue=sum(load.overdue for load in held.values()),
        near=sum(load.near for load in held.values()),
    )
    ordered = sorted(shown, key=lambda one: (-one.load.open, one.who))
    return TeamSummary(team.key, day, total, held.get(None, DayLoad()).open, tuple(ordered))


def busiest_people(summary: TeamSummary) -> tuple[PersonShare, ...]:
    """The people with the most open tickets, all of them where several are equal; nobody for 0."""
    top = max((one.load.open for one in summary.people), default=0)
    return tuple(one for one in summary.people if top and one.load.open == top)


def helper_candidates(team: Team, summary: TeamSummary, absent: Collection[str]) -> list[str]:
    """People of the team, its leads too, who are not away and have fewer open tickets than the busiest, or none.

    Nobody where nothing is open: there is nothing to help with.
    """
    open_by_person = {one.who: one.load.open for one in summary.people}
    top = max(open_by_person.values(), default=0)
    if not summary.load.open:
        return []
    present = ((open_by_person.get(who, 0), who) for who in team.people if who not in absent)
    return [who for count, who in sorted(present) if count < top or not count][:HELPERS_COMPARED]


def suggested_helpers(minutes: Mapping[str, int]) -> tuple[Helper, ...]:
    """Those with the least work, the least first; `minutes` of work by person."""
    ranked = sorted((count, who) for who, count in minutes.items())
    return tuple(Helper(who, count) for count, who in ranked[:HELPERS_SUGGESTED])


def _merge_loads(held: DayLoad, moved: DayLoad) -> DayLoad:
    return DayLoad(held.open, moved.new, moved.done, held.overdue, held.near)


def next_summary_at(team: Team, calendar: Calendar, now: datetime) -> datetime | None:
    return None if team.summary_at is None else next_moment_at(calendar, team.summary_at, now)
