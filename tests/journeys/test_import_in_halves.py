"""A real log that comes in two exports, an older and a newer one, is what it is when it comes at once."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot.cli.import_log import LogImportReport, import_ticket_log
from bot.settings import Settings
from services.imports import ImportOutcome
from storage.schema.columns import same_ticket
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.transaction import Reader
from tests.databases import sqlite_file
from tests.desks import HeldClock, opened_desk, opened_office

DATA = Path(__file__).parents[2].parent / "shared" / "data"
INCIDENTS, HELPDESK = DATA / "servicenow_incidents.csv", DATA / "helpdesk_2010_2013.csv"
TASKS = {
    "system": "helpdesk",
    "file": {"rows": "change"},
    "times": {"format": "iso"},
    "columns": {"number": "caseid", "state": "task", "changed_at": "end_timestamp", "changed_by": "user"},
    "history": ["task"],
    "words": {
        "state": {
            "Assign seriousness": "new",
            "Insert ticket": "new",
            "Create SW anomaly": "new",
            "Schedule intervention": "waiting",
            "Wait": "waiting",
            "Require upgrade": "waiting",
            "Take in charge ticket": "in_progress",
            "RESOLVED": "resolved",
            "Resolve ticket": "resolved",
            "Resolve SW anomaly": "in_progress",
            "VERIFIED": "in_progress",
            "INVALID": "resolved",
            "DUPLICATE": "resolved",
            "Closed": "closed",
        }
    },
}
UPDATED, LEFT_ALONE = ImportOutcome.UPDATED, ImportOutcome.LEFT_ALONE
Row = dict[str, str]

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the logs are not beside this checkout")


def written(path: Path, log: Path, keep: Callable[[Row], bool]) -> Path:
    """The rows of the log that an export has."""
    with log.open(newline="", encoding="utf-8") as text, path.open("w", newline="", encoding="utf-8") as export:
        reader = csv.DictReader(text)
        writer = csv.DictWriter(export, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in reader if keep(row))
    return path


def dumped(reader: Reader) -> list[Any]:
    """All that is known of the tickets, by their numbers in the log; lines of a file are those of the file."""
    tickets = select(*[column for column in Ticket.__table__.c if column.key != "number"])
    rows: list[Any] = [dict(row) for row in reader.session.execute(tickets).mappings()]
    for table in (Event, TimerRow):
        columns = [column for column in table.__table__.c if column.key != "number"]
        query = select(Ticket.source, *columns).join(Ticket, same_ticket(Ticket, table))
        rows += [dict(row) for row in reader.session.execute(query).mappings()]
    for row in rows:
        (row.get("data") or {}).pop("line", None)
    return sorted(rows, key=lambda row: [row["source"], *(str(row.get(key)) for key in ("title", "target", "seq"))])


def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.model_construct(database_url=database_url, baton_config=tmp_path / "no-desk.yml")


async def imported(database_url: str, folder: Path, mapping: str, *exports: Path) -> list[LogImportReport]:
    settings = Settings.model_construct(database_url=database_url, baton_config=folder / "no-desk.yml")
    async with opened_desk(database_url, HeldClock()):
        return [await import_ticket_log(settings, export, mapping) for export in exports]


async def outcome(database_url: str, *questions: str) -> tuple[list[Any], list[str]]:
    """What is known, and what reports say; what they say of single tickets names them by numbers given in turn."""
    async with opened_office(database_url, HeldClock()) as office:
        answers = [await office.answer("U0MANAGER1", "/report", question) for question in questions]
        blocks = [block for answer in answers for block in answer["blocks"] if "text" in block]
        lines = [line for block in blocks for line in block["text"]["text"].splitlines()]
        return await office.desk.read(dumped), [line for line in lines if "#" not in line]


async def test_incidents_in_an_older_and_a_newer_export_are_those_of_one_export(
    database_url: str, databases: Path, sqlite_desk: Path, tmp_path: Path
) -> None:
    cut, questions = datetime(2016, 3, 4, 12, tzinfo=UTC), ("2016-03-02", "2016-03-04", "2016-03-12")
    older = written(tmp_path / "older.csv", INCIDENTS, lambda row: moment(row["sys_updated_at"]) <= cut)

    with sqlite_file(databases, sqlite_desk) as other_url:
        await imported(other_url, tmp_path, "servicenow", INCIDENTS)
        at_once = await outcome(other_url, *questions, "times 2016-03-01..2016-03-31")
    first, second = await imported(database_url, tmp_path, "servicenow", older, INCIDENTS)

    assert await outcome(database_url, *questions, "times 2016-03-01..2016-03-31") == at_once
    assert len(at_once[0]) > 5998
    assert len(at_once[1]) > 30
    assert first.tickets[UPDATED] == second.tickets[LEFT_ALONE] == 0
    assert second.tickets[UPDATED] > 300
    assert sum(second.tickets.values()) == 890


async def test_a_help_desks_years_in_an_older_export_and_one_of_what_followed_are_those_of_one_export(
    sqlite_url: str, databases: Path, sqlite_desk: Path, tmp_path: Path
) -> None:
    """Half of this log's tickets are enough to show it."""
    mapping = tmp_path / "helpdesk.yml"
    mapping.write_text(yaml.safe_dump(TASKS), encoding="utf-8")
    all_rows = written(tmp_path / "all.csv", HELPDESK, lambda row: int(row["caseid"]) % 2 == 0)
    older = written(tmp_path / "older.csv", all_rows, lambda row: row["end_timestamp"] < "2012-03")
    later = written(tmp_path / "later.csv", all_rows, lambda row: row["end_timestamp"] >= "2012-03")

    with sqlite_file(databases, sqlite_desk) as other_url:
        await imported(other_url, tmp_path, str(mapping), all_rows)
        at_once = await outcome(other_url, "2012-02-28", "2012-04-02", "times 2012-03-01..2012-04-30")
    _, second = await imported(sqlite_url, tmp_path, str(mapping), older, later)

    assert await outcome(sqlite_url, "2012-02-28", "2012-04-02", "times 2012-03-01..2012-04-30") == at_once
    assert second.tickets[UPDATED] > 20


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
