"""Open work by assignee, within one screen: who has the most first, then a row for each person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from handlers.reports.cards.daily import day_text, scope_title
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import mention, strip_invisible
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
    work: OpenWork,
    scope: ReportScope,
    day: ReportDay,
    policy: Policy,
    *,
    minutes: Mapping[str, int],
    team: Sequence[str] = (),
) -> Message:
    """`minutes` of remaining work by person, where they are known; `team` are the people who are listed as having
    nothing to do."""
    rows = [_person_row(one, day, minutes) for one in people_shown(work)]
    rest = work.people[PEOPLE_SHOWN:]
    rows += [f"and {len(rest)} more, with {sum(one.open for one in rest)} to do"] if rest else []
    rows += [_person_row(work.unassigned, day, minutes)] if work.unassigned.open else []
    rows += _idle_rows(work, team)
    head = f"*Who has how many · {scope_title(scope, policy)}* · {day_text(day)}"
    summary = _most_text(work, scope)
    content = [blocks.section("\n".join([head, summary])), *([blocks.section("\n".join(rows))] if rows else [])]
    words = f"Who has how many, {scope_title(scope, policy)}, {day_text(day)}: {work.open} to do. {summary}."
    return Message(words, [*content, blocks.context(_footnote(work, scope, day))])


def people_shown(work: OpenWork) -> Sequence[AssigneeWork]:
    return work.people[:PEOPLE_SHOWN]


def _most_text(work: OpenWork, scope: ReportScope) -> str:
    if scope.person is not None:
        return f"To do {work.open}"
    if not work.most_open.count:
        waiting = f"; {work.unassigned.open} wait for somebody" if work.unassigned.open else ""
        return f"Nobody has anything to do{waiting}"
    late = f"most overdue: {_names_text(work.most_overdue)}" if work.most_overdue.count else "nobody has an overdue one"
    return f"Most tickets: {_names_text(work.most_open)} · {late}"


def _names_text(most: TopPeople) -> str:
    each = " each" if len(most.people) > 1 else ""
    return f"{blocks.join_limited([mention(who) for who in most.people], TIED_SHOWN)} {most.count}{each}"


def _person_row(one: AssigneeWork, day: ReportDay, minutes: Mapping[str, int]) -> str:
    left = minutes.get(one.person or "")
    work = f" ({format_hours(60 * left)} of work)" if left else ""
    days, before = newest_days(one.days, DAYS_SHOWN)
    parts = [f"{many} {_created_day_text(filed, day)}" for filed, many in days]
    parts += [f"{before} before"] if before else []
    parts += [f"⚠️ {one.overdue} overdue"] if one.overdue else []
    parts += [f"⏳ {one.due_soon} near"] if one.due_soon else []
    parts += [f"✓ {one.resolved} resolved"] if one.resolved else []
    return f"{mention(one.person)}  {one.open} to do{work}" + (f": {' · '.join(parts)}" if parts else "")


def _created_day_text(filed: date, day: ReportDay) -> str:
    if filed == day.date:
        return "today" if day.is_today else "that day"
    if filed == day.date - timedelta(days=1):
        return "yesterday" if day.is_today else "the day before"
    if filed > day.date - _WEEKDAY_SPAN:
        return f"{filed:%a} {filed.day}"
    return f"{filed.day} {filed:%b %Y}"


def _idle_rows(work: OpenWork, team: Iterable[str]) -> list[str]:
    """People of the team with no open tickets who resolved none either."""
    busy = {one.person for one in work.people}
    free = [mention(who) for who in team if who not in busy]
    return [f"Nothing to do: {blocks.join_limited(free, IDLE_SHOWN)}"] if free else []


def _footnote(work: OpenWork, scope: ReportScope, day: ReportDay) -> str:
    until = "until now" if day.is_today else "at its end"
    note = "" if scope.person is not None else " · a count, no ranking"
    zone = strip_invisible(day.zone)
    return f"n = {work.open} open · {day.date} {until}, {zone} time{note} · what counts: `/report help`"
