"""What was open in the version before is due soon as soon as its timers have been recalculated."""

from alembic import command
from sqlalchemy import text

from rules.reports.daily import ReportScope, report_day
from services.config import recalculate_all_sla_targets
from storage.database import create_writer_engine, parse_database_url
from storage.migrations.migrate import _alembic_config, upgrade_schema
from storage.reports.open_work import first_due_soon
from storage.tickets.tickets import get_ticket
from tests.desks import POLICY, HeldClock, opened_desk
from tests.storage.migrations.test_migrate_0002 import FILED, at, put, ticket, workspace


def older(address: str) -> None:
    """A ticket that was answered and whose resolution timer runs, under the configuration that counts."""
    engine = create_writer_engine(parse_database_url(address))
    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "0011")
        workspace(connection)
        ticket(connection, 1, status="new")
        connection.execute(text("UPDATE tickets SET promised_under = 4, first_reply_at = created_at"))
        of_ticket = {"workspace_id": "T0LOCAL", "number": 1, "target": "resolution", "state": "running"}
        target = {"total_s": 8 * 3600, "calendar": "office", "promise": "8h", "because": "", "turns": "[]"}
        times = {"started_at": FILED, "due_at": at(7, 30, day=6), "next_alert_at": at(11, 0)}
        put(connection, "clocks", **of_ticket, **target, **times, level=0, rung=0)
    engine.dispose()


async def test_running_timers_get_the_moment_from_which_they_are_due_soon(
    empty_database_url: str, clock: HeldClock
) -> None:
    older(empty_database_url)
    upgrade_schema(empty_database_url)
    clock.forward(hours=6)
    day = report_day(POLICY.team_calendar("support"), None, clock.now)

    async with opened_desk(empty_database_url, clock) as desk:
        before = await desk.read(first_due_soon, day, ReportScope(), limit=1)
        await recalculate_all_sla_targets(desk)
        after = await desk.read(first_due_soon, day, ReportScope(), limit=1)
        ticket = await desk.read(get_ticket, 1)

    assert (before, [one.number for one in after], ticket.promised_under) == ([], [1], 4)
