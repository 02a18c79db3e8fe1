"""A support desk in Warsaw, open eight hours a day, and the clocks of its tickets."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rules.calendars.calendars import Calendar
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy, Target, Team
from rules.model.tickets import Priority
from rules.model.timers import Clock, ClockKind
from rules.sla.targets import Case
from rules.sla.timers import recalculate, start

H = 3600
FIRST, RESOLUTION = ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION
OFFICE = Calendar("Europe/Warsaw", (*[((8 * H, 16 * H),)] * 5, (), ()), holidays="PL")
DESK = Policy(
    calendars={"office": OFFICE},
    teams={
        "support": Team("support", "Support", calendar="office"),
        "night": Team("night", "Night"),
    },
    sla=(
        Target(priority=Priority.CRITICAL, first_response=parse_duration("15m"), resolution=parse_duration("2h")),
        Target(type="network", first_response=parse_duration("30m")),
        Target(first_response=parse_duration("2h"), resolution=parse_duration("4h")),
    ),
)


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo("Europe/Warsaw")).astimezone(UTC)


def filed(
    text: str, kind: ClockKind = RESOLUTION, *, priority: Priority = Priority.NORMAL, policy: Policy = DESK
) -> Clock:
    clock = start(policy, kind, Case("other", priority, "support"), warsaw(text))
    assert clock
    return clock


def changed(clock: Clock, text: str, priority: Priority, policy: Policy = DESK) -> Clock:
    return recalculate(policy, clock, Case("other", priority, "support"), now=warsaw(text))


def promising(*rows: Target) -> Policy:
    return replace(DESK, sla=rows)
