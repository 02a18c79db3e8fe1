"""A report's facts: every ticket as it stood then, found without reading all there ever was."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from rules.escalations.escalations import EscalationState, RejectionReason
from rules.intake.requests import TicketRequest
from rules.model.tickets import Status
from rules.model.timers import TimerState
from rules.reports.daily import DayFacts, ExpertDecision, ReportDay, ReportScope, TicketAction
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.reports.daily import daily_facts
from storage.reports.open_work import days_created, first_due_soon, first_overdue
from storage.transaction import Reader
from tests.desks import MONDAY, HeldClock

TICK = timedelta(microseconds=1)
TODAY = ReportDay(MONDAY.date(), MONDAY, MONDAY + TICK, "Europe/Warsaw", is_today=True)
BEFORE_BOTH, BETWEEN = timedelta(minutes=-90), timedelta(minutes=-30)


async def filed(desk: Desk, title: str = "VPN is down", type_: str = "network") -> int:
    asked = TicketRequest(title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type=type_)
    return await desk.execute(tickets.create_ticket, asked)


async def told(desk: Desk, start: datetime, end: datetime) -> DayFacts:
    return await desk.read(daily_facts, ReportDay(start.date(), start, end, "Europe/Warsaw", is_today=False))


async def test_a_ticket_stands_as_its_last_event_before_the_end_left_it(desk: Desk, clock: HeldClock) -> None:
    morning = clock.now
    number = await filed(desk)
    clock.forward(hours=1)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(hours=1)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    stood = [(await told(desk, morning, clock.now + offset)).touched[number] for offset in (BEFORE_BOTH, BETWEEN, TICK)]

    assert [(one.status, one.assignee) for one in stood] == [
        (Status.NEW, None),
        (Status.IN_PROGRESS, "U0AGENT1"),
        (Status.RESOLVED, "U0AGENT1"),
    ]


async def test_what_was_filed_later_is_not_there(desk: Desk, clock: HeldClock) -> None:
    early = await filed(desk)
    noon = clock.now + timedelta(hours=3)
    clock.forward(days=1)
    await filed(desk)

    found = await told(desk, noon - timedelta(hours=4), noon)

    assert list(found.touched) == [early]
    assert found.filed == [TicketAction(early, "U0AGENT1", "support")]


async def test_what_was_resolved_before_the_day_is_not_read(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")
    clock.forward(days=1)

    found = await told(desk, clock.now, clock.now + TICK)

    assert found.touched == {}


async def test_a_ticket_reopened_later_is_still_resolved_on_its_first_day(desk: Desk, clock: HeldClock) -> None:
    monday = clock.now
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")
    clock.forward(days=1)
    await desk.execute(tickets.reopen, number, by="U0CLIENT1", reason="Again.")

    found = await told(desk, monday, monday + timedelta(hours=12))

    assert found.touched[number].status is Status.RESOLVED
    assert found.resolved == [TicketAction(number, "U0AGENT1", "support")]


async def test_a_resolution_target_counts_on_the_day_on_which_it_ended(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    found = await told(desk, clock.now, clock.now + TICK)

    assert found.resolution_targets == {number: TimerState.MET}


async def test_decisions_of_the_day_are_told_with_both_teams(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(escalations.escalate, number, by="U0AGENT1", team="network", why="w", tried="t")
    await desk.execute(
        escalations.reject, number, 1, by="U0EXPERT1", reason=RejectionReason.OTHER, comment="Try again."
    )

    found = await told(desk, clock.now, clock.now + TICK)
    next_day = await told(desk, clock.now + timedelta(days=1), clock.now + timedelta(days=2))

    assert found.decisions == [ExpertDecision(number, "network", "support", "U0EXPERT1", EscalationState.REJECTED)]
    assert next_day.decisions == []


async def test_who_has_it_at_the_end_is_known(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to="U0AGENT2", by="U0LEAD1")

    found = await told(desk, clock.now, clock.now + TICK)

    assert found.touched[number].assignee == "U0AGENT2"


@pytest.mark.parametrize("is_today", [True, False])
def test_a_report_walks_indexes(sqlite_desk: Path, is_today: bool) -> None:
    walked = "\n".join(planned(sqlite_desk, replace(TODAY, is_today=is_today)))

    tables = [line for line in walked.splitlines() if line.startswith("SCAN")]
    assert [line for line in tables if "SCAN events" in line or "SCAN tickets" in line or "SCAN clocks" in line] == []
    assert "events USING INDEX ix_events_workspace_id_at_kind (workspace_id=? AND at>? AND at<?)" in walked
    assert "escalations USING INDEX ix_escalations_decided" in walked


def test_open_work_of_today_is_counted_in_indexes_alone(sqlite_desk: Path) -> None:
    walked = planned(sqlite_desk, TODAY)

    assert sum("tickets USING COVERING INDEX ix_tickets_open (workspace_id=?)" in line for line in walked) == 2
    assert walked.count("SEARCH clocks USING COVERING INDEX ix_clocks_open (workspace_id=?)") == 1  # all, once
    assert sum("clocks USING COVERING INDEX ix_clocks_due (workspace_id=? AND due_at" in line for line in walked) == 2


def planned(path: Path, day: ReportDay) -> list[str]:
    """How SQLite means to run the statements of a report, line by line."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection, Session(connection) as session:
        run: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", lambda *told: run.append((told[2], told[3])))
        reader, everybody = Reader(session, "T0LOCAL"), ReportScope()
        daily_facts(reader, day)
        first_overdue(reader, day, everybody, limit=8)
        first_due_soon(reader, day, everybody, limit=8)
        days_created(reader, day, everybody)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", told).all() for sql, told in list(run)]
    engine.dispose()
    return [str(line.detail) for plan in plans for line in plan]
