"""On desks where anything may have happened the figures equal a plain count of every ticket."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest

from rules.errors import Refused
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority
from rules.model.timers import TimerKind
from rules.reports.daily import ReportScope, build_daily_report, report_day
from services.alerts import sweep
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.sla import extensions
from services.tickets import tickets
from storage.reports.daily import daily_facts
from storage.reports.open_work import days_created, first_due_soon, first_overdue
from storage.transaction import Transaction
from storage.workload import work_items, workloads
from tests.desks import POLICY, HeldClock
from tests.storage.reports.plain_count import plain_count, plain_minutes

AGENTS, EXPERTS, LEAD = ("U0AGENT1", "U0AGENT2"), ("U0EXPERT1", "U0EXPERT2"), "U0LEAD1"
PEOPLE = (*AGENTS, *EXPERTS, LEAD)
EVERYTHING = 1000
SCOPES = (
    ReportScope(),
    ReportScope(teams=frozenset({"support"})),
    ReportScope(person=AGENTS[0]),
    ReportScope(person=EXPERTS[0]),
)
Operation = Callable[[Transaction], object]


async def live(desk: Desk, clock: HeldClock, draw: random.Random, *, steps: int) -> None:
    """So many things that people do, most of them allowed, over some days."""
    last = 0
    for _ in range(steps):
        clock.forward(minutes=draw.choice([1, 20, 90, 300]))
        if last == 0 or draw.random() < 0.25:
            last = await desk.execute(tickets.create_ticket, drawn_request(draw))
        elif draw.random() < 0.3:
            await sweep.send_all_alerts(desk)
        else:
            with suppress(Refused):
                await desk.execute(drawn_operation(draw, draw.randint(1, last)))


def drawn_request(draw: random.Random) -> TicketRequest:
    kind, priority = draw.choice(["network", "other"]), draw.choice(list(Priority))
    asker = draw.choice([*PEOPLE, "U0CLIENT1"])
    return TicketRequest(title="VPN is down", requester=asker, registered_by=asker, type=kind, priority=priority)


def drawn_operation(draw: random.Random, number: int) -> Operation:
    agent, expert = draw.choice(AGENTS), draw.choice(EXPERTS)
    target, reason = TimerKind.RESOLUTION, "A part comes tomorrow."
    operations: list[Operation] = [
        partial(tickets.take, number=number, by=agent),
        partial(tickets.take, number=number, by=LEAD),
        partial(assignments.assign_ticket, number=number, to=agent, by=LEAD),
        partial(assignments.start_work, number=number, by=agent),
        partial(assignments.pass_ticket_back, number=number, by=agent, reason="Not mine."),
        partial(tickets.wait_for_customer, number=number, by=agent),
        partial(tickets.add_requester_message, number=number, by="U0CLIENT1", text="And now?"),
        partial(tickets.reply, number=number, by=agent, text="We are on it."),
        partial(tickets.resolve, number=number, by=draw.choice([agent, expert]), solution="Restarted."),
        partial(tickets.reopen, number=number, by=agent, reason="Again."),
        partial(escalations.escalate, number=number, by=agent, team="network", why="Down", tried="Restarted"),
        partial(escalations.accept, number=number, round_=1, by=expert),
        partial(extensions.extend_timer, number=number, by=agent, target=target, more="30m", reason=reason),
        partial(sweep.snooze_alerts, number=number, by=agent),
    ]
    return draw.choice(operations)


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
