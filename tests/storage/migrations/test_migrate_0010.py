"""Leave and shifts that were entered in the version before go on, and the buttons that carry their ids still work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import inspect

from rules.presence.presence import Leave
from rules.presence.shifts import Shift
from services.desk import Desk
from services.presence import presence, shifts
from storage.database import create_writer_engine, parse_database_url
from storage.migrations.migrate import _alembic_config, upgrade_schema
from storage.presence.time_entries import all_entries, leave_by_person, shifts_by_person
from storage.schema.people import LeaveEntry, ShiftEntry
from tests.desks import HeldClock, opened_desk
from tests.services.vpn import ANA, BEN
from tests.storage.migrations.test_migrate_0002 import put, workspace

HANDED = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 10, number, hour, tzinfo=UTC)


def older(address: str) -> None:
    """A database as the version before made it: leave and shifts, each numbered from 1."""
    engine = create_writer_engine(parse_database_url(address))
    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "0009")
        workspace(connection)
        who = {"workspace_id": "T0LOCAL", "person": ANA, "at": day(1)}
        leave = {"kind": "holiday", "reason": "Skiing", "by": ANA}
        put(connection, "absences", **who, **leave, id=1, begins=day(20), ends=day(23), uid="cal-1")
        put(connection, "absences", **who, **leave, id=2, begins=day(1), ends=None, handed_at=HANDED)
        put(connection, "absences", **who, **leave, id=3, begins=day(26), ends=day(27), cancelled_at=day(2))
        put(connection, "shifts", **who, **{"by": BEN}, id=1, begins=day(10, 7), ends=day(10, 11), uid="cal-1")
        put(connection, "shifts", **who, **{"by": ANA}, id=2, begins=day(17, 7), ends=day(17, 9), cancelled_at=day(2))
    engine.dispose()


@asynccontextmanager
async def upgraded(address: str, held: HeldClock) -> AsyncIterator[Desk]:
    older(address)
    upgrade_schema(address)
    async with opened_desk(address, held) as desk:
        yield desk


async def test_every_entry_is_as_it_was(empty_database_url: str, clock: HeldClock) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        leaves = await desk.read(all_entries, LeaveEntry, ANA)
        own = await desk.read(all_entries, ShiftEntry, ANA)

        assert [(row.id, row.begins, row.ends, row.uid, row.by, row.cancelled_at) for row in leaves] == [
            (2, day(1), None, None, ANA, None),
            (1, day(20), day(23), "cal-1", ANA, None),
            (3, day(26), day(27), None, ANA, day(2)),
        ]
        assert [(row.kind, row.reason, row.handed_at) for row in leaves[:2]] == [
            ("holiday", "Skiing", HANDED),
            ("holiday", "Skiing", None),
        ]
        assert [(row.id, row.begins, row.ends, row.uid, row.by, row.cancelled_at) for row in own] == [
            (1, day(10, 7), day(10, 11), "cal-1", BEN, None),
            (2, day(17, 7), day(17, 9), None, ANA, day(2)),
        ]
        away = (await desk.read(leave_by_person, [ANA], at=clock.now))[ANA]
        assert away == [Leave(day(1), None, "holiday"), Leave(day(20), day(23), "holiday")]
        assert (await desk.read(shifts_by_person, [ANA], at=clock.now))[ANA] == (Shift(day(10, 7), day(10, 11)),)


def test_the_old_tables_are_gone(empty_database_url: str) -> None:
    older(empty_database_url)
    upgrade_schema(empty_database_url)

    engine = create_writer_engine(parse_database_url(empty_database_url))
    tables = set(inspect(engine).get_table_names())
    engine.dispose()
    assert tables.isdisjoint({"absences", "shifts"})


async def test_a_button_of_the_version_before_cancels_its_own_entry(empty_database_url: str, clock: HeldClock) -> None:
    async with upgraded(empty_database_url, clock) as desk:
        await desk.execute(presence.cancel_leave, ANA, 1, by=ANA)
        assert [row.id for row in await desk.read(all_entries, ShiftEntry, ANA) if row.cancelled_at is None] == [1]

        await desk.execute(shifts.cancel_shift, ANA, 1, by=ANA)
        with pytest.raises(presence.LeaveOver):
            await desk.execute(presence.cancel_leave, ANA, 3, by=ANA)
        with pytest.raises(shifts.ShiftOver):
            await desk.execute(shifts.cancel_shift, ANA, 2, by=ANA)
