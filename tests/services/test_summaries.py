"""At its own hour of its own working days a team reads its day, and each of its people their own part."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from rules.intake.requests import TicketRequest
from rules.reports import daily
from rules.reports.summaries import DayLoad, PersonSummary, TeamSummary, busiest_people
from services import summaries
from services.alerts import sweep
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.json_values import from_json
from storage.outbox.deliveries import due_messages
from storage.people import people
from storage.reports.daily import daily_facts
from storage.schema.tickets import OutboxMessage
from tests.desks import HeldClock, opened_desk

HOUR = datetime(2026, 10, 5, 14, 0, tzinfo=UTC)  # Monday 16:00 in Warsaw


def asked(title: str = "VPN is down", **more: Any) -> TicketRequest:
    return TicketRequest(title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type="network", **more)


async def queued(desk: Desk) -> dict[str, OutboxMessage]:
    """The summaries that wait to be sent, by where they go."""
    rows = await desk.read(due_messages, at=desk.clock())
    return {row.lane: row for row in rows if row.kind == "summary"}


async def of_support(desk: Desk) -> TeamSummary:
    return from_json(TeamSummary, (await queued(desk))["C0SUPPORT"].data["team"])


async def a_day(desk: Desk, clock: HeldClock) -> None:
    """Ana solves one and holds one that is late, Ben was given one, nobody has the last."""
    solved, late, given = [await desk.execute(tickets.create_ticket, asked()) for _ in range(3)]
    await desk.execute(tickets.resolve, solved, by="U0AGENT1", solution="Restarted.")
    await desk.execute(tickets.take, late, by="U0AGENT1")
    await desk.execute(tickets.take, given, by="U0AGENT2")
    await desk.execute(tickets.reply, given, by="U0AGENT2", text="We are looking.")
    clock.now = HOUR
    await desk.execute(tickets.create_ticket, asked("Printer is out"))
    await desk.execute(sweep.send_due_alerts)


async def test_the_team_reads_what_came_what_was_done_and_who_holds_what(desk: Desk, clock: HeldClock) -> None:
    await a_day(desk, clock)

    await desk.execute(summaries.send_summaries)

    told = await of_support(desk)
    assert (told.day, told.load, told.unassigned) == (date(2026, 10, 5), DayLoad(3, 4, 1, 1, 1), 1)
    assert {one.who: one.load for one in told.people} == {
        "U0AGENT1": DayLoad(open=1, new=1, done=1, overdue=1),
        "U0AGENT2": DayLoad(open=1, new=1, near=1),
    }


async def test_it_says_who_holds_most_and_who_could_help(desk: Desk, clock: HeldClock) -> None:
    for _ in range(2):
        await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, asked()), by="U0AGENT2")
    clock.now = HOUR

    await desk.execute(summaries.send_summaries)

    told = await of_support(desk)
    assert [one.who for one in busiest_people(told)] == ["U0AGENT2"]
    assert [(one.who, one.minutes) for one in told.helpers] == [("U0AGENT1", 0), ("U0LEAD1", 0)]


async def test_each_agent_reads_their_own_part_and_what_is_due_first(desk: Desk, clock: HeldClock) -> None:
    await a_day(desk, clock)

    await desk.execute(summaries.send_summaries)

    own = from_json(PersonSummary, (await queued(desk))["U0AGENT1"].data["own"])
    assert (own.load.done, [one.number for one in own.soonest]) == (1, [2])


async def test_who_did_nothing_and_holds_nothing_gets_no_message(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, asked()), by="U0AGENT1")
    clock.now = HOUR

    await desk.execute(summaries.send_summaries)

    assert set(await queued(desk)) == {"C0SUPPORT", "U0AGENT1"}


async def test_people_are_named_as_slack_names_them(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(people.save_person, "U0AGENT1", name="Ana Kowalska", tz="Europe/Warsaw", gone=False)
    clock.now = HOUR

    await desk.execute(summaries.send_summaries)

    assert {one.who: one.name for one in (await of_support(desk)).people} == {
        "U0AGENT1": "Ana Kowalska",
        "U0AGENT2": "",
    }


async def test_before_its_hour_a_team_reads_nothing(desk: Desk, clock: HeldClock) -> None:
    clock.now = HOUR
    clock.forward(seconds=-1)

    assert await desk.execute(summaries.send_summaries) == 0


async def test_the_hour_is_the_teams_own_in_winter_too(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 11, 2, 14, 59, tzinfo=UTC)  # 15:59 in Warsaw
    early = await desk.execute(summaries.send_summaries)
    clock.forward(minutes=1)

    assert (early, await desk.execute(summaries.send_summaries)) == (0, 1)


@pytest.mark.parametrize("day_off", [datetime(2026, 10, 10, 15, 0, tzinfo=UTC), datetime(2026, 11, 11, 16, tzinfo=UTC)])
async def test_on_a_saturday_and_on_a_holiday_nothing_is_told(desk: Desk, clock: HeldClock, day_off: datetime) -> None:
    clock.now = day_off

    assert await desk.execute(summaries.send_summaries) == 0


async def test_it_is_told_once_however_often_the_job_runs(desk: Desk, clock: HeldClock) -> None:
    await a_day(desk, clock)

    teams = 0
    for _ in range(60):
        teams += await desk.execute(summaries.send_summaries)
        clock.forward(minutes=1)

    assert teams == 1
    assert len(await queued(desk)) == 3


async def test_two_processes_at_once_tell_it_once(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock) as one, opened_desk(database_url, clock) as other:
        await a_day(one, clock)

        await asyncio.gather(one.execute(summaries.send_summaries), other.execute(summaries.send_summaries))

        rows = [row for row in await one.read(due_messages, at=clock.now) if row.kind == "summary"]
        assert sorted(row.lane for row in rows) == ["C0SUPPORT", "U0AGENT1", "U0AGENT2"]


async def test_what_a_sleeping_machine_missed_is_told_the_same_evening(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 5, 21, 30, tzinfo=UTC)  # 23:30 in Warsaw

    await desk.execute(summaries.send_summaries)

    assert (await of_support(desk)).day == date(2026, 10, 5)


async def test_the_next_morning_yesterday_is_not_told_any_more(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 6, 7, 0, tzinfo=UTC)

    assert await desk.execute(summaries.send_summaries) == 0


async def test_what_was_filed_and_solved_yesterday_is_not_of_today(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, asked())
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")
    clock.now = HOUR
    clock.forward(days=1)

    await desk.execute(summaries.send_summaries)

    assert (await of_support(desk)).load == DayLoad()


async def test_a_ticket_solved_twice_on_one_day_counts_once_for_who_solved_it_last(
    desk: Desk, clock: HeldClock
) -> None:
    number = await desk.execute(tickets.create_ticket, asked())
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")
    await desk.execute(tickets.reopen, number, by="U0CLIENT1", reason="Down again.")
    await desk.execute(tickets.resolve, number, by="U0AGENT2", solution="Cable replaced.")
    clock.now = HOUR

    await desk.execute(summaries.send_summaries)

    told = await of_support(desk)
    assert (told.load.done, {one.who: one.load.done for one in told.people}) == (1, {"U0AGENT1": 0, "U0AGENT2": 1})


async def test_the_report_of_that_moment_has_the_same_numbers(desk: Desk, clock: HeldClock) -> None:
    await a_day(desk, clock)
    asks_experts = await desk.execute(tickets.create_ticket, asked("Switch is down"))
    await desk.execute(escalations.escalate, asks_experts, by="U0AGENT1", team="network", why="Down", tried="restarted")
    await desk.execute(escalations.accept, asks_experts, 1, by="U0EXPERT1")
    again = await desk.execute(tickets.create_ticket, asked("Mail is slow"))
    await desk.execute(tickets.resolve, again, by="U0AGENT1", solution="Queue emptied.")
    await desk.execute(tickets.reopen, again, by="U0CLIENT1", reason="Slow again.")
    await desk.execute(summaries.send_summaries)

    day = daily.report_day(desk.policy.team_calendar("support"), None, clock.now)
    facts = await desk.read(daily_facts, day)
    report = daily.build_daily_report(facts, daily.ReportScope(teams=frozenset({"support"})))

    told = (await of_support(desk)).load
    assert told == DayLoad(
        report.open, len(report.created), len(report.resolved), report.overdue.count, report.due_soon.count
    )
    assert told == DayLoad(open=4, new=6, done=2, overdue=1, near=1)
