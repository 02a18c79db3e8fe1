"""A real desk's log is imported, and every incident's time to resolve is what a count by hand says."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot.cli.import_log import MAPPINGS_FOLDER, import_ticket_log
from bot.offline import only_workspace, open_database
from bot.settings import make_settings
from rules.model.timers import TimerKind
from services.desk import Desk
from storage.schema.tickets import Ticket, TimerRow
from storage.transaction import Reader
from tests.journeys.log_count import Promise, calendar_of, count, left, log, number, worked
from tests.journeys.test_real_log import LOG

DESK: dict[str, Any] = yaml.safe_load("""
calendars:
  office:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["08:00-12:00", "12:30-16:30"]}
    holidays: PL
teams:
  support: {name: Support, line: first, channel: C0SUPPORT, calendar: office, agents: [U0AGENT1]}
types:
  other: {name: Other, team: support}
sla:
  - {priority: critical, resolution: 4h}
  - {priority: high, resolution: 8h}
  - {priority: normal, resolution: 24h}
  - {priority: low, resolution: 5d}
""")

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the incident log is not beside this checkout")


def stored(reader: Reader) -> dict[str, Promise]:
    """What the desk keeps of each incident's time to resolve."""
    of = (Ticket.workspace_id == TimerRow.workspace_id) & (Ticket.number == TimerRow.number)
    mine = select(Ticket.source, TimerRow).join(TimerRow, of).where(TimerRow.target == TimerKind.RESOLUTION)
    found = reader.session.execute(mine.where(Ticket.workspace_id == reader.workspace))
    return {source or "": as_minutes(clock) for source, clock in found}


def as_minutes(clock: TimerRow) -> Promise:
    return Promise(
        state=str(clock.state),
        started=number(clock.started_at),
        due=number(clock.due_at),
        total=clock.total_s // 60,
        left=None if clock.remaining_s is None else int(clock.remaining_s / 60),
        closed=None if clock.closed_at is None else number(clock.closed_at),
    )


def mapping() -> dict[str, Any]:
    """The mapping that Baton brings along, every group of the log the support team."""
    plain: dict[str, Any] = yaml.safe_load((MAPPINGS_FOLDER / "servicenow.yml").read_text(encoding="utf-8"))
    groups = {row["assignment_group"] for rows in log().values() for row in rows} - {"?"}
    plain["words"]["team"] = dict.fromkeys(sorted(groups), "support")
    return plain


@pytest.fixture(scope="module")
def imported(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Promise]:
    """The log in a desk of its own, by the promises above."""
    return asyncio.run(import_log(module_database_url, tmp_path_factory.mktemp("log")))


async def import_log(database_url: str, folder: Path) -> dict[str, Promise]:
    (folder / "desk.yml").write_text(yaml.safe_dump(DESK))
    (folder / "map.yml").write_text(yaml.safe_dump(mapping()))
    settings = make_settings(
        slack_bot_token="xoxb-local",
        slack_app_token="xapp-local",
        database_url=database_url,
        baton_config=folder / "desk.yml",
    )
    await import_ticket_log(settings, LOG, str(folder / "map.yml"))
    async with open_database(settings) as database:
        return await Desk(database, workspace=await only_workspace(database)).read(stored)


def test_every_incidents_time_to_resolve_is_that_of_a_count_by_hand(imported: dict[str, Promise]) -> None:
    counted = {key: count(rows) for key, rows in log().items()}

    assert len(counted) == 890
    assert imported.keys() == counted.keys()
    assert {key: (imported[key], one) for key, one in counted.items() if imported[key] != one} == {}


def test_what_was_kept_used_exactly_the_open_time_in_which_it_was_worked_on(
    imported: dict[str, Promise],
) -> None:
    kept_ones = {key: one for key, one in imported.items() if one.state == "met"}

    used = {key: one.total - left(calendar_of(log()[key]), one) for key, one in kept_ones.items()}

    assert used == {key: worked(log()[key]) for key in kept_ones}


def test_the_log_has_every_turn_that_a_promise_can_take() -> None:
    counted = [count(rows) for rows in log().values()]
    states = Counter(one.state for one in counted)

    assert min(states["met"], states["breached"]) > 100
