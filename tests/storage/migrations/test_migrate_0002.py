"""A desk that worked before clocks explained themselves goes on: by which calendar, under which rules, who is asked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind, TimerState
from services.alerts import sweep
from services.config import apply_configuration, recalculate_sla_targets, reload_configuration
from services.desk import Desk
from services.escalations import escalations
from storage.database import Database, create_writer_engine, parse_database_url
from storage.migrations.migrate import _alembic_config, upgrade_schema
from storage.sla import timers
from storage.tickets.tickets import get_ticket
from tests.desks import OFFICE, HeldClock
from tests.services.alarms import alerts, told

FILED = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)  # Monday 9:00 in Warsaw
FIRST, RESOLUTION, ANSWER = TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION, TimerKind.EXPERT_ANSWER


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def older(address: str) -> None:
    """A database as the version before made it, with work in it."""
    engine = create_writer_engine(parse_database_url(address))
    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "0001")
        workspace(connection)
        for number in (1, 2, 3):
            ticket(connection, number, status="escalated" if number > 1 else "new")
            clock(connection, number, "resolution", due_at=at(7, 0, day=6), total_s=8 * 3600, alert_at=at(11, 30))
        clock(connection, 1, "first_response", due_at=at(7, 30), total_s=1800, alert_at=at(7, 15))
        question(connection, 2, remind_at=at(7, 40))
        question(connection, 3, remind_at=None, state="asked_back", remaining_s=600)
    engine.dispose()


def put(connection: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    plain = {name: value.isoformat(" ") if isinstance(value, datetime) else value for name, value in values.items()}
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), plain)


def workspace(connection: Connection) -> None:
    policy = json.dumps(OFFICE)
    put(
        connection,
        "workspaces",
        workspace_id="T0LOCAL",
        last_number=3,
        policy=policy,
        policy_version=4,
        applied_at=at(6),
    )


def ticket(connection: Connection, number: int, *, status: str) -> None:
    put(
        connection,
        "tickets",
        workspace_id="T0LOCAL",
        number=number,
        seq=1,
        title="VPN is down",
        description="",
        status=status,
        priority="normal",
        type="network",
        team="support",
        first_line="support",
        requester="U0CLIENT1",
        registered_by="U0AGENT1",
        assignee=None if status == "new" else "U0AGENT1",
        reply_by="slack",
        files="[]",
        created_at=FILED,
        reopened=0,
    )


def clock(
    connection: Connection, number: int, target: str, *, due_at: datetime, total_s: int, alert_at: datetime
) -> None:
    put(
        connection,
        "clocks",
        workspace_id="T0LOCAL",
        number=number,
        target=target,
        state="running",
        started_at=FILED,
        due_at=due_at,
        total_s=total_s,
        level=0,
        next_alert_at=alert_at,
    )


def question(
    connection: Connection,
    number: int,
    *,
    remind_at: datetime | None,
    state: str = "pending",
    remaining_s: int | None = None,
) -> None:
    put(
        connection,
        "escalations",
        workspace_id="T0LOCAL",
        number=number,
        round=1,
        state=state,
        team="network",
        from_team="support",
        asked_by="U0AGENT1",
        asked_at=at(7, 10),
        why="Tunnel flaps",
        tried="restarted",
        answer_due_at=at(7, 40),
        remaining_s=remaining_s,
        remind_at=remind_at,
        question="Which gateway?" if state == "asked_back" else None,
    )


@asynccontextmanager
async def upgraded(address: str, held: HeldClock) -> AsyncIterator[Desk]:
    older(address)
    upgrade_schema(address)
    database = Database(address)
    database.start()
    desk = Desk(database, workspace="T0LOCAL", clock=held)
    await reload_configuration(desk)
    yield desk
    await database.stop()


async def running(desk: Desk, number: int) -> dict[TimerKind, SlaTimer]:
    return await desk.read(timers.ticket_timers, number)


async def test_each_clock_knows_its_calendar_and_each_ticket_its_rules(
    empty_database_url: str, clock: HeldClock
) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        await desk.execute(recalculate_sla_targets)
        found = await running(desk, 1)

        assert {kind: one.calendar for kind, one in found.items()} == {FIRST: "office", RESOLUTION: "office"}
        assert (await desk.read(get_ticket, 1)).promised_under == 4


async def test_what_experts_are_asked_has_a_clock_with_the_time_that_was_left(
    empty_database_url: str, clock: HeldClock
) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        asked, paused = (await running(desk, 2))[ANSWER], (await running(desk, 3))[ANSWER]

        assert (asked.state, asked.due_at, asked.total_s, asked.calendar) == (
            TimerState.RUNNING,
            at(7, 40),
            1800,
            "office",
        )
        assert (asked.duration_text, asked.conditions_text) == ("30m", "the answer time of Network")
        assert (paused.state, paused.remaining_s, paused.next_alert_at) == (TimerState.PAUSED, 600, None)


async def test_the_experts_lead_is_told_as_before(empty_database_url: str, clock: HeldClock) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        clock.now = at(7, 41)

        await desk.execute(sweep.send_due_alerts)

        assert (await told(desk, "U0LEAD2"))[0].startswith("⚠️ #2 · Expert answer SLA breached")
        assert (await running(desk, 2))[ANSWER].alert_level == BREACH_LEVEL


async def test_an_answer_meets_it_and_a_reply_runs_it_on(empty_database_url: str, clock: HeldClock) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        clock.now = at(7, 20)

        await desk.execute(escalations.accept, 2, 1, by="U0EXPERT1")

        assert (await running(desk, 2))[ANSWER].state is TimerState.MET


async def test_alerts_go_on_where_they_were(empty_database_url: str, clock: HeldClock) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        clock.now = at(7, 16)

        await desk.execute(sweep.send_due_alerts)

        assert await alerts(desk) == [("C0SUPPORT", 1)]


async def test_new_rules_count_for_it_like_for_any_other(empty_database_url: str, clock: HeldClock) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        upgraded_count = await desk.execute(recalculate_sla_targets)
        before = await desk.execute(recalculate_sla_targets)
        await desk.execute(apply_configuration, OFFICE | {"sla": [{"first_response": "1h", "resolution": "4h"}]})
        await reload_configuration(desk)

        after = await desk.execute(recalculate_sla_targets)

        assert (upgraded_count, before, after) == (3, 0, 3)
        assert {str(one.duration_text) for one in (await running(desk, 1)).values()} == {"1h", "4h"}
