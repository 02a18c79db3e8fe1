"""A support desk in Warsaw, open eight hours a day, and the clocks of its tickets."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rules.calendars.calendars import Calendar
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy, SlaRule, Team
from rules.model.tickets import Priority
from rules.model.timers import SlaTimer, TimerKind
from rules.sla.targets import SlaCase
from rules.sla.timers import recalculate_timer, start_timer

H = 3600
FIRST, RESOLUTION = TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION
OFFICE = Calendar("Europe/Warsaw", (*[((8 * H, 16 * H),)] * 5, (), ()), holidays="PL")
DESK = Policy(
    calendars={"office": OFFICE},
    teams={
        "support": Team("support", "Support", calendar="office"),
        "night": Team("night", "Night"),
    },
    sla_rules=(
        SlaRule(priority=Priority.CRITICAL, first_response=parse_duration("15m"), resolution=parse_duration("2h")),
        SlaRule(type="network", first_response=parse_duration("30m")),
        SlaRule(first_response=parse_duration("2h"), resolution=parse_duration("4h")),
    ),
)


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo("Europe/Warsaw")).astimezone(UTC)


def filed(
    text: str, kind: TimerKind = RESOLUTION, *, priority: Priority = Priority.NORMAL, policy: Policy = DESK
) -> SlaTimer:
    clock = start_timer(policy, kind, SlaCase("other", priority, "support"), warsaw(text))
    assert clock
    return clock


def changed(clock: SlaTimer, text: str, priority: Priority, policy: Policy = DESK) -> SlaTimer:
    return recalculate_timer(policy, clock, SlaCase("other", priority, "support"), now=warsaw(text))


def promising(*rows: SlaRule) -> Policy:
    return replace(DESK, sla_rules=rows)
