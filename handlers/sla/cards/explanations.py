"""Why a ticket is due when it is: arithmetic that anyone can follow."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from handlers.slack import blocks
from handlers.slack.blocks import Block, Modal
from handlers.text.slack import escape_line, local_time
from handlers.tickets.cards.details import is_of_desk
from handlers.tickets.cards.ticket import Timers, form_head
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

LINES_SHOWN = 40  # for one SLA timer; a longer one shows its beginning and its end
_FIRST_LINES_SHOWN = 8
_SECTION_LIMIT = 2900


def explanation_page(
    ticket: Ticket,
    ticket_timers: Timers,
    policy: Policy,
    now: datetime,
    *,
    roles: Collection[Role],
    viewer_zone: str = "",
) -> Modal:
    """One section for each SLA timer, the first due on top. `viewer_zone` is empty where it is unknown.

    Requesters read of the targets promised to them, and not why a person needed more time.
    """
    timers = [
        timer for timer in ticket_timers.values() if is_of_desk(roles) or timer.target is not TimerKind.EXPERT_ANSWER
    ]
    explanations = [explain_timer(policy, timer, now) for timer in sorted(timers, key=_timer_order)]
    parts = [block for one in explanations for block in _timer_section(one, inside=is_of_desk(roles))]
    nothing = [blocks.section("No time is promised for this ticket.")]
    return blocks.page_modal(
        "Why this deadline?",
        [*form_head(ticket, policy), *(parts or nothing), *_zone_notes(explanations, viewer_zone, now)],
    )


def _timer_order(timer: SlaTimer) -> tuple[int, float]:
    """Running timers first, by due time; then paused ones; then ended ones, the newest first."""
    if timer.is_running:
        return 0, timer.due_at.timestamp()
    return (1, 0) if timer.is_open else (2, -(timer.closed_at or timer.due_at).timestamp())


def _timer_section(explanation: Explanation, *, inside: bool) -> list[Block]:
    lines = [line_text(explanation, one, inside=inside) for one in explanation.lines]
    if len(lines) > LINES_SHOWN:
        left_out = len(lines) - LINES_SHOWN
        left_out_line = f"… {left_out} more lines, which count too …"
        lines = [*lines[:_FIRST_LINES_SHOWN], left_out_line, *lines[_FIRST_LINES_SHOWN + left_out :]]
    head = f"*{TIMER_NAMES[explanation.timer.target].capitalize()}*\n{_start_text(explanation)}"
    return [blocks.section(text) for text in _packed_lines([head, *lines, _result_text(explanation)])]


def _packed_lines(lines: Iterable[str]) -> list[str]:
    texts = [""]
    for one in lines:
        if len(texts[-1]) + len(one) > _SECTION_LIMIT:
            texts.append("")
        texts[-1] += f"\n{one}" if texts[-1] else one
    return texts


def _start_text(explanation: Explanation) -> str:
    since = f"Began {local_time(explanation.timer.started_at)}"
    if not explanation.duration_text:
        return f"{since}. How its time was computed is not known: it came so with the ticket."
    hours = " of open time" if explanation.calendar else " day and night"
    hours = "" if "working day" in target_text(explanation.duration_text) else hours
    worth = f", here {seconds_text(explanation.target_s)} of open time" if not hours and not explanation.in_days else ""
    moved = any(event.kind is TimerEventKind.MOVED for event in explanation.timer.events)
    reason = "" if moved else _target_reason(explanation.timer)
    return f"{since} · {target_text(explanation.duration_text)}{hours}{worth}{reason}"


def _target_reason(timer: SlaTimer) -> str:
    conditions = timer.conditions_text
    because = "every ticket" if conditions == "everything" else escape_line(conditions, 200)
    return f", promised for {because}" if because else ""


def _result_text(explanation: Explanation) -> str:
    timer = explanation.timer
    if timer.state is TimerState.CANCELLED:
        why = timer.events[-1].reason if timer.events else ""
        since = local_time(timer.closed_at or timer.due_at)
        return f"*= not owed any more* since {since}" + (f": {escape_line(why)}" if why else "")
    return {
        TimerState.RUNNING: _running_result,
        TimerState.PAUSED: _paused_result,
        TimerState.MET: _ended_result,
        TimerState.BREACHED: _ended_result,
    }[timer.state](explanation)


def _running_result(explanation: Explanation) -> str:
    timer = explanation.timer
    due = local_time(timer.due_at)
    moved = _target_reason(timer) if explanation.duration_text != timer.duration_text else ""
    later = "" if explanation.keeps_time_of_day else ", when somebody works again"
    whole, left = _sum_text(explanation), seconds_text(explanation.left_s)
    if explanation.left_s < 0:
        return f"*= {whole}: was due {due}*{later}{moved} · ⚠️ overdue by {left} of open time"
    return f"*= {whole}: due {due}*{later}{moved} · {left} of open time left"


def _paused_result(explanation: Explanation) -> str:
    left = seconds_text(explanation.left_s)
    if explanation.left_s < 0:
        return f"*= was due {local_time(explanation.timer.due_at)}*, overdue by {left} when it was paused"
    return f"*= {_used_text(explanation)}{left} left*. It runs on {_resumes_text(explanation)}."


def _resumes_text(explanation: Explanation) -> str:
    why = next((one.reason for one in reversed(explanation.lines) if isinstance(one, TimerPause)), "")
    if explanation.timer.target is TimerKind.EXPERT_ANSWER:
        return "when the question is answered"
    if not why or "customer" in why:
        return "when the customer answers"
    return f"when this ends: {escape_line(why, 100)}"


def _ended_result(explanation: Explanation) -> str:
    timer, due = explanation.timer, local_time(explanation.timer.due_at)
    at, left = local_time(timer.closed_at or timer.due_at), seconds_text(explanation.left_s)
    if timer.state is TimerState.BREACHED:
        late = f" by {left} of open time" if explanation.left_s < 0 else ""
        return f"*= {_sum_text(explanation)}: was due {due}* · ⚠️ late{late}: it ended {at}"
    if explanation.in_days:
        return f"*= {_sum_text(explanation)}: due {due}* · ✓ kept {at}, with {left} of open time to spare"
    return f"*= {_used_text(explanation)}✓ kept {at}*, with {left} to spare"


def _sum_text(explanation: Explanation) -> str:
    if explanation.in_days:
        return target_text(explanation.duration_text)
    return seconds_text(explanation.counted_s) if explanation.is_complete else "time unknown"


def _used_text(explanation: Explanation) -> str:
    if not (explanation.is_complete and explanation.lines):
        return ""
    return f"{seconds_text(explanation.counted_s)} of {seconds_text(explanation.timer.total_s)} used: "


def _zone_notes(explanations: Sequence[Explanation], viewer_zone: str, now: datetime) -> list[Block]:
    """The time zone of the hours above and the next holiday, once for each calendar."""
    words = dict.fromkeys(_zone_text(one, viewer_zone, now) for one in explanations)
    return [blocks.context(*words)] if words else []


def _zone_text(explanation: Explanation, viewer_zone: str, now: datetime) -> str:
    is_same_zone = all(
        _has_same_offset(explanation.zone, viewer_zone, at)
        for at in (explanation.timer.started_at, explanation.timer.due_at, now)
    )
    whose = "" if is_same_zone else " there; the other times are yours"
    words = f"Days and hours by the clock of {explanation.zone}{whose}"
    if explanation.next_day_off is None:
        return words
    day, name = explanation.next_day_off
    return f"{words} · next holiday {date_range_text(day, day)}: {escape_line(name, 100) or 'closed'}"


def _has_same_offset(place: str, viewer_zone: str, at: datetime) -> bool:
    """Whether both zones show the same time; False where the viewer's zone is unknown."""
    here, there = at.astimezone(time_zone(place)), at.astimezone(time_zone(viewer_zone or place))
    return bool(viewer_zone) and here.utcoffset() == there.utcoffset()


REASON_LIMIT = 160
_HOUR_SECONDS, _MINUTE_SECONDS, _FRIDAY_WEEKDAY = 3600, 60, 4


def line_text(explanation: Explanation, one: ExplanationLine, *, inside: bool) -> str:
    """The reason of an extension is for the team alone (`inside`)."""
    if isinstance(one, DayRun):
        return _numbered_days_text(one) if explanation.in_days else _counted_days_text(one)
    if isinstance(one, ClockChange):
        return _dst_shift_text(one, explanation.zone)
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
    """To the second, so that the sum adds up; never in days, which would mean 24 hours each."""
    hours, rest = divmod(abs(seconds), _HOUR_SECONDS)
    minutes, seconds = divmod(rest, _MINUTE_SECONDS)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def target_text(duration_text: str) -> str:
    if not duration_text:
        return "an unknown time"
    duration = parse_duration(duration_text)
    if duration.days:
        return f"{duration.days} working day{'s' if duration.days > 1 else ''}"
    return seconds_text(duration.seconds)


def date_range_text(first: date, last: date) -> str:
    """Tue 6 Oct; Tue 6 to Thu 8 Oct; with both months where they differ."""
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
    if days.kind is DayKind.HOLIDAY:
        return escape_line(days.name, REASON_LIMIT)
    if days.kind is DayKind.CLOSED:
        return "closed"
    if days.kind is DayKind.AFTER_HOURS:
        return "after hours"
    return "weekend" if days.first.weekday() > _FRIDAY_WEEKDAY else "never open on that day of the week"


def _windows_text(days: DayRun) -> str:
    windows = ((_wall_clock_text(opens), _wall_clock_text(closes, ends=days.first)) for opens, closes in days.windows)
    return ", ".join(f"{opens}-{closes}" for opens, closes in windows)


def _wall_clock_text(at: datetime, *, ends: date | None = None) -> str:
    """The time on the wall clock; a window that closes at the end of its day closes at 24:00."""
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
    at, by = local_time(more.at), seconds_text(more.seconds)
    return f"＋ Extended {at} by {by}{why}; {time_left_text(more.left_s)}"


def _reopened_text(again: TimerReopening) -> str:
    return f"↩ Reopened {local_time(again.at)}, {time_left_text(again.left_s)}"


def _unknown_text(period: UnknownHours) -> str:
    when = f"{local_time(period.begins, starts_sentence=True)} to {local_time(period.ends)}"
    if period.seconds is None:
        return f"{when} · how this was counted is not known"
    return f"{when} · {seconds_text(period.seconds)}, by the opening hours of then"


def time_left_text(left_s: int) -> str:
    return f"{seconds_text(left_s)} left" if left_s >= 0 else "overdue already"
