"""`baton import`: what is brought, what is refused, and what a second run changes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.import_log import LogImportReport, import_ticket_log, load_mapping
from bot.cli.log_file import ImportRefused
from bot.settings import Settings
from rules.errors import Refused
from rules.imports.mappings import MappingError
from rules.model.tickets import Status
from services import imports
from services.config import apply_configuration, recalculate_all_sla_targets, reload_configuration
from services.desk import Desk
from services.imports import ImportOutcome
from services.tickets import tickets
from storage.database import Database, create_writer_engine, parse_database_url
from storage.events import ticket_history
from storage.imports import known_tickets
from storage.migrations.migrate import current_revision, upgrade_schema
from storage.schema.tickets import Event, Ticket
from storage.tickets.tickets import get_ticket
from storage.transaction import Transaction
from storage.workspaces import known_workspaces
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.rules.logs import CELLS, PLAIN, at, made, row

NEW, UPDATED, UNCHANGED, LEFT_ALONE = ImportOutcome


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


async def brought(
    database_url: str, tmp_path: Path, *rows: dict[str, str], configured: bool = False
) -> LogImportReport:
    if configured:
        (tmp_path / "desk.yml").write_text(yaml.safe_dump(OFFICE), encoding="utf-8")
    return await import_ticket_log(settings(database_url, tmp_path), written(tmp_path, *rows), mapped(tmp_path))


async def stored(database_url: str, number: int) -> tuple[Ticket, Sequence[Event]]:
    """The ticket and its history."""
    database = Database(database_url)
    database.start()
    (workspace,) = await Desk(database, workspace="").read(lambda reader: known_workspaces(reader.session))
    desk = Desk(database, workspace=workspace)
    ticket, history = await desk.read(get_ticket, number), await desk.read(ticket_history, number)
    await database.stop()
    return ticket, history


def texts(report: LogImportReport) -> list[str]:
    return [str(line) for line in report.lines()]


async def test_tickets_come_in_and_a_second_run_changes_nothing(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("Work", "10:00"), row("Done", "11:00"), row("New", "10:00", id="A2"))

    first = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))
    second = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert (first.tickets, first.events, first.rows) == ({NEW: 2}, 4, 3)
    assert (second.tickets, second.events) == ({UNCHANGED: 2}, 0)
    assert texts(second) == [
        "Imported: new tickets 0, updated 0, events 0, rows read 3.",
        "Tickets unchanged 2, left alone 0; rows skipped 0, with a note 0.",
    ]


async def test_a_newer_export_brings_what_is_new_and_says_so(database_url: str, tmp_path: Path) -> None:
    first_rows = (row("Work", "10:00"), row("New", "10:00", id="A2"))
    await brought(database_url, tmp_path, *first_rows)

    newer = await brought(database_url, tmp_path, *first_rows, row("Done", "11:00"), row("New", "12:00", id="A3"))

    assert texts(newer) == [
        "Imported: new tickets 1, updated 1, events 2, rows read 4.",
        "Tickets unchanged 1, left alone 0; rows skipped 0, with a note 0.",
    ]
    ticket, history = await stored(database_url, 1)
    assert (ticket.status, ticket.seq) == (Status.RESOLVED, 3)
    assert [event.kind for event in history] == ["filed", "changed", "resolved"]


async def test_an_export_of_what_followed_goes_on_from_what_is_known(database_url: str, tmp_path: Path) -> None:
    await brought(database_url, tmp_path, row("Work", "10:00", agent="Ben"))

    newer = await brought(database_url, tmp_path, row("Done", "11:00", agent="Ben"))
    older = await brought(database_url, tmp_path, row("Work", "10:00", agent="Ben"))

    assert (newer.tickets, newer.events, older.tickets) == ({UPDATED: 1}, 1, {UNCHANGED: 1})
    _, history = await stored(database_url, 1)
    assert [(event.kind, event.assignee) for event in history] == [
        ("filed", None),
        ("assigned", "Ben"),
        ("resolved", "Ben"),
    ]


async def test_a_ticket_that_people_here_worked_on_is_left_alone_and_named(
    database_url: str, tmp_path: Path, clock: HeldClock
) -> None:
    here = row("Work", "10:00", group="support", kind="other")
    await brought(database_url, tmp_path, here, configured=True)
    async with opened_desk(database_url, clock) as desk:
        await desk.execute(tickets.resolve, 1, by="U0AGENT1", solution="Restarted.")

    newer = await brought(database_url, tmp_path, here, row("Wait", "11:00", group="support", kind="other"))

    assert texts(newer) == [
        "log.csv:2: #1 is left as it is, because people here have worked on it since.",
        "Imported: new tickets 0, updated 0, events 0, rows read 2.",
        "Tickets unchanged 0, left alone 1; rows skipped 0, with a note 0.",
    ]
    assert (await stored(database_url, 1))[0].status is Status.RESOLVED


async def test_a_new_configuration_is_nobodys_work_and_stays_in_the_history(
    database_url: str, tmp_path: Path, clock: HeldClock
) -> None:
    here = row("Work", "10:00", group="support", kind="other")
    await brought(database_url, tmp_path, here, configured=True)
    async with opened_desk(database_url, clock) as desk:
        await desk.execute(apply_configuration, OFFICE | {"sla": [{"resolution": "1h"}]})
        await reload_configuration(desk)
        await recalculate_all_sla_targets(desk)

    newer = await brought(database_url, tmp_path, here, row("Done", "11:00", group="support", kind="other"))

    assert newer.tickets == {UPDATED: 1}
    ticket, history = await stored(database_url, 1)
    assert [event.kind for event in history] == ["filed", "changed", "resolved", "promised_anew"]
    assert ticket.seq == 4


async def test_rows_that_a_better_mapping_can_read_are_brought(database_url: str, tmp_path: Path) -> None:
    rows = (row("Work", "10:00"), row("Odd", "11:00"))
    await brought(database_url, tmp_path, *rows)
    words = {**PLAIN["words"], "state": {**PLAIN["words"]["state"], "Odd": "resolved"}}

    again = await import_ticket_log(
        settings(database_url, tmp_path), written(tmp_path, *rows), mapped(tmp_path, words=words)
    )

    assert (again.tickets, again.events) == ({UPDATED: 1}, 1)


async def test_names_that_differ_in_capitals_are_one_with_the_first_spelling(database_url: str, tmp_path: Path) -> None:
    await brought(database_url, tmp_path, row("Work", "10:00", group="Gamma", agent="Ben Adler"))

    newer = await brought(
        database_url,
        tmp_path,
        row("Work", "10:00", group="Gamma", agent="Ben Adler"),
        row("Work", "11:00", group="GAMMA", agent="ben  adler", kind="mail"),
        row("New", "12:00", group="gamma", id="A2", caller="BEN ADLER"),
    )

    assert newer.tickets == {UPDATED: 1, NEW: 1}
    _, history = await stored(database_url, 1)
    assert [(event.kind, event.team, event.assignee) for event in history[1:]] == [
        ("assigned", "Gamma", "Ben Adler"),
        ("changed", "Gamma", "Ben Adler"),
    ]
    other, _ = await stored(database_url, 2)
    assert (other.team, other.requester) == ("Gamma", "Ben Adler")


async def test_a_team_of_the_desk_keeps_the_desks_spelling(database_url: str, tmp_path: Path) -> None:
    await brought(database_url, tmp_path, row("Work", "10:00", group="Support"), configured=True)

    assert (await stored(database_url, 1))[0].team == "support"


async def test_a_column_that_stands_twice_is_read_whole_as_description_and_history(
    database_url: str, tmp_path: Path
) -> None:
    comments = mapped(tmp_path, description=["Comment"], history=["Comment"])
    log = written(tmp_path, row("New", "10:00"), row("Work", "11:00"))
    first, *rows = log.read_text(encoding="utf-8").splitlines()
    added = [f"{first},Comment,Comment", f"{rows[0]},It is slow,?", f"{rows[1]},It is slow,Restarted"]
    log.write_text("\n".join(added), encoding="utf-8")

    await import_ticket_log(settings(database_url, tmp_path), log, comments)

    ticket, history = await stored(database_url, 1)
    assert ticket.description == "A1\nComment: It is slow; Restarted"
    assert history[-1].data["changed"]["Comment"] == ["It is slow", "It is slow; Restarted"]


@pytest.mark.parametrize(("change", "column"), [({"title": ["Comment"]}, "Comment"), ({}, "who")])
async def test_a_column_that_stands_twice_and_names_one_thing_is_refused(
    database_url: str, tmp_path: Path, change: dict[str, Any], column: str
) -> None:
    log = written(tmp_path, row("New", "10:00"))
    first, only = log.read_text(encoding="utf-8").splitlines()
    log.write_text(f"{first},Comment,{column}\n{only},It is slow,?", encoding="utf-8")

    with pytest.raises(ImportRefused, match=f"the column `{column}` is in it 2 times"):
        await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path, **change))


async def test_a_log_that_does_not_say_when_a_ticket_was_opened_has_it_opened_by_its_first_row(
    database_url: str, tmp_path: Path
) -> None:
    columns = {name: column for name, column in PLAIN["columns"].items() if name != "opened_at"}
    log = written(tmp_path, row("Work", "11:00", who="Ben"), row("New", "10:00", who="Ann"))
    unordered = mapped(tmp_path, columns=columns, file={"unknown": ["?"]})

    await import_ticket_log(settings(database_url, tmp_path), log, unordered)

    ticket, history = await stored(database_url, 1)
    assert (ticket.created_at, ticket.registered_by) == (at("10:00"), "Ann")
    assert [(event.kind, event.at, event.by) for event in history] == [
        ("filed", at("10:00"), "Ann"),
        ("changed", at("11:00"), "Ben"),
    ]


async def test_a_dry_run_on_an_older_database_says_what_to_do(empty_database_url: str, tmp_path: Path) -> None:
    upgrade_schema(empty_database_url)
    engine = create_writer_engine(parse_database_url(empty_database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()

    with pytest.raises(Refused, match="run `baton db upgrade` before a dry run"):
        await import_ticket_log(
            settings(empty_database_url, tmp_path), written(tmp_path, row("New", "10:00")), mapped(tmp_path), True
        )


async def test_a_dry_run_reports_the_same_and_changes_nothing(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("Work", "10:00"), row("Odd", "11:00"))

    dry = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path), dry_run=True)
    real = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [line.replace("Would import:", "Imported:") for line in texts(dry)] == texts(real)
    assert (dry.tickets, real.tickets) == ({NEW: 1}, {NEW: 1})


async def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"

    report = await import_ticket_log(
        settings(url, tmp_path), written(tmp_path, row("New", "10:00")), mapped(tmp_path), dry_run=True
    )

    assert report.tickets == {NEW: 1}
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

        assert report.tickets == {NEW: 249, UNCHANGED: 1}
        assert len(await desk.read(known_tickets, [f"other:A{n}" for n in range(1, 251)])) == 250


def half_a_batch(tx: Transaction) -> None:
    """The process dies with a batch half written."""
    imports.import_tickets(tx, [made(row("New", "10:00", id="A2"))[0]])
    raise RuntimeError


async def test_a_bad_row_is_named_by_line_and_reason_and_the_others_come(database_url: str, tmp_path: Path) -> None:
    log = written(
        tmp_path, row("New", "10:00"), row("Odd", "11:00"), row("New", "25:00", id="A3"), row("Work", "12:00")
    )

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [(fault.line, report.file) for fault in report.faults.first] == [(3, "log.csv"), (4, "log.csv")]
    assert texts(report)[0] == "log.csv:3: skipped, `Odd` in `state` is a status that the mapping does not name."
    assert (report.tickets, report.events) == ({NEW: 1}, 2)


async def test_a_name_that_is_too_long_is_cut_and_named(database_url: str, tmp_path: Path) -> None:
    long = "n" * 130
    log = written(tmp_path, row("New", "10:00", agent=long), row("Work", "11:00", agent=long))

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert f"1 name is longer than 120 characters and was cut: {long}" in texts(report)


async def test_a_row_of_another_length_is_skipped(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("New", "10:00"))
    log.write_text(log.read_text(encoding="utf-8") + "A2,New\n\n", encoding="utf-8")

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [str(fault.text) for fault in report.faults.first] == ["it has 2 values in 16 columns"]


async def test_a_value_over_several_lines_does_not_shift_the_numbers(database_url: str, tmp_path: Path) -> None:
    log = written(tmp_path, row("New", "10:00", about='"first\nsecond"'), row("Odd", "11:00"))

    report = await import_ticket_log(settings(database_url, tmp_path), log, mapped(tmp_path))

    assert [fault.line for fault in report.faults.first] == [4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "this file is empty"),
        (b"a,b\n1,2\n", "this is not a log of other: its first line must name columns divided by `,`"),
        (b"id,state,opened,changed\n", "the columns `agent`, `who`, "),
        (b"id,state\xff\xfe\n", "this is not text in utf-8. Save it so, or name its encoding in the mapping"),
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
    with pytest.raises(MappingError, match="Give a file, or one of: servicenow"):
        load_mapping("servicenw")
