"""Whatever happens to a clock, the lines that explain it sum up to what was promised, and end when it is due."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars.calendars import business_seconds_between
from rules.calendars.daily_breakdown import DayRun
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy, SlaRule, Team
from rules.model.tickets import Priority
from rules.model.timers import SlaTimer, TimerEventKind, TimerKind, TimerState
from rules.sla.explanations import Explanation, UnknownHours, explain_timer
from rules.sla.targets import SlaCase
from rules.sla.timers import (
    advance_alert,
    cancel_timer,
    close_timer,
    extend_timer,
    pause_timer,
    recalculate_timer,
    remaining_seconds,
    reopen_timer,
    resume_timer,
    start_timer,
)
from tests.rules.wall_clocks import calendars

LONG, SHORT = SlaCase("other", Priority.NORMAL, "a"), SlaCase("other", Priority.CRITICAL, "a")
ELSEWHERE = SlaCase("other", Priority.NORMAL, "b")
CASES = (LONG, SHORT, ELSEWHERE)
PROMISES = ("1m", "30m", "4h", "7h30m15s", "60h", "1d", "3d")
unhurried = settings(deadline=None, max_examples=80)

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
holidays = st.sampled_from(("", "PL", "US", "DE-BY"))
promised = st.sampled_from(PROMISES)


@st.composite
def desks(draw: st.DrawFn, *, sum_: st.SearchStrategy[str] = promised) -> Policy:
    """Two teams in two places, three promises."""
    kept = {key: replace(draw(calendars()), holidays=draw(holidays)) for key in ("a", "b")}
    times = [parse_duration(draw(sum_)) for _ in CASES]
    rows = (
        SlaRule(resolution=times[0], team="a"),
        SlaRule(resolution=times[1], priority=Priority.CRITICAL),
        SlaRule(resolution=times[2], team="b"),
    )
    teams = {key: Team(key, key, calendar=key) for key in kept}
    return Policy(calendars=kept, teams=teams, sla_rules=rows)


Act = Callable[[Policy, SlaTimer, datetime], SlaTimer]


def _extended(words: str) -> Act:
    return lambda policy, clock, at: extend_timer(policy, clock, parse_duration(words), at, reason="the vendor is late")


def _changed(case: SlaCase) -> Act:
    return lambda policy, clock, at: recalculate_timer(policy, clock, case, now=at, reason="priority changed")


def _looked(policy: Policy, clock: SlaTimer, at: datetime) -> SlaTimer:
    return advance_alert(policy, clock, at)[0]


PAUSES: tuple[Act, ...] = (pause_timer, resume_timer)
ACTS: tuple[Act, ...] = (
    *PAUSES,
    *(_changed(case) for case in CASES),
    *(_extended(words) for words in ("20m", "5h", "2d")),
    close_timer,
    reopen_timer,
    _looked,
)
OPEN = tuple(act for act in ACTS if act is not close_timer)
spans = st.one_of(
    st.integers(0, 4 * 86_400_000_000), st.sampled_from((600, 4000, 20_000, 90_000)).map(lambda s: s * 10**6)
)
happened = st.one_of(
    st.lists(st.tuples(spans, st.sampled_from(ACTS)), max_size=12),
    st.lists(st.tuples(spans, st.sampled_from(OPEN)), min_size=2, max_size=8),
)


def lived(policy: Policy, at: datetime, acts: list[tuple[int, Act]]) -> tuple[SlaTimer, datetime]:
    """The clock after all of that, and the moment of the last."""
    clock = start_timer(policy, TimerKind.RESOLUTION, LONG, at)
    assert clock
    for later, act in acts:
        at += timedelta(microseconds=later)
        clock = act(policy, clock, at)
    return clock, at


def owed(clock: SlaTimer) -> int:
    """What was used beyond the promise when it moved, unless more time was given since."""
    turns = [turn for turn in clock.events if turn.kind in (TimerEventKind.MOVED, TimerEventKind.EXTENDED)]
    return -min(turns[-1].left_s, 0) if turns and turns[-1].kind is TimerEventKind.MOVED else 0


def last(told: Explanation) -> datetime:
    return max(line.ends for line in told.lines if isinstance(line, DayRun) and line.ends)


def days_follow_each_other(told: Explanation) -> bool:
    """Of a span no day is passed over."""
    runs = [(one, two) for one, two in pairwise(told.lines) if isinstance(one, DayRun) and isinstance(two, DayRun)]
    return all(two.first == one.last + timedelta(days=1) for one, two in runs)


def opens_after_the_last_line(policy: Policy, clock: SlaTimer, told: Explanation, now: datetime) -> int:
    """The seconds in which somebody works between the last line and the due time, while it is not overdue."""
    if clock.state is not TimerState.RUNNING or remaining_seconds(policy, clock, now) <= 0:
        return 0
    return business_seconds_between(policy.calendar(clock.calendar), last(told), clock.due_at)


@unhurried
@given(desks(), moments, happened)
def test_the_lines_sum_up_to_what_was_promised_or_used_say_every_day_and_end_when_it_is_due(
    policy: Policy, at: datetime, acts: list[tuple[int, Act]]
) -> None:
    clock, now = lived(policy, at, acts)

    told = explain_timer(policy, clock, now)

    left = 0 if clock.is_running or told.in_days else max(told.left_s, 0)
    assert told.is_complete
    assert told.counted_s == clock.total_s - left + owed(clock)
    assert UnknownHours not in {type(line) for line in told.lines}
    assert days_follow_each_other(told)
    assert opens_after_the_last_line(policy, clock, told, now) == 0


@unhurried
@given(desks(sum_=st.sampled_from(("1m", "4h", "7h30m15s", "60h"))), moments, happened)
def test_a_running_clock_in_open_hours_ends_with_the_last_line(
    policy: Policy, at: datetime, acts: list[tuple[int, Act]]
) -> None:
    hours = [(later, act) for later, act in acts if act is not ACTS[7]]
    clock, now = lived(policy, at, hours)
    if clock.state is TimerState.RUNNING and remaining_seconds(policy, clock, now) > 0:
        assert last(explain_timer(policy, clock, now)) == clock.due_at


@unhurried
@given(desks(), desks(), moments, happened, happened)
def test_under_new_opening_hours_what_was_used_before_is_still_used(
    old: Policy, new: Policy, at: datetime, before: list[tuple[int, Act]], after: list[tuple[int, Act]]
) -> None:
    clock, then = lived(old, at, before)
    clock = recalculate_timer(new, clock, LONG, now=then, reason="the desk's rules changed", before=old)
    for later, act in after:
        then += timedelta(microseconds=later)
        clock = act(new, clock, then)

    told = explain_timer(new, clock, then)

    if clock.is_open and not told.in_days:
        left = 0 if clock.is_running else max(told.left_s, 0)
        assert told.counted_s == clock.total_s - left + owed(clock)


@unhurried
@given(st.sampled_from((TimerState.MET, TimerState.CANCELLED)), desks(), moments, st.integers(0, 9 * 86_400))
def test_a_clock_that_ended_has_used_what_was_open_until_then(
    state: TimerState, policy: Policy, at: datetime, later: int
) -> None:
    clock = start_timer(policy, TimerKind.RESOLUTION, LONG, at)
    assert clock
    ended = (close_timer if state is TimerState.MET else cancel_timer)(policy, clock, at + timedelta(seconds=later))
    told = explain_timer(policy, ended, at + timedelta(days=30))

    if not told.in_days and ended.state is state:
        assert told.counted_s == min(
            business_seconds_between(policy.calendar("a"), at, at + timedelta(seconds=later)), clock.total_s
        )
