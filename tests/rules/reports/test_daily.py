"""A day of the desk in numbers: who is counted where, as of when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.escalations.escalations import EscalationState
from rules.model.tickets import Priority, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.reports.daily import (
    AssigneeCount,
    DailyReport,
    DayFacts,
    ExpertDecision,
    ExpertDecisionCounts,
    Ratio,
    ReportDay,
    ReportScope,
    TicketAction,
    TicketSnapshot,
    build_daily_report,
    report_day,
)
from rules.sla.targets import SlaCase
from rules.sla.timers import close_timer, pause_timer, start_timer
from tests.rules.office import DESK, OFFICE, warsaw

MONDAY, TUESDAY, NOON = warsaw("16T09:00"), warsaw("17T09:00"), warsaw("17T12:00")
TODAY = report_day(OFFICE, None, NOON)
HERE = ReportScope(teams=frozenset(["support"]))
DESK_WIDE = ReportScope()
VPN = TicketSnapshot(
    number=1,
    title="VPN is down",
    type="network",
    first_line="support",
    requester="U0CLIENT1",
    registered_by="U0AGENT1",
    created_at=TUESDAY,
    status=Status.IN_PROGRESS,
    team="support",
    assignee="U0AGENT1",
)
FILED = TicketAction(1, "U0AGENT1", "support")


def told(
    *tickets: TicketSnapshot,
    filed: tuple[TicketAction, ...] = (),
    resolved: tuple[TicketAction, ...] = (),
    scope: ReportScope = DESK_WIDE,
) -> DailyReport:
    facts = DayFacts({one.number: one for one in tickets}, filed, resolved, ())
    return build_daily_report(facts, scope, TODAY, DESK)


def promise(at: datetime, kind: TimerKind = TimerKind.RESOLUTION) -> SlaTimer:
    """Four open hours to resolve, two to answer."""
    clock = start_timer(DESK, kind, SlaCase("other", Priority.NORMAL, "support"), at)
    assert clock
    return clock


def test_what_was_filed_today_counts_by_type_and_by_where_it_stands() -> None:
    solved = replace(VPN, number=2, type="other", status=Status.RESOLVED)

    report = told(VPN, solved, filed=(FILED, TicketAction(2, "U0AGENT1", "support")))

    assert report.created == (1, 2)
    assert report.by_type == (("network", 1), ("other", 1))
    assert report.by_status == ((Status.IN_PROGRESS, 1), (Status.RESOLVED, 1))


def test_each_agent_has_work_from_today_and_from_earlier_days() -> None:
    old = replace(VPN, number=2, created_at=MONDAY)
    nobodys = replace(VPN, number=3, assignee=None, status=Status.NEW)

    report = told(VPN, old, nobodys)

    assert report.by_assignee == (AssigneeCount("U0AGENT1", today=1, earlier=1), AssigneeCount(None, today=1))
    assert report.open == 3


def test_an_escalated_ticket_stays_reported_where_it_was_filed_and_is_open_where_it_is() -> None:
    accepted = replace(VPN, team="network")

    first_line = told(accepted, filed=(FILED,), scope=HERE)
    experts = told(accepted, filed=(FILED,), scope=ReportScope(teams=frozenset(["network"])))

    assert (first_line.created, first_line.open) == ((1,), 0)
    assert (experts.created, experts.open) == ((), 1)


def test_a_clock_past_its_time_is_overdue_and_the_due_moment_itself_is_not() -> None:
    late = replace(VPN, timers=(promise(MONDAY),))
    at_noon = replace(VPN, number=2, timers=(promise(NOON - timedelta(hours=4)),))

    report = told(late, at_noon)

    assert [one.number for one in report.overdue] == [1]
    assert [one.number for one in report.due_soon] == [2]


def test_a_late_first_reply_is_overdue_too() -> None:
    silent = replace(VPN, timers=(promise(TUESDAY, TimerKind.FIRST_RESPONSE), promise(TUESDAY)))

    report = told(silent)

    assert [(one.number, one.due_at) for one in report.overdue] == [(1, warsaw("17T11:00"))]


def test_a_promise_that_was_kept_before_then_is_neither_overdue_nor_near() -> None:
    answered = close_timer(DESK, promise(MONDAY, TimerKind.FIRST_RESPONSE), MONDAY)

    report = told(replace(VPN, timers=(answered,)))

    assert (report.overdue, report.due_soon) == ((), ())


def test_what_was_kept_only_later_was_overdue_on_that_day() -> None:
    kept_late = close_timer(DESK, promise(MONDAY), NOON + timedelta(hours=1))

    report = told(replace(VPN, timers=(kept_late,)))

    assert [one.number for one in report.overdue] == [1]


def test_a_ticket_that_waits_for_its_customer_is_not_overdue_while_its_clock_stands() -> None:
    standing = pause_timer(DESK, promise(MONDAY), MONDAY + timedelta(hours=1))

    report = told(replace(VPN, status=Status.WAITING, timers=(standing,)))

    assert (report.overdue, report.due_soon) == ((), ())


def test_near_begins_at_the_first_warning() -> None:
    half_used = replace(VPN, timers=(promise(warsaw("17T10:00")),))
    fresh = replace(VPN, number=2, timers=(promise(warsaw("17T10:01")),))

    report = told(half_used, fresh)

    assert [one.number for one in report.due_soon] == [1]


def test_a_ticket_is_overdue_or_near_never_both() -> None:
    both = replace(VPN, timers=(promise(TUESDAY, TimerKind.FIRST_RESPONSE), promise(TUESDAY)))

    report = told(both)

    assert (len(report.overdue), len(report.due_soon)) == (1, 0)
    assert report.by_assignee == (AssigneeCount("U0AGENT1", today=1, overdue=1),)


def test_who_resolved_it_last_that_day_is_named_once() -> None:
    done = replace(VPN, status=Status.RESOLVED)

    report = told(done, resolved=(TicketAction(1, "U0AGENT1", "support"), TicketAction(1, "U0AGENT2", "support")))

    assert report.resolved_by == (("U0AGENT2", 1),)


def test_in_time_is_the_share_of_promises_that_ended_that_day() -> None:
    kept = replace(VPN, status=Status.RESOLVED, timers=(close_timer(DESK, promise(TUESDAY), TUESDAY),))
    missed = replace(kept, number=2, timers=(close_timer(DESK, promise(MONDAY), TUESDAY),))
    unpromised = replace(kept, number=3, timers=())

    report = told(kept, missed, unpromised, resolved=tuple(TicketAction(n, "U0AGENT1", "support") for n in (1, 2, 3)))

    assert report.in_time == Ratio(1, 2)


@pytest.mark.parametrize(("part", "of", "percent"), [(4, 4, None), (4, 5, 80), (0, 5, 0)])
def test_a_percentage_needs_five(part: int, of: int, percent: int | None) -> None:
    assert Ratio(part, of).percent == percent


def test_decisions_count_for_the_experts_and_for_those_who_asked() -> None:
    accepted = ExpertDecision(1, "network", "support", "U0EXPERT1", EscalationState.ACCEPTED)
    rejected = ExpertDecision(2, "network", "sales", "U0EXPERT1", EscalationState.REJECTED)
    facts = DayFacts({}, (), (), (accepted, rejected))

    asked = build_daily_report(facts, HERE, TODAY, DESK).escalations
    answered = build_daily_report(facts, ReportScope(teams=frozenset(["network"])), TODAY, DESK).escalations

    assert asked == (ExpertDecisionCounts("network", 1, 0),)
    assert answered == (ExpertDecisionCounts("network", 1, 1),)


def test_my_own_numbers_are_what_i_asked_hold_solved_and_decided() -> None:
    ben = ReportScope(person="U0AGENT2")
    solved = replace(VPN, number=2, status=Status.RESOLVED, assignee=None, requester="U0AGENT2")
    facts = (TicketAction(1, "U0AGENT1", "support"), TicketAction(2, "U0AGENT1", "support"))

    report = told(VPN, solved, filed=facts, resolved=(TicketAction(2, "U0AGENT2", "support"),), scope=ben)

    assert (report.created, report.open, report.resolved) == ((2,), 0, (2,))


def test_n_counts_each_ticket_once() -> None:
    done = replace(VPN, number=2, status=Status.CLOSED)

    report = told(
        VPN, done, filed=(FILED, TicketAction(2, "U", "support")), resolved=(TicketAction(2, "U", "support"),)
    )

    assert report.n == 2


def test_a_promise_taken_back_is_not_overdue() -> None:
    cancelled = replace(promise(MONDAY), state=TimerState.CANCELLED)

    assert told(replace(VPN, timers=(cancelled,))).overdue == ()


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
