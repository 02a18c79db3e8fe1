"""One row of a foreign log: parsed into values, or refused with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.imports.mappings import LogMapping, RowMeaning, fold_word
from rules.model.tickets import DONE_STATUSES, Priority, Status

MAX_NAME_LENGTH, MAX_NUMBER_LENGTH, FIRST_YEAR = 120, 100, 1970
TOO_MANY_DIGITS = 10  # digits of a count
_NAME_FIELDS = ("team", "type", "assignee", "requester", "registered_by", "resolved_by")
_PERSON_FIELDS = ("assignee", "requester", "registered_by", "resolved_by", "changed_by")


class RowError(Refused):
    """The row cannot be used; the text is the reason."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One parsed row; empty texts are unknown. `history_values` are further values, by column."""

    line: int
    number: str
    status: Status
    at: datetime
    by: str
    opened_at: datetime
    resolved_at: datetime | None
    first_reply_at: datetime | None
    reopened: int
    priority: Priority
    texts: Mapping[str, str]
    history_values: Mapping[str, str]
    title: str
    description: str


def parse_row(mapping: LogMapping, line: int, cells: Mapping[str, str], now: datetime) -> LogRow:
    cells_by_field = {name: clean_cell(mapping, cells[column]) for name, column in mapping.columns.items()}
    if not cells_by_field["number"]:
        raise RowError(f"it has no number in `{mapping.columns['number']}`")
    if len(cells_by_field["number"]) > MAX_NUMBER_LENGTH:
        raise RowError(f"its number is longer than {MAX_NUMBER_LENGTH} signs")
    status = _parse_status(mapping, cells_by_field["state"])
    opened_at = _require_moment(mapping, cells_by_field, "opened_at", now)
    resolved_at, _, first_reply_at = (
        _moment_after_opening(mapping, cells_by_field, name, opened_at, now)
        for name in ("resolved_at", "closed_at", "first_reply")
    )
    return LogRow(
        line=line,
        number=cells_by_field["number"],
        status=status,
        at=_status_moment(mapping, cells_by_field, status, opened_at, now),
        by=_local_name(mapping, cells_by_field, "changed_by"),
        opened_at=opened_at,
        resolved_at=resolved_at,
        first_reply_at=first_reply_at,
        reopened=_parse_count(mapping, cells_by_field, "reopened"),
        priority=_parse_priority(mapping, cells_by_field.get("priority", "")),
        texts={name: _local_name(mapping, cells_by_field, name) for name in _NAME_FIELDS}
        | {"solution": cells_by_field.get("solution", "")},
        history_values={column: clean_cell(mapping, cells[column]) for column in mapping.history_columns},
        title=" · ".join(filter(None, (clean_cell(mapping, cells[column]) for column in mapping.title_columns))),
        description="\n".join(
            f"{column}: {said}"
            for column in mapping.description_columns
            if (said := clean_cell(mapping, cells[column]))
        ),
    )


def clean_cell(mapping: LogMapping, cell: str) -> str:
    text = " ".join(cell.replace("\0", "").split())
    return "" if text in mapping.unknown else text


def _parse_moment(mapping: LogMapping, cell: Mapping[str, str], name: str, now: datetime) -> datetime | None:
    """None where the column is unknown; RowError when it is no time, or an impossible one."""
    text = cell.get(name, "")
    if not text:
        return None
    try:
        parsed = (
            datetime.fromisoformat(text)
            if mapping.time_format == "iso"
            else datetime.strptime(text, mapping.time_format)
        )
    except ValueError:
        raise RowError(f"`{text}` in `{mapping.columns[name]}` is not a time like {mapping.time_format}") from None
    if parsed.year < FIRST_YEAR:
        raise RowError(f"`{text}` in `{mapping.columns[name]}` is before {FIRST_YEAR}")
    at = (parsed if parsed.tzinfo else parsed.replace(tzinfo=time_zone(mapping.timezone))).astimezone(UTC)
    if at > now:
        raise RowError(f"`{text}` in `{mapping.columns[name]}` is still to come")
    return at


def _require_moment(mapping: LogMapping, cell: Mapping[str, str], name: str, now: datetime) -> datetime:
    at = _parse_moment(mapping, cell, name, now)
    if at is None:
        raise RowError(f"it has no time in `{mapping.columns[name]}`")
    return at


def _moment_after_opening(
    mapping: LogMapping, cell: Mapping[str, str], name: str, opened_at: datetime, now: datetime
) -> datetime | None:
    at = _parse_moment(mapping, cell, name, now)
    if at is not None and at < opened_at:
        raise RowError(f"`{cell[name]}` in `{mapping.columns[name]}` is before it was opened, `{cell['opened_at']}`")
    return at


def _status_moment(
    mapping: LogMapping, cell: Mapping[str, str], status: Status, opened_at: datetime, now: datetime
) -> datetime:
    """When the ticket got this status: the change's own time, or where a row is a whole ticket, its latest time."""
    if mapping.rows is RowMeaning.CHANGE:
        return _require_moment(mapping, cell, "changed_at", now)
    if status not in DONE_STATUSES:
        return _parse_moment(mapping, cell, "changed_at", now) or opened_at
    latest = ("closed_at",) if status is Status.CLOSED else ()
    moments = (_parse_moment(mapping, cell, name, now) for name in (*latest, "resolved_at", "changed_at"))
    at = next(filter(None, moments), None)
    if at is None:
        raise RowError("it is resolved, and no column says when")
    return at


def _parse_status(mapping: LogMapping, word: str) -> Status:
    if fold_word(word) not in mapping.states:
        raise RowError(f"`{word}` in `{mapping.columns['state']}` is a state that the mapping does not know")
    return mapping.states[fold_word(word)]


def _parse_priority(mapping: LogMapping, word: str) -> Priority:
    if word and fold_word(word) not in mapping.priorities:
        raise RowError(f"`{word}` in `{mapping.columns['priority']}` is a priority that the mapping does not know")
    return mapping.priorities[fold_word(word)] if word else Priority.NORMAL


def _local_name(mapping: LogMapping, cell: Mapping[str, str], name: str) -> str:
    word = cell.get(name, "")
    names = mapping.renames.get("person" if name in _PERSON_FIELDS else name, {})
    return names.get(fold_word(word), word)[:MAX_NAME_LENGTH]


def _parse_count(mapping: LogMapping, cell: Mapping[str, str], name: str) -> int:
    word = cell.get(name, "")
    if word and not (word.isascii() and word.isdigit() and len(word) < TOO_MANY_DIGITS):
        raise RowError(f"`{word}` in `{mapping.columns[name]}` is not a whole number")
    return int(word or 0)
