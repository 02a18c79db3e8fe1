"""Whether this process can save, and whether its work is done in time, is looked at every few seconds."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.runtime import jobs
from bot.runtime.health import SAVING, WorkCheck, WriteProbe
from rules.intake.requests import TicketRequest
from rules.model.health import HealthState
from services import desk as desks
from services.desk import Desk
from services.jobs import run_job
from services.tickets import tickets
from storage.connections.outages import NotSaved
from storage.outbox import deliveries
from tests.desks import HeldClock
from tests.storage.broken import full_disk, sqlite_path

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def runs(statement: str) -> Callable[[Connection], object]:
    return lambda connection: connection.exec_driver_sql(statement).close()


def reasons(desk: Desk) -> list[str]:
    return [str(reason.sentence) for reason in desk.health.reasons]


async def test_a_desk_that_saves_is_ready(desk: Desk) -> None:
    probe = WriteProbe(desk)

    await probe.look()
    await probe.look()

    assert desk.health.state is HealthState.OK


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_makes_the_process_unready_until_there_is_room(desk: Desk, database_url: str) -> None:
    probe = WriteProbe(desk)
    with full_disk(database_url):
        await probe.look()
        told, state = reasons(desk), desk.health.state

    await probe.look()

    assert (told, state) == (["This process cannot save what people do (disk fault)."], HealthState.UNREADY)
    assert desk.health.state is HealthState.OK


@on_postgresql
async def test_a_database_that_may_only_be_read_makes_the_process_unready(desk: Desk) -> None:
    probe = WriteProbe(desk)
    await desk.database.write(runs("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    await probe.look()
    state = desk.health.state

    await desk.database.write(runs("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
    await probe.look()

    assert (state, desk.health.state) == (HealthState.UNREADY, HealthState.OK)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_lock_that_stays_makes_the_process_unready(
    desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe, states = WriteProbe(desk), []
    with monkeypatch.context() as patch, sqlite3.connect(sqlite_path(database_url), isolation_level=None) as other:
        patch.setattr(desks, "WRITE_TIMEOUT_SECONDS", 0.05)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            await probe.look()
            states.append(desk.health.state)
        other.execute("ROLLBACK")
    other.close()

    await probe.look()

    assert states == [HealthState.OK, HealthState.UNREADY]
    assert desk.health.state is HealthState.OK


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_somebody_could_not_save_counts_even_if_the_probe_is_saved(desk: Desk, database_url: str) -> None:
    with full_disk(database_url), pytest.raises(NotSaved):
        await desk.execute(tickets.create_ticket, VPN)
    probe = WriteProbe(desk)

    await probe.look()
    after_it = [reason.source for reason in desk.health.reasons]
    await probe.look()

    assert (after_it, reasons(desk)) == ([SAVING], [])


async def test_messages_that_slack_does_not_get_are_told_and_keep_nobody_from_filing(
    desk: Desk, clock: HeldClock
) -> None:
    check = WorkCheck(desk, [])
    for _ in range(2):
        await desk.execute(tickets.create_ticket, VPN)
    await check.look()
    at_first = reasons(desk)
    clock.forward(minutes=6)

    await check.look()

    waiting = await desk.read(deliveries.waiting_count)
    assert at_first == []
    assert reasons(desk) == [f"{waiting} messages have waited for Slack for over five minutes."]
    assert desk.health.state is HealthState.DEGRADED


async def test_a_job_that_failed_or_is_late_is_named_until_it_runs_well(desk: Desk, clock: HeldClock) -> None:
    async def fails() -> None:
        raise ValueError("half way")

    async def runs_well() -> str:
        return "done"

    check, told = WorkCheck(desk, jobs.all_jobs(30)), []
    for task in (fails, runs_well):
        await run_job(desk, "sla.warn", task, min_interval=timedelta(0))
        await check.look()
        told.append(reasons(desk))
        clock.forward(minutes=3)
        await check.look()
        told.append(reasons(desk))

    late = ["Jobs that are late: sla.warn."]
    assert told == [["Jobs that failed: sla.warn."], late, [], late]
