"""While the database is busy with something else everybody is told once, and nothing is tried again meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Connection

from services import desk as desks
from tests.desks import Office
from tests.handlers.vpn import ANA, GENERAL, SUPPORT, filed
from tests.patience import PATIENCE_SECONDS

NOTHING_SAVED = "Nothing was saved: the desk is busy just now. Please try again in a moment."
SOON = 0.2  # seconds: how long an operation waits for the writer here


@asynccontextmanager
async def held_writer(office: Office) -> AsyncIterator[list[int]]:
    """Another operation holds the writer; then the list has how many were in each commit until one more."""
    begun, let_go, sizes = threading.Event(), threading.Event(), list[int]()

    def hold(connection: Connection) -> None:
        begun.set()
        let_go.wait(PATIENCE_SECONDS)

    office.desk.database.on_group_commit = sizes.append
    holding = asyncio.create_task(office.desk.database.write(hold))
    await asyncio.to_thread(begun.wait)
    try:
        yield sizes
    finally:
        let_go.set()
        await holding
        await office.desk.database.write(lambda connection: None)


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "WRITE_TIMEOUT_SECONDS", SOON)


async def test_a_press_is_answered_after_one_try(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await filed(office)
    await office.baton.delivery.stop()
    monkeypatch.setattr(desks, "WRITE_TIMEOUT_SECONDS", SOON)

    async with held_writer(office) as sizes:
        outcome = await office.person(ANA).press(SUPPORT, office.card(SUPPORT, "VPN")["ts"], "ticket.take")

    assert [one["text"] for one in outcome.ephemerals] == [NOTHING_SAVED]
    assert sum(sizes) == len(["who holds the writer", "the press", "what comes after"])


async def test_a_typed_line_comes_back(office: Office, short_wait: None) -> None:
    async with held_writer(office):
        outcome = await office.person(ANA).command(GENERAL, "/ticket", "VPN is down on floor 3")

    assert [one["text"] for one in outcome.ephemerals] == [f"{NOTHING_SAVED} Your text: VPN is down on floor 3"]
