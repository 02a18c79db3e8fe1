"""The limits of a log: each is told in a sentence that names what is too large and what to do."""

import csv
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.progress import Progress

from bot.cli.log_file import ImportRefused, LogLimits, SpooledLog
from rules.imports.mappings import parse_mapping
from rules.imports.names import FoldedNames
from rules.imports.rows import RowParser
from tests.rules.logs import CELLS, PLAIN, at, row

MAPPING = parse_mapping(PLAIN)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three rows of two tickets, in the lines 2 to 4."""
    return written(tmp_path, row("New", "10:00"), row("Work", "11:00"), row("New", "10:00", id="A2"))


def written(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "log.csv"
    with path.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows([CELLS, *((CELLS | one).values() for one in rows)])
    return path


def read(path: Path, limits: LogLimits | None = None) -> SpooledLog:
    log = SpooledLog(MAPPING, limits or LogLimits())
    log.read(path, RowParser(MAPPING, at("12:00"), FoldedNames()), Progress(disable=True))
    return log


def refusal(path: Path, limits: LogLimits | None = None) -> str:
    with pytest.raises(ImportRefused) as refused:
        read(path, limits)
    return str(refused.value)


def test_a_file_that_is_too_large_is_not_begun(log: Path) -> None:
    os.truncate(log, LogLimits().file_bytes + 1)  # takes no room on the disk

    assert refusal(log) == f"{log} is larger than 4 GB. Nothing was changed: export a shorter time at once."


def test_a_file_with_as_many_rows_as_may_be_is_read_and_one_more_is_too_many(log: Path) -> None:
    with closing(read(log, LogLimits(rows=3))) as spooled:
        assert spooled.rows == 3

    assert refusal(log, LogLimits(rows=2)) == (
        f"{log} has more than 2 rows. Nothing was changed: export a shorter time at once."
    )


def test_a_ticket_with_too_many_rows_is_skipped_and_the_others_come(log: Path) -> None:
    with closing(read(log, LogLimits(rows_of_ticket=1))) as spooled:
        assert [source for source, _rows in spooled.tickets()] == ["other:A2"]

        assert [str(fault.text) for fault in spooled.faults.first] == [
            "A1 has more than 1 rows: if these are several tickets, name in the mapping the "
            "column that tells them apart in place of `id`"
        ] * 2


def test_a_file_with_too_many_columns_is_refused(log: Path) -> None:
    assert refusal(log, LogLimits(columns=15)) == (
        f"{log} has 16 columns, and at most 15 can be read. Nothing was changed: export only the columns that the "
        "mapping names."
    )


def test_a_row_that_is_too_long_is_named_by_the_line_where_it_begins(log: Path) -> None:
    with log.open("a", encoding="utf-8") as text:
        text.writelines(endless_row())

    assert refusal(log) == (
        f"{log}:5: this row has more than 1,000,000 characters. Nothing was changed: close the quotation mark that is "
        "left open, or export the log without its long texts."
    )


def endless_row() -> Iterator[str]:
    """No cell of it is long, and each goes on in the next line."""
    return ('"a\nb",' for _ in range(200_000))


def test_a_line_that_does_not_end_is_not_read_to_its_end(log: Path) -> None:
    with log.open("a", encoding="utf-8") as text:
        text.write("a," * 600_000)

    assert f"{log}:5: this row has more than 1,000,000 characters." in refusal(log)


def test_a_quotation_mark_that_is_left_open_is_named_by_the_line_where_its_row_begins(log: Path) -> None:
    with log.open("a", encoding="utf-8") as text:
        text.write('A3,"' + "the rest of the file\n" * 10_000)

    assert refusal(log) == (
        f"{log}:5: a cell of this row has more than 131,072 characters. Nothing was changed: close the quotation mark "
        "that is left open, or export the log without its long texts."
    )
