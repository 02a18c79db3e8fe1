"""A day of the desk in numbers: who is counted where, as of when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.escalations.escalations import EscalationState
from rules.model.tickets import Priority, Status
from rules.model.timers import Clock, ClockKind, ClockState
from rules.reports.daily import (
    Day,
    Decided,
    Decision,
    Facts,
    Holder,
    Moved,
    Report,
    Scope,
    Share,
    Standing,
    count,
    day_of,
)
from rules.sla.targets import Case
from rules.sla.timers import meet, pause, start
from tests.rules.office import DESK, OFFICE, warsaw

MONDAY, TUESDAY, NOON = warsaw("16T09:00"), warsaw("17T09:00"), warsaw("17T12:00")
TODAY = day_of(OFFICE, None, NOON)
HERE = Scope(teams=frozenset(["support"]))
DESK_WIDE = Scope()
VPN = Standing(
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
FILED = Moved(1, "U0AGENT1", "support")


def told(
    *tickets: Standing, filed: tuple[Moved, ...] = (), resolved: tuple[Moved, ...] = (), scope: Scope = DESK_WIDE
) -> Report:
    facts = Facts({one.number: one for one in tickets}, filed, resolved, ())
    return count(facts, scope, TODAY, DESK)


def promise(at: datetime, kind: ClockKind = ClockKind.RESOLUTION) -> Clock:
    """Four open hours to resolve, two to answer."""
    clock = start(DESK, kind, Case("other", Priority.NORMAL, "support"), at)
    assert clock
    return clock


def test_what_was_filed_today_counts_by_type_and_by_where_it_stands() -> None:
    solved = replace(VPN, number=2, type="other", status=Status.RESOLVED)

    report = told(VPN, solved, filed=(FILED, Moved(2, "U0AGENT1", "support")))

    assert report.reported == (1, 2)
    assert report.by_type == (("network", 1), ("other", 1))
    assert report.by_status == ((Status.IN_PROGRESS, 1), (Status.RESOLVED, 1))


def test_each_agent_has_work_from_today_and_from_earlier_days() -> None:
    old = replace(VPN, number=2, created_at=MONDAY)
    nobodys = replace(VPN, number=3, assignee=None, status=Status.NEW)

    report = told(VPN, old, nobodys)

    assert report.holders == (Holder("U0AGENT1", today=1, earlier=1), Holder(None, today=1))
    assert report.open == 3


def test_an_escalated_ticket_stays_reported_where_it_was_filed_and_is_open_where_it_is() -> None:
    accepted = replace(VPN, team="network")

    first_line = told(accepted, filed=(FILED,), scope=HERE)
    experts = told(accepted, filed=(FILED,), scope=Scope(teams=frozenset(["network"])))

    assert (first_line.reported, first_line.open) == ((1,), 0)
    assert (experts.reported, experts.open) == ((), 1)


def test_a_clock_past_its_time_is_overdue_and_the_due_moment_itself_is_not() -> None:
    late = replace(VPN, clocks=(promise(MONDAY),))
    at_noon = replace(VPN, number=2, clocks=(promise(NOON - timedelta(hours=4)),))

    report = told(late, at_noon)

    assert [one.number for one in report.overdue] == [1]
    assert [one.number for one in report.near] == [2]


def test_a_late_first_reply_is_overdue_too() -> None:
    silent = replace(VPN, clocks=(promise(TUESDAY, ClockKind.FIRST_RESPONSE), promise(TUESDAY)))

    report = told(silent)

    assert [(one.number, one.due_at) for one in report.overdue] == [(1, warsaw("17T11:00"))]


def test_a_promise_that_was_kept_before_then_is_neither_overdue_nor_near() -> None:
    answered = meet(DESK, promise(MONDAY, ClockKind.FIRST_RESPONSE), MONDAY)

    report = told(replace(VPN, clocks=(answered,)))

    assert (report.overdue, report.near) == ((), ())


def test_what_was_kept_only_later_was_overdue_on_that_day() -> None:
    kept_late = meet(DESK, promise(MONDAY), NOON + timedelta(hours=1))

    report = told(replace(VPN, clocks=(kept_late,)))

    assert [one.number for one in report.overdue] == [1]


def test_a_ticket_that_waits_for_its_customer_is_not_overdue_while_its_clock_stands() -> None:
    standing = pause(DESK, promise(MONDAY), MONDAY + timedelta(hours=1))

    report = told(replace(VPN, status=Status.WAITING, clocks=(standing,)))

    assert (report.overdue, report.near) == ((), ())


def test_near_begins_at_the_first_warning() -> None:
    half_used = replace(VPN, clocks=(promise(warsaw("17T10:00")),))
    fresh = replace(VPN, number=2, clocks=(promise(warsaw("17T10:01")),))

    report = told(half_used, fresh)

    assert [one.number for one in report.near] == [1]


def test_a_ticket_is_overdue_or_near_never_both() -> None:
    both = replace(VPN, clocks=(promise(TUESDAY, ClockKind.FIRST_RESPONSE), promise(TUESDAY)))

    report = told(both)

    assert (len(report.overdue), len(report.near)) == (1, 0)
    assert report.holders == (Holder("U0AGENT1", today=1, overdue=1),)


def test_who_resolved_it_last_that_day_is_named_once() -> None:
    done = replace(VPN, status=Status.RESOLVED)

    report = told(done, resolved=(Moved(1, "U0AGENT1", "support"), Moved(1, "U0AGENT2", "support")))

    assert report.resolved_by == (("U0AGENT2", 1),)


def test_in_time_is_the_share_of_promises_that_ended_that_day() -> None:
    kept = replace(VPN, status=Status.RESOLVED, clocks=(meet(DESK, promise(TUESDAY), TUESDAY),))
    missed = replace(kept, number=2, clocks=(meet(DESK, promise(MONDAY), TUESDAY),))
    unpromised = replace(kept, number=3, clocks=())

    report = told(kept, missed, unpromised, resolved=tuple(Moved(n, "U0AGENT1", "support") for n in (1, 2, 3)))

    assert report.in_time == Share(1, 2)


@pytest.mark.parametrize(("part", "of", "percent"), [(4, 4, None), (4, 5, 80), (0, 5, 0)])
def test_a_percentage_needs_five(part: int, of: int, percent: int | None) -> None:
    assert Share(part, of).percent == percent


def test_decisions_count_for_the_experts_and_for_those_who_asked() -> None:
    accepted = Decision(1, "network", "support", "U0EXPERT1", EscalationState.ACCEPTED)
    rejected = Decision(2, "network", "sales", "U0EXPERT1", EscalationState.REJECTED)
    facts = Facts({}, (), (), (accepted, rejected))

    asked = count(facts, HERE, TODAY, DESK).escalations
    answered = count(facts, Scope(teams=frozenset(["network"])), TODAY, DESK).escalations

    assert asked == (Decided("network", 1, 0),)
    assert answered == (Decided("network", 1, 1),)


def test_my_own_numbers_are_what_i_asked_hold_solved_and_decided() -> None:
    ben = Scope(person="U0AGENT2")
    solved = replace(VPN, number=2, status=Status.RESOLVED, assignee=None, requester="U0AGENT2")
    facts = (Moved(1, "U0AGENT1", "support"), Moved(2, "U0AGENT1", "support"))

    report = told(VPN, solved, filed=facts, resolved=(Moved(2, "U0AGENT2", "support"),), scope=ben)

    assert (report.reported, report.open, report.resolved) == ((2,), 0, (2,))


def test_n_counts_each_ticket_once() -> None:
    done = replace(VPN, number=2, status=Status.CLOSED)

    report = told(VPN, done, filed=(FILED, Moved(2, "U", "support")), resolved=(Moved(2, "U", "support"),))

    assert report.n == 2


def test_a_promise_taken_back_is_not_overdue() -> None:
    cancelled = replace(promise(MONDAY), state=ClockState.CANCELLED)

    assert told(replace(VPN, clocks=(cancelled,))).overdue == ()


def test_a_past_day_is_whole_and_today_ends_now() -> None:
    yesterday = day_of(OFFICE, date(2026, 11, 16), NOON)

    assert (yesterday.start, yesterday.end, yesterday.is_today) == (warsaw("16T00:00"), warsaw("17T00:00"), False)
    assert (TODAY.start, TODAY.last, TODAY.is_today) == (warsaw("17T00:00"), NOON, True)


def test_the_day_on_which_summer_time_ends_has_25_hours() -> None:
    sunday = day_of(OFFICE, date(2026, 10, 25), NOON)

    assert sunday.end - sunday.start == timedelta(hours=25)


def test_the_local_day_may_differ_from_that_of_utc() -> None:
    night: Day = day_of(OFFICE, None, datetime(2026, 11, 16, 23, 30, tzinfo=UTC))

    assert night.date == date(2026, 11, 17)
