"""How long people were logged in and with what, within one screen; by name and never as a ranking."""

from collections.abc import Sequence

from handlers.reports.cards.daily import scope_title
from handlers.reports.cards.resolution_times import DayRange
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import Markup, bold, escape_line, join, mention, render, strip_invisible
from rules.model.policy import Policy
from rules.presence.logged_time import LoggedTime
from rules.reports.daily import ReportScope
from rules.text import Code, Person, Text, WorkTime, _, ngettext

PEOPLE_SHOWN = 9
ACTIVITIES_SHOWN = 3
SILENT_SHOWN = 8
NAME_LIMIT = 40


def logged_time_message(rows: Sequence[LoggedTime], scope: ReportScope, days: DayRange, policy: Policy) -> Message:
    logged = [one for one in rows if one.action_count]
    silent = [mention(one.person) for one in rows if not one.action_count]
    lines = [*map(_person_row, logged[:PEOPLE_SHOWN]), *_rest_row(logged[PEOPLE_SHOWN:])]
    if silent:
        lines.append(render(_("No check-ins: {people}", people=blocks.join_limited(silent, SILENT_SHOWN))))
    title, total = scope_title(scope, policy), _total_text(logged, len(rows))
    head = join(" · ", [bold(_("Hours · {scope}", scope=title)), days.text])
    list_ = [blocks.section(join("\n", lines))] if lines else []
    content = [blocks.section(join("\n", [head, total])), *list_, blocks.context(_footnote(days))]
    spoken = _("Hours, {scope}, {days}: {total}.", scope=title, days=days.text, total=total)
    return Message(render(spoken), content)


def _total_text(logged: Sequence[LoggedTime], people: int) -> Text:
    if not logged:
        return _("No check-ins")
    time = WorkTime(sum(one.logged_in_s for one in logged))
    return _("{count} of {people} checked in, logged in for {time}", count=len(logged), people=people, time=time)


def _rest_row(rest: Sequence[LoggedTime]) -> list[Markup]:
    if not rest:
        return []
    time = WorkTime(sum(one.logged_in_s for one in rest))
    return [render(_("and {count} more, logged in for {time}", count=len(rest), time=time))]


def _person_row(one: LoggedTime) -> Markup:
    parts = [_("{time} on tickets", time=WorkTime(one.ticket_s))]
    parts += [_("{time} on breaks", time=WorkTime(one.break_s))] if one.break_s else []
    busy = sorted(one.activities, key=lambda each: -each[1])
    for name, seconds in busy[:ACTIVITIES_SHOWN]:
        parts.append(_("{activity} {time}", activity=escape_line(name, NAME_LIMIT), time=WorkTime(seconds)))
    rest = busy[ACTIVITIES_SHOWN:]
    if rest:
        parts.append(_("{count} more {time}", count=len(rest), time=WorkTime(sum(seconds for _name, seconds in rest))))
    if one.forgotten:
        parts.append(ngettext("not logged out on {n} day", "not logged out on {n} days", one.forgotten))
    person, time = Person(one.person), WorkTime(one.logged_in_s)
    return render(_("{person}  {time} logged in: {parts}", person=person, time=time, parts=join(" · ", parts)))


def _footnote(days: DayRange) -> Markup:
    checked = _("From check-ins, {zone} time", zone=strip_invisible(days.today.zone))
    definitions = _("Definitions: {command}", command=Code("/report help"))
    return join(" · ", [checked, _("No check-in doesn't mean not working."), definitions])
