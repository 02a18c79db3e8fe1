"""A person's own shift: parsing, checks and text."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rules.calendars.parsing import UNTIL_WORDS, WordReader, local_moment, parse_day_and_time, spell_out_ranges
from rules.calendars.timezones import local_date, time_zone
from rules.errors import Refused
from rules.presence.leave import date_text
from rules.presence.presence import MAX_LOOKAHEAD
from rules.presence.shifts import Shift

MAX_OWN_SHIFT = timedelta(hours=16)
SHIFT_COMMAND_HELP = (
    "Write `/desk shift saturday 9:00-13:00`, `/desk shift 2026-12-05 22:00-06:00`, "
    "or `/desk shift` alone for a form. For time away write `/desk away`."
)
_A_DAY = timedelta(days=1)
_MIDNIGHT_PATTERN = re.compile(r"(?<= until )24:00")


def parse_shift(text: str, now: datetime, timezone: str) -> Shift:
    """Refused asks for the part that is missing.

    1. The day, today unless one is given, and the start. 2. The end; a time that is not later than the start is on the
    next day.
    """
    words = WordReader(
        _MIDNIGHT_PATTERN.sub("0:00", spell_out_ranges(text)).split(), local_date(now, timezone), timezone
    )
    if words.next_word == "from":
        words.skip()
    begun = parse_day_and_time(words)
    if words.next_word == "from" and begun.at is None:
        words.skip()
        begun = replace(begun, at=parse_day_and_time(words).at)
    if begun.at is None or words.next_word not in UNTIL_WORDS:
        raise Refused(f"From when until when do you work? I cannot read `{text.strip()}`. {SHIFT_COMMAND_HELP}")
    words.skip()
    last = parse_day_and_time(words, since=begun.day)
    if last.at is None or words.remaining:
        raise Refused(f"Until when do you work? I cannot read `{text.strip()}`. {SHIFT_COMMAND_HELP}")
    day = begun.day or last.day or words.today
    return own_shift_on(day, begun.at, last.at, now, timezone, last_day=last.day if begun.day else None)


def own_shift_on(
    day: date, begins: time, ends: time, now: datetime, timezone: str, *, last_day: date | None = None
) -> Shift:
    """The same from a day and two times, as a form gives them; its past part is left out."""
    until = last_day or (day if ends > begins else day + _A_DAY)
    shift = Shift(local_moment(day, begins, timezone), local_moment(until, ends, timezone))
    check_shift(shift, now, timezone)
    return Shift(max(shift.begins, now), shift.ends)


def check_shift(shift: Shift, now: datetime, timezone: str) -> None:
    text = shift_text(shift.begins, shift.ends, now, timezone)
    if shift.ends <= shift.begins:
        raise Refused("That shift ends before it begins: write the day, from when and until when.")
    if shift.ends <= now:
        raise Refused(f"{text} is past already, and a shift is entered for the time to come. {SHIFT_COMMAND_HELP}")
    if shift.ends - shift.begins > MAX_OWN_SHIFT:
        raise Refused(f"{text} is longer than 16 hours, which is no shift. Enter it as two, or check the times.")
    if shift.ends > now + MAX_LOOKAHEAD:
        raise Refused(f"{text} is more than a year from now. Is the year right? Write the date as 2027-01-02.")


def shift_text(begins: datetime, ends: datetime, now: datetime, timezone: str) -> str:
    first, last = begins.astimezone(time_zone(timezone)), ends.astimezone(time_zone(timezone))
    return f"{date_text(first.date(), local_date(now, timezone))}, {first:%H:%M}-{last:%H:%M}"
