"""A job's run is claimed by one process, written down, and its failure stops nobody else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rules.intake.requests import TicketRequest
from services import cleanup, jobs
from services.desk import Desk
from services.jobs import JobResult, run_job
from services.tickets import tickets
from storage.jobs import last_runs
from storage.outbox.deliveries import due_messages, mark_sent
from storage.schema.tickets import IdempotencyKey, JobRun, OutboxMessage
from tests.desks import HeldClock, opened_desk

MINUTE = timedelta(minutes=1)
VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def three() -> int:
    return 3


async def breaks() -> int:
    raise RuntimeError("the moon is\nin the way")


async def the_run(desk: Desk) -> JobRun:
    (row,) = await desk.read(last_runs)
    return row


@pytest.fixture
async def other(database_url: str, desk: Desk, clock: HeldClock) -> AsyncIterator[Desk]:
    """A second process on the same database."""
    async with opened_desk(database_url, clock) as opened:
        yield opened


async def test_a_run_is_written_down_with_its_result_and_duration(desk: Desk, clock: HeldClock) -> None:
    await run_job(desk, "sla.warn", three, min_interval=MINUTE)

    row = await the_run(desk)
    assert (row.name, row.result, row.failed) == ("sla.warn", "3", False)
    assert row.started_at == row.finished_at == clock.now
    assert row.ms is not None


async def test_of_two_processes_one_runs_it(desk: Desk, other: Desk) -> None:
    ran = await asyncio.gather(
        run_job(desk, "sla.warn", three, min_interval=MINUTE), run_job(other, "sla.warn", three, min_interval=MINUTE)
    )

    assert sorted(ran, key=lambda one: one is not None) == [None, JobResult("3")]


async def test_the_next_run_is_free_for_both_again(desk: Desk, other: Desk, clock: HeldClock) -> None:
    await run_job(desk, "sla.warn", three, min_interval=MINUTE)
    clock.forward(minutes=1)

    assert await run_job(other, "sla.warn", three, min_interval=MINUTE) == JobResult("3")


async def test_a_run_that_died_holds_nobody_up(desk: Desk, clock: HeldClock) -> None:
    async def dies() -> int:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await run_job(desk, "sla.warn", dies, min_interval=MINUTE)
    clock.forward(minutes=1)

    assert await run_job(desk, "sla.warn", three, min_interval=MINUTE) == JobResult("3")


async def test_a_clock_that_once_ran_far_ahead_stops_no_job(desk: Desk, clock: HeldClock) -> None:
    clock.forward(days=900)
    await run_job(desk, "sla.warn", three, min_interval=MINUTE)
    clock.forward(days=-900)

    assert await run_job(desk, "sla.warn", three, min_interval=MINUTE) == JobResult("3")


async def test_a_failure_is_logged_by_name_and_recorded_and_not_raised(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="baton.jobs"):
        await run_job(desk, "sla.warn", breaks, min_interval=MINUTE)

    row = await the_run(desk)
    assert (row.result, row.failed) == ("RuntimeError: the moon is in the way", True)
    assert "The job sla.warn failed" in caplog.text


async def test_after_a_failure_the_next_run_is_well_again(desk: Desk, clock: HeldClock) -> None:
    await run_job(desk, "sla.warn", breaks, min_interval=MINUTE)
    clock.forward(minutes=1)
    await run_job(desk, "sla.warn", three, min_interval=MINUTE)

    row = await the_run(desk)
    assert (row.result, row.failed) == ("3", False)


async def test_however_much_is_old_it_is_dropped_in_slices(
    desk: Desk, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "ROWS_PER_TRANSACTION", 2)
    for number in range(5):
        await desk.execute_once(f"command:{number}", tickets.create_ticket, VPN)
    clock.forward(days=8)

    first_slice, rest = await desk.execute(cleanup.delete_old_rows), await cleanup.delete_all_old_rows(desk)

    assert (first_slice, rest) == (2, 3)


async def test_what_nobody_asks_for_again_is_dropped_and_what_waits_is_kept(desk: Desk, clock: HeldClock) -> None:
    await desk.execute_once("command:1", tickets.create_ticket, VPN)
    (card,) = await desk.read(due_messages, at=clock.now)
    await desk.execute(mark_sent, card.id, reference=None)
    await desk.execute_once("command:2", tickets.create_ticket, VPN)
    clock.forward(days=8)
    await desk.execute_once("command:3", tickets.create_ticket, VPN)

    dropped = await desk.execute(cleanup.delete_old_rows)

    keys = await desk.read(lambda reader: {row.key for row in reader.session.query(IdempotencyKey)})
    numbers = await desk.read(lambda reader: {row.number for row in reader.session.query(OutboxMessage)})
    assert (dropped, keys, numbers) == (3, {"services.tickets.tickets.create_ticket command:3"}, {2, 3})


async def test_a_run_that_never_ends_is_ended_and_recorded_as_failed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RUN_TIMEOUT_SECONDS", 0.01)

    await jobs.run_job(desk, "sla.warn", asyncio.Event().wait, min_interval=MINUTE)

    run = await the_run(desk)
    assert (run.failed, run.result) == (True, "TimeoutError: ")
