"""`baton import`: a log of another help desk is brought in, or shown what would be."""

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
from bot.offline import offline_desk, only_workspace, opened
from bot.settings import Settings
from rules.errors import DeskError
from rules.imports.history import Note, Record, record
from rules.imports.mappings import LogMap, MapError, read_map
from rules.imports.rows import BadRow, Row, read_row
from services import imports
from services.desk import Desk, utc_now
from storage.imports import known
from storage.migrations.migrate import current
from storage.writer import NotSaved

MAPS = PACKAGE / "mappings"
BATCH = 100
TRIES = 5


class ImportRefused(DeskError):
    """The file as a whole cannot be brought; the sentence says why, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or in a dry run would do: `faults` are lines that were skipped, `notes` lines corrected."""

    file: str
    rows: int
    brought: int
    known: int
    events: int
    faults: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    dry_run: bool = False

    def lines(self) -> list[str]:
        """The report as sentences, the sum last."""
        skipped = [f"{self.file}:{one.line}: skipped, {one.words}." for one in self.faults]
        noted = [f"{self.file}:{one.line}: {one.words}." for one in self.notes]
        verb = "Would bring" if self.dry_run else "Brought"
        sums = f"{verb} {self.brought} tickets with {self.events} events from {self.rows} rows"
        rest = f"{self.known} were here already; {len(self.faults)} rows skipped, {len(self.notes)} noted."
        return [*skipped, *noted, f"{sums}; {rest}"]


@dataclass(slots=True)
class Log:
    """A log as it was read."""

    rows: int = 0
    records: list[Record] = field(default_factory=list)
    faults: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


async def bring(settings: Settings, file: Path, mapping: str, dry_run: bool = False) -> Report:
    """Brings what is new in the file; a second run, or one after a crash, goes on where the first one ended.

    Every batch is one deed: it is there as a whole or not at all. A dry run reads and reports the same, and changes
    nothing.
    """
    log_map = load_map(mapping)
    with _progress() as progress:
        log = await asyncio.to_thread(read_log, log_map, file, utc_now(), progress)
        if dry_run:
            new = await _new(settings, log.records)
        else:
            async with offline_desk(settings) as desk:
                new = await _write(desk, log.records, progress)
    return Report(
        file=file.name,
        rows=log.rows,
        brought=len(new),
        known=len(log.records) - len(new),
        events=sum(len(one.steps) for one in new),
        faults=tuple(log.faults),
        notes=tuple(log.notes),
        dry_run=dry_run,
    )


def load_map(name: str) -> LogMap:
    """The mapping of that name that Baton brings along, or of that file."""
    shipped = MAPS / f"{name}.yml"
    path = shipped if name.isidentifier() and shipped.is_file() else Path(name)
    try:
        return read_map(yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader))
    except FileNotFoundError:
        there = ", ".join(sorted(one.stem for one in MAPS.glob("*.yml")))
        raise MapError(f"There is no mapping `{name}`: give a file, or one that Baton brings along: {there}.") from None
    except (UnicodeDecodeError, OSError) as error:
        raise MapError(f"{path}: this mapping cannot be read as text in UTF-8 ({type(error).__name__}).") from None
    except yaml.YAMLError as error:
        raise MapError(f"{path}: this is not YAML: {' '.join(str(error).split())}.") from None
    except DeskError as error:
        raise MapError(f"{path}: {error}") from None


def read_log(log_map: LogMap, file: Path, now: datetime, progress: Progress) -> Log:
    """Every ticket of the file, and every line that could not be believed; ImportRefused when it is no such log."""
    log, tickets = Log(), dict[str, list[Row]]()
    encoding = "utf-8-sig" if log_map.encoding.casefold() in ("utf-8", "utf8") else log_map.encoding
    try:
        with progress.open(file, "rt", encoding=encoding, newline="", description="Reading") as text:
            for line, header, values in _lines(log_map, file, text):
                log.rows += 1
                try:
                    row = read_row(log_map, line, _cells(header, values), now)
                except BadRow as error:
                    log.faults.append(Note(line, str(error)))
                else:
                    tickets.setdefault(row.number, []).append(row)
    except UnicodeError:
        remedy = "save it so, or name its encoding in the mapping under `file`"
        raise ImportRefused(f"{file}: this is no text in {log_map.encoding}: {remedy}.") from None
    except OSError as error:
        raise ImportRefused(f"{file}: this file cannot be read: {error.strerror}.") from None
    for rows in tickets.values():
        made, notes = record(log_map, rows)
        log.records.append(made)
        log.notes += notes
    return log


def _lines(log_map: LogMap, file: Path, text: TextIO) -> Iterator[tuple[int, list[str], list[str]]]:
    """Each row with the line it begins on and the header; ImportRefused when it is no table with these columns."""
    reader = csv.reader(text, delimiter=log_map.delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check(log_map, file, header)
        line = reader.line_num + 1
        for values in reader:
            if values:
                yield line, header, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefused(f"{file}:{reader.line_num}: this is no table of values: {error}.") from None


def _check(log_map: LogMap, file: Path, header: Sequence[str]) -> None:
    missing = [name for name in log_map.wanted if name not in header]
    if not header:
        raise ImportRefused(f"{file}: this file is empty; a log begins with the names of its columns.")
    if len(missing) == len(log_map.wanted):
        remedy = f"its first line must name columns divided by `{log_map.delimiter}`"
        raise ImportRefused(f"{file}: this is not a log of {log_map.system}: {remedy}.")
    if missing:
        named = ", ".join(f"`{name}`" for name in missing)
        raise ImportRefused(f"{file}: it has no column {named}; correct the names in the mapping, or leave them out.")


def _cells(header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    if len(values) != len(header):
        raise BadRow(f"it has {len(values)} values under {len(header)} columns")
    return dict(zip(header, values, strict=True))


async def _write(desk: Desk, records: Sequence[Record], progress: Progress) -> list[Record]:
    """Those that are tickets since now, batch by batch."""
    brought: list[Record] = []
    starts = range(0, len(records), BATCH)
    for first in progress.track(starts, description="Bringing"):
        sources = await _patiently(desk, records[first : first + BATCH])
        brought += [one for one in records[first : first + BATCH] if one.source in sources]
    return brought


async def _patiently(desk: Desk, records: Sequence[Record]) -> list[str]:
    """A bot at work on the same database may hold it for a moment: the batch waits for its turn."""
    for _ in range(TRIES - 1):
        try:
            return await desk.execute(imports.bring, records)
        except NotSaved:
            continue
    return await desk.execute(imports.bring, records)


async def _new(settings: Settings, records: Sequence[Record]) -> list[Record]:
    """Those that are not tickets yet; a database that is not made yet is left unmade."""
    if await asyncio.to_thread(current, settings.database_url) is None:
        return list(records)
    async with opened(settings) as database:
        workspace = await only_workspace(database)
        here = await Desk(database, workspace=workspace).read(known, [one.source for one in records])
    return [one for one in records if one.source not in here]


def _progress() -> Progress:
    """A bar on a terminal, nothing where the output goes to a file."""
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
