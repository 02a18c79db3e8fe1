"""A small desk comes from another system with open tickets: its past pages nobody, what falls due later does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.runtime import jobs
from rules.imports.history import ImportedTicket
from rules.model.tickets import Status
from services import imports
from services.config import open_desk
from services.desk import Desk
from services.forecasts.forecasts import RISK_CARD
from storage.database import Database
from storage.schema.tickets import OutboxMessage
from storage.transaction import Reader
from storage.workspaces import LOCAL_WORKSPACE
from tests.desks import HeldClock, Office, opened_office
from tests.rules.logs import LOG, made, row

HERE = {"group": "support", "kind": "other", "agent": "U0AGENT1"}
LONG_OVERDUE = [made(row("Work", "10:00", id=f"L{n}", **HERE))[0] for n in range(12)]
DONE = [made(row("Done", "12:00", id=f"D{n}", solver="U0AGENT2", **HERE))[0] for n in range(6)]
UNASSIGNED = [made(row("New", "10:00", id=f"U{n}", **HERE | {"agent": "?"}))[0] for n in range(3)]
WITH_EXPERTS = made(
    row("Work", "10:00", id="E1", **HERE),
    row("Expert", "11:00", id="E1", **HERE | {"group": "network"}),
    log=replace(LOG, states={**LOG.states, "expert": Status.ESCALATED}),
)[0]
FRESH = {"opened": "02.10.2026 15:00", "changed": "02.10.2026 15:10"}  # a Friday: due on Wednesday at 15:00
DUE_WEDNESDAY = [made({"id": "F1", "state": "Work", **FRESH, **HERE})[0]]
DESK = [*LONG_OVERDUE, *DONE, *UNASSIGNED, *DUE_WEDNESDAY, WITH_EXPERTS]


async def import_before_first_run(database_url: str, clock: HeldClock, records: Sequence[ImportedTicket]) -> None:
    """No desk.yml and no Slack yet: the tickets wait in the local workspace."""
    database = Database(database_url)
    database.start()
    desk = Desk(database, workspace=LOCAL_WORKSPACE, clock=clock)
    await open_desk(desk, initial=None)
    await desk.execute(imports.import_tickets, records)
    await database.stop()


async def every_job_once(office: Office) -> None:
    table = jobs.all_jobs(15)
    for job in table:
        for team in office.desk.policy.teams.values() if job.at else [None]:
            ran = await jobs.run_job_once(office.desk, office.baton.slack, job, team=team)
            assert ran is None or not ran.failed, ran
    await office.settled()


async def answer(office: Office, question: str) -> str:
    """The sums of that day."""
    message = await office.answer("U0MANAGER1", "/report", question)
    text: str = message["blocks"][0]["text"]["text"]
    return text.splitlines()[1]


def messages(reader: Reader) -> list[Any]:
    """All but the forecast, which is about what is in the future."""
    rows = reader.session.scalars(select(OutboxMessage).where(OutboxMessage.kind != RISK_CARD))
    return [(one.lane, one.kind, one.number, one.data) for one in rows]


@pytest.mark.parametrize("is_first_run", [True, False])
async def test_an_imported_desk_is_quiet_until_something_falls_due(
    database_url: str, clock: HeldClock, *, is_first_run: bool
) -> None:
    if is_first_run:
        await import_before_first_run(database_url, clock, DESK)
    async with opened_office(database_url, clock) as office:
        if not is_first_run:
            await office.desk.execute(imports.import_tickets, DESK)
        await every_job_once(office)
        clock.forward(minutes=10)
        await every_job_once(office)

        assert await office.desk.read(messages) == []
        assert await answer(office, "2026-09-01") == "Created 22 · Resolved 6 · Backlog 16"
        assert await answer(office, "2026-10-02") == "Created 1 · Resolved 0 · Backlog 17 (⚠️ 16 breached)"

        clock.forward(days=2, hours=7)
        await every_job_once(office)

        alerts = [one["text"] for one in office.app_messages("C0SUPPORT") if "SLA breached" in one["text"]]
        assert len(alerts) == 1, alerts
        assert "#22" in alerts[0]
