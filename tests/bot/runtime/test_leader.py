"""Of several processes one leads; another takes over when it is killed, stopped or cut off, and never do two act."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest
from sqlalchemy import text

from bot.runtime import leader as leaders
from bot.runtime.leader import Leader
from services.desk import Desk
from storage.database import create_lease_engine, parse_database_url
from tests.patience import PATIENCE_SECONDS

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
Act = tuple[float, float]


@dataclass
class HeldMonotonic:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Candidate:
    """One real process that tries to lead; its acts are when it believed that it leads, and until when."""

    process: Process
    acts: list[Act] = field(default_factory=list)
    acted: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line == b"asked\n":
                self.asked.set()
            else:
                at, until = map(float, line.split())
                self.acts.append((at, until))
                self.acted.set()


@asynccontextmanager
async def candidates(address: str, number: int) -> AsyncIterator[list[Candidate]]:
    command = (sys.executable, "-m", "tests.bot.runtime.leading_process", address)
    started = [Candidate(await asyncio.create_subprocess_exec(*command, stdout=PIPE)) for _ in range(number)]
    listening = [asyncio.create_task(one.listen()) for one in started]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield started
    finally:
        for one in started:
            if one.process.returncode is None:
                one.process.kill()
            await one.process.wait()
        await asyncio.gather(*listening)


async def next_leader(people: list[Candidate]) -> Candidate:
    """Who acts first from now on."""
    for one in people:
        one.acted.clear()
    waiting = {asyncio.create_task(one.acted.wait()): one for one in people}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return waiting[done.pop()]


def acts_within_a_lease_of_another(people: list[Candidate]) -> list[tuple[Act, Act]]:
    acts = sorted((act, number) for number, one in enumerate(people) for act in one.acts)
    return [
        (earlier, later) for (earlier, who), (later, other) in pairwise(acts) if who != other and later[0] < earlier[1]
    ]


@on_postgresql
async def test_another_takes_over_from_a_leader_that_is_killed_or_stopped_and_never_two_act(database_url: str) -> None:
    async with candidates(database_url, 3) as three:
        killed = await next_leader(three)
        killed.process.send_signal(SIGKILL)
        two = [one for one in three if one is not killed]
        stopped = await next_leader(two)
        stopped.process.send_signal(SIGSTOP)
        (last,) = [one for one in two if one is not stopped]
        await next_leader([last])
        stopped.asked.clear()
        stopped.process.send_signal(SIGCONT)
        await stopped.asked.wait()
        await next_leader(two)

    assert acts_within_a_lease_of_another(three) == []


def test_a_lease_and_the_wait_for_the_next_heartbeat_and_its_answer_last_ten_seconds_at_most() -> None:
    longest = leaders.LEASE.total_seconds() + leaders.HEARTBEAT_SECONDS + leaders.ANSWER_TIMEOUT_SECONDS

    assert longest <= 10


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_the_process_always_leads(desk: Desk) -> None:
    leader = Leader(desk.database, desk.workspace)

    assert await leader.try_to_lead()
    assert leader.is_leader


@on_postgresql
async def test_of_two_processes_one_leads(desk: Desk) -> None:
    first, second = Leader(desk.database, desk.workspace), Leader(desk.database, desk.workspace)

    began = [await first.try_to_lead(), await second.try_to_lead(), await first.try_to_lead()]

    assert (began, first.is_leader, second.is_leader) == ([True, False, False], True, False)
    await first.resign()
    await second.resign()


@on_postgresql
async def test_each_workspace_has_a_leader_of_its_own(desk: Desk) -> None:
    here, there = Leader(desk.database, "T0LOCAL"), Leader(desk.database, "T0OTHER")

    assert [await here.try_to_lead(), await there.try_to_lead()] == [True, True]
    await here.resign()
    await there.resign()


@on_postgresql
async def test_after_a_leader_that_resigns_another_leads_at_once(desk: Desk) -> None:
    first, second = Leader(desk.database, desk.workspace), Leader(desk.database, desk.workspace)
    await first.try_to_lead()

    await first.resign()

    assert await second.try_to_lead()
    await second.resign()


@on_postgresql
async def test_a_leader_that_slept_through_its_lease_leads_no_more_until_it_has_asked(desk: Desk) -> None:
    clock = HeldMonotonic()
    leader = Leader(desk.database, desk.workspace, monotonic=clock)
    await leader.try_to_lead()

    clock.now += leaders.LEASE.total_seconds()

    assert not leader.is_leader
    assert await leader.try_to_lead()
    await leader.resign()


@on_postgresql
async def test_a_leader_that_gets_no_answer_leads_until_its_lease_ends(
    desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HeldMonotonic()
    leader = Leader(desk.database, desk.workspace, monotonic=clock)
    await leader.try_to_lead()
    monkeypatch.setattr(leaders, "ANSWER_TIMEOUT_SECONDS", 0.05)
    engine = create_lease_engine(parse_database_url(database_url))
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE leader_leases"))
        await leader.try_to_lead()
        before_its_end = leader.is_leader
        clock.now += leaders.LEASE.total_seconds()
        await leader.try_to_lead()

    assert (before_its_end, leader.is_leader) == (True, False)
    await leader.resign()
    await engine.dispose()


@on_postgresql
@pytest.mark.parametrize(("until", "leads"), [("-1 second", True), ("5 seconds", False), ("1 hour", True)])
async def test_a_lease_that_ended_or_that_a_wrong_clock_wrote_is_taken(
    desk: Desk, database_url: str, until: str, leads: bool
) -> None:
    leader = Leader(desk.database, desk.workspace)
    engine = create_lease_engine(parse_database_url(database_url))
    async with engine.begin() as connection:
        held = text("INSERT INTO leader_leases VALUES ('T0LOCAL', 'another', now() + CAST(:until AS text)::interval)")
        await connection.execute(held, {"until": until})

    assert await leader.try_to_lead() is leads
    await leader.resign()
    await engine.dispose()


@on_postgresql
async def test_a_leader_whose_connection_broke_leads_on(desk: Desk, database_url: str) -> None:
    leader = Leader(desk.database, desk.workspace)
    await leader.try_to_lead()
    engine = create_lease_engine(parse_database_url(database_url))
    async with engine.begin() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        await connection.execute(text(f"{others} AND datname = current_database()"))

    assert not await leader.try_to_lead()
    assert leader.is_leader
    await leader.resign()
    await engine.dispose()
