"""Who has how many to do, within one screen: who has the most first, then a line for each person."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from handlers.reports.cards.daily import day_words, listed, title
from handlers.slack.blocks import Message, clean, context, person, section
from rules.calendars.durations import in_hours
from rules.model.policy import Policy
from rules.reports.daily import Day, Scope
from rules.reports.open_work import Held, Holders, Most, newest

PEOPLE = 8
DAYS = 3
TIED = 3
IDLE = 5
_WEEKS = timedelta(days=28)


def answer(found: Holders, whose: Scope, day: Day, policy: Policy, *, team: Sequence[str] = ()) -> Message:
    """`team` are those of whom it can be said that they have nothing to do."""
    rows = [_row(one, day) for one in found.people[:PEOPLE]]
    rest = found.people[PEOPLE:]
    rows += [f"and {len(rest)} more, with {sum(one.open for one in rest)} to do"] if rest else []
    rows += [_row(found.unheld, day)] if found.unheld.open else []
    rows += _idle(found, team)
    head = f"*Who has how many · {title(whose, policy)}* · {day_words(day)}"
    said = _most(found, whose)
    told = [section("\n".join([head, said])), *([section("\n".join(rows))] if rows else [])]
    words = f"Who has how many, {title(whose, policy)}, {day_words(day)}: {found.open} to do. {said}."
    return Message(words, [*told, context(_footing(found, whose, day))])


def _most(found: Holders, whose: Scope) -> str:
    """By name, all of them where several have as many."""
    if whose.person is not None:
        return f"To do {found.open}"
    if not found.most.many:
        return "Nobody has anything to do" + (f"; {found.unheld.open} wait for somebody" if found.unheld.open else "")
    late = f"most overdue: {_names(found.most_overdue)}" if found.most_overdue.many else "nobody has an overdue one"
    return f"Most tickets: {_names(found.most)} · {late}"


def _names(most: Most) -> str:
    each = " each" if len(most.people) > 1 else ""
    return f"{listed([person(who) for who in most.people], TIED)} {most.many}{each}"


def _row(one: Held, day: Day) -> str:
    work = f" ({in_hours(60 * one.minutes)} of work)" if one.minutes else ""
    days, before = newest(one.days, DAYS)
    parts = [f"{many} {_day(filed, day)}" for filed, many in days]
    parts += [f"{before} before"] if before else []
    parts += [f"⚠️ {one.overdue} overdue"] if one.overdue else []
    parts += [f"⏳ {one.near} near"] if one.near else []
    parts += [f"✓ {one.resolved} resolved"] if one.resolved else []
    return f"{person(one.who)}  {one.open} to do{work}" + (f": {' · '.join(parts)}" if parts else "")


def _day(filed: date, day: Day) -> str:
    """Today and yesterday in words, what is not long ago by its weekday."""
    if filed == day.date:
        return "today" if day.is_today else "that day"
    if filed == day.date - timedelta(days=1):
        return "yesterday" if day.is_today else "the day before"
    if filed > day.date - _WEEKS:
        return f"{filed:%a} {filed.day}"
    return f"{filed.day} {filed:%b %Y}"


def _idle(found: Holders, team: Iterable[str]) -> list[str]:
    """Those of the team who have nothing to do and did not resolve anything either."""
    known = {one.who for one in found.people}
    free = [person(who) for who in team if who not in known]
    return [f"Nothing to do: {listed(free, IDLE)}"] if free else []


def _footing(found: Holders, whose: Scope, day: Day) -> str:
    until = "until now" if day.is_today else "at its end"
    note = "" if whose.person is not None else " · a count, no ranking"
    return f"n = {found.open} open · {day.date} {until}, {clean(day.zone)} time{note} · what counts: `/report help`"
