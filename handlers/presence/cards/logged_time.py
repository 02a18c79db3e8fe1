"""How long people were logged in and with what, within one screen; by name and never as a ranking."""

from collections.abc import Sequence

from handlers.reports.cards.daily import scope_title
from handlers.reports.cards.resolution_times import DayRange
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import escape_line, mention, strip_invisible
from rules.calendars.durations import format_hours
from rules.model.policy import Policy
from rules.presence.logged_time import LoggedTime
from rules.reports.daily import ReportScope

PEOPLE_SHOWN = 9
ACTIVITIES_SHOWN = 3
SILENT_SHOWN = 8
NAME_LIMIT = 40


def logged_time_message(rows: Sequence[LoggedTime], scope: ReportScope, days: DayRange, policy: Policy) -> Message:
    pressed = [one for one in rows if one.action_count]
    silent = [mention(one.person) for one in rows if not one.action_count]
    lines = [_person_row(one) for one in pressed[:PEOPLE_SHOWN]]
    rest = pressed[PEOPLE_SHOWN:]
    if rest:
        whole_rest = format_hours(sum(one.logged_in_s for one in rest))
        lines.append(f"and {len(rest)} more, logged in for {whole_rest}")
    lines += [f"Nothing pressed: {blocks.join_limited(silent, SILENT_SHOWN)}"] if silent else []
    whole = format_hours(sum(one.logged_in_s for one in pressed))
    sums = "Nothing was pressed"
    if pressed:
        sums = f"{len(pressed)} of {len(rows)} pressed something, logged in for {whole}"
    head = f"*Hours · {scope_title(scope, policy)}* · {days.text}\n{sums}"
    list_ = [blocks.section("\n".join(lines))] if lines else []
    content = [blocks.section(head), *list_, blocks.context(_footnote(days))]
    return Message(f"Hours, {scope_title(scope, policy)}, {days.text}: {sums}.", content)


def _person_row(one: LoggedTime) -> str:
    parts = [f"{format_hours(one.ticket_s)} for tickets"]
    parts += [f"{format_hours(one.break_s)} on breaks"] if one.break_s else []
    busy = sorted(one.activities, key=lambda each: -each[1])
    parts += [f"{escape_line(name, NAME_LIMIT)} {format_hours(seconds)}" for name, seconds in busy[:ACTIVITIES_SHOWN]]
    rest = busy[ACTIVITIES_SHOWN:]
    parts += [f"{len(rest)} more {format_hours(sum(seconds for _, seconds in rest))}"] if rest else []
    parts += [f"{one.forgotten} × not logged out"] if one.forgotten else []
    return f"{mention(one.person)}  {format_hours(one.logged_in_s)} logged in: {' · '.join(parts)}"


def _footnote(days: DayRange) -> str:
    zone = strip_invisible(days.today.zone)
    return f"As pressed, {zone} time · nothing pressed is not nothing worked · what counts: `/report help`"
