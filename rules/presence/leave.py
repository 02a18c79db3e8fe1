"""Leave: its kinds, its period, and how people read both."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rules.calendars.timezones import local_date, time_zone
from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.presence.presence import MAX_LOOKAHEAD, Leave, Presence, PresenceStatus, periods_overlap
from rules.text import _

MAX_REASON_LENGTH = 300
_A_DAY = timedelta(days=1)


class LeaveKind(LabelledEnum):
    """Why a person is away, as far as their lead has to know."""

    LEAVE = "leave", _("Leave")
    HOLIDAY = "holiday", _("Holiday")
    SICK = "sick", _("Sick")
    FAMILY = "family", _("Family")
    TRAINING = "training", _("Training")


_LEAVE_KIND_SYNONYMS = {
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
class LeavePeriod:
    """Leave to be entered; without an end the return is not known."""

    begins: datetime
    ends: datetime | None
    kind: LeaveKind = LeaveKind.LEAVE
    reason: str = ""


def leave_kind_named(word: str) -> LeaveKind | None:
    plain = word.casefold().strip(".,;:!()")
    return LeaveKind(plain) if plain in list(LeaveKind) else _LEAVE_KIND_SYNONYMS.get(plain)


def check_leave(period: LeavePeriod, now: datetime, timezone: str) -> None:
    """Refused unless it ends after it begins, is not past, and not more than MAX_LOOKAHEAD away."""
    today = local_date(now, timezone)
    if local_date(period.begins, timezone) < today:
        day = date_text(local_date(period.begins, timezone), today)
        raise Refused(f"{day} is past, and leave is entered for today and later. Write `/desk away until Friday`.")
    if period.ends is not None and period.ends <= now:
        raise Refused(f"{leave_end_text(period.ends, now, timezone)} is past already. Until when is it?")
    if period.ends is not None and period.ends <= period.begins:
        raise Refused("That leave ends before it begins: write the first day, two points and the last day.")
    if max(period.begins, period.ends or period.begins) > now + MAX_LOOKAHEAD:
        raise Refused("That is more than a year from now. Is the year right? Write it as 2027-01-02.")


def first_overlapping_leave(period: LeavePeriod, leaves: Iterable[Leave]) -> Leave | None:
    return next((leave for leave in leaves if periods_overlap(period, leave)), None)


def leave_period_text(begins: datetime, ends: datetime | None, now: datetime, timezone: str) -> str:
    """By the local clock: "until Fri 9 Oct", "on Tue 6 Oct", "from … until …"."""
    first, today = begins.astimezone(time_zone(timezone)), local_date(now, timezone)
    if ends is None:
        return "until further notice" if begins <= now else f"from {leave_start_text(begins, now, timezone)} on"
    last = leave_end_text(ends, now, timezone)
    if begins <= now:
        return f"until {last}"
    local_end, on = ends.astimezone(time_zone(timezone)), f"on {date_text(first.date(), today)}"
    if first.time() == local_end.time() == time() and local_end.date() <= first.date() + _A_DAY:
        return on
    if local_end.date() == first.date():
        return f"{on} from {first:%H:%M} until {local_end:%H:%M}"
    return f"from {leave_start_text(begins, now, timezone)} until {last}"


def absence_text(presence: Presence, now: datetime, timezone: str) -> str:
    status = str(presence.status.label)
    if presence.until is None:
        return status
    if presence.status is PresenceStatus.AWAY:
        return f"{status} until {leave_end_text(presence.until, now, timezone)}"
    back = presence.until.astimezone(time_zone(timezone))
    today = local_date(now, timezone)
    day = "" if back.date() == today else f"{date_text(back.date(), today)} "
    return f"{status} until {day}{back:%H:%M}"


def leave_start_text(begins: datetime, now: datetime, timezone: str) -> str:
    local = begins.astimezone(time_zone(timezone))
    day = date_text(local.date(), local_date(now, timezone))
    return day if local.time() == time() else f"{day} {local:%H:%M}"


def leave_end_text(ends: datetime, now: datetime, timezone: str) -> str:
    """The last day, included; only the time where it ends today."""
    local, today = ends.astimezone(time_zone(timezone)), local_date(now, timezone)
    if local.time() == time():
        return date_text(local.date() - _A_DAY, today)
    return f"{local:%H:%M}" if local.date() == today else f"{date_text(local.date(), today)} {local:%H:%M}"


def date_text(day: date, today: date) -> str:
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"
