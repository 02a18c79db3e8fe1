"""Business time: spans measured and promises added per second on one core, beside a walk from day to day."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.tables import table
from rules.calendars.calendars import Calendar, add_business_seconds, business_seconds_between, open_windows_on
from rules.calendars.timezones import time_zone

H = 3600
SHIFTS = ((8 * H, 12 * H), (12 * H + 1800, 16 * H + 1800))
OFFICE = Calendar("Europe/Warsaw", (*[SHIFTS] * 5, (), ()), holidays="PL")
LENGTHS = {"hours": timedelta(days=1), "weeks": timedelta(days=30), "years": timedelta(days=3 * 365)}
SPANS, WALKED, ROUNDS, LEAST = 20_000, 200, 5, 100_000
SINCE = datetime(2016, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HEADS = ("spans of", "measured/s", "goal", "walked/s", "ratio", "added/s", "goal")

Span = tuple[datetime, datetime]


def measured() -> list[str]:
    """The lines to print: up to a day, a month and three years, then all of them mixed; the rounds take turns."""
    by_length = {name: _spans(longest) for name, longest in LENGTHS.items()}
    mixed = [span for spans in by_length.values() for span in spans]
    random.Random(2).shuffle(mixed)
    return table(HEADS, [_row(name, spans) for name, spans in {**by_length, "all of them": mixed}.items()])


def _row(name: str, spans: list[Span]) -> list[str]:
    promises = [(start, business_seconds_between(OFFICE, start, end)) for start, end in spans]
    rounds = [
        (
            _rate(lambda: [business_seconds_between(OFFICE, start, end) for start, end in spans], len(spans)),
            _rate(lambda: [_walk(start, end) for start, end in spans[:WALKED]], WALKED),
            _rate(lambda: [add_business_seconds(OFFICE, start, seconds) for start, seconds in promises], len(spans)),
        )
        for _ in range(ROUNDS)
    ]
    ours, walked, added = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    goal = f"{LEAST:,}"
    return [name, f"{ours:,.0f}", goal, f"{walked:,.0f}", f"{ours / walked:,.0f}", f"{added:,.0f}", goal]


def _rate(task: Callable[[], object], many: int) -> float:
    """By the time that this process had the processor, so that whatever else runs here does not count."""
    began = time.process_time()
    task()
    return many / (time.process_time() - began)


def _spans(longest: timedelta) -> list[Span]:
    """The same ones in every run, anywhere in ten years."""
    chance = random.Random(1)
    starts = [SINCE + timedelta(seconds=chance.randrange(10 * 365 * 86_400)) for _ in range(SPANS)]
    return [(start, start + timedelta(seconds=chance.randrange(int(longest.total_seconds())))) for start in starts]


def _walk(start: datetime, end: datetime) -> int:
    """The plain way to measure: every day's windows, as moments, cut to the span."""
    there, total = time_zone(OFFICE.timezone), timedelta()
    day, last = start.astimezone(there).date(), end.astimezone(there).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day)
        for opens, closes in open_windows_on(OFFICE, day):
            first, until = (
                (midnight + timedelta(seconds=second)).replace(tzinfo=there).astimezone(UTC)
                for second in (opens, closes)
            )
            total += max(min(until, end) - max(first, start), timedelta())
        day += DAY
    return int(total.total_seconds())
