"""On desks where anything may have happened the figures equal a plain count of every ticket."""

import random
from datetime import timedelta

import pytest

from rules.reports.daily import build_daily_report, report_day
from services.desk import Desk
from storage.reports.daily import daily_facts
from storage.reports.open_work import days_created, first_due_soon, first_overdue
from storage.workload import work_items, workloads
from tests.desks import POLICY, HeldClock
from tests.storage.reports.plain_count import plain_count, plain_minutes
from tests.storage.reports.random_desk import EVERYTHING, PEOPLE, SCOPES, live


@pytest.mark.parametrize("seed", range(3))
async def test_open_overdue_and_due_soon_are_what_a_plain_count_says(desk: Desk, clock: HeldClock, seed: int) -> None:
    await live(desk, clock, random.Random(seed), steps=120)
    calendar = POLICY.team_calendar("support")
    today = report_day(calendar, None, clock.now)
    earlier = (report_day(calendar, today.date - timedelta(days=back), clock.now) for back in (1, 2, 4))

    for day in (today, *earlier):
        facts = await desk.read(daily_facts, day)
        for scope in SCOPES:
            plain = await desk.read(plain_count, day, scope, POLICY)
            overdue = await desk.read(first_overdue, day, scope, limit=EVERYTHING)
            due_soon = await desk.read(first_due_soon, day, scope, limit=EVERYTHING)
            report = build_daily_report(facts, scope, overdue=overdue, due_soon=due_soon)
            days = await desk.read(days_created, day, scope)

            assert report.by_assignee == plain.by_assignee
            assert report.overdue.first == plain.overdue
            assert report.due_soon.first == plain.due_soon
            assert (report.overdue.count, report.due_soon.count) == (len(plain.overdue), len(plain.due_soon))
            assert {(one.team, one.person, one.day): one.count for one in days} == plain.days


@pytest.mark.parametrize("seed", range(3))
async def test_work_left_is_what_a_plain_count_says(desk: Desk, clock: HeldClock, seed: int) -> None:
    await live(desk, clock, random.Random(seed), steps=120)

    summed = await desk.read(workloads, PEOPLE, policy=POLICY, at=clock.now)
    one_by_one = await desk.read(work_items, PEOPLE, policy=POLICY, at=clock.now)

    minutes = {person: (load.minutes, load.waiting_minutes) for person, load in summed.items()}
    assert minutes == await desk.read(plain_minutes, PEOPLE, policy=POLICY, at=clock.now)
    assert {person: load.open_count for person, load in summed.items()} == {
        person: len(one_by_one[person]) for person in PEOPLE
    }


async def test_work_left_is_the_same_whoever_else_is_read(desk: Desk, clock: HeldClock) -> None:
    await live(desk, clock, random.Random(3), steps=120)

    together = await desk.read(workloads, PEOPLE, policy=POLICY, at=clock.now)

    for person in PEOPLE:
        alone = await desk.read(workloads, [person], policy=POLICY, at=clock.now)
        assert sorted(alone[person].items, key=str) == sorted(together[person].items, key=str)
