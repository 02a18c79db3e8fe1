"""The weeks behind the demo are the same for everyone who starts it, and are not told again."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.config_file import load_desk_file
from bot.demo import history
from bot.files import resource_path
from rules.model.tickets import DONE_STATUSES, Priority
from services.desk import Desk
from storage.database import parse_database_url
from storage.escalations.escalations import ESCALATION_CARD, escalations_to_decide
from storage.outbox.deliveries import due_messages
from storage.outbox.outbox import TICKET_CARD
from storage.schema.tickets import Ticket
from storage.tickets.tickets import count_open_and_overdue, open_numbers
from storage.transaction import Reader
from tests.databases import sqlite_file
from tests.desks import MONDAY, HeldClock, opened_desk


@asynccontextmanager
async def lived(database_url: str) -> AsyncIterator[Desk]:
    """A desk with those weeks behind it."""
    plain = load_desk_file(resource_path("demo/desk.yml")).plain
    async with opened_desk(database_url, HeldClock(), plain=plain) as desk:
        await history.write_history(desk, until=MONDAY, on_progress=lambda share: None)
        yield desk


@pytest.fixture(scope="module")
def weeks(databases: Path, sqlite_desk: Path) -> Iterator[Path]:
    """The weeks, lived once; each desk takes a copy of the file."""

    async def live(address: str) -> None:
        async with lived(address):
            pass

    with sqlite_file(databases, sqlite_desk) as address:
        asyncio.run(live(address))
        yield Path(str(parse_database_url(address).database))


@pytest.fixture
async def desk(databases: Path, weeks: Path) -> AsyncIterator[Desk]:
    with sqlite_file(databases, weeks) as address:
        async with opened_desk(address, HeldClock()) as opened:
            yield opened


def everything(reader: Reader) -> list[tuple[object, ...]]:
    """Each ticket in short."""
    asked = select(Ticket.number, Ticket.title, Ticket.status, Ticket.assignee, Ticket.created_at, Ticket.resolved_at)
    return [tuple(row) for row in reader.session.execute(asked.order_by(Ticket.number))]


def filed(reader: Reader) -> Sequence[Ticket]:
    return reader.session.scalars(select(Ticket).order_by(Ticket.created_at)).all()


async def test_everybody_gets_the_same_weeks(desk: Desk, sqlite_url: str) -> None:
    async with lived(sqlite_url) as again:
        assert await again.read(everything) == await desk.read(everything)


async def test_four_weeks_are_full_of_tickets_most_of_them_resolved(desk: Desk) -> None:
    tickets = await desk.read(filed)

    assert MONDAY - timedelta(weeks=4) <= tickets[0].created_at < MONDAY - timedelta(weeks=3)
    assert tickets[-1].created_at < MONDAY
    resolved = [one for one in tickets if one.status in DONE_STATUSES]
    assert len(tickets) / 2 < len(resolved) < len(tickets)


async def test_there_is_open_work_and_some_of_it_is_overdue(desk: Desk) -> None:
    open_, overdue = await desk.read(count_open_and_overdue, at=MONDAY)

    assert sum(open_.values()) > sum(overdue.values()) > 0


async def test_one_critical_ticket_waits_unseen_for_its_first_warning(desk: Desk) -> None:
    newest = (await desk.read(filed))[-1]
    alone = [one for one in await desk.read(filed) if one.created_at == MONDAY - history.UNSEEN_FOR]

    assert [(one.priority, one.assignee) for one in alone] == [(Priority.CRITICAL, None)]
    assert newest.created_at >= alone[0].created_at


async def test_the_past_is_not_told_again_only_what_is_open(desk: Desk) -> None:
    waiting = await desk.read(due_messages, at=MONDAY + timedelta(days=365))

    assert {row.number for row in waiting if row.kind == TICKET_CARD} == set(await desk.read(open_numbers))
    assert {row.kind for row in waiting} == {TICKET_CARD, ESCALATION_CARD}


async def test_the_network_experts_have_a_question_to_decide(desk: Desk) -> None:
    waiting = await desk.read(due_messages, at=MONDAY + timedelta(days=365))

    [asked] = await desk.read(escalations_to_decide, desk.policy.team("network").experts[0], teams=["network"])
    assert (ESCALATION_CARD, "C0NETWORK", f"{asked.number}.{asked.round}") in {
        (row.kind, row.lane, row.subject) for row in waiting
    }
