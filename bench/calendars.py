"""Business time: spans measured and durations added per second on one core, beside a walk from day to day."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.tables import table_lines
from rules.calendars.calendars import Calendar, add_business_seconds, business_seconds_between, open_windows_on
from rules.calendars.timezones import time_zone

HOUR_SECONDS = 3600
SHIFTS = ((8 * HOUR_SECONDS, 12 * HOUR_SECONDS), (12 * HOUR_SECONDS + 1800, 16 * HOUR_SECONDS + 1800))
OFFICE = Calendar("Europe/Warsaw", (*[SHIFTS] * 5, (), ()), holidays="PL")
LENGTHS = {"hours": timedelta(days=1), "weeks": timedelta(days=30), "years": timedelta(days=3 * 365)}
SPAN_COUNT, WALKED_COUNT, ROUNDS, GOAL_PER_SECOND = 20_000, 200, 5, 100_000
FIRST_START = datetime(2016, 1, 1, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
HEADS = ("spans of", "measured/s", "goal", "walked/s", "ratio", "added/s", "goal")

Span = tuple[datetime, datetime]


def report_lines() -> list[str]:
    """The lines to print: spans of up to a day, a month and three years, then all of them mixed."""
    by_length = {name: _random_spans(longest) for name, longest in LENGTHS.items()}
    mixed = [span for spans in by_length.values() for span in spans]
    random.Random(2).shuffle(mixed)
    return table_lines(HEADS, [_result_row(name, spans) for name, spans in {**by_length, "all of them": mixed}.items()])


def _result_row(name: str, spans: list[Span]) -> list[str]:
    durations = [(start, business_seconds_between(OFFICE, start, end)) for start, end in spans]
    rounds = [
        (
            _rate_per_second(
                lambda: [business_seconds_between(OFFICE, start, end) for start, end in spans], len(spans)
            ),
            _rate_per_second(lambda: [_walk_days(start, end) for start, end in spans[:WALKED_COUNT]], WALKED_COUNT),
            _rate_per_second(
                lambda: [add_business_seconds(OFFICE, start, seconds) for start, seconds in durations], len(spans)
            ),
        )
        for _ in range(ROUNDS)
    ]
    ours, walked, added = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    goal = f"{GOAL_PER_SECOND:,}"
    return [name, f"{ours:,.0f}", goal, f"{walked:,.0f}", f"{ours / walked:,.0f}", f"{added:,.0f}", goal]


def _rate_per_second(task: Callable[[], object], count: int) -> float:
    """By CPU time, so that other processes do not count."""
    began = time.process_time()
    task()
    return count / (time.process_time() - began)


def _random_spans(longest: timedelta) -> list[Span]:
    """The same spans in every run, anywhere in ten years."""
    dice = random.Random(1)
    starts = [FIRST_START + timedelta(seconds=dice.randrange(10 * 365 * 86_400)) for _ in range(SPAN_COUNT)]
    return [(start, start + timedelta(seconds=dice.randrange(int(longest.total_seconds())))) for start in starts]


def _walk_days(start: datetime, end: datetime) -> int:
    """The plain way to measure: each day's windows, cut to the span."""
    timezone, total = time_zone(OFFICE.timezone), timedelta()
    day, last = start.astimezone(timezone).date(), end.astimezone(timezone).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day)
        for opens, closes in open_windows_on(OFFICE, day):
            first, until = (
                (midnight + timedelta(seconds=second)).replace(tzinfo=timezone).astimezone(UTC)
                for second in (opens, closes)
            )
            total += max(min(until, end) - max(first, start), timedelta())
        day += ONE_DAY
    return int(total.total_seconds())
