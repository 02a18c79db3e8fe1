"""A day of the desk in numbers: who is counted where, as of when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.escalations.escalations import EscalationState
from rules.reports.daily import (
    DayFacts,
    ExpertDecision,
    ExpertDecisionCounts,
    Ratio,
    ReportDay,
    ReportScope,
    build_daily_report,
    report_day,
)
from tests.rules.office import OFFICE, warsaw

NOON = warsaw("17T12:00")
TODAY = report_day(OFFICE, None, NOON)
HERE = ReportScope(teams=frozenset(["support"]))


@pytest.mark.parametrize(("part", "of", "percent"), [(4, 4, None), (4, 5, 80), (0, 5, 0)])
def test_a_percentage_needs_five(part: int, of: int, percent: int | None) -> None:
    assert Ratio(part, of).percent == percent


def test_decisions_count_for_the_experts_and_for_those_who_asked() -> None:
    accepted = ExpertDecision(1, "network", "support", "U0EXPERT1", EscalationState.ACCEPTED)
    rejected = ExpertDecision(2, "network", "sales", "U0EXPERT1", EscalationState.REJECTED)
    facts = DayFacts({}, (), (), (accepted, rejected), {}, ())

    asked = build_daily_report(facts, HERE).escalations
    answered = build_daily_report(facts, ReportScope(teams=frozenset(["network"]))).escalations

    assert asked == (ExpertDecisionCounts("network", 1, 0),)
    assert answered == (ExpertDecisionCounts("network", 1, 1),)


def test_a_past_day_is_whole_and_today_ends_now() -> None:
    yesterday = report_day(OFFICE, date(2026, 11, 16), NOON)

    assert (yesterday.start, yesterday.end, yesterday.is_today) == (warsaw("16T00:00"), warsaw("17T00:00"), False)
    assert (TODAY.start, TODAY.last_moment, TODAY.is_today) == (warsaw("17T00:00"), NOON, True)


def test_the_day_on_which_summer_time_ends_has_25_hours() -> None:
    sunday = report_day(OFFICE, date(2026, 10, 25), NOON)

    assert sunday.end - sunday.start == timedelta(hours=25)


def test_the_local_day_may_differ_from_that_of_utc() -> None:
    night: ReportDay = report_day(OFFICE, None, datetime(2026, 11, 16, 23, 30, tzinfo=UTC))

    assert night.date == date(2026, 11, 17)
