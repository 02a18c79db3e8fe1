"""`baton import`: what is brought, what is refused, and what a second run changes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.import_log import ImportRefused, import_ticket_log, load_mapping
from bot.settings import Settings
from rules.errors import Refused
from rules.imports.mappings import MappingError
from services import imports
from services.desk import Desk
from storage.database import Database
from storage.imports import imported_sources
from storage.migrations.migrate import current_revision
from storage.tickets.tickets import get_ticket
from storage.transaction import Transaction
from tests.desks import HeldClock, opened_desk
from tests.rules.logs import CELLS, PLAIN, made, row


def settings(database_url: str, tmp_path: Path) -> Settings:
    # a desk of its own folder: nothing of the checkout's .env or desk.yml
    return Settings.model_construct(database_url=database_url, baton_config=tmp_path / "desk.yml")


def mapped(tmp_path: Path, **change: Any) -> str:
    path = tmp_path / "other.yml"
    path.write_text(yaml.safe_dump(PLAIN | change), encoding="utf-8")
    return str(path)


def written(tmp_path: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    """A log in the form of a spreadsheet, the first row in line 2."""
    path = tmp_path / "log.csv"
    lines = [",".join(CELLS), *(",".join((CELLS | change).values()) for change in rows)]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


async def test_tickets_come_in_and_a_second_run_changes_nothing(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("Work", "10:00"), row("Done", "11:00"), row("New", "10:00", id="A2"))

    first = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))
    second = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert (first.imported, first.already_imported, first.events, first.rows) == (2, 0, 4, 3)
    assert (second.imported, second.already_imported, second.events) == (0, 2, 0)
    assert second.lines() == [
        "Brought 0 tickets with 0 events from 3 rows; 2 were here already; 0 rows skipped, 0 noted."
    ]


async def test_a_dry_run_reports_the_same_and_changes_nothing(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("Work", "10:00"), row("Odd", "11:00"))

    dry = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path), dry_run=True)
    real = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [line.replace("Would bring", "Brought") for line in dry.lines()] == real.lines()
    assert (dry.imported, real.imported) == (1, 1)


async def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"

    report = await import_ticket_log(
        settings(url, tmp_path), written(tmp_path, row("New", "10:00")), mapped(tmp_path), dry_run=True
    )

    assert report.imported == 1
    assert not (tmp_path / "none.db").exists()


async def test_the_first_import_makes_the_database_and_a_local_workspace(
    empty_database_url: str, tmp_path: Path
) -> None:
    await import_ticket_log(
        settings(empty_database_url, tmp_path), written(tmp_path, row("New", "10:00")), mapped(tmp_path)
    )

    assert current_revision(empty_database_url) is not None
    assert (await titled(empty_database_url, "LOCAL")) == "Mail · Outlook"


async def titled(database_url: str, workspace: str) -> str:
    database = Database(database_url)
    database.start()
    title = (await Desk(database, workspace=workspace).read(get_ticket, 1)).title
    await database.stop()
    return title


async def test_tickets_come_to_the_workspace_that_is_there(database_url: str, tmp_path: Path, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock) as desk:
        await import_ticket_log(
            settings(database_url, tmp_path), written(tmp_path, row("New", "10:00")), mapped(tmp_path)
        )

        assert (await desk.read(get_ticket, 1)).source == "other:A1"


async def test_two_workspaces_are_one_too_many(database_url: str, tmp_path: Path, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, workspace="T0ONE"), opened_desk(database_url, clock, workspace="T0TWO"):
        with pytest.raises(Refused, match="several workspaces \\(T0ONE, T0TWO\\)"):
            await import_ticket_log(
                settings(database_url, tmp_path), written(tmp_path, row("New", "10:00")), mapped(tmp_path)
            )


async def test_after_a_crash_in_the_middle_the_rest_is_brought(
    database_url: str, tmp_path: Path, clock: HeldClock
) -> None:
    log = written(tmp_path, *(row("New", "10:00", id=f"A{n}") for n in range(1, 251)))
    async with opened_desk(database_url, clock) as desk:
        await desk.execute(imports.import_tickets, [made(row("New", "10:00"))[0]])
        with pytest.raises(RuntimeError):
            await desk.execute(half_a_batch)

        report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

        assert (report.imported, report.already_imported) == (249, 1)
        assert len(await desk.read(imported_sources, [f"other:A{n}" for n in range(1, 251)])) == 250


def half_a_batch(tx: Transaction) -> None:
    """The process dies with a batch half written."""
    imports.import_tickets(tx, [made(row("New", "10:00", id="A2"))[0]])
    raise RuntimeError


async def test_a_bad_row_is_named_by_line_and_reason_and_the_others_come(database_url: str, tmp_path: Path) -> None:
    log = written(
        tmp_path, row("New", "10:00"), row("Odd", "11:00"), row("New", "25:00", id="A3"), row("Work", "12:00")
    )

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [(fault.line, report.file) for fault in report.faults] == [(3, "log.csv"), (4, "log.csv")]
    assert report.lines()[0] == "log.csv:3: skipped, `Odd` in `state` is a state that the mapping does not know."
    assert (report.imported, report.events) == (1, 2)


async def test_a_row_of_another_length_is_skipped(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("New", "10:00"))
    log.write_text(log.read_text(encoding="utf-8") + "A2,New\n\n", encoding="utf-8")

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [str(fault.text) for fault in report.faults] == ["it has 2 values under 16 columns"]


async def test_a_value_over_several_lines_does_not_shift_the_numbers(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("New", "10:00", about='"first\nsecond"'), row("Odd", "11:00"))

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [fault.line for fault in report.faults] == [4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "this file is empty"),
        (b"a,b\n1,2\n", "this is not a log of other: its first line must name columns divided by `,`"),
        (b"id,state,opened,changed\n", "it has no column `agent`, `who`"),
        (b"id,state\xff\xfe\n", "this is no text in utf-8: save it so, or name its encoding in the mapping"),
    ],
)
async def test_a_file_that_is_no_such_log_is_refused_in_a_sentence(
    database_url: str, tmp_path: Path, content: bytes, words: str
) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(content)

    with pytest.raises(ImportRefused) as refusal:
        await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


async def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    nowhere = settings("sqlite+aiosqlite:///none.db", tmp_path)

    for path, words in ((tmp_path / "no.csv", "No such file"), (tmp_path, "directory")):
        with pytest.raises(ImportRefused, match=words):
            await import_ticket_log(nowhere, path, mapped(tmp_path))


async def test_another_encoding_is_read_when_the_mapping_names_it(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("New", "10:00", about="Łódź"), encoding="cp1250")
    cp1250 = mapped(tmp_path, file=PLAIN["file"] | {"encoding": "cp1250"})

    await import_ticket_log(settings(database_url, tmp_path), log, cp1250)

    assert await titled(database_url, "LOCAL") == "Mail · Łódź"


def test_the_shipped_mapping_reads() -> None:
    assert load_mapping("servicenow").system == "servicenow"


@pytest.mark.parametrize(
    ("text", "words"),
    [("columns: [", "this is not YAML"), ("colums: {}", "Did you mean `columns`?"), ("- a", "is a list of names")],
)
def test_a_mapping_that_is_wrong_is_refused_with_its_file(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Refused) as refusal:
        load_mapping(str(path))

    assert str(refusal.value).startswith(f"{path}: ")
    assert words in str(refusal.value)


def test_an_unknown_mapping_is_answered_with_those_there_are() -> None:
    with pytest.raises(MappingError, match="one that Baton brings along: servicenow"):
        load_mapping("servicenw")
