"""A day that is over keeps its figures, whatever happens to its tickets later."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest

from rules.model.tickets import Priority, ReplyBy
from rules.model.timers import TimerKind, TimerState
from rules.reports.daily import DailyReport, Ratio, ReportDay, build_daily_report, report_day
from rules.reports.open_work import CreatedOnDay
from rules.reports.resolution_times import ResolvedTicket
from services.config import apply_configuration, recalculate_all_sla_targets, reload_configuration
from services.desk import Desk
from services.sla import extensions
from services.tickets import corrections, tickets
from services.tickets.corrections import Correction
from storage.escalations.outcomes import escalations_between
from storage.reports.daily import daily_facts
from storage.reports.open_work import days_created, first_due_soon, first_overdue
from storage.reports.resolution_times import resolved_between
from storage.schema.sla import SlaOutcome
from storage.sla.timers import outcome_rows, ticket_timers
from storage.transaction import Reader, all_where
from tests.desks import OFFICE, POLICY, HeldClock
from tests.services.vpn import ANA, BEN, CLEO, LENA, asked, filed
from tests.storage.reports.random_desk import EVERYTHING, SCOPES, change_rules, live
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


async def test_a_ticket_that_was_overdue_stays_so_when_it_gets_more_time(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    clock.forward(days=3)
    yesterday = replace(report_day(desk.policy.team_calendar("support"), None, clock()), is_today=False)
    clock.forward(days=1)
    before = await report(desk, yesterday)
    extend = partial(extensions.extend_timer, target=TimerKind.RESOLUTION, more="5d", reason="A part comes.")

    await desk.execute(extend, number, by=LENA)

    assert before.overdue.count == 1
    assert (await report(desk, yesterday)).overdue == before.overdue


async def test_a_target_that_is_new_is_none_of_an_earlier_day(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(apply_configuration, OFFICE | {"sla": []})
    await reload_configuration(desk)
    await filed(desk)
    clock.forward(days=3)
    day = replace(report_day(desk.policy.team_calendar("support"), None, clock()), is_today=False)
    clock.forward(days=1)

    await desk.execute(apply_configuration, OFFICE)
    await reload_configuration(desk)
    await recalculate_all_sla_targets(desk)

    assert (await report(desk, day)).overdue.count == 0
    today = report_day(desk.policy.team_calendar("support"), None, clock())
    assert (await report(desk, today)).overdue.count == 1


async def test_what_is_corrected_later_changes_no_type_of_the_past(desk: Desk, clock: HeldClock) -> None:
    number, day = await resolved_today(desk)
    other = Correction("VPN is down", "other", Priority.CRITICAL, customer=None, reply_by=ReplyBy.SLACK)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")
    await asked(desk, number)
    whole = replace(day, end=clock.now + timedelta(seconds=1))
    clock.forward(days=1)

    await desk.execute(corrections.correct_ticket, number, by=ANA, to=other)

    (resolved,) = await desk.read(resolved_between, start=whole.start, end=whole.end)
    (escalation,) = await desk.read(escalations_between, start=whole.start, end=whole.end)
    assert (await report(desk, whole)).by_type == (("network", 1),)
    assert (resolved.type, escalation.type) == ("network", "network")


async def test_the_rows_of_a_ticket_are_those_that_its_timers_history_gives(desk: Desk, clock: HeldClock) -> None:
    number, _ = await resolved_today(desk)
    clock.forward(hours=1)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")
    await desk.execute(tickets.resolve, number, by=BEN, solution="Replaced the gateway.")

    timers = (await desk.read(ticket_timers, number)).values()
    rebuilt = [(row["target"], row["state"], row["left_s"]) for timer in timers for row in outcome_rows(number, timer)]
    assert sorted(await desk.read(outcomes, number)) == sorted(rebuilt)


@dataclass(frozen=True)
class Figures:
    """All that reports say of one day."""

    daily: Sequence[DailyReport]
    created_on: Sequence[Sequence[CreatedOnDay]]
    resolved: Sequence[ResolvedTicket]


async def figures_of(desk: Desk, day: ReportDay) -> Figures:
    facts = await desk.read(daily_facts, day)
    daily, created_on = [], []
    for scope in SCOPES:
        overdue = await desk.read(first_overdue, day, scope, limit=EVERYTHING)
        due_soon = await desk.read(first_due_soon, day, scope, limit=EVERYTHING)
        daily.append(build_daily_report(facts, scope, overdue=overdue, due_soon=due_soon))
        created_on.append(sorted(await desk.read(days_created, day, scope), key=str))
    resolved = await desk.read(resolved_between, start=day.start, end=day.end)
    return Figures(daily, created_on, sorted(resolved, key=lambda one: one.number))


@pytest.mark.parametrize("seed", range(4))
async def test_what_a_day_said_at_its_end_it_says_for_ever(desk: Desk, clock: HeldClock, seed: int) -> None:
    draw, told = random.Random(seed), dict[ReportDay, Figures]()
    day = report_day(POLICY.team_calendar("support"), None, clock.now)

    async def read_ended_days() -> None:
        """Time stops at the end of each day; whoever asks then asks for today."""
        nonlocal day
        later = clock.now
        while report_day(POLICY.team_calendar("support"), None, later).date > day.date:
            whole = report_day(POLICY.team_calendar("support"), day.date, later)
            clock.now = whole.last_moment
            told[replace(whole, is_today=False)] = await figures_of(desk, replace(whole, is_today=True))
            clock.now = whole.end
            day = report_day(POLICY.team_calendar("support"), None, clock.now)
            if draw.random() < 0.4:
                await change_rules(desk, draw)
        clock.now = later

    await live(desk, clock, draw, steps=150, before_each=read_ended_days)

    assert len(told) > 5
    for past, figures in told.items():
        assert await figures_of(desk, past) == figures, past.date
    assert any(report.overdue.count for figures in told.values() for report in figures.daily)
