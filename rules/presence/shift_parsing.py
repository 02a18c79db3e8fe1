"""A shift of one's own: read as people write it, checked, and said."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rules.calendars.parsing import BETWEEN, UNTIL, Words, moment, when
from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.presence.leave import day_words
from rules.presence.presence import FARTHEST
from rules.presence.shifts import Shift

LONGEST_OWN = timedelta(hours=16)
WAYS = (
    "Write `/desk shift saturday 9:00-13:00`, `/desk shift 2026-12-05 22:00-06:00`, "
    "or `/desk shift` alone for a form. For time away write `/desk away`."
)
_A_DAY = timedelta(days=1)
_HOURS = re.compile(r"(?<!\S)(\d{1,2})-(\d{1,2})(?!\S)", re.ASCII)
_MIDNIGHT = re.compile(r"(?<= until )24:00")


def read_shift(text: str, now: datetime, place: str) -> Shift:
    """The shift that the words say, or DeskError with a question where they do not say it.

    1. On which day, today unless one is named, and from when. 2. Until when; a time that is not later than the first
    is one of the next day.
    """
    plain = _MIDNIGHT.sub("0:00", BETWEEN.sub(" until ", _HOURS.sub(r"\1:00 until \2:00", text)))
    words = Words(plain.split(), now.astimezone(zone(place)).date(), place)
    if words.next == "from":
        words.take()
    begun = when(words)
    if words.next == "from" and begun.at is None:
        words.take()
        begun = replace(begun, at=when(words).at)
    if begun.at is None or words.next not in UNTIL:
        raise DeskError(f"From when until when do you work? I cannot read `{text.strip()}`. {WAYS}")
    words.take()
    last = when(words, since=begun.day)
    if last.at is None or words.left:
        raise DeskError(f"Until when do you work? I cannot read `{text.strip()}`. {WAYS}")
    day = begun.day or last.day or words.today
    return shift_on(day, begun.at, last.at, now, place, last_day=last.day if begun.day else None)


def shift_on(day: date, begins: time, ends: time, now: datetime, place: str, *, last_day: date | None = None) -> Shift:
    """The same from a day and two times, as a form gives them; what of it has passed already is not part of it."""
    until = last_day or (day if ends > begins else day + _A_DAY)
    shift = Shift(moment(day, begins, place), moment(until, ends, place))
    check(shift, now, place)
    return Shift(max(shift.begins, now), shift.ends)


def check(shift: Shift, now: datetime, place: str) -> None:
    """DeskError unless it is a shift to come, or one that runs, of a length that a person can work."""
    words = spoken(shift.begins, shift.ends, now, place)
    if shift.ends <= shift.begins:
        raise DeskError("That shift ends before it begins: write the day, from when and until when.")
    if shift.ends <= now:
        raise DeskError(f"{words} is past already, and a shift is entered for the time to come. {WAYS}")
    if shift.ends - shift.begins > LONGEST_OWN:
        raise DeskError(f"{words} is longer than 16 hours, which is no shift. Enter it as two, or check the times.")
    if shift.ends > now + FARTHEST:
        raise DeskError(f"{words} is more than a year from now. Is the year right? Write the date as 2027-01-02.")


def spoken(begins: datetime, ends: datetime, now: datetime, place: str) -> str:
    """The day that it begins on and its times, by the clock of that place: "Sat 5 Dec, 22:00-06:00"."""
    first, last = begins.astimezone(zone(place)), ends.astimezone(zone(place))
    return f"{day_words(first.date(), now.astimezone(zone(place)).date())}, {first:%H:%M}-{last:%H:%M}"
