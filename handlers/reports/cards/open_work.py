"""Who has how many to do, within one screen: who has the most first, then a line for each person."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from handlers.reports.cards.daily import day_text, join_limited, scope_title
from handlers.slack.blocks import Message, context, mention, section, strip_invisible
from rules.calendars.durations import format_hours
from rules.model.policy import Policy
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.open_work import AssigneeWork, OpenWork, TopPeople, newest_days

PEOPLE_SHOWN = 8
DAYS_SHOWN = 3
TIED_SHOWN = 3
IDLE_SHOWN = 5
_WEEKDAY_SPAN = timedelta(days=28)


def open_work_message(
    found: OpenWork, whose: ReportScope, day: ReportDay, policy: Policy, *, team: Sequence[str] = ()
) -> Message:
    """`team` are those of whom it can be said that they have nothing to do."""
    rows = [_person_row(one, day) for one in found.people[:PEOPLE_SHOWN]]
    rest = found.people[PEOPLE_SHOWN:]
    rows += [f"and {len(rest)} more, with {sum(one.open for one in rest)} to do"] if rest else []
    rows += [_person_row(found.unassigned, day)] if found.unassigned.open else []
    rows += _idle_rows(found, team)
    head = f"*Who has how many · {scope_title(whose, policy)}* · {day_text(day)}"
    said = _most_text(found, whose)
    told = [section("\n".join([head, said])), *([section("\n".join(rows))] if rows else [])]
    words = f"Who has how many, {scope_title(whose, policy)}, {day_text(day)}: {found.open} to do. {said}."
    return Message(words, [*told, context(_footnote(found, whose, day))])


def _most_text(found: OpenWork, whose: ReportScope) -> str:
    """By name, all of them where several have as many."""
    if whose.person is not None:
        return f"To do {found.open}"
    if not found.most_open.count:
        return "Nobody has anything to do" + (
            f"; {found.unassigned.open} wait for somebody" if found.unassigned.open else ""
        )
    late = (
        f"most overdue: {_names_text(found.most_overdue)}" if found.most_overdue.count else "nobody has an overdue one"
    )
    return f"Most tickets: {_names_text(found.most_open)} · {late}"


def _names_text(most: TopPeople) -> str:
    each = " each" if len(most.people) > 1 else ""
    return f"{join_limited([mention(who) for who in most.people], TIED_SHOWN)} {most.count}{each}"


def _person_row(one: AssigneeWork, day: ReportDay) -> str:
    work = f" ({format_hours(60 * one.minutes)} of work)" if one.minutes else ""
    days, before = newest_days(one.days, DAYS_SHOWN)
    parts = [f"{many} {_created_day_text(filed, day)}" for filed, many in days]
    parts += [f"{before} before"] if before else []
    parts += [f"⚠️ {one.overdue} overdue"] if one.overdue else []
    parts += [f"⏳ {one.due_soon} near"] if one.due_soon else []
    parts += [f"✓ {one.resolved} resolved"] if one.resolved else []
    return f"{mention(one.person)}  {one.open} to do{work}" + (f": {' · '.join(parts)}" if parts else "")


def _created_day_text(filed: date, day: ReportDay) -> str:
    """Today and yesterday in words, what is not long ago by its weekday."""
    if filed == day.date:
        return "today" if day.is_today else "that day"
    if filed == day.date - timedelta(days=1):
        return "yesterday" if day.is_today else "the day before"
    if filed > day.date - _WEEKDAY_SPAN:
        return f"{filed:%a} {filed.day}"
    return f"{filed.day} {filed:%b %Y}"


def _idle_rows(found: OpenWork, team: Iterable[str]) -> list[str]:
    """Those of the team who have nothing to do and did not resolve anything either."""
    known = {one.person for one in found.people}
    free = [mention(who) for who in team if who not in known]
    return [f"Nothing to do: {join_limited(free, IDLE_SHOWN)}"] if free else []


def _footnote(found: OpenWork, whose: ReportScope, day: ReportDay) -> str:
    until = "until now" if day.is_today else "at its end"
    note = "" if whose.person is not None else " · a count, no ranking"
    return (
        f"n = {found.open} open · {day.date} {until}, {strip_invisible(day.zone)} time{note} · what counts: "
        "`/report help`"
    )
