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
    cleaned = {column: clean_cell(mapping, cells[column]) for column in mapping.required_columns}
    row = _Cells(mapping, {name: cleaned[column] for name, column in mapping.columns.items()}, now)
    number = row.text("number")
    if not number:
        raise RowError(f"it has no number in `{mapping.columns['number']}`")
    if len(number) > MAX_NUMBER_LENGTH:
        raise RowError(f"its number is longer than {MAX_NUMBER_LENGTH} signs")
    status, opened_at = row.status(), row.require_moment("opened_at")
    later = ("resolved_at", "closed_at", "first_reply")
    resolved_at, _, first_reply_at = (row.moment_from(opened_at, name) for name in later)
    described = ((column, cleaned[column]) for column in mapping.description_columns)
    return LogRow(
        line=line,
        number=number,
        status=status,
        at=_status_moment(row, status, opened_at),
        by=row.local_name("changed_by"),
        opened_at=opened_at,
        resolved_at=resolved_at,
        first_reply_at=first_reply_at,
        reopened=row.count("reopened"),
        priority=row.priority(),
        texts={name: row.local_name(name) for name in _NAME_FIELDS} | {"solution": row.text("solution")},
        history_values={column: cleaned[column] for column in mapping.history_columns},
        title=" · ".join(filter(None, (cleaned[column] for column in mapping.title_columns))),
        description="\n".join(f"{column}: {text}" for column, text in described if text),
    )


def clean_cell(mapping: LogMapping, cell: str) -> str:
    text = " ".join(cell.replace("\0", "").split())
    return "" if text in mapping.unknown else text


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row's cleaned cells by Baton's field names; each reader refuses what it cannot use."""

    mapping: LogMapping
    texts: Mapping[str, str]
    now: datetime

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def moment(self, name: str) -> datetime | None:
        text, time_format = self.text(name), self.mapping.time_format
        if not text:
            return None
        try:
            parsed = datetime.fromisoformat(text) if time_format == "iso" else datetime.strptime(text, time_format)
        except ValueError:
            raise self._fault(name, f"is not a time like {time_format}") from None
        if parsed.year < FIRST_YEAR:
            raise self._fault(name, f"is before {FIRST_YEAR}")
        at = (parsed if parsed.tzinfo else parsed.replace(tzinfo=time_zone(self.mapping.timezone))).astimezone(UTC)
        if at > self.now:
            raise self._fault(name, "is still to come")
        return at

    def require_moment(self, name: str) -> datetime:
        at = self.moment(name)
        if at is None:
            raise RowError(f"it has no time in `{self.mapping.columns[name]}`")
        return at

    def moment_from(self, opened_at: datetime, name: str) -> datetime | None:
        at = self.moment(name)
        if at is not None and at < opened_at:
            raise self._fault(name, f"is before it was opened, `{self.text('opened_at')}`")
        return at

    def status(self) -> Status:
        word = fold_word(self.text("state"))
        if word not in self.mapping.states:
            raise self._fault("state", "is a state that the mapping does not know")
        return self.mapping.states[word]

    def priority(self) -> Priority:
        word = fold_word(self.text("priority"))
        if word and word not in self.mapping.priorities:
            raise self._fault("priority", "is a priority that the mapping does not know")
        return self.mapping.priorities[word] if word else Priority.NORMAL

    def local_name(self, name: str) -> str:
        word = self.text(name)
        names = self.mapping.renames.get("person" if name in _PERSON_FIELDS else name, {})
        return names.get(fold_word(word), word)[:MAX_NAME_LENGTH]

    def count(self, name: str) -> int:
        word = self.text(name)
        if word and not (word.isascii() and word.isdigit() and len(word) < TOO_MANY_DIGITS):
            raise self._fault(name, "is not a whole number")
        return int(word or 0)

    def _fault(self, name: str, fault: str) -> RowError:
        return RowError(f"`{self.text(name)}` in `{self.mapping.columns[name]}` {fault}")


def _status_moment(row: _Cells, status: Status, opened_at: datetime) -> datetime:
    """When the ticket got this status: the change's own time, or where a row is a whole ticket, its latest time."""
    if row.mapping.rows is RowMeaning.CHANGE:
        return row.require_moment("changed_at")
    if status not in DONE_STATUSES:
        return row.moment("changed_at") or opened_at
    latest = ("closed_at",) if status is Status.CLOSED else ()
    at = next(filter(None, map(row.moment, (*latest, "resolved_at", "changed_at"))), None)
    if at is None:
        raise RowError("it is resolved, and no column says when")
    return at
