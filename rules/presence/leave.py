"""Time away: of which kind, from when until when, and how that is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.presence.presence import FARTHEST, HERE_WORDS, Here, Leave, Presence

LONGEST_REASON = 300
_A_DAY = timedelta(days=1)


class LeaveKind(StrEnum):
    """Why somebody is away, as far as their lead has to know."""

    LEAVE = "leave"
    HOLIDAY = "holiday"
    SICK = "sick"
    FAMILY = "family"
    TRAINING = "training"


KIND_WORDS = {
    LeaveKind.LEAVE: "Leave",
    LeaveKind.HOLIDAY: "Holiday",
    LeaveKind.SICK: "Sick",
    LeaveKind.FAMILY: "Family",
    LeaveKind.TRAINING: "Training",
}
_ALSO = {
    "leave": LeaveKind.LEAVE,
    "holidays": LeaveKind.HOLIDAY,
    "vacation": LeaveKind.HOLIDAY,
    "ill": LeaveKind.SICK,
    "sickness": LeaveKind.SICK,
    "illness": LeaveKind.SICK,
    "parental": LeaveKind.FAMILY,
    "course": LeaveKind.TRAINING,
}


@dataclass(frozen=True, slots=True)
class Span:
    """Leave that somebody wants to enter; without an end nobody knows yet when they come back."""

    begins: datetime
    ends: datetime | None
    kind: LeaveKind = LeaveKind.LEAVE
    reason: str = ""

    def overlaps(self, leave: Leave) -> bool:
        starts_before_it_ends = leave.ends is None or self.begins < leave.ends
        return starts_before_it_ends and (self.ends is None or leave.begins < self.ends)


def kind_of(word: str) -> LeaveKind | None:
    """The kind that the word names; None when it names none."""
    plain = word.casefold().strip(".,;:!()")
    return LeaveKind(plain) if plain in list(LeaveKind) else _ALSO.get(plain)


def check(span: Span, now: datetime, place: str) -> None:
    """DeskError unless it is leave to come: it ends after it begins, and neither is past nor absurdly far."""
    today = now.astimezone(zone(place)).date()
    if span.begins.astimezone(zone(place)).date() < today:
        said = day_words(span.begins.astimezone(zone(place)).date(), today)
        raise DeskError(f"{said} is past, and leave is entered for today and later. Write `/desk away until Friday`.")
    if span.ends is not None and span.ends <= now:
        raise DeskError(f"{end_words(span.ends, now, place)} is past already. Until when is it?")
    if span.ends is not None and span.ends <= span.begins:
        raise DeskError("That leave ends before it begins: write the first day, two points and the last day.")
    if max(span.begins, span.ends or span.begins) > now + FARTHEST:
        raise DeskError("That is more than a year from now. Is the year right? Write it as 2027-01-02.")


def first_overlap(span: Span, leaves: Iterable[Leave]) -> Leave | None:
    """The first leave that lies over it."""
    return next((leave for leave in leaves if span.overlaps(leave)), None)


def spoken(begins: datetime, ends: datetime | None, now: datetime, place: str) -> str:
    """From when until when by the clock of that place: "until Fri 9 Oct", "on Tue 6 Oct", "from … until …"."""
    first, today = begins.astimezone(zone(place)), now.astimezone(zone(place)).date()
    if ends is None:
        return "until further notice" if begins <= now else f"from {start_words(begins, now, place)} on"
    last = end_words(ends, now, place)
    if begins <= now:
        return f"until {last}"
    if first.time() == time() and ends.astimezone(zone(place)) - _A_DAY <= first:
        return f"on {day_words(first.date(), today)}"
    if ends.astimezone(zone(place)).date() == first.date():
        return f"on {day_words(first.date(), today)} from {first:%H:%M} until {ends.astimezone(zone(place)):%H:%M}"
    return f"from {start_words(begins, now, place)} until {last}"


def where_words(stands: Presence, now: datetime, place: str) -> str:
    """Where somebody is who is not at work, and until when: the last day of leave, the moment at which others begin."""
    words = HERE_WORDS[stands.here]
    if stands.until is None:
        return words
    if stands.here is Here.AWAY:
        return f"{words} until {end_words(stands.until, now, place)}"
    back = stands.until.astimezone(zone(place))
    today = now.astimezone(zone(place)).date()
    day = "" if back.date() == today else f"{day_words(back.date(), today)} "
    return f"{words} until {day}{back:%H:%M}"


def start_words(begins: datetime, now: datetime, place: str) -> str:
    """The day that it begins on, with the time where it is not the day's first."""
    local = begins.astimezone(zone(place))
    day = day_words(local.date(), now.astimezone(zone(place)).date())
    return day if local.time() == time() else f"{day} {local:%H:%M}"


def end_words(ends: datetime, now: datetime, place: str) -> str:
    """The last day of it, included; today's time alone."""
    local, today = ends.astimezone(zone(place)), now.astimezone(zone(place)).date()
    if local.time() == time():
        return day_words(local.date() - _A_DAY, today)
    return f"{local:%H:%M}" if local.date() == today else f"{day_words(local.date(), today)} {local:%H:%M}"


def day_words(day: date, today: date) -> str:
    """The day as people say it; the year where it is another one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"
