"""What the timers of the version before say of their past becomes the periods that past days are counted from."""

import json
from collections.abc import Sequence
from datetime import datetime

import pytest
from alembic import command
from sqlalchemy import Connection

from storage.database import create_writer_engine, parse_database_url
from storage.migrations.migrate import _alembic_config, upgrade_schema
from storage.schema.sla import SlaPeriod
from storage.schema.tickets import TimerRow
from storage.transaction import Reader, all_where
from tests.desks import HeldClock, opened_desk
from tests.storage.migrations.test_migrate_0002 import FILED, at, put, ticket, workspace

DUE, LATER = at(15), at(8, day=6)


@pytest.fixture()
def older_database_url(empty_database_url: str) -> str:
    """One timer paused and resumed, one extended, one that took the place of another."""
    engine = create_writer_engine(parse_database_url(empty_database_url))
    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "0016")
        workspace(connection)
        for number in (1, 2, 3):
            ticket(connection, number, status="new")
        put_timer(connection, 1, event("paused", at(9), DUE, left_s=6 * 3600), event("resumed", at(12), LATER))
        put_timer(connection, 2, event("extended", at(9), LATER))
        extended = {"due": {"resolution": [DUE.isoformat(), LATER.isoformat()]}}
        about = {"workspace_id": "T0LOCAL", "number": 2, "seq": 2, "status": "new", "team": "support", "by": "U0AGENT1"}
        put(connection, "events", **about, kind="extended", at=at(9), data=json.dumps(extended))
        put_timer(connection, 3, started_at=at(11))
        ended = {"started_at": FILED, "ended_at": at(10), "due_at": DUE, "state": "met", "total_s": 60, "left_s": 9}
        outcome = {"workspace_id": "T0LOCAL", "number": 3, "target": "resolution", "calendar": "office"}
        put(connection, "sla_outcomes", **outcome, **ended)
    engine.dispose()
    return empty_database_url


def event(did: str, moment: datetime, due_at: datetime, *, left_s: int = 0) -> dict[str, object]:
    return {"did": did, "at": moment.isoformat(), "due_at": due_at.isoformat(), "left_s": left_s}


def put_timer(connection: Connection, number: int, *events: dict[str, object], started_at: datetime = FILED) -> None:
    of_ticket = {"workspace_id": "T0LOCAL", "number": number, "target": "resolution", "state": "running", "level": 0}
    target = {"total_s": 8 * 3600, "calendar": "office", "promise": "8h", "because": "", "rung": 0}
    times = {"started_at": started_at, "due_at": LATER, "due_soon_at": LATER}
    put(connection, "clocks", **of_ticket, **target, **times, turns=json.dumps(events))


def periods_and_timers(reader: Reader) -> tuple[Sequence[SlaPeriod], Sequence[TimerRow]]:
    periods = all_where(reader, SlaPeriod, order_by=(SlaPeriod.number, SlaPeriod.since))
    return periods, all_where(reader, TimerRow, order_by=TimerRow.number)


async def test_each_period_is_known_again(older_database_url: str, clock: HeldClock) -> None:
    upgrade_schema(older_database_url)

    async with opened_desk(older_database_url, clock) as desk:
        rows, timers = await desk.read(periods_and_timers)

    assert [(row.number, row.since, row.until, row.due_at, row.remaining_s) for row in rows] == [
        (1, FILED, at(9), DUE, None),
        (1, at(9), at(12), DUE, 6 * 3600),
        (2, FILED, at(9), DUE, None),
        (3, FILED, at(10), DUE, None),
    ]
    assert [timer.changed_at for timer in timers] == [at(12), at(9), None]
