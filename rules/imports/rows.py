"""One row of a foreign log: parsed into values, or refused with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.imports.mappings import LogMapping, RowMeaning
from rules.imports.names import FoldedNames, NameKind
from rules.model.tickets import DONE_STATUSES, Priority, Status
from rules.text import Code, Text, _
from rules.typed_text import fold_word

MAX_NAME_LENGTH, MAX_NUMBER_LENGTH, FIRST_YEAR = 120, 100, 1970
TOO_MANY_DIGITS = 10  # digits of a count
CACHE_SIZE = 16_384  # a log says the same moments and names again and again
_NAME_KINDS = {"team": NameKind.TEAM, "type": NameKind.TYPE}
_NAME_FIELDS = (*_NAME_KINDS, "assignee", "requester", "registered_by", "resolved_by", "changed_by")


class RowError(Refused):
    """The row cannot be used."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LogRow:
    """One parsed row; empty texts are unknown. `history_values` are those of the mapping's history columns."""

    line: int
    number: str
    status: Status
    at: datetime
    by: str
    opened_at: datetime | None
    resolved_at: datetime | None
    first_reply_at: datetime | None
    reopened: int
    priority: Priority
    team: str
    type: str
    assignee: str
    requester: str
    registered_by: str
    resolved_by: str
    solution: str
    history_values: tuple[str, ...]
    title: str
    description: str


def clean_cell(mapping: LogMapping, cell: str) -> str:
    text = " ".join(cell.replace("\0", "").split())
    return "" if text in mapping.unknown else text


class RowParser:
    """Reads the rows of one log; `cells` are cleaned ones, in the order of the mapping's `required_columns`.

    `cut_names` are the names that were longer than MAX_NAME_LENGTH, in the order in which they came.
    """

    def __init__(self, mapping: LogMapping, now: datetime, names: FoldedNames) -> None:
        self._mapping, self._now, self._names = mapping, now, names
        self.cut_names: dict[str, None] = {}
        places = {column: place for place, column in enumerate(mapping.required_columns)}
        self._places = {name: places[column] for name, column in mapping.columns.items()}
        self._named = [name for name in _NAME_FIELDS if name in self._places]
        self._title_places = [places[column] for column in mapping.title_columns]
        self._described = [(column, places[column]) for column in mapping.description_columns]
        self._history_places = [places[column] for column in mapping.history_columns]
        self._moment_of = lru_cache(CACHE_SIZE)(self._parse_moment)
        self._name_of = lru_cache(CACHE_SIZE)(self._local_name)
        self._status_of = lru_cache(CACHE_SIZE)(lambda word: mapping.states.get(fold_word(word)))
        self._priority_of = lru_cache(CACHE_SIZE)(lambda word: mapping.priorities.get(fold_word(word)))

    def number(self, cells: Sequence[str]) -> str:
        number = cells[self._places["number"]]
        if not number:
            raise RowError(_("it has no number in {column}", column=self._column("number")))
        if len(number) > MAX_NUMBER_LENGTH:
            raise RowError(
                _(
                    "its number in {column} is longer than {most} characters: name another column",
                    column=self._column("number"),
                    most=MAX_NUMBER_LENGTH,
                )
            )
        return number

    def learn_names(self, cells: Sequence[str]) -> None:
        """The first spelling of a name counts for the whole log."""
        for name in self._named:
            self._name(cells, name)

    def parse(self, line: int, cells: Sequence[str]) -> LogRow:
        number, status = self.number(cells), self._status(cells)
        opened_at = self._require_moment(cells, "opened_at") if "opened_at" in self._places else None
        resolved_at, _closed_at, first_reply_at = (
            self._moment_from(cells, opened_at, name) for name in ("resolved_at", "closed_at", "first_reply")
        )
        return LogRow(
            line=line,
            number=number,
            status=status,
            at=self._status_moment(cells, status, opened_at),
            by=self._name(cells, "changed_by"),
            opened_at=opened_at,
            resolved_at=resolved_at,
            first_reply_at=first_reply_at,
            reopened=self._count(cells, "reopened"),
            priority=self._priority(cells),
            team=self._name(cells, "team"),
            type=self._name(cells, "type"),
            assignee=self._name(cells, "assignee"),
            requester=self._name(cells, "requester"),
            registered_by=self._name(cells, "registered_by"),
            resolved_by=self._name(cells, "resolved_by"),
            solution=self._text(cells, "solution"),
            history_values=tuple([cells[place] for place in self._history_places]),
            title=" · ".join(filter(None, [cells[place] for place in self._title_places])),
            description="\n".join([f"{column}: {cells[place]}" for column, place in self._described if cells[place]]),
        )

    def _text(self, cells: Sequence[str], name: str) -> str:
        place = self._places.get(name)
        return "" if place is None else cells[place]

    def _moment(self, cells: Sequence[str], name: str) -> datetime | None:
        text = self._text(cells, name)
        at = self._moment_of(text) if text else None
        if isinstance(at, Text):
            raise self._fault(cells, name, at)
        return at

    def _parse_moment(self, text: str) -> datetime | Text:
        """The moment, or what is wrong with it."""
        time_format = self._mapping.time_format
        try:
            parsed = datetime.fromisoformat(text) if time_format == "iso" else datetime.strptime(text, time_format)
        except ValueError:
            return _("is not a time like {format}", format=time_format)
        if parsed.year < FIRST_YEAR:
            return _("is before {year}", year=str(FIRST_YEAR))
        at = (parsed if parsed.tzinfo else parsed.replace(tzinfo=time_zone(self._mapping.timezone))).astimezone(UTC)
        return _("is in the future") if at > self._now else at

    def _require_moment(self, cells: Sequence[str], name: str) -> datetime:
        at = self._moment(cells, name)
        if at is None:
            raise RowError(_("it has no time in {column}", column=self._column(name)))
        return at

    def _moment_from(self, cells: Sequence[str], opened_at: datetime | None, name: str) -> datetime | None:
        at = self._moment(cells, name)
        if at is not None and opened_at is not None and at < opened_at:
            opened = Code(self._text(cells, "opened_at"))
            raise self._fault(cells, name, _("is before the ticket was created, {opened}", opened=opened))
        return at

    def _status(self, cells: Sequence[str]) -> Status:
        status = self._status_of(self._text(cells, "state"))
        if status is None:
            raise self._fault(cells, "state", _("is a status that the mapping does not name"))
        return status

    def _priority(self, cells: Sequence[str]) -> Priority:
        word = self._text(cells, "priority")
        priority = self._priority_of(word) if word else Priority.NORMAL
        if priority is None:
            raise self._fault(cells, "priority", _("is a priority that the mapping does not name"))
        return priority

    def _name(self, cells: Sequence[str], name: str) -> str:
        word = self._text(cells, name)
        return self._name_of(_NAME_KINDS.get(name, NameKind.PERSON), word) if word else ""

    def _local_name(self, kind: NameKind, word: str) -> str:
        renamed = self._mapping.renames.get(kind, {}).get(fold_word(word), word)
        if len(renamed) > MAX_NAME_LENGTH:
            self.cut_names[renamed] = None
        return self._names.spelling(kind, renamed[:MAX_NAME_LENGTH])

    def _count(self, cells: Sequence[str], name: str) -> int:
        word = self._text(cells, name)
        if word and not (word.isascii() and word.isdigit() and len(word) < TOO_MANY_DIGITS):
            raise self._fault(cells, name, _("is not a whole number"))
        return int(word or 0)

    def _status_moment(self, cells: Sequence[str], status: Status, opened_at: datetime | None) -> datetime:
        """When the ticket got this status: the change's own time, or where a row is a whole ticket, its latest time."""
        if self._mapping.rows is RowMeaning.CHANGE:
            return self._require_moment(cells, "changed_at")
        latest = ("closed_at",) if status is Status.CLOSED else ()
        names = (*latest, "resolved_at", "changed_at") if status in DONE_STATUSES else ("changed_at",)
        at = next(filter(None, [self._moment(cells, name) for name in names]), None)
        if at is None and (status in DONE_STATUSES or opened_at is None):
            raise RowError(_("it is resolved, and no column says when"))
        return at or opened_at  # type: ignore[return-value]

    def _column(self, name: str) -> Code:
        return Code(self._mapping.columns[name])

    def _fault(self, cells: Sequence[str], name: str, fault: Text) -> RowError:
        value = Code(self._text(cells, name))
        return RowError(_("{value} in {column} {fault}", value=value, column=self._column(name), fault=fault))
