"""One row of a foreign log: read into values, or refused with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.imports.mappings import LogMap, Rows, folded
from rules.model.tickets import DONE, Priority, Status

NAME_LIMIT, NUMBER_LIMIT, FIRST_YEAR = 120, 100, 1970
TOO_LONG = 10  # digits, for a count
_NAMED = ("team", "type", "assignee", "requester", "registered_by", "resolved_by")
_PEOPLE = ("assignee", "requester", "registered_by", "resolved_by", "changed_by")


class BadRow(DeskError):
    """The row cannot be believed; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read; empty words are unknown. `told` is what else it says, by column."""

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
    words: Mapping[str, str]
    told: Mapping[str, str]
    title: str
    description: str


def read_row(log: LogMap, line: int, cells: Mapping[str, str], now: datetime) -> Row:
    """The row as values, or BadRow."""
    cell = {name: known(log, cells[column]) for name, column in log.columns.items()}
    if not cell["number"]:
        raise BadRow(f"it has no number in `{log.columns['number']}`")
    if len(cell["number"]) > NUMBER_LIMIT:
        raise BadRow(f"its number is longer than {NUMBER_LIMIT} signs")
    status = _status(log, cell["state"])
    opened_at = _needed_moment(log, cell, "opened_at", now)
    resolved_at, _, first_reply_at = (
        _later(log, cell, name, opened_at, now) for name in ("resolved_at", "closed_at", "first_reply")
    )
    return Row(
        line=line,
        number=cell["number"],
        status=status,
        at=_at(log, cell, status, opened_at, now),
        by=_named(log, cell, "changed_by"),
        opened_at=opened_at,
        resolved_at=resolved_at,
        first_reply_at=first_reply_at,
        reopened=_whole(log, cell, "reopened"),
        priority=_priority(log, cell.get("priority", "")),
        words={name: _named(log, cell, name) for name in _NAMED} | {"solution": cell.get("solution", "")},
        told={column: known(log, cells[column]) for column in log.history},
        title=" · ".join(filter(None, (known(log, cells[column]) for column in log.title))),
        description="\n".join(f"{column}: {said}" for column in log.description if (said := known(log, cells[column]))),
    )


def known(log: LogMap, cell: str) -> str:
    """What the cell says, spaces and unprintable signs tidied; empty where the log says that it does not know."""
    words = " ".join(cell.replace("\0", "").split())
    return "" if words in log.unknown else words


def _moment(log: LogMap, cell: Mapping[str, str], name: str, now: datetime) -> datetime | None:
    """The moment in that column, None where it is unknown; BadRow when it is no time, or one that cannot be."""
    said = cell.get(name, "")
    if not said:
        return None
    try:
        read = datetime.fromisoformat(said) if log.time_format == "iso" else datetime.strptime(said, log.time_format)
    except ValueError:
        raise BadRow(f"`{said}` in `{log.columns[name]}` is not a time like {log.time_format}") from None
    if read.year < FIRST_YEAR:
        raise BadRow(f"`{said}` in `{log.columns[name]}` is before {FIRST_YEAR}")
    at = (read if read.tzinfo else read.replace(tzinfo=zone(log.timezone))).astimezone(UTC)
    if at > now:
        raise BadRow(f"`{said}` in `{log.columns[name]}` is still to come")
    return at


def _needed_moment(log: LogMap, cell: Mapping[str, str], name: str, now: datetime) -> datetime:
    at = _moment(log, cell, name, now)
    if at is None:
        raise BadRow(f"it has no time in `{log.columns[name]}`")
    return at


def _later(log: LogMap, cell: Mapping[str, str], name: str, opened_at: datetime, now: datetime) -> datetime | None:
    at = _moment(log, cell, name, now)
    if at is not None and at < opened_at:
        raise BadRow(f"`{cell[name]}` in `{log.columns[name]}` is before it was opened, `{cell['opened_at']}`")
    return at


def _at(log: LogMap, cell: Mapping[str, str], status: Status, opened_at: datetime, now: datetime) -> datetime:
    """When the ticket stood like this: the change's own time, or where a row is a whole ticket, its latest."""
    if log.rows is Rows.CHANGE:
        return _needed_moment(log, cell, "changed_at", now)
    if status not in DONE:
        return _moment(log, cell, "changed_at", now) or opened_at
    latest = ("closed_at",) if status is Status.CLOSED else ()
    told = (_moment(log, cell, name, now) for name in (*latest, "resolved_at", "changed_at"))
    at = next(filter(None, told), None)
    if at is None:
        raise BadRow("it is resolved, and no column says when")
    return at


def _status(log: LogMap, word: str) -> Status:
    if folded(word) not in log.states:
        raise BadRow(f"`{word}` in `{log.columns['state']}` is a state that the mapping does not know")
    return log.states[folded(word)]


def _priority(log: LogMap, word: str) -> Priority:
    """Normal where the log does not know."""
    if word and folded(word) not in log.priorities:
        raise BadRow(f"`{word}` in `{log.columns['priority']}` is a priority that the mapping does not know")
    return log.priorities[folded(word)] if word else Priority.NORMAL


def _named(log: LogMap, cell: Mapping[str, str], name: str) -> str:
    """A team, type or person by the name it has here, or the one that the log has; empty where it is unknown."""
    word = cell.get(name, "")
    names = log.renamed.get("person" if name in _PEOPLE else name, {})
    return names.get(folded(word), word)[:NAME_LIMIT]


def _whole(log: LogMap, cell: Mapping[str, str], name: str) -> int:
    word = cell.get(name, "")
    if word and not (word.isascii() and word.isdigit() and len(word) < TOO_LONG):
        raise BadRow(f"`{word}` in `{log.columns[name]}` is not a whole number")
    return int(word or 0)
