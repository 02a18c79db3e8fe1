"""Why a ticket is due when it is, as arithmetic that anybody can follow."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from handlers.slack.blocks import Block, context, escape_line, local_time, page_modal, section
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.details import is_of_desk
from handlers.tickets.cards.timeline import TIMER_NAMES
from rules.calendars.daily_breakdown import ClockChange, DayKind, DayRun
from rules.calendars.durations import parse_duration
from rules.calendars.timezones import time_zone
from rules.model.policy import Policy
from rules.model.timers import SlaTimer, TimerEventKind, TimerKind, TimerState
from rules.people.permissions import Role
from rules.sla.explanations import (
    Explanation,
    ExplanationLine,
    GrantedTime,
    OverdueTime,
    TargetChange,
    TimerPause,
    TimerReopening,
    UnknownHours,
    explain_timer,
)
from storage.schema.tickets import Ticket

LINES_SHOWN = 40  # of one clock; a life with more is told by its beginning and its end
_FIRST_LINES_SHOWN = 8
_SECTION_LIMIT = 2900


def explanation_page(
    ticket: Ticket,
    clocks: ticket_cards.Timers,
    policy: Policy,
    now: datetime,
    *,
    roles: Collection[Role],
    viewer_zone: str = "",
) -> dict[str, Any]:
    """One part for each clock, the one that is due first at the top. `reader` is the reader's time zone, where known.

    Whoever only asked reads of what was promised to them, and not why somebody needed more time.
    """
    shown = [clock for clock in clocks.values() if is_of_desk(roles) or clock.target is not TimerKind.EXPERT_ANSWER]
    told = [explain_timer(policy, clock, now) for clock in sorted(shown, key=_timer_order)]
    parts = [block for one in told for block in _timer_section(one, inside=is_of_desk(roles))]
    nothing = [section("No time is promised for this ticket.")]
    return page_modal(
        "Why this deadline?",
        [*ticket_cards.form_head(ticket, policy), *(parts or nothing), *_zone_notes(told, viewer_zone, now)],
    )


def _timer_order(clock: SlaTimer) -> tuple[int, float]:
    """What runs comes first, by its due time; then what is paused, then what ended, the newest first."""
    if clock.is_running:
        return 0, clock.due_at.timestamp()
    return (1, 0) if clock.is_open else (2, -(clock.closed_at or clock.due_at).timestamp())


def _timer_section(told: Explanation, *, inside: bool) -> list[Block]:
    lines = [line_text(told, one, inside=inside) for one in told.lines]
    if len(lines) > LINES_SHOWN:
        left_out = len(lines) - LINES_SHOWN
        lines = [
            *lines[:_FIRST_LINES_SHOWN],
            f"… {left_out} more lines, which count too …",
            *lines[_FIRST_LINES_SHOWN + left_out :],
        ]
    head = f"*{TIMER_NAMES[told.timer.target].capitalize()}*\n{_start_text(told)}"
    return [section(text) for text in _packed_lines([head, *lines, _result_text(told)])]


def _packed_lines(lines: Iterable[str]) -> list[str]:
    """The lines in as few texts as have room for them."""
    texts = [""]
    for one in lines:
        if len(texts[-1]) + len(one) > _SECTION_LIMIT:
            texts.append("")
        texts[-1] += f"\n{one}" if texts[-1] else one
    return texts


def _start_text(told: Explanation) -> str:
    since = f"Began {local_time(told.timer.started_at)}"
    if not told.duration_text:
        return f"{since}. How its time was computed is not known: it came so with the ticket."
    hours = (
        ""
        if "working day" in target_text(told.duration_text)
        else " of open time"
        if told.calendar
        else " day and night"
    )
    worth = f", here {seconds_text(told.target_s)} of open time" if not hours and not told.in_days else ""
    moved = any(turn.kind is TimerEventKind.MOVED for turn in told.timer.events)
    return f"{since} · {target_text(told.duration_text)}{hours}{worth}{'' if moved else _target_reason(told.timer)}"


def _target_reason(clock: SlaTimer) -> str:
    because = "every ticket" if clock.conditions_text == "everything" else escape_line(clock.conditions_text, 200)
    return f", promised for {because}" if because else ""


def _result_text(told: Explanation) -> str:
    clock = told.timer
    if clock.state is TimerState.CANCELLED:
        why = clock.events[-1].reason if clock.events else ""
        return f"*= not owed any more* since {local_time(clock.closed_at or clock.due_at)}" + (
            f": {escape_line(why)}" if why else ""
        )
    return {
        TimerState.RUNNING: _running_result,
        TimerState.PAUSED: _paused_result,
        TimerState.MET: _ended_result,
        TimerState.BREACHED: _ended_result,
    }[clock.state](told)


def _running_result(told: Explanation) -> str:
    due, moved = (
        local_time(told.timer.due_at),
        _target_reason(told.timer) if told.duration_text != told.timer.duration_text else "",
    )
    later = "" if told.keeps_time_of_day else ", when somebody works again"
    if told.left_s < 0:
        return (
            f"*= {_sum_text(told)}: was due {due}*{later}{moved} · ⚠️ overdue by {seconds_text(told.left_s)} "
            "of open time"
        )
    return f"*= {_sum_text(told)}: due {due}*{later}{moved} · {seconds_text(told.left_s)} of open time left"


def _paused_result(told: Explanation) -> str:
    if told.left_s < 0:
        return f"*= was due {local_time(told.timer.due_at)}*, overdue by {seconds_text(told.left_s)} when it was paused"
    return f"*= {_used_text(told)}{seconds_text(told.left_s)} left*. It runs on {_resumes_text(told)}."


def _resumes_text(told: Explanation) -> str:
    why = next((one.reason for one in reversed(told.lines) if isinstance(one, TimerPause)), "")
    if told.timer.target is TimerKind.EXPERT_ANSWER:
        return "when the question is answered"
    return "when the customer answers" if not why or "customer" in why else f"when this ends: {escape_line(why, 100)}"


def _ended_result(told: Explanation) -> str:
    clock, due = told.timer, local_time(told.timer.due_at)
    at = local_time(clock.closed_at or clock.due_at)
    if clock.state is TimerState.BREACHED:
        late = f" by {seconds_text(told.left_s)} of open time" if told.left_s < 0 else ""
        return f"*= {_sum_text(told)}: was due {due}* · ⚠️ late{late}: it ended {at}"
    if told.in_days:
        return f"*= {_sum_text(told)}: due {due}* · ✓ kept {at}, with {seconds_text(told.left_s)} of open time to spare"
    return f"*= {_used_text(told)}✓ kept {at}*, with {seconds_text(told.left_s)} to spare"


def _sum_text(told: Explanation) -> str:
    if told.in_days:
        return target_text(told.duration_text)
    return seconds_text(told.counted_s) if told.is_complete else "time unknown"


def _used_text(told: Explanation) -> str:
    return (
        f"{seconds_text(told.counted_s)} of {seconds_text(told.timer.total_s)} used: "
        if told.is_complete and told.lines
        else ""
    )


def _zone_notes(told: Sequence[Explanation], viewer_zone: str, now: datetime) -> list[Block]:
    """By whose clock the hours above are, and the next holiday, once for each calendar."""
    words = dict.fromkeys(_zone_text(one, viewer_zone, now) for one in told)
    return [context(*words)] if words else []


def _zone_text(told: Explanation, viewer_zone: str, now: datetime) -> str:
    theirs = all(_has_same_offset(told.zone, viewer_zone, at) for at in (told.timer.started_at, told.timer.due_at, now))
    whose = "" if theirs else " there; the other times are yours"
    words = f"Days and hours by the clock of {told.zone}{whose}"
    if told.next_day_off is None:
        return words
    day, name = told.next_day_off
    return f"{words} · next holiday {date_range_text(day, day)}: {escape_line(name, 100) or 'closed'}"


def _has_same_offset(place: str, viewer_zone: str, at: datetime) -> bool:
    """Whether both clocks show the same; nobody's clock is known where the reader's is not."""
    return (
        bool(viewer_zone)
        and at.astimezone(time_zone(place)).utcoffset() == at.astimezone(time_zone(viewer_zone)).utcoffset()
    )


REASON_LIMIT = 160
_HOUR_SECONDS, _MINUTE_SECONDS, _FRIDAY_WEEKDAY = 3600, 60, 4


def line_text(told: Explanation, one: ExplanationLine, *, inside: bool) -> str:
    """One line; why somebody gave more time is for the team alone."""
    if isinstance(one, DayRun):
        return _numbered_days_text(one) if told.in_days else _counted_days_text(one)
    if isinstance(one, ClockChange):
        return _dst_shift_text(one, told.zone)
    if isinstance(one, GrantedTime):
        return _extension_text(one, inside=inside)
    speak: dict[type[Any], Callable[[Any], str]] = {
        TimerPause: _pause_text,
        OverdueTime: _overdue_text,
        TargetChange: _moved_text,
        TimerReopening: _reopened_text,
        UnknownHours: _unknown_text,
    }
    return speak[type(one)](one)


def seconds_text(seconds: int) -> str:
    """A length of time to the second, so that what is read adds up; never in days, which would be days of 24 hours."""
    hours, rest = divmod(abs(seconds), _HOUR_SECONDS)
    minutes, seconds = divmod(rest, _MINUTE_SECONDS)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def target_text(promise: str) -> str:
    """What was promised, as it is said."""
    if not promise:
        return "an unknown time"
    duration = parse_duration(promise)
    if duration.days:
        return f"{duration.days} working day{'s' if duration.days > 1 else ''}"
    return seconds_text(duration.seconds)


def date_range_text(first: date, last: date) -> str:
    """Tue 6 Oct; Tue 6 to Thu 8 Oct; the month twice where there are two."""
    if first == last:
        return f"{first:%a} {first.day} {first:%b}"
    joint = "and" if last - first == timedelta(days=1) else "to"
    month = "" if (first.month, first.year) == (last.month, last.year) else f" {first:%b}"
    return f"{first:%a} {first.day}{month} {joint} {last:%a} {last.day} {last:%b}"


def _counted_days_text(days: DayRun) -> str:
    when = date_range_text(days.first, days.last)
    if days.kind is DayKind.SEVERAL:
        return f"{when} · {_open_days_text(days)}, {seconds_text(days.seconds)}{_holidays_text(days)}"
    if not days.windows:
        return f"{when} · {_day_off_reason(days)}"
    extra = " (extra open day)" if days.kind is DayKind.EXTRA else ""
    each = f"{seconds_text(days.seconds // days.count)} each, " if days.count > 1 else ""
    return f"{when}{extra}  {_windows_text(days)} · {each}{seconds_text(days.seconds)}"


def _numbered_days_text(days: DayRun) -> str:
    when = date_range_text(days.first, days.last)
    if not days.number and days.windows:
        return f"{when} · counting begins at {_wall_clock_text(days.windows[0][0])}"
    if not days.number:
        return f"{when} · {_open_days_text(days) if days.kind is DayKind.SEVERAL else _day_off_reason(days)}"
    last = days.number + days.count - 1
    joint = "and" if days.count == 2 else "to"  # noqa: PLR2004 - two
    which = f"day {last}" if last == days.number else f"days {days.number} {joint} {last}"
    return f"{when} · {which}{_holidays_text(days)}"


def _open_days_text(days: DayRun) -> str:
    return f"{days.count} open day{'' if days.count == 1 else 's'}"


def _holidays_text(days: DayRun) -> str:
    return f" (without {escape_line(days.name, 400)})" if days.kind is DayKind.SEVERAL and days.name else ""


def _day_off_reason(days: DayRun) -> str:
    """Why nothing counted."""
    if days.kind is DayKind.HOLIDAY:
        return escape_line(days.name, REASON_LIMIT)
    if days.kind is DayKind.CLOSED:
        return "closed"
    if days.kind is DayKind.AFTER_HOURS:
        return "after hours"
    return "weekend" if days.first.weekday() > _FRIDAY_WEEKDAY else "never open on that day of the week"


def _windows_text(days: DayRun) -> str:
    return ", ".join(
        f"{_wall_clock_text(opens)}-{_wall_clock_text(closes, ends=days.first)}" for opens, closes in days.windows
    )


def _wall_clock_text(at: datetime, *, ends: date | None = None) -> str:
    """What the clock on the wall shows; a window that ends with its day ends at 24:00."""
    if ends is not None and at.date() > ends and not (at.hour or at.minute or at.second):
        return "24:00"
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _dst_shift_text(shift: ClockChange, name: str) -> str:
    before = (shift.at - timedelta(seconds=1)).astimezone(time_zone(name)).replace(tzinfo=None) + timedelta(seconds=1)
    way = "back" if shift.seconds < 0 else "forward"
    when = f"{date_range_text(before.date(), before.date())} {before:%H:%M}"
    return f"{when} · the clocks go {way} by {seconds_text(shift.seconds)}"


def _pause_text(pause: TimerPause) -> str:
    why = escape_line(pause.reason, REASON_LIMIT)
    if pause.until is None:
        return f"⏸ Paused since {local_time(pause.at)}: {why}"
    return f"⏸ Paused from {local_time(pause.at)} to {local_time(pause.until)}: {why}"


def _overdue_text(over: OverdueTime) -> str:
    since = f"from {local_time(over.since)} " if over.since else ""
    then = "which counts as used" if over.counts_as_used else "which is not held against anybody"
    return f"⚠️ Overdue {since}until {local_time(over.until)}: {seconds_text(over.seconds)}, {then}"


def _moved_text(move: TargetChange) -> str:
    why = f" ({escape_line(move.reason, REASON_LIMIT)})" if move.reason else ""
    hours = " by other opening hours" if move.calendar != move.previous_calendar else ""
    now = f"now {target_text(move.duration_text)}{hours}"
    return (
        f"↪ Promised anew {local_time(move.at)}{why}: {now}; {seconds_text(move.used_s)} used, "
        f"{time_left_text(move.left_s)}"
    )


def _extension_text(more: GrantedTime, *, inside: bool) -> str:
    why = f" ({escape_line(more.reason, REASON_LIMIT)})" if inside and more.reason else ""
    return f"＋ Extended {local_time(more.at)} by {seconds_text(more.seconds)}{why}; {time_left_text(more.left_s)}"


def _reopened_text(again: TimerReopening) -> str:
    return f"↩ Reopened {local_time(again.at)}, {time_left_text(again.left_s)}"


def _unknown_text(untold: UnknownHours) -> str:
    when = f"{local_time(untold.begins, starts_sentence=True)} to {local_time(untold.ends)}"
    if untold.seconds is None:
        return f"{when} · how this was counted is not known"
    return f"{when} · {seconds_text(untold.seconds)}, by the opening hours of then"


def time_left_text(left_s: int) -> str:
    return f"{seconds_text(left_s)} left" if left_s >= 0 else "overdue already"
