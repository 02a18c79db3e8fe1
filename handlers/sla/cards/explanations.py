"""Why a ticket is due when it is: arithmetic that anyone can follow."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from handlers.slack import blocks
from handlers.slack.blocks import Block, Modal
from handlers.text.slack import Markup, bold, escape_line, join, local_time, render
from handlers.tickets.cards.details import is_of_desk
from handlers.tickets.cards.ticket import Timers, form_head
from rules.calendars import durations
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
from rules.sla.targets import EVERY_TICKET
from rules.text import Moment, Text, Value, WorkTime, _, ngettext
from storage.schema.tickets import Ticket

LINES_SHOWN = 40  # for one SLA timer; a longer one shows its beginning and its end
_FIRST_LINES_SHOWN = 8
_SECTION_LIMIT = 2900
SECONDS_PER_MINUTE = 60


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

    Requesters read of the targets that are theirs, and not why a person needed more time.
    """
    timers = [
        timer for timer in ticket_timers.values() if is_of_desk(roles) or timer.target is not TimerKind.EXPERT_ANSWER
    ]
    explanations = [explain_timer(policy, timer, now) for timer in sorted(timers, key=_timer_order)]
    parts = [block for one in explanations for block in _timer_section(one, inside=is_of_desk(roles))]
    nothing = [blocks.section(_("There is no SLA for this ticket."))]
    return blocks.page_modal(
        _("Why this deadline?"),
        [*form_head(ticket, policy), *(parts or nothing), *_zone_notes(explanations, viewer_zone, now)],
    )


def _timer_order(timer: SlaTimer) -> tuple[int, float]:
    """Running timers first, by due time; then paused ones; then ended ones, the newest first."""
    if timer.is_running:
        return 0, timer.due_at.timestamp()
    return (1, 0) if timer.is_open else (2, -(timer.closed_at or timer.due_at).timestamp())


def _timer_section(explanation: Explanation, *, inside: bool) -> list[Block]:
    pairs = zip(explanation.lines, explanation.line_minutes, strict=True)
    lines: list[Text | Markup] = [_line_text(explanation, one, minutes, inside=inside) for one, minutes in pairs]
    if len(lines) > LINES_SHOWN:
        left_out = len(lines) - LINES_SHOWN
        left_out_line = _("… {count} more lines, which count too …", count=left_out)
        lines = [*lines[:_FIRST_LINES_SHOWN], left_out_line, *lines[_FIRST_LINES_SHOWN + left_out :]]
    head = [bold(explanation.timer.target.label), _start_text(explanation)]
    return [blocks.section(text) for text in _packed_lines([*head, *lines, _result_text(explanation)])]


def _packed_lines(lines: Iterable[Text | Markup]) -> list[str]:
    texts = [""]
    for one in map(render, lines):
        if len(texts[-1]) + len(one) > _SECTION_LIMIT:
            texts.append("")
        texts[-1] += f"\n{one}" if texts[-1] else one
    return texts


def _start_text(explanation: Explanation) -> Markup:
    since = _("Started {at}", at=Moment(explanation.timer.started_at))
    if not explanation.duration_text:
        return join(" · ", [since, _("Imported ticket: the due time's calculation isn't available.")])
    moved = any(event.kind is TimerEventKind.MOVED for event in explanation.timer.events)
    reason = [] if moved else _target_reason(explanation.timer)
    return join(" · ", [since, _first_target_text(explanation), *reason])


def _first_target_text(explanation: Explanation) -> Text:
    target = target_text(explanation.duration_text)
    if not parse_duration(explanation.duration_text).days:
        return _business_time(explanation.calendar, target)
    if explanation.in_days:
        return target
    return _("{target}, here {time} of business hours", target=target, time=WorkTime(explanation.target_s))


def _business_time(calendar: str, time: Value) -> Text:
    """Without a calendar every hour counts."""
    return _("{time} of business hours", time=time) if calendar else _("{time}, day and night", time=time)


def _target_reason(timer: SlaTimer) -> list[Text]:
    if timer.conditions_text == EVERY_TICKET:
        return [_("SLA for every ticket")]
    conditions = escape_line(timer.conditions_text, CONDITIONS_LIMIT)
    return [_("SLA for {conditions}", conditions=conditions)] if conditions else []


def _result_text(explanation: Explanation) -> Markup:
    timer = explanation.timer
    if timer.state is TimerState.CANCELLED:
        why = timer.events[-1].reason if timer.events else ""
        since, reason = Moment(timer.closed_at or timer.due_at), reason_value(why, REASON_LIMIT)
        ended = _("since {at}: {reason}", at=since, reason=reason) if why else _("since {at}", at=since)
        return join(" · ", [bold(_("= no longer due")), ended])
    return {
        TimerState.RUNNING: _running_result,
        TimerState.PAUSED: _paused_result,
        TimerState.MET: _ended_result,
        TimerState.BREACHED: _ended_result,
    }[timer.state](explanation)


def _running_result(explanation: Explanation) -> Markup:
    timer, whole = explanation.timer, _sum_text(explanation)
    due, left = Moment(timer.due_at), _business_time(timer.calendar, _whole_minutes(abs(explanation.left_s)))
    moved = _target_reason(timer) if explanation.duration_text != timer.duration_text else []
    later = [] if explanation.keeps_time_of_day else [_("at the start of the next business hours")]
    if explanation.left_s < 0:
        parts = [*later, *moved, _("⚠️ overdue by {time}", time=left)]
        return join(" · ", [bold(_("= {whole}: was due {due}", whole=whole, due=due)), *parts])
    parts = [*later, *moved, _("{time} left", time=left)]
    return join(" · ", [bold(_("= {whole}: due {due}", whole=whole, due=due)), *parts])


def _paused_result(explanation: Explanation) -> Markup:
    timer = explanation.timer
    if explanation.left_s < 0:
        overdue = _("⚠️ overdue by {time} when it was put on hold", time=_whole_minutes(-explanation.left_s))
        return join(" · ", [bold(_("= was due {at}", at=Moment(timer.due_at))), overdue])
    return join(" · ", [bold(_("= {left}", left=_left_text(explanation))), _resumes_text(explanation)])


def _left_text(explanation: Explanation) -> Text:
    if not (explanation.is_complete and explanation.lines):
        return _("{time} left", time=_whole_minutes(explanation.left_s))
    used, left = _used_and_left(explanation, explanation.counted_s, explanation.left_s)
    whole = WorkTime(explanation.timer.total_s)
    return _("{used} of {whole} used: {left} left", used=used, whole=whole, left=left)


def _resumes_text(explanation: Explanation) -> Text:
    why = next((one.reason for one in reversed(explanation.lines) if isinstance(one, TimerPause)), "")
    if explanation.timer.target is TimerKind.EXPERT_ANSWER:
        return _("It continues when the question is answered.")
    if not why or "customer" in str(why):
        return _("It continues when the customer answers.")
    return _("It continues when this ends: {reason}.", reason=reason_value(why, 100))


def _ended_result(explanation: Explanation) -> Markup:
    timer, whole = explanation.timer, _sum_text(explanation)
    at, due = Moment(timer.closed_at or timer.due_at), Moment(timer.due_at)
    left = _business_time(timer.calendar, _whole_minutes(abs(explanation.left_s)))
    if timer.state is TimerState.BREACHED:
        late = _("⚠️ late by {time}, at {at}", time=left, at=at)
        ended = late if explanation.left_s < 0 else _("⚠️ late, at {at}", at=at)
        return join(" · ", [bold(_("= {whole}: was due {due}", whole=whole, due=due)), ended])
    if explanation.in_days:
        met = _("✓ met {at}, {time} before it was due", at=at, time=left)
        return join(" · ", [bold(_("= {whole}: due {due}", whole=whole, due=due)), met])
    return join(" · ", [bold(_("= {left}", left=_left_text(explanation))), _("✓ met {at}", at=at)])


def _sum_text(explanation: Explanation) -> Value:
    if explanation.in_days:
        return target_text(explanation.duration_text)
    if not explanation.is_complete:
        return _("time unknown")
    return _time_of(explanation, explanation.counted_s, sum(explanation.line_minutes))


def _zone_notes(explanations: Sequence[Explanation], viewer_zone: str, now: datetime) -> list[Block]:
    """The time zone of the hours above and the next holiday, once for each calendar."""
    words = dict.fromkeys(_zone_text(one, viewer_zone, now) for one in explanations)
    return [blocks.context(*words)] if words else []


def _zone_text(explanation: Explanation, viewer_zone: str, now: datetime) -> Markup:
    is_same_zone = all(
        _has_same_offset(explanation.zone, viewer_zone, at)
        for at in (explanation.timer.started_at, explanation.timer.due_at, now)
    )
    zone = _("Days and hours in {zone} time", zone=explanation.zone)
    if not is_same_zone:
        zone = _("Days and hours in {zone} time, due times in yours", zone=explanation.zone)
    if explanation.next_day_off is None:
        return render(zone)
    day, name = explanation.next_day_off
    when, holiday = date_range_text(day, day), escape_line(name, 100) or _("closed")
    return join(" · ", [zone, _("next holiday {day}: {holiday}", day=when, holiday=holiday)])


def _has_same_offset(place: str, viewer_zone: str, at: datetime) -> bool:
    """Whether both zones show the same time; False where the viewer's zone is unknown."""
    here, there = at.astimezone(time_zone(place)), at.astimezone(time_zone(viewer_zone or place))
    return bool(viewer_zone) and here.utcoffset() == there.utcoffset()


REASON_LIMIT, CONDITIONS_LIMIT = 160, 200
_FRIDAY_WEEKDAY = 4


def _line_text(explanation: Explanation, one: ExplanationLine, minutes: int, *, inside: bool) -> Markup:
    """`minutes` is what the line counts for; the reason of an extension is for the team alone (`inside`)."""
    match one:
        case DayRun():
            line = _numbered_days_text(one) if explanation.in_days else _counted_days_text(explanation, one, minutes)
        case UnknownHours():
            line = render(_unknown_text(explanation, one, minutes))
        case ClockChange():
            line = render(_clock_change_text(one, explanation.zone))
        case OverdueTime():
            line = render(_overdue_text(explanation, one, minutes))
        case TargetChange():
            line = _target_change_text(explanation, one)
        case GrantedTime():
            line = _extension_text(one, inside=inside)
        case TimerPause() | TimerReopening():
            line = render(_pause_text(one) if isinstance(one, TimerPause) else _reopened_text(one))
    return line


def _time_of(explanation: Explanation, seconds: int, minutes: int) -> Value:
    """Minutes, so that the lines add up; seconds only where all of it is less than a minute."""
    if explanation.timer.total_s < SECONDS_PER_MINUTE:
        return WorkTime(seconds)
    if minutes == 0 and seconds > 0:
        return _("less than 1 min")
    return WorkTime(minutes * SECONDS_PER_MINUTE)


def _whole_minutes(seconds: int) -> WorkTime:
    """Of a minute that has begun nothing is shown, as on a clock."""
    return WorkTime(seconds if seconds < SECONDS_PER_MINUTE else seconds - seconds % SECONDS_PER_MINUTE)


def _used_and_left(explanation: Explanation, used_s: int, left_s: int) -> tuple[Value, Value]:
    """Both in minutes that make up the minutes of the whole."""
    used, whole = explanation.minutes_until(used_s), explanation.minutes_until(used_s + left_s)
    return _time_of(explanation, used_s, used), _time_of(explanation, left_s, whole - used)


def target_text(duration_text: str) -> Text:
    return durations.duration_text(parse_duration(duration_text)) if duration_text else _("an unknown time")


def date_range_text(first: date, last: date) -> Text:
    """Tue 6 Oct; Tue 6 to Thu 8 Oct; with both months where they differ."""
    end = f"{last:%a} {last.day} {last:%b}"
    if first == last:
        return Text("{day}", {"day": end})
    month = "" if (first.month, first.year) == (last.month, last.year) else f" {first:%b}"
    start = f"{first:%a} {first.day}{month}"
    if last - first == timedelta(days=1):
        return _("{first} and {last}", first=start, last=end)
    return _("{first} to {last}", first=start, last=end)


def _counted_days_text(explanation: Explanation, days: DayRun, minutes: int) -> Markup:
    when, time = date_range_text(days.first, days.last), _time_of(explanation, days.seconds, minutes)
    if days.kind is DayKind.SEVERAL:
        return join(" · ", [when, _open_days_text(days), Text("{time}", {"time": time}), *_holidays_parts(days)])
    if not days.windows:
        return join(" · ", [when, _day_off_reason(days)])
    extra = [_("extra business day")] if days.kind is DayKind.EXTRA else []
    windows = join(", ", [_window_text(days, *window) for window in days.windows])
    if days.count == 1:
        return join(" · ", [join("  ", [when, windows]), *extra, Text("{time}", {"time": time})])
    each = _("{each} each, {time}", each=WorkTime(days.seconds // days.count), time=time)
    return join(" · ", [join("  ", [when, windows]), *extra, each])


def _numbered_days_text(days: DayRun) -> Markup:
    when = date_range_text(days.first, days.last)
    if not days.number and days.windows:
        return join(" · ", [when, _("counting starts at {time}", time=_wall_clock_text(days.windows[0][0]))])
    if not days.number:
        return join(" · ", [when, _open_days_text(days) if days.kind is DayKind.SEVERAL else _day_off_reason(days)])
    return join(" · ", [when, _day_numbers_text(days.number, days.number + days.count - 1), *_holidays_parts(days)])


def _day_numbers_text(first: int, last: int) -> Text:
    if first == last:
        return _("day {number}", number=first)
    if last == first + 1:
        return _("days {first} and {last}", first=first, last=last)
    return _("days {first} to {last}", first=first, last=last)


def _open_days_text(days: DayRun) -> Text:
    return ngettext("{n} business day", "{n} business days", days.count)


def _holidays_parts(days: DayRun) -> list[Text]:
    if days.kind is not DayKind.SEVERAL or not days.name:
        return []
    return [_("without {holidays}", holidays=escape_line(days.name, 400))]


def _day_off_reason(days: DayRun) -> Text | Markup:
    if days.kind is DayKind.HOLIDAY:
        return escape_line(days.name, REASON_LIMIT)
    if days.kind is DayKind.CLOSED:
        return _("closed")
    if days.kind is DayKind.AFTER_HOURS:
        return _("after hours")
    return _("weekend") if days.first.weekday() > _FRIDAY_WEEKDAY else _("no business hours on this weekday")


def _window_text(days: DayRun, opens: datetime, closes: datetime) -> Text:
    start, end = _wall_clock_text(opens), _wall_clock_text(closes)
    if closes.date() == days.first or end != "00:00":
        return _("{start}-{end}", start=start, end=end) if start != end else Text("{start}", {"start": start})
    return _("all day") if start == "00:00" else _("{start}-midnight", start=start)


def _wall_clock_text(at: datetime) -> str:
    return f"{at:%H:%M}"


def _clock_change_text(change: ClockChange, zone: str) -> Text:
    before = (change.at - timedelta(seconds=1)).astimezone(time_zone(zone)).replace(tzinfo=None) + timedelta(seconds=1)
    day, time = date_range_text(before.date(), before.date()), _wall_clock_text(before)
    by = WorkTime(abs(change.seconds))
    if change.seconds < 0:
        return _("{day} {time} · clocks go back by {by}", day=day, time=time, by=by)
    return _("{day} {time} · clocks go forward by {by}", day=day, time=time, by=by)


def _pause_text(pause: TimerPause) -> Text:
    why, since = reason_value(pause.reason, REASON_LIMIT), Moment(pause.at)
    if pause.until is None:
        return _("⏸ On hold since {at}: {reason}", at=since, reason=why)
    return _("⏸ On hold from {at} to {end}: {reason}", at=since, end=Moment(pause.until), reason=why)


def _overdue_text(explanation: Explanation, over: OverdueTime, minutes: int) -> Text:
    if over.counts_as_used:
        time = _time_of(explanation, over.seconds, minutes)
        if over.since is None:
            return _("⚠️ Overdue until {end}: {time}, counts as used", end=Moment(over.until), time=time)
        since, end = Moment(over.since), Moment(over.until)
        return _("⚠️ Overdue from {at} to {end}: {time}, counts as used", at=since, end=end, time=time)
    forgiven = WorkTime(over.seconds)
    if over.since is None:
        return _("⚠️ Overdue until {end}: {time}, not counted", end=Moment(over.until), time=forgiven)
    since, end = Moment(over.since), Moment(over.until)
    return _("⚠️ Overdue from {at} to {end}: {time}, not counted", at=since, end=end, time=forgiven)


def _target_change_text(explanation: Explanation, change: TargetChange) -> Markup:
    at, target = Moment(change.at), target_text(change.duration_text)
    changed = _("↪ Target changed {at}: now {target}", at=at, target=target)
    why = [_("because: {reason}", reason=reason_value(change.reason, REASON_LIMIT))] if change.reason else []
    hours = [_("other business hours")] if change.calendar != change.previous_calendar else []
    used, left = _used_and_left(explanation, change.used_s, change.left_s)
    if change.left_s < 0:
        rest = _("{used} used, already overdue", used=WorkTime(change.used_s))
    else:
        rest = _("{used} used, {left} left", used=used, left=left)
    return join(" · ", [changed, *why, *hours, rest])


def _extension_text(more: GrantedTime, *, inside: bool) -> Markup:
    extended = _("＋ Extended {at} by {time}", at=Moment(more.at), time=WorkTime(more.seconds))
    is_told = inside and more.reason
    why = [_("because: {reason}", reason=reason_value(more.reason, REASON_LIMIT))] if is_told else []
    return join(" · ", [extended, *why, _time_left_text(more.left_s)])


def _reopened_text(again: TimerReopening) -> Markup:
    return join(" · ", [_("↩ Reopened {at}", at=Moment(again.at)), _time_left_text(again.left_s)])


def _unknown_text(explanation: Explanation, period: UnknownHours, minutes: int) -> Text:
    start, end = local_time(period.begins, starts_sentence=True), Moment(period.ends)
    if period.seconds is None:
        return _("{start} to {end} · calculation not available", start=start, end=end)
    time = _time_of(explanation, period.seconds, minutes)
    return _("{start} to {end} · {time}, by the business hours at that time", start=start, end=end, time=time)


def _time_left_text(left_s: int) -> Text:
    return _("{time} left", time=_whole_minutes(left_s)) if left_s >= 0 else _("already overdue")


def reason_value(reason: Text | str, limit: int) -> Value:
    """A reason of ours is a sentence; a string is what a person typed."""
    return reason if isinstance(reason, Text) else escape_line(reason, limit)
