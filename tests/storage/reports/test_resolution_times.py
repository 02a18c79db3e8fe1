"""What tickets took is read from their history, and only of those that were resolved in the span."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from rules.model.tickets import Status
from rules.reports.resolution_times import ResolvedTicket, StatusPeriod, TooManyTickets
from services.desk import Desk
from services.tickets import tickets
from storage.reports.resolution_times import resolved_between
from storage.transaction import Reader
from tests.desks import MONDAY, HeldClock
from tests.services.vpn import ANA, BEN, CLEO, filed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def resolved(desk: Desk, clock: HeldClock, *, by: str = ANA, type_: str = "network") -> int:
    """Filed, taken an hour later, resolved an hour after that."""
    number = await filed(desk, type_=type_)
    clock.forward(hours=1)
    await desk.execute(tickets.take, number, by=by)
    clock.forward(hours=1)
    await desk.execute(tickets.resolve, number, by=by, solution="Restarted.")
    return number


async def found(
    desk: Desk,
    start: datetime,
    end: datetime,
    *,
    teams: Collection[str] | None = None,
    person: str | None = None,
) -> list[ResolvedTicket]:
    return await desk.read(resolved_between, start=start, end=end, teams=teams, person=person)


async def test_a_resolved_ticket_comes_with_the_states_it_was_in(desk: Desk, clock: HeldClock) -> None:
    number = await resolved(desk, clock)

    (one,) = await found(desk, MONDAY, MONDAY + DAY)

    assert one == ResolvedTicket(
        number=number,
        title="VPN is down",
        type="network",
        team="support",
        resolved_by=ANA,
        created_at=MONDAY,
        resolved_at=MONDAY + 2 * HOUR,
        calendar="office",
        status_periods=(
            StatusPeriod(MONDAY, Status.NEW),
            StatusPeriod(MONDAY + HOUR, Status.IN_PROGRESS),
            StatusPeriod(MONDAY + 2 * HOUR, Status.RESOLVED),
        ),
    )


async def test_the_moment_at_which_the_span_ends_is_outside_of_it(desk: Desk, clock: HeldClock) -> None:
    await resolved(desk, clock)

    assert await found(desk, MONDAY, MONDAY + 2 * HOUR) == []
    assert len(await found(desk, MONDAY + 2 * HOUR, MONDAY + DAY)) == 1


async def test_what_was_reopened_later_was_resolved_that_day_all_the_same(desk: Desk, clock: HeldClock) -> None:
    number = await resolved(desk, clock)
    before = await found(desk, MONDAY, MONDAY + DAY)
    clock.forward(days=7)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")
    await desk.execute(tickets.take, number, by=BEN)
    await desk.execute(tickets.resolve, number, by=BEN, solution="Replaced the gateway.")

    assert await found(desk, MONDAY, MONDAY + DAY) == before
    (again,) = await found(desk, MONDAY + 7 * DAY, MONDAY + 8 * DAY)
    assert (again.number, again.resolved_by, again.resolved_at) == (number, BEN, MONDAY + 7 * DAY + 2 * HOUR)


async def test_of_two_resolutions_in_the_span_the_last_counts(desk: Desk, clock: HeldClock) -> None:
    number = await resolved(desk, clock)
    clock.forward(hours=1)
    await desk.execute(tickets.reopen, number, by=CLEO, reason="Again.")
    await desk.execute(tickets.resolve, number, by=BEN, solution="Replaced the gateway.")

    (one,) = await found(desk, MONDAY, MONDAY + DAY)

    assert (one.resolved_by, one.resolved_at) == (BEN, MONDAY + 3 * HOUR)


async def test_one_team_and_one_person_are_told_apart(desk: Desk, clock: HeldClock) -> None:
    first, second = await resolved(desk, clock), await resolved(desk, clock, by=BEN)

    support = await found(desk, MONDAY, MONDAY + DAY, teams=["support"])
    network = await found(desk, MONDAY, MONDAY + DAY, teams=["network"])
    bens = await found(desk, MONDAY, MONDAY + DAY, person=BEN)

    assert ({one.number for one in support}, network, [one.number for one in bens]) == ({first, second}, [], [second])


async def test_more_than_can_be_read_at_once_is_refused_with_what_to_ask_instead(desk: Desk, clock: HeldClock) -> None:
    for _ in range(3):
        await resolved(desk, clock)

    enough = await desk.read(resolved_between, start=MONDAY, end=MONDAY + DAY, limit=3)
    with pytest.raises(TooManyTickets, match="More than 2 tickets were resolved then"):
        await desk.read(resolved_between, start=MONDAY, end=MONDAY + DAY, limit=2)

    assert len(enough) == 3


def test_both_statements_walk_the_index_of_what_happened(sqlite_desk: Path) -> None:
    engine = create_engine(f"sqlite:///{sqlite_desk}")
    with engine.connect() as connection, Session(connection) as session:
        run: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", lambda *told: run.append((told[2], told[3])))
        resolved_between(Reader(session, "T0LOCAL"), start=MONDAY, end=MONDAY + DAY, teams=["support"])
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", told).all() for sql, told in list(run)]
    engine.dispose()

    walked = "\n".join(str(line.detail) for plan in plans for line in plan)
    assert len(plans) == 2
    assert [line for line in walked.splitlines() if line.startswith("SCAN")] == ["SCAN anon_1"] * 2  # of that span
    assert walked.count("events USING INDEX ix_events_workspace_id_at_kind (workspace_id=? AND at>? AND at<?)") == 2
    assert "tickets USING INDEX sqlite_autoindex_tickets_1 (workspace_id=? AND number=?)" in walked
    assert "events USING INDEX sqlite_autoindex_events_1 (workspace_id=? AND number=? AND seq<?)" in walked
