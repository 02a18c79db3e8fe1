"""What is told on later days is as good as the best candidate, and no worse than always telling the average."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from rules.calendars.calendars import Calendar, add_business_seconds, open_periods
from rules.calendars.durations import Duration
from rules.forecasts.chances import Candidate, PastChance
from rules.forecasts.history import TicketHistory, TimelineEntry
from rules.forecasts.replay import replay
from rules.forecasts.selection import choose_method
from rules.model.policy import Policy, SlaRule, Team
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerKind
from rules.sla import timers
from rules.sla.targets import SlaCase
from rules.statistics import ForecastResult, brier_score

HOUR_SECONDS = 3600
MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
OFFICE = Calendar("UTC", (*[((8 * HOUR_SECONDS, 16 * HOUR_SECONDS),)] * 5, (), ()))
POLICY = Policy(
    calendars={"office": OFFICE},
    teams={"support": Team("support", "Support", calendar="office", agents=("ana", "ben"))},
    sla_rules=(SlaRule(resolution=Duration(seconds=16 * HOUR_SECONDS)),),
)
TICKET_COUNT = 180
TAKES_HOURS = {"quick": (2, 6, 11), "slow": (9, 19, 30)}  # business hours, of which one in three tickets takes each


def ticket(number: int) -> TicketHistory:
    """Four are filed on a day. Every third waits for its customer after an hour, and is resolved a week later."""
    type_key = ("quick", "slow")[number % 2]
    filed = add_business_seconds(OFFICE, MONDAY, number * 2 * HOUR_SECONDS + 1)
    case = SlaCase(type=type_key, priority=Priority.NORMAL, team="support")
    timer = timers.start_timer(POLICY, TimerKind.RESOLUTION, case, filed)
    assert timer is not None
    person, begun = ("ana", "ben")[number // 2 % 2], Status.IN_PROGRESS
    timeline = [TimelineEntry(filed, begun, person)]
    if number % 3 == 0:
        asked = add_business_seconds(OFFICE, filed, HOUR_SECONDS)
        timer = timers.pause_timer(POLICY, timer, asked)
        timeline.append(TimelineEntry(asked, Status.WAITING, person))
        done = asked + timedelta(days=7)
    else:
        done = add_business_seconds(OFFICE, filed, TAKES_HOURS[type_key][number // 6 % 3] * HOUR_SECONDS)
    timeline.append(TimelineEntry(done, Status.RESOLVED, person))
    timer = timers.close_timer(POLICY, timer, done)
    return TicketHistory(number, type_key, Priority.NORMAL, person, "", filed, done, timer, tuple(timeline))


@pytest.fixture(scope="module")
def past() -> list[PastChance]:
    tickets = [ticket(number) for number in range(TICKET_COUNT)]
    end = max(one.created_at for one in tickets) + timedelta(days=30)
    mornings = [start for start, _ in open_periods(OFFICE, MONDAY, end)]
    return replay(POLICY, "support", tickets, mornings, end)


def score(chances: Sequence[tuple[float | None, PastChance]]) -> float:
    scored = brier_score([ForecastResult(chance, one.met) for chance, one in chances if chance is not None])
    assert scored is not None
    return scored


@pytest.mark.parametrize("is_waiting", [None, False, True])
def test_on_the_last_fifth_the_told_chance_is_no_worse_than_the_best_candidate_and_the_average(
    past: list[PastChance], is_waiting: bool | None
) -> None:
    split_at = past[len(past) * 4 // 5].at
    known = [one for one in past if one.decided_at < split_at]
    asked = [one for one in past if one.at >= split_at and is_waiting in (None, one.is_waiting)]

    method = choose_method(known, known)

    told = score([(method.chosen(is_waiting=one.is_waiting).chance(one.chances), one) for one in asked])
    single = [
        score([(one.chances.chance(candidate), one) for one in asked])
        for candidate in Candidate
        if candidate is not Candidate.USUAL
    ]
    alike = [one.met for one in known if is_waiting in (None, one.is_waiting)]
    average = score([(sum(alike) / len(alike), one) for one in asked])
    assert told <= min(single) + 0.005
    assert told <= average


def test_a_ticket_that_waits_is_not_told_that_its_time_runs_out(past: list[PastChance]) -> None:
    told = [one.chances.elapsed for one in past if one.is_waiting and one.at > MONDAY + timedelta(days=30)]

    assert told
    assert all(chance is not None and chance > 0.95 for chance in told)
