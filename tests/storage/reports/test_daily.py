"""A report's facts: every ticket as it stood then, found without reading all there ever was."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from rules.escalations.escalations import EscalationState, RejectionReason
from rules.intake.requests import TicketRequest
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from rules.reports.daily import DayFacts, ExpertDecision, TicketAction
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.reports.daily import daily_facts
from storage.transaction import Reader
from tests.desks import MONDAY, HeldClock

TICK = timedelta(microseconds=1)
BEFORE_BOTH, BETWEEN = timedelta(minutes=-90), timedelta(minutes=-30)


async def filed(desk: Desk, title: str = "VPN is down", type_: str = "network") -> int:
    asked = TicketRequest(title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type=type_)
    return await desk.execute(tickets.create_ticket, asked)


async def told(desk: Desk, start: datetime, end: datetime) -> DayFacts:
    return await desk.read(daily_facts, start=start, end=end)


async def test_a_ticket_stands_as_its_last_event_before_the_end_left_it(desk: Desk, clock: HeldClock) -> None:
    morning = clock.now
    number = await filed(desk)
    clock.forward(hours=1)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(hours=1)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    stood = [(await told(desk, morning, clock.now + offset)).tickets[number] for offset in (BEFORE_BOTH, BETWEEN, TICK)]

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

    assert list(found.tickets) == [early]
    assert found.filed == [TicketAction(early, "U0AGENT1", "support")]


async def test_what_was_resolved_before_the_day_is_not_read(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")
    clock.forward(days=1)

    found = await told(desk, clock.now, clock.now + TICK)

    assert found.tickets == {}


async def test_a_ticket_reopened_later_is_still_resolved_on_its_first_day(desk: Desk, clock: HeldClock) -> None:
    monday = clock.now
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")
    clock.forward(days=1)
    await desk.execute(tickets.reopen, number, by="U0CLIENT1", reason="Again.")

    found = await told(desk, monday, monday + timedelta(hours=12))

    assert found.tickets[number].status is Status.RESOLVED
    assert found.resolved == [TicketAction(number, "U0AGENT1", "support")]


async def test_each_ticket_brings_its_promises(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)

    found = await told(desk, clock.now, clock.now + TICK)

    assert {one.target for one in found.tickets[number].timers} == {TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION}


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

    assert found.tickets[number].assignee == "U0AGENT2"


def test_a_report_is_three_statements_that_walk_indexes(sqlite_desk: Path) -> None:
    plans = planned(sqlite_desk)

    walked = "\n".join(line for plan in plans for line in plan)
    assert len(plans) == 3
    assert "SCAN" not in walked
    assert walked.count("tickets USING INDEX ix_tickets_open_team") == 1
    assert walked.count("tickets USING INDEX ix_tickets_resolved (workspace_id=? AND resolved_at>?)") == 1
    assert "events USING INDEX ix_events_workspace_id_at_kind (workspace_id=? AND at>? AND at<?)" in walked
    assert "escalations USING INDEX ix_escalations_decided" in walked


def planned(path: Path) -> list[list[str]]:
    """How SQLite means to run each statement of a report."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection, Session(connection) as session:
        run: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", lambda *told: run.append((told[2], told[3])))
        daily_facts(Reader(session, "T0LOCAL"), start=MONDAY, end=MONDAY + TICK)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", told).all() for sql, told in list(run)]
    engine.dispose()
    return [[str(line.detail) for line in plan] for plan in plans]
