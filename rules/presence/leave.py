"""Leave: its kinds, its period, and how people read both."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rules.calendars.timezones import local_date, time_zone
from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.presence.presence import MAX_LOOKAHEAD, Leave, Presence, PresenceStatus, periods_overlap
from rules.text import Code, Day, NearDay, Text, _

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


def leave_kind_label(kind: str) -> Text:
    """Imported leave may be of a kind of its own."""
    return LeaveKind(kind).label if kind in list(LeaveKind) else Text("{kind}", {"kind": kind})


def check_leave(period: LeavePeriod, now: datetime, timezone: str) -> None:
    """Refused unless it ends after it begins, is not past, and not more than MAX_LOOKAHEAD away."""
    today = local_date(now, timezone)
    if local_date(period.begins, timezone) < today:
        day = date_text(local_date(period.begins, timezone), today)
        way = Code("/desk away until Friday")
        raise Refused(_("{day} is in the past. Enter leave for today or later, such as {way}.", day=day, way=way))
    if period.ends is not None and period.ends <= now:
        end = leave_end_text(period.ends, now, timezone)
        raise Refused(_("{end} is in the past. Until when are you away?", end=end))
    if period.ends is not None and period.ends <= period.begins:
        example = Code("2026-12-24..2027-01-02")
        raise Refused(
            _("The end date is before the start date. Write first..last, for example {example}.", example=example)
        )
    if max(period.begins, period.ends or period.begins) > now + MAX_LOOKAHEAD:
        raise Refused(_("That is more than a year from now. Is the year right? Write it as 2027-01-02."))


def first_overlapping_leave(period: LeavePeriod, leaves: Iterable[Leave]) -> Leave | None:
    return next((leave for leave in leaves if periods_overlap(period, leave)), None)


def leave_period_text(begins: datetime, ends: datetime | None, now: datetime, timezone: str) -> Text:
    """By the local clock: "until Fri 9 Oct", "on Tue 6 Oct", "from … until …"."""
    first, today = begins.astimezone(time_zone(timezone)), local_date(now, timezone)
    start = leave_start_text(begins, now, timezone)
    if ends is None:
        return _("until further notice") if begins <= now else _("from {start} on", start=start)
    end = leave_end_text(ends, now, timezone)
    if begins <= now:
        return _("until {end}", end=end)
    last, day = ends.astimezone(time_zone(timezone)), date_text(first.date(), today)
    if _ends_within_day(first, last):
        if first.time() == last.time():
            return _("on {day}", day=day)
        return _("on {day} from {start} until {end}", day=day, start=time_text(first), end=time_text(last))
    return _("from {start} until {end}", start=start, end=end)


def _ends_within_day(first: datetime, last: datetime) -> bool:
    """Also at the midnight that ends the day."""
    return last.date() == first.date() or (last.time() == time() and last.date() == first.date() + _A_DAY)


def absence_text(presence: Presence, now: datetime, timezone: str) -> Text:
    status = presence.status.label
    if presence.until is None:
        return status
    if presence.status is PresenceStatus.AWAY:
        end = leave_end_text(presence.until, now, timezone)
        return _("{status} until {end}", status=status, end=end)
    back, today = presence.until.astimezone(time_zone(timezone)), local_date(now, timezone)
    if back.date() == today:
        return _("{status} until {end}", status=status, end=time_text(back))
    day = date_text(back.date(), today)
    return _("{status} until {day} {time}", status=status, day=day, time=f"{back:%H:%M}")


def leave_start_text(begins: datetime, now: datetime, timezone: str) -> Text:
    local = begins.astimezone(time_zone(timezone))
    day = date_text(local.date(), local_date(now, timezone))
    return (
        Text("{day}", {"day": day})
        if local.time() == time()
        else Text("{day} {time}", {"day": day, "time": f"{local:%H:%M}"})
    )


def leave_end_text(ends: datetime, now: datetime, timezone: str) -> Text:
    """The last day, included; only the time where it ends today."""
    local, today = ends.astimezone(time_zone(timezone)), local_date(now, timezone)
    if local.time() == time():
        last = local.date() - _A_DAY
        return time_text(local) if last == today else Text("{day}", {"day": date_text(last, today)})
    if local.date() == today:
        return time_text(local)
    return Text("{day} {time}", {"day": date_text(local.date(), today), "time": f"{local:%H:%M}"})


def time_text(local: datetime) -> Text:
    return _("midnight") if local.time() == time() else Text(f"{local:%H:%M}")


def date_text(day: date, today: date) -> Day | NearDay:
    """With its year where it is another one."""
    return NearDay(day) if day.year == today.year else Day(day)
