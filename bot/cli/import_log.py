"""`baton import`: imports the ticket log of another help desk, or shows what would be imported."""

import asyncio
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

import yaml
from rich.console import Console
from rich.progress import Progress

from bot.files import PACKAGE
from bot.offline import offline_desk, only_workspace, open_database
from bot.settings import Settings
from bot.yaml_text import load_yaml
from rules.errors import Refused
from rules.imports.history import ImportedTicket, ImportNote, build_imported_ticket
from rules.imports.mappings import LogMapping, MappingError, parse_mapping
from rules.imports.rows import LogRow, RowError, parse_row
from services import imports
from services.desk import Desk, utc_now
from storage.imports import imported_sources
from storage.migrations.migrate import current_revision
from storage.outages import NotSaved

MAPPINGS_FOLDER = PACKAGE / "mappings"
BATCH_SIZE = 100
SAVE_ATTEMPTS = 5


class ImportRefused(Refused):
    """The file as a whole cannot be imported; nothing was changed."""


@dataclass(frozen=True, slots=True)
class LogImportReport:
    """What an import did, or in a dry run would do: `faults` are skipped lines, `notes` corrected ones."""

    file: str
    rows: int
    imported: int
    already_imported: int
    events: int
    faults: tuple[ImportNote, ...] = ()
    notes: tuple[ImportNote, ...] = ()
    dry_run: bool = False

    def lines(self) -> list[str]:
        skipped = [f"{self.file}:{one.line}: skipped, {one.text}." for one in self.faults]
        noted = [f"{self.file}:{one.line}: {one.text}." for one in self.notes]
        verb = "Would bring" if self.dry_run else "Brought"
        sums = f"{verb} {self.imported} tickets with {self.events} events from {self.rows} rows"
        rest = f"{self.already_imported} were here already; {len(self.faults)} rows skipped, {len(self.notes)} noted."
        return [*skipped, *noted, f"{sums}; {rest}"]


@dataclass(slots=True)
class TicketLog:
    rows: int = 0
    records: list[ImportedTicket] = field(default_factory=list)
    faults: list[ImportNote] = field(default_factory=list)
    notes: list[ImportNote] = field(default_factory=list)


async def import_ticket_log(settings: Settings, file: Path, mapping: str, dry_run: bool = False) -> LogImportReport:
    """Imports the new tickets of the file; a run after a crash continues where the one before ended.

    Every batch is one operation: it is saved as a whole or not at all.
    """
    log_map = load_mapping(mapping)
    with _progress_bar() as progress:
        log = await asyncio.to_thread(read_ticket_log, log_map, file, utc_now(), progress)
        if dry_run:
            new = await _new_records(settings, log.records)
        else:
            async with offline_desk(settings) as desk:
                new = await _import_batches(desk, log.records, progress)
    known, events = len(log.records) - len(new), sum(len(one.events) for one in new)
    faults, notes = tuple(log.faults), tuple(log.notes)
    return LogImportReport(file.name, log.rows, len(new), known, events, faults, notes, dry_run)


def load_mapping(name: str) -> LogMapping:
    """`name` is a mapping that Baton is shipped with, or a file. MappingError says what is wrong with it."""
    shipped = MAPPINGS_FOLDER / f"{name}.yml"
    path = shipped if name.isidentifier() and shipped.is_file() else Path(name)
    try:
        return parse_mapping(load_yaml(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        names = ", ".join(sorted(one.stem for one in MAPPINGS_FOLDER.glob("*.yml")))
        remedy = f"give a file, or one that Baton brings along: {names}"
        raise MappingError(f"There is no mapping `{name}`: {remedy}.") from None
    except (UnicodeDecodeError, OSError) as error:
        raise MappingError(f"{path}: this mapping cannot be read as text in UTF-8 ({type(error).__name__}).") from None
    except yaml.YAMLError as error:
        raise MappingError(f"{path}: this is not YAML: {' '.join(str(error).split())}.") from None
    except Refused as error:
        raise MappingError(f"{path}: {error}") from None


def read_ticket_log(log_map: LogMapping, file: Path, now: datetime, progress: Progress) -> TicketLog:
    log, tickets = TicketLog(), dict[str, list[LogRow]]()
    encoding = "utf-8-sig" if log_map.encoding.casefold() in ("utf-8", "utf8") else log_map.encoding
    try:
        with progress.open(file, "rt", encoding=encoding, newline="", description="Reading") as text:
            for line, header, values in _csv_rows(log_map, file, text):
                log.rows += 1
                try:
                    row = parse_row(log_map, line, _cells_by_column(header, values), now)
                except RowError as error:
                    log.faults.append(ImportNote(line, str(error)))
                else:
                    tickets.setdefault(row.number, []).append(row)
    except UnicodeError:
        remedy = "save it so, or name its encoding in the mapping under `file`"
        raise ImportRefused(f"{file}: this is no text in {log_map.encoding}: {remedy}.") from None
    except OSError as error:
        raise ImportRefused(f"{file}: this file cannot be read: {error.strerror}.") from None
    for rows in tickets.values():
        ticket, notes = build_imported_ticket(log_map, rows)
        log.records.append(ticket)
        log.notes += notes
    return log


def _csv_rows(log_map: LogMapping, file: Path, text: TextIO) -> Iterator[tuple[int, list[str], list[str]]]:
    reader = csv.reader(text, delimiter=log_map.delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(log_map, file, header)
        line = reader.line_num + 1
        for values in reader:
            if values:
                yield line, header, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefused(f"{file}:{reader.line_num}: this is no table of values: {error}.") from None


def _check_header(log_map: LogMapping, file: Path, header: Sequence[str]) -> None:
    missing = [name for name in log_map.required_columns if name not in header]
    if not header:
        raise ImportRefused(f"{file}: this file is empty; a log begins with the names of its columns.")
    if len(missing) == len(log_map.required_columns):
        remedy = f"its first line must name columns divided by `{log_map.delimiter}`"
        raise ImportRefused(f"{file}: this is not a log of {log_map.system}: {remedy}.")
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        raise ImportRefused(f"{file}: it has no column {names}; correct the names in the mapping, or leave them out.")


def _cells_by_column(header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    if len(values) != len(header):
        raise RowError(f"it has {len(values)} values under {len(header)} columns")
    return dict(zip(header, values, strict=True))


async def _import_batches(desk: Desk, records: Sequence[ImportedTicket], progress: Progress) -> list[ImportedTicket]:
    imported: list[ImportedTicket] = []
    starts = range(0, len(records), BATCH_SIZE)
    for first in progress.track(starts, description="Bringing"):
        sources = await _import_batch(desk, records[first : first + BATCH_SIZE])
        imported += [one for one in records[first : first + BATCH_SIZE] if one.source in sources]
    return imported


async def _import_batch(desk: Desk, records: Sequence[ImportedTicket]) -> list[str]:
    """Tries again when a running Baton keeps the same database busy."""
    for _ in range(SAVE_ATTEMPTS - 1):
        try:
            return await desk.execute(imports.import_tickets, records)
        except NotSaved:
            continue
    return await desk.execute(imports.import_tickets, records)


async def _new_records(settings: Settings, records: Sequence[ImportedTicket]) -> list[ImportedTicket]:
    """The records that are not tickets yet. A database without a schema is not changed."""
    if await asyncio.to_thread(current_revision, settings.database_url) is None:
        return list(records)
    async with open_database(settings, upgrade=False) as database:
        workspace = await only_workspace(database)
        existing = await Desk(database, workspace=workspace).read(imported_sources, [one.source for one in records])
    return [one for one in records if one.source not in existing]


def _progress_bar() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
