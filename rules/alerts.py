"""What is said of a promise that is near its time or past it."""

from datetime import datetime, timedelta

from rules.calendars import Calendar, measure
from rules.durations import words
from rules.sla import BREACH, Clock, ClockState

SNOOZE = timedelta(minutes=30)
MINUTE = 60  # seconds; the business time has no fractions, so the two may differ by one


def told(clock: Clock) -> bool:
    """Whether an alert was given and the clock still runs towards its due time, or past it."""
    return clock.state is ClockState.RUNNING and clock.level > 0


def concerns_lead(level: int, warnings: int) -> bool:
    """From the last warning on, the lead has to know too."""
    return level == BREACH or 0 < warnings <= level


def time_left(calendar: Calendar, clock: Clock, now: datetime) -> str:
    """The time until it is due; it says so where a night or a break makes it fewer open hours than the clock shows."""
    left = measure(calendar, now, clock.due_at)
    whole = int((clock.due_at - now).total_seconds())
    return words(left) if abs(whole - left) < MINUTE else f"{words(left)} of open hours"
