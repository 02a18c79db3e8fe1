"""A statement that runs past SQLAlchemy is written, read and refused as every other."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from services.desk import Desk
from storage.compiled import CompiledStatement
from storage.schema.tickets import IdempotencyKey
from storage.transaction import Transaction
from tests.desks import HeldClock

KEEP = CompiledStatement(insert(IdempotencyKey.__table__))  # type: ignore[arg-type]
KEPT = CompiledStatement(select(IdempotencyKey.answer, IdempotencyKey.at))


def keep(tx: Transaction, answer: object, at: datetime | None = None) -> None:
    KEEP.run(tx, {"workspace_id": tx.workspace, "key": "k", "answer": answer, "at": at or tx.now})


def kept(tx: Transaction) -> tuple[Any, ...] | None:
    return KEPT.run(tx, {})


async def test_what_is_kept_is_read_back_as_it_was(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(keep, {"number": 12, "earlier": None})

    assert await desk.execute(kept) == ({"number": 12, "earlier": None}, clock.now)


async def test_where_there_is_no_row_there_is_none(desk: Desk) -> None:
    assert await desk.execute(kept) is None


async def test_a_moment_without_its_zone_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await desk.execute(keep, 1, datetime(2026, 3, 2, 9))


async def test_the_database_refuses_in_the_words_of_sqlalchemy(desk: Desk) -> None:
    await desk.execute(keep, 1)

    with pytest.raises(IntegrityError, match="INSERT INTO inbox"):
        await desk.execute(keep, 2)
