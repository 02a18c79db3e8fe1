"""The stored log of a ticket, so that a newer export brings only what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

LogCells = tuple[int, tuple[str, ...]]  # a row's line and its cells


@dataclass(frozen=True, slots=True)
class TicketLog:
    """The rows of one ticket as the file has them: cleaned cells, in the order of `columns`."""

    columns: tuple[str, ...] = ()
    rows: tuple[LogCells, ...] = ()


NO_LOG = TicketLog()


def merge_logs(known: TicketLog, newer: TicketLog) -> TicketLog | None:
    """The rows of both exports; None when the newer one has no new row.

    A newer export that holds the known rows is taken as it is. Of one that begins later, or overlaps, the new rows
    follow the known ones. Rows are the same when their cells are, in the columns that both exports were read with.
    """
    shared = [column for column in newer.columns if column in known.columns]
    known_keys, newer_keys = _row_keys(known, shared), _row_keys(newer, shared)
    held = set(known_keys)
    new_rows = [row for row, key in zip(newer.rows, newer_keys, strict=True) if key not in held]
    if not new_rows:
        return None
    if held <= set(newer_keys):
        return newer
    return TicketLog(newer.columns, (*_aligned_rows(known, newer.columns), *new_rows))


def _row_keys(log: TicketLog, columns: Sequence[str]) -> list[object]:
    if not columns:
        return [()] * len(log.rows)
    take = itemgetter(*[log.columns.index(column) for column in columns])
    return [take(cells) for _, cells in log.rows]


def _aligned_rows(log: TicketLog, columns: Sequence[str]) -> tuple[LogCells, ...]:
    """A column that the known rows were not read with is unknown there."""
    if log.columns == columns:
        return log.rows
    rows = ((line, dict(zip(log.columns, cells, strict=True))) for line, cells in log.rows)
    return tuple((line, tuple(cells.get(column, "") for column in columns)) for line, cells in rows)
