"""How long people were logged in and with what, within one screen; by name, and never a ranking."""

from collections.abc import Sequence

from handlers.reports.cards.daily import listed, title
from handlers.reports.cards.resolution_times import Days
from handlers.slack.blocks import Message, clean, context, line, person, section
from rules.calendars.durations import in_hours
from rules.model.policy import Policy
from rules.presence.logged_time import Worked
from rules.reports.daily import Scope

PEOPLE = 9
ACTIVITIES = 3
SILENT = 8
NAME = 40


def answer(rows: Sequence[Worked], whose: Scope, days: Days, policy: Policy) -> Message:
    pressed = [one for one in rows if one.presses]
    silent = [person(one.who) for one in rows if not one.presses]
    said = [_row(one) for one in pressed[:PEOPLE]]
    rest = pressed[PEOPLE:]
    said += [f"and {len(rest)} more, logged in for {in_hours(sum(one.logged_in_s for one in rest))}"] if rest else []
    said += [f"Nothing pressed: {listed(silent, SILENT)}"] if silent else []
    whole = in_hours(sum(one.logged_in_s for one in pressed))
    sums = (
        f"{len(pressed)} of {len(rows)} pressed something, logged in for {whole}" if pressed else "Nothing was pressed"
    )
    head = f"*Hours · {title(whose, policy)}* · {days.words}\n{sums}"
    content = [section(head), *([section("\n".join(said))] if said else []), context(_footing(days))]
    return Message(f"Hours, {title(whose, policy)}, {days.words}: {sums}.", content)


def _row(one: Worked) -> str:
    parts = [f"{in_hours(one.ticket_s)} for tickets"]
    parts += [f"{in_hours(one.break_s)} on breaks"] if one.break_s else []
    busy = sorted(one.activities, key=lambda each: -each[1])
    parts += [f"{line(name, NAME)} {in_hours(seconds)}" for name, seconds in busy[:ACTIVITIES]]
    rest = busy[ACTIVITIES:]
    parts += [f"{len(rest)} more {in_hours(sum(seconds for _, seconds in rest))}"] if rest else []
    parts += [f"{one.forgotten} × not logged out"] if one.forgotten else []
    return f"{person(one.who)}  {in_hours(one.logged_in_s)} logged in: {' · '.join(parts)}"


def _footing(days: Days) -> str:
    zone = clean(days.today.zone)
    return f"As pressed, {zone} time · nothing pressed is not nothing worked · what counts: `/report help`"
