"""A day that is over keeps its figures, whatever happens to its tickets later."""

from dataclasses import replace

from rules.model.timers import TimerKind, TimerState
from rules.reports.daily import DailyReport, Ratio, ReportDay, build_daily_report, report_day
from services.desk import Desk
from services.tickets import tickets
from storage.reports.daily import daily_facts
from storage.schema.sla import SlaOutcome
from storage.sla.timers import outcome_rows, ticket_timers
from storage.transaction import Reader, all_where
from tests.desks import HeldClock
from tests.services.vpn import ANA, BEN, CLEO, filed
from tests.storage.reports.snapshots import DESK_WIDE


async def report(desk: Desk, day: ReportDay) -> DailyReport:
    return build_daily_report(await desk.read(daily_facts, day), DESK_WIDE)


async def resolved_today(desk: Desk) -> tuple[int, ReportDay]:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    calendar = desk.policy.team_calendar("support")
    return number, replace(report_day(calendar, None, desk.clock()), is_today=False)


def outcomes(reader: Reader, number: int) -> list[tuple[TimerKind, TimerState, int]]:
    rows = all_where(reader, SlaOutcome, SlaOutcome.number == number, order_by=(SlaOutcome.ended_at, SlaOutcome.target))
    return [(row.target, row.state, row.left_s) for row in rows]


async def test_a_promise_that_was_kept_stays_kept_when_the_ticket_is_reopened(desk: Desk, clock: HeldClock) -> None:
    number, day = await resolved_today(desk)
    before = await report(desk, day)
    clock.forward(days=7)

    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")

    reopened = await report(desk, day)
    assert (before.in_time, before.resolved) == (Ratio(1, 1), (number,))
    assert (reopened.in_time, reopened.resolved) == (before.in_time, before.resolved)
    await desk.execute(tickets.resolve, number, by=BEN, solution="Replaced the gateway.")
    assert (await report(desk, day)).in_time == before.in_time


async def test_a_timer_that_ended_twice_that_day_counts_as_it_ended_last(desk: Desk, clock: HeldClock) -> None:
    number, day = await resolved_today(desk)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")
    clock.forward(hours=9)

    await desk.execute(tickets.resolve, number, by=BEN, solution="Replaced the gateway.")

    assert (await report(desk, replace(day, end=clock()))).in_time.total == 1
    kinds = [kind for kind, _, _ in await desk.read(outcomes, number)]
    assert kinds.count(TimerKind.RESOLUTION) == 2


async def test_the_rows_of_a_ticket_are_those_that_its_timers_history_gives(desk: Desk, clock: HeldClock) -> None:
    number, _ = await resolved_today(desk)
    clock.forward(hours=1)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")
    await desk.execute(tickets.resolve, number, by=BEN, solution="Replaced the gateway.")

    timers = (await desk.read(ticket_timers, number)).values()
    rebuilt = [(row["target"], row["state"], row["left_s"]) for timer in timers for row in outcome_rows(number, timer)]
    assert sorted(await desk.read(outcomes, number)) == sorted(rebuilt)
