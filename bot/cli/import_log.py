"""`baton import`: imports the ticket log of another help desk, or shows what would be imported."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import yaml
from rich.console import Console
from rich.progress import Progress

from bot.cli.log_file import ImportNotes, SpooledLog
from bot.files import PACKAGE
from bot.offline import offline_desk, only_workspace, open_database
from bot.settings import Settings
from bot.yaml_text import load_yaml
from rules.errors import Refused
from rules.imports.history import ImportedTicket, ImportNote, build_imported_ticket
from rules.imports.mappings import LogMapping, MappingError, parse_mapping
from rules.imports.names import FoldedNames, NameKind
from rules.imports.rows import MAX_NAME_LENGTH, LogRow, RowError, RowParser
from rules.imports.ticket_logs import LogCells, TicketLog, merge_logs
from rules.text import Code, Text, TicketNumber, _, ngettext
from services import imports
from services.config import reload_configuration
from services.desk import Desk, utc_now
from services.imports import ImportOutcome
from storage.connections.outages import NotSaved
from storage.imports import KnownTicket, known_names, known_tickets
from storage.migrations.migrate import current_revision, has_pending_revisions

MAPPINGS_FOLDER = PACKAGE / "mappings"
ROWS_PER_BATCH = 1000  # other operations wait while these are written
SAVE_ATTEMPTS = 5


@dataclass(slots=True)
class LogImportReport:
    """What an import did, or in a dry run would do: `faults` are skipped lines, `notes` corrected ones."""

    file: str
    dry_run: bool = False
    rows: int = 0
    events: int = 0
    tickets: Counter[ImportOutcome] = field(default_factory=Counter)
    faults: ImportNotes = field(default_factory=ImportNotes)
    notes: ImportNotes = field(default_factory=ImportNotes)
    left_alone: ImportNotes = field(default_factory=ImportNotes)
    cut_names: tuple[str, ...] = ()

    def lines(self) -> list[Text]:
        lines = [*self.faults.lines(self.file, skipped=True), *self.notes.lines(self.file)]
        return [*lines, *self.left_alone.lines(self.file), *self._cut(), self._sum(), self._rest()]

    def _cut(self) -> list[Text]:
        """That names were too long to be kept whole."""
        if not self.cut_names:
            return []
        return [
            ngettext(
                "{n} name is longer than {most} characters and was cut: {name}",
                "{n} names are longer than {most} characters and were cut, the first: {name}",
                len(self.cut_names),
                most=MAX_NAME_LENGTH,
                name=self.cut_names[0],
            )
        ]

    def _sum(self) -> Text:
        counts = _(
            "new tickets {new}, updated {updated}, events {events}, rows read {rows}",
            new=self.tickets[ImportOutcome.NEW],
            updated=self.tickets[ImportOutcome.UPDATED],
            events=self.events,
            rows=self.rows,
        )
        return _("Would import: {counts}.", counts=counts) if self.dry_run else _("Imported: {counts}.", counts=counts)

    def _rest(self) -> Text:
        return _(
            "Tickets unchanged {unchanged}, left alone {left_alone}; rows skipped {skipped}, with a note {noted}.",
            unchanged=self.tickets[ImportOutcome.UNCHANGED],
            left_alone=self.tickets[ImportOutcome.LEFT_ALONE],
            skipped=self.faults.count,
            noted=self.notes.count,
        )


async def import_ticket_log(settings: Settings, file: Path, mapping: str, dry_run: bool = False) -> LogImportReport:
    """Imports what is new in the file; a run after a crash continues where the one before ended.

    Every batch is one operation: it is saved as a whole or not at all.
    """
    log_map, report, now = load_mapping(mapping), LogImportReport(file.name, dry_run), utc_now()
    with _progress_bar() as progress, closing(SpooledLog(log_map)) as log:
        names = FoldedNames()
        await asyncio.to_thread(log.read, file, RowParser(log_map, now, names), progress)
        report.rows, report.faults = log.rows, log.faults
        async with _desk_to_compare(settings) if dry_run else offline_desk(settings) as desk:
            spellings = FoldedNames([*await _known_spellings(desk), *names])
            builder = _LogBuilder(log_map, RowParser(log_map, now, spellings), report)
            task = progress.add_task("Bringing", total=log.rows)
            for batch in _batches(log.tickets()):
                await _import_batch(desk, builder, batch)
                progress.advance(task, sum(len(one.rows) for one in batch.values()))
            report.cut_names = tuple(builder.parser.cut_names)
    return report


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A log without a database: its tickets, and what was noted on the way."""

    records: list[ImportedTicket]
    report: LogImportReport


def read_ticket_log(log_map: LogMapping, file: Path, now: datetime, progress: Progress) -> ReadLog:
    builder = _LogBuilder(log_map, RowParser(log_map, now, FoldedNames()), LogImportReport(file.name))
    with closing(SpooledLog(log_map)) as log:
        log.read(file, builder.parser, progress)
        built = (builder.build(rows, None) for _source, rows in log.tickets())
        return ReadLog([record for record in built if record is not None], builder.report)


def load_mapping(name: str) -> LogMapping:
    """`name` is a mapping that Baton is shipped with, or a file. MappingError says what is wrong with it."""
    shipped = MAPPINGS_FOLDER / f"{name}.yml"
    path = shipped if name.isidentifier() and shipped.is_file() else Path(name)
    try:
        return parse_mapping(load_yaml(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        names = ", ".join(sorted(one.stem for one in MAPPINGS_FOLDER.glob("*.yml")))
        sentence = _("There is no mapping {name}. Give a file, or one of: {names}.", name=Code(name), names=names)
        raise MappingError(sentence) from None
    except (UnicodeDecodeError, OSError) as error:
        reason = type(error).__name__
        sentence = _("{file}: this mapping cannot be read as text in UTF-8 ({reason}).", file=str(path), reason=reason)
        raise MappingError(sentence) from None
    except yaml.YAMLError as error:
        sentence = _("{file}: this is not YAML: {reason}.", file=str(path), reason=" ".join(str(error).split()))
        raise MappingError(sentence) from None
    except Refused as error:
        raise MappingError(_("{file}: {fault}", file=str(path), fault=error.text)) from None


def _batches(tickets: Iterator[tuple[str, TicketLog]]) -> Iterator[dict[str, TicketLog]]:
    """Tickets by source, so many at a time as are written at once."""
    batch, rows = dict[str, TicketLog](), 0
    for source, log in tickets:
        batch[source] = log
        rows += len(log.rows)
        if rows >= ROWS_PER_BATCH:
            yield batch
            batch, rows = {}, 0
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _LogBuilder:
    """Builds tickets of log rows, and writes down in the report what was noted on the way."""

    mapping: LogMapping
    parser: RowParser
    report: LogImportReport

    def build(self, log: TicketLog, known: KnownTicket | None) -> ImportedTicket | None:
        """None where the log tells nothing new, or nothing that can be used."""
        merged = merge_logs(known.log, log) if known is not None else log
        if merged is None:
            return None
        usable = [(cells, row) for cells in merged.rows if (row := self._parse(log, cells)) is not None]
        if not usable or (known is not None and len(usable) == len(known.log.rows)):
            return None
        record, notes = build_imported_ticket(self.mapping, [row for _cells, row in usable])
        self.report.notes.add(*notes)
        usable_log = replace(merged, rows=tuple(cells for cells, _row in usable))
        return replace(record, log=usable_log, replaces_seq=known.seq if known is not None else None)

    def _parse(self, log: TicketLog, cells: LogCells) -> LogRow | None:
        """None for a row that cannot be used; it is reported by its line in this file."""
        try:
            return self.parser.parse(*cells)
        except RowError as error:
            if cells in log.rows:
                self.report.faults.add(ImportNote(cells[0], error.reason))
            return None

    def count(
        self, outcome: ImportOutcome, log: TicketLog, record: ImportedTicket | None, known: KnownTicket | None
    ) -> None:
        self.report.tickets[outcome] += 1
        if outcome is ImportOutcome.LEFT_ALONE and known is not None:
            self.report.left_alone.add(ImportNote(log.rows[0][0], _left_alone(known)))
        elif record is not None and outcome is not ImportOutcome.UNCHANGED:
            self.report.events += len(record.events) - (known.events if known is not None else 0)


def _left_alone(known: KnownTicket) -> Text:
    number = TicketNumber(known.number)
    if known.is_worked_on:
        return _("{number} is left as it is, because people here have worked on it since", number=number)
    return _("{number} is left as it is: this file does not hold what is known of it", number=number)


async def _import_batch(desk: Desk | None, builder: _LogBuilder, batch: Mapping[str, TicketLog]) -> None:
    known = await desk.read_in_worker(known_tickets, list(batch)) if desk is not None else {}
    built = {source: builder.build(log, known.get(source)) for source, log in batch.items()}
    records = [record for record in built.values() if record is not None]
    if builder.report.dry_run or desk is None:
        outcomes = {record.source: imports.expected_outcome(record, known.get(record.source)) for record in records}
    else:
        outcomes = await _save(desk, records)
    for source, record in built.items():
        if record is not None or source in known:
            outcome = outcomes.get(source, ImportOutcome.UNCHANGED)
            builder.count(outcome, batch[source], record, known.get(source))


async def _save(desk: Desk, records: Sequence[ImportedTicket]) -> dict[str, ImportOutcome]:
    """Tries again when a running Baton keeps the same database busy."""
    for _attempt in range(SAVE_ATTEMPTS - 1):
        try:
            return await desk.execute(imports.import_tickets, records)
        except NotSaved:
            continue
    return await desk.execute(imports.import_tickets, records)


async def _known_spellings(desk: Desk | None) -> list[tuple[NameKind, str]]:
    """The desk's own spellings come first, then those of earlier imports."""
    if desk is None:
        return []
    teams, types = desk.policy.teams, desk.policy.types
    configured = [*((NameKind.TEAM, key) for key in teams), *((NameKind.TYPE, key) for key in types)]
    return [*configured, *await desk.read_in_worker(known_names)]


@asynccontextmanager
async def _desk_to_compare(settings: Settings) -> AsyncIterator[Desk | None]:
    """The desk as it is, for reading; None for a database without a schema, which is not changed."""
    if await asyncio.to_thread(current_revision, settings.database_url) is None:
        yield None
        return
    if await asyncio.to_thread(has_pending_revisions, settings.database_url):
        raise Refused(
            _("This database is of an earlier Baton: run {command} before a dry run.", command=Code("baton db upgrade"))
        )
    async with open_database(settings, upgrade=False) as database:
        desk = Desk(database, workspace=await only_workspace(database))
        await reload_configuration(desk)
        yield desk


def _progress_bar() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
