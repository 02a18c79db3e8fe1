"""A day of the desk in numbers, as the database counts it: who is counted where, as of when."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from rules.calendars.calendars import day_bounds
from rules.model.tickets import Priority, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.reports.daily import AssigneeCount, DueTickets, Ratio, ReportScope, TicketAction
from rules.reports.open_work import CreatedOnDay
from rules.sla.targets import SlaCase
from rules.sla.timers import close_timer, pause_timer, start_timer
from services.desk import Desk
from storage.reports.open_work import days_created, first_overdue
from tests.rules.office import DESK, OFFICE, warsaw
from tests.storage.reports.snapshots import (
    DESK_WIDE,
    FILED,
    MONDAY,
    NOON,
    TODAY,
    TUESDAY,
    VPN,
    counted,
    counted_again,
    put_tickets,
)

HERE = ReportScope(teams=frozenset(["support"]))


def promise(at: datetime, kind: TimerKind = TimerKind.RESOLUTION) -> SlaTimer:
    """Four open hours to resolve, two to answer."""
    clock = start_timer(DESK, kind, SlaCase("other", Priority.NORMAL, "support"), at)
    assert clock
    return clock


async def test_what_was_filed_today_counts_by_type_and_by_where_it_stands(desk: Desk) -> None:
    solved = replace(VPN, number=2, type="other", status=Status.RESOLVED)

    report = await counted(desk, VPN, solved, filed=(FILED, TicketAction(2, "U0AGENT1", "support")))

    assert report.created == (1, 2)
    assert report.by_type == (("network", 1), ("other", 1))
    assert report.by_status == ((Status.IN_PROGRESS, 1), (Status.RESOLVED, 1))


async def test_each_agent_has_work_from_today_and_from_earlier_days(desk: Desk) -> None:
    old = replace(VPN, number=2, created_at=MONDAY)
    nobodys = replace(VPN, number=3, assignee=None, status=Status.NEW)

    report = await counted(desk, VPN, old, nobodys)

    assert report.by_assignee == (AssigneeCount("U0AGENT1", today=1, earlier=1), AssigneeCount(None, today=1))
    assert report.open == 3


async def test_an_escalated_ticket_stays_reported_where_it_was_filed_and_is_open_where_it_is(desk: Desk) -> None:
    accepted = replace(VPN, team="network")

    first_line = await counted(desk, accepted, filed=(FILED,), scope=HERE)
    experts = await counted_again(desk, ReportScope(teams=frozenset(["network"])))

    assert (first_line.created, first_line.open) == ((1,), 0)
    assert (experts.created, experts.open) == ((), 1)


async def test_a_clock_past_its_time_is_overdue_and_the_due_moment_itself_is_not(desk: Desk) -> None:
    late = replace(VPN, timers=(promise(MONDAY),))
    at_noon = replace(VPN, number=2, timers=(promise(NOON - timedelta(hours=4)),))

    report = await counted(desk, late, at_noon)

    assert [one.number for one in report.overdue.first] == [1]
    assert [one.number for one in report.due_soon.first] == [2]


async def test_a_late_first_reply_is_overdue_too(desk: Desk) -> None:
    silent = replace(VPN, timers=(promise(TUESDAY, TimerKind.FIRST_RESPONSE), promise(TUESDAY)))

    report = await counted(desk, silent)

    assert [(one.number, one.due_at) for one in report.overdue.first] == [(1, warsaw("17T11:00"))]


async def test_a_promise_that_was_kept_before_then_is_neither_overdue_nor_near(desk: Desk) -> None:
    answered = close_timer(DESK, promise(MONDAY, TimerKind.FIRST_RESPONSE), MONDAY)

    report = await counted(desk, replace(VPN, timers=(answered,)))

    assert (report.overdue, report.due_soon) == (DueTickets(), DueTickets())


async def test_what_was_kept_only_later_was_overdue_on_that_day(desk: Desk) -> None:
    kept_late = close_timer(DESK, promise(MONDAY), NOON + timedelta(hours=1))

    await desk.execute(put_tickets, [replace(VPN, timers=(kept_late,))], (), ())
    report = await counted_again(desk, DESK_WIDE, is_today=False)

    assert [one.number for one in report.overdue.first] == [1]


async def test_a_ticket_that_waits_for_its_customer_is_not_overdue_while_its_clock_stands(desk: Desk) -> None:
    standing = pause_timer(DESK, promise(MONDAY), MONDAY + timedelta(hours=1))

    report = await counted(desk, replace(VPN, status=Status.WAITING, timers=(standing,)))

    assert (report.overdue, report.due_soon) == (DueTickets(), DueTickets())


async def test_near_begins_at_the_first_warning(desk: Desk) -> None:
    half_used = replace(VPN, timers=(promise(warsaw("17T10:00")),))
    fresh = replace(VPN, number=2, timers=(promise(warsaw("17T10:01")),))

    report = await counted(desk, half_used, fresh)

    assert [one.number for one in report.due_soon.first] == [1]


async def test_a_ticket_is_overdue_or_near_never_both(desk: Desk) -> None:
    both = replace(VPN, timers=(promise(TUESDAY, TimerKind.FIRST_RESPONSE), promise(TUESDAY)))

    report = await counted(desk, both)

    assert (report.overdue.count, report.due_soon.count) == (1, 0)
    assert report.by_assignee == (AssigneeCount("U0AGENT1", today=1, overdue=1),)


async def test_who_resolved_it_last_that_day_is_named_once(desk: Desk) -> None:
    done = replace(VPN, status=Status.RESOLVED)

    report = await counted(
        desk, done, resolved=(TicketAction(1, "U0AGENT1", "support"), TicketAction(1, "U0AGENT2", "support"))
    )

    assert report.resolved_by == (("U0AGENT2", 1),)


async def test_in_time_is_the_share_of_promises_that_ended_that_day(desk: Desk) -> None:
    kept = replace(VPN, status=Status.RESOLVED, timers=(close_timer(DESK, promise(TUESDAY), TUESDAY),))
    missed = replace(kept, number=2, timers=(close_timer(DESK, promise(MONDAY), TUESDAY),))
    unpromised = replace(kept, number=3, timers=())

    report = await counted(
        desk, kept, missed, unpromised, resolved=tuple(TicketAction(n, "U0AGENT1", "support") for n in (1, 2, 3))
    )

    assert report.in_time == Ratio(1, 2)


async def test_my_own_numbers_are_what_i_asked_hold_solved_and_decided(desk: Desk) -> None:
    ben = ReportScope(person="U0AGENT2")
    solved = replace(VPN, number=2, status=Status.RESOLVED, assignee=None, requester="U0AGENT2")
    facts = (TicketAction(1, "U0AGENT1", "support"), TicketAction(2, "U0AGENT1", "support"))

    report = await counted(
        desk, VPN, solved, filed=facts, resolved=(TicketAction(2, "U0AGENT2", "support"),), scope=ben
    )

    assert (report.created, report.open, report.resolved) == ((2,), 0, (2,))


async def test_n_counts_each_ticket_once(desk: Desk) -> None:
    done = replace(VPN, number=2, status=Status.CLOSED)

    report = await counted(
        desk, VPN, done, filed=(FILED, TicketAction(2, "U", "support")), resolved=(TicketAction(2, "U", "support"),)
    )

    assert report.n == 2


async def test_a_promise_taken_back_is_not_overdue(desk: Desk) -> None:
    cancelled = replace(promise(MONDAY), state=TimerState.CANCELLED, closed_at=TUESDAY)

    assert (await counted(desk, replace(VPN, timers=(cancelled,)))).overdue == DueTickets()


async def test_the_first_of_many_are_the_most_urgent(desk: Desk) -> None:
    late = [
        replace(VPN, number=number, timers=(promise(MONDAY + timedelta(minutes=9 - number)),)) for number in (1, 2, 3)
    ]
    await desk.execute(put_tickets, late, (), ())

    assert [one.number for one in await desk.read(first_overdue, TODAY, DESK_WIDE, limit=2)] == [3, 2]


async def test_open_work_is_told_by_the_local_day_on_which_it_was_created(desk: Desk) -> None:
    midnight, before = day_bounds(OFFICE, date(2026, 11, 17))[0], timedelta(minutes=1)
    summer = replace(VPN, number=3, created_at=day_bounds(OFFICE, date(2026, 10, 25))[0] - before)
    tickets = [replace(VPN, created_at=midnight), replace(VPN, number=2, created_at=midnight - before), summer]
    await desk.execute(put_tickets, tickets, (), ())

    days = await desk.read(days_created, TODAY, HERE)

    assert sorted(days, key=lambda one: one.day) == [
        CreatedOnDay("support", "U0AGENT1", date(2026, 10, 24), 1),
        CreatedOnDay("support", "U0AGENT1", date(2026, 11, 16), 1),
        CreatedOnDay("support", "U0AGENT1", date(2026, 11, 17), 1),
    ]
