"""A log as CSV, read row by row into a temporary file, so that memory does not grow with it."""

import csv
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from rich.progress import Progress

from rules.errors import Refused
from rules.imports.history import ImportNote, source_of
from rules.imports.mappings import LogMapping
from rules.imports.rows import RowError, RowParser, clean_cell
from rules.imports.ticket_logs import LogCells, TicketLog
from rules.text import Code, Text, _, join_texts, ngettext

MAX_NOTES = 1000  # of a kind; more are counted
_JOINT = "; "  # between the cells of a column that the file has several times
_ROWS_BY_TICKET = """
    SELECT number, line, cells
    FROM rows JOIN (SELECT number, min(line) AS first FROM rows GROUP BY number) USING (number)
    ORDER BY first, line
"""


class ImportRefused(Refused):
    """The file as a whole cannot be imported; nothing was changed."""


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much a log may hold. A cell has the limit of the csv module, `csv.field_size_limit()`."""

    file_bytes: int = 4_000_000_000
    rows: int = 5_000_000
    rows_of_ticket: int = 5000
    columns: int = 1000
    row_characters: int = 1_000_000


DEFAULT_LIMITS = LogLimits()


@dataclass(slots=True)
class ImportNotes:
    """The first MAX_NOTES notes, and how many there are."""

    first: list[ImportNote] = field(default_factory=list)
    count: int = 0

    def add(self, *notes: ImportNote) -> None:
        self.count += len(notes)
        self.first += notes[: MAX_NOTES - len(self.first)]

    def lines(self, file: str, *, skipped: bool = False) -> list[Text]:
        """A line for each of the first, in the file's order, then how many more there are."""
        notes = sorted(self.first, key=lambda note: note.line)
        lines = [
            _("{file}:{line}: skipped, {reason}.", file=file, line=note.line, reason=note.text)
            if skipped
            else _("{file}:{line}: {note}.", file=file, line=note.line, note=note.text)
            for note in notes
        ]
        more = self.count - len(notes)
        return [*lines, ngettext("And {n} more like it.", "And {n} more like these.", more)] if more else lines


class SpooledLog:
    """A log's rows in a temporary file of SQLite's, which nobody else sees and which goes with the connection."""

    def __init__(self, mapping: LogMapping, limits: LogLimits = DEFAULT_LIMITS) -> None:
        self.mapping = mapping
        self.limits = limits
        self.columns = mapping.required_columns
        self.rows = 0
        self.faults = ImportNotes()
        self._spool = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._spool.execute("PRAGMA journal_mode = OFF")
        self._spool.execute("CREATE TABLE rows (number TEXT, line INTEGER, cells TEXT)")

    def read(self, file: Path, parser: RowParser, progress: Progress) -> None:
        encoding = "utf-8-sig" if self.mapping.encoding.casefold() in ("utf-8", "utf8") else self.mapping.encoding
        try:
            if file.stat().st_size > self.limits.file_bytes:
                raise _too_large(file, _("is larger than {most} GB", most=self.limits.file_bytes // 1_000_000_000))
            with progress.open(file, "rt", encoding=encoding, newline="", description="Reading") as text:
                self._spool.execute("BEGIN")
                self._spool.executemany("INSERT INTO rows VALUES (?, ?, ?)", self._rows(file, text, parser))
                self._spool.execute("CREATE INDEX by_ticket ON rows (number, line)")
                self._spool.execute("COMMIT")
        except UnicodeError:
            sentence = _(
                "{file}: this is not text in {encoding}. Save it so, or name its encoding in the mapping under `file`.",
                file=str(file),
                encoding=self.mapping.encoding,
            )
            raise ImportRefused(sentence) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            sentence = _("{file}: this file cannot be read: {reason}.", file=str(file), reason=reason)
            raise ImportRefused(sentence) from None

    def tickets(self) -> Iterator[tuple[str, TicketLog]]:
        """Source and rows of each ticket, in the order in which the tickets first appear."""
        for number, group in groupby(self._spool.execute(_ROWS_BY_TICKET), key=itemgetter(0)):
            rows: list[LogCells] = [(line, tuple(json.loads(cells))) for _number, line, cells in group]
            if len(rows) > self.limits.rows_of_ticket:
                fault = self._too_many_rows(number)
                self.faults.add(*(ImportNote(line, fault) for line, _cells in rows))
            else:
                yield source_of(self.mapping, number), TicketLog(self.columns, tuple(rows))

    def close(self) -> None:
        self._spool.close()

    def _rows(self, file: Path, text: TextIO, parser: RowParser) -> Iterator[tuple[str, int, str]]:
        mapping = self.mapping
        for line, places, width, values in _csv_rows(mapping, _LogLines(file, text, self.limits)):
            self.rows += 1
            if self.rows > self.limits.rows:
                raise _too_large(file, _("has more than {most} rows", most=f"{self.limits.rows:,}"))
            try:
                if len(values) != width:
                    raise RowError(_("it has {values} values in {columns} columns", values=len(values), columns=width))
                cells = [_cell(mapping, values, own) for own in places]
                number = parser.number(cells)
            except RowError as error:
                self.faults.add(ImportNote(line, error.reason))
            else:
                parser.learn_names(cells)
                yield number, line, json.dumps(cells, ensure_ascii=False)

    def _too_many_rows(self, number: str) -> Text:
        return _(
            "{number} has more than {most} rows: if these are several tickets, name in the mapping the column that "
            "tells them apart in place of {column}",
            number=number,
            most=f"{self.limits.rows_of_ticket:,}",
            column=Code(self.mapping.columns["number"]),
        )


class _LogLines:
    """The lines of a log; what has no end, because a quotation mark is open or no line ends, is not kept in memory."""

    def __init__(self, file: Path, text: TextIO, limits: LogLimits) -> None:
        self.file = file
        self.limits = limits
        self._text = text
        self._line = 0
        self.row_began, self._row_length = 1, 0

    def begin_row(self) -> None:
        self.row_began, self._row_length = self._line + 1, 0

    def __iter__(self) -> Iterator[str]:
        most = self.limits.row_characters
        while line := self._text.readline(most + 1):
            self._line += 1
            self._row_length += len(line)
            if self._row_length > most:
                raise _too_long(
                    self.file, self.row_began, _("this row has more than {most} characters", most=f"{most:,}")
                )
            yield line


def _cell(mapping: LogMapping, values: Sequence[str], places: Sequence[int]) -> str:
    if len(places) == 1:
        return clean_cell(mapping, values[places[0]])
    return _JOINT.join(filter(None, [clean_cell(mapping, values[place]) for place in places]))


def _csv_rows(mapping: LogMapping, lines: _LogLines) -> Iterator[tuple[int, list[list[int]], int, list[str]]]:
    """Line, the places of each required column, how many values a row has, and the values."""
    file, reader = lines.file, csv.reader(lines, delimiter=mapping.delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(mapping, file, header, lines.limits)
        places = [[place for place, name in enumerate(header) if name == column] for column in mapping.required_columns]
        line = reader.line_num + 1
        lines.begin_row()
        for values in reader:
            if values:
                yield line, places, len(header), values
            line = reader.line_num + 1
            lines.begin_row()
    except csv.Error as error:
        raise _unreadable(lines, reader.line_num, error) from None


def _check_header(mapping: LogMapping, file: Path, header: Sequence[str], limits: LogLimits) -> None:
    missing = [name for name in mapping.required_columns if name not in header]
    if not header:
        raise ImportRefused(
            _("{file}: this file is empty. A log begins with the names of its columns.", file=str(file))
        )
    if len(missing) == len(mapping.required_columns):
        raise ImportRefused(
            _(
                "{file}: this is not a log of {system}: its first line must name columns divided by {delimiter}.",
                file=str(file),
                system=mapping.system,
                delimiter=Code(mapping.delimiter),
            )
        )
    if len(header) > limits.columns:
        raise ImportRefused(_too_many_columns(file, len(header), limits.columns))
    if missing:
        names = join_texts([_("{column}", column=Code(name)) for name in missing], ", ")
        sentence = ngettext(
            "{file}: the column {names} is missing. Correct its name in the mapping, or leave it out.",
            "{file}: the columns {names} are missing. Correct their names in the mapping, or leave them out.",
            len(missing),
            file=str(file),
            names=names,
        )
        raise ImportRefused(sentence)
    for name in sorted(mapping.single_columns):
        if header.count(name) > 1:
            raise ImportRefused(_column_twice(file, name, header.count(name)))


def _column_twice(file: Path, column: str, count: int) -> Text:
    return _(
        "{file}: the column {column} is in it {count} times, and only one can be read: give each its own name in "
        "the file, or read the column under `description` or `history`, where all of them count.",
        file=str(file),
        column=Code(column),
        count=count,
    )


def _too_large(file: Path, fault: Text) -> ImportRefused:
    remedy = _("{file} {fault}. Nothing was changed: export a shorter time at once.", file=str(file), fault=fault)
    return ImportRefused(remedy)


def _too_many_columns(file: Path, count: int, most: int) -> Text:
    return _(
        "{file} has {count} columns, and at most {most} can be read. Nothing was changed: export only the columns that "
        "the mapping names.",
        file=str(file),
        count=f"{count:,}",
        most=f"{most:,}",
    )


def _unreadable(lines: _LogLines, line: int, error: csv.Error) -> ImportRefused:
    """The csv module names its limit of a cell in the words of its own programming interface."""
    if "limit" in str(error):
        most = f"{csv.field_size_limit():,}"
        return _too_long(
            lines.file, lines.row_began, _("a cell of this row has more than {most} characters", most=most)
        )
    sentence = _(
        "{file}:{line}: this is not a CSV table: {reason}.", file=str(lines.file), line=line, reason=str(error)
    )
    return ImportRefused(sentence)


def _too_long(file: Path, line: int, fault: Text) -> ImportRefused:
    remedy = _(
        "{file}:{line}: {fault}. Nothing was changed: close the quotation mark that is left open, or export the log "
        "without its long texts.",
        file=str(file),
        line=line,
        fault=fault,
    )
    return ImportRefused(remedy)
