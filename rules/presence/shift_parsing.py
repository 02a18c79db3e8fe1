"""A person's own shift: parsing, checks and text."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rules.calendars.parsing import (
    UNTIL_WORDS,
    WordReader,
    local_moment,
    parse_day_and_time,
    spell_out_ranges,
    starting,
)
from rules.calendars.timezones import local_date, time_zone
from rules.errors import Refused
from rules.presence.leave import date_text, time_text
from rules.presence.presence import MAX_LOOKAHEAD
from rules.presence.shifts import Shift
from rules.text import Code, Text, WorkTime, _, join_texts

MAX_OWN_SHIFT = timedelta(hours=16)
SHIFT_COMMAND_HELP = _(
    "Write {hours}, {dated}, or {form} alone for a form. For time away write {away}.",
    hours=Code("/desk shift saturday 9:00-13:00"),
    dated=Code("/desk shift 2026-12-05 22:00-06:00"),
    form=Code("/desk shift"),
    away=Code("/desk away"),
)
_A_DAY = timedelta(days=1)


def parse_shift(text: str, now: datetime, timezone: str) -> Shift:
    """Refused asks for the part that is missing.

    1. The day, today unless one is given, and the start. 2. The end; a time that is not later than the start is on the
    next day.
    """
    words = WordReader(spell_out_ranges(text).split(), local_date(now, timezone), timezone)
    if words.next_word == "from":
        words.skip()
    begun = parse_day_and_time(words)
    if words.next_word == "from" and begun.at is None:
        words.skip()
        begun = replace(parse_day_and_time(words), day=begun.day)
    begun = starting(begun, words)
    if begun.at is None or words.next_word not in UNTIL_WORDS:
        raise _not_understood(text, _("From when until when do you work?"))
    words.skip()
    last = parse_day_and_time(words, since=begun.day)
    if last.at is None or words.remaining:
        raise _not_understood(text, _("Until when do you work?"))
    day = begun.day or last.day or words.today
    last_day = last.day if begun.day else None
    if last_day is not None and last.is_end_of_day:
        last_day += _A_DAY
    return own_shift_on(day, begun.at, last.at, now, timezone, last_day=last_day)


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
        raise Refused(_("The shift ends before it begins. {help}", help=SHIFT_COMMAND_HELP))
    if shift.ends <= now:
        raise Refused(_("{shift} is in the past. {help}", shift=text, help=SHIFT_COMMAND_HELP))
    if shift.ends - shift.begins > MAX_OWN_SHIFT:
        hours = WorkTime(MAX_OWN_SHIFT.total_seconds())
        sentence = _(
            "{shift} is longer than {hours}. Enter it as two shifts, or check the times.", shift=text, hours=hours
        )
        raise Refused(sentence)
    if shift.ends > now + MAX_LOOKAHEAD:
        sentence = _("{shift} is more than a year from now. Is the year right? Write it as 2027-01-02.", shift=text)
        raise Refused(sentence)


def shift_text(begins: datetime, ends: datetime, now: datetime, timezone: str) -> Text:
    """Of a shift that goes on after midnight also the day on which it ends, and how long it is."""
    first, last = begins.astimezone(time_zone(timezone)), ends.astimezone(time_zone(timezone))
    today = local_date(now, timezone)
    day, start, end = date_text(first.date(), today), f"{first:%H:%M}", time_text(last)
    if last.date() == first.date() or (last.time() == time() and last.date() == first.date() + _A_DAY):
        return _("{day}, {start}-{end}", day=day, start=start, end=end)
    last_day, length = date_text(last.date(), today), WorkTime((ends - begins).total_seconds())
    return _(
        "{day} {start} to {last_day} {end} (overnight, {length})",
        day=day,
        start=start,
        last_day=last_day,
        end=f"{last:%H:%M}",
        length=length,
    )


def _not_understood(text: str, question: Text) -> Refused:
    if not text.strip():
        return Refused(join_texts([question, SHIFT_COMMAND_HELP]))
    typed = Code(text.strip())
    return Refused(
        _("{question} I did not understand {text}. {help}", question=question, text=typed, help=SHIFT_COMMAND_HELP)
    )
