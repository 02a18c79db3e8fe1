"""A small foreign log, and how it is read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rules.imports.history import ImportedTicket, ImportNote, build_imported_ticket
from rules.imports.mappings import LogMapping, parse_mapping
from rules.imports.names import FoldedNames
from rules.imports.rows import LogRow, RowParser, clean_cell

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "system": "other",
    "file": {"unknown": ["?"], "order": "written"},
    "times": {"format": "%d.%m.%Y %H:%M", "timezone": "Europe/Warsaw"},
    "columns": {
        "number": "id",
        "state": "state",
        "opened_at": "opened",
        "changed_at": "changed",
        "changed_by": "who",
        "priority": "urgency",
        "type": "kind",
        "team": "group",
        "assignee": "agent",
        "requester": "caller",
        "resolved_by": "solver",
        "resolved_at": "solved",
        "closed_at": "closed",
        "reopened": "again",
        "solution": "code",
    },
    "title": ["kind", "about"],
    "history": ["about"],
    "words": {
        "state": {"New": "new", "Work": "in_progress", "Wait": "waiting", "Done": "resolved", "Shut": "closed"},
        "priority": {"1": "critical", "3": "normal"},
    },
}
LOG = parse_mapping(PLAIN)
CELLS = {
    "id": "A1",
    "state": "New",
    "opened": "01.09.2026 09:00",
    "changed": "01.09.2026 09:00",
    "who": "Ann",
    "urgency": "3",
    "kind": "Mail",
    "group": "Desk",
    "agent": "?",
    "caller": "Cleo",
    "solver": "?",
    "solved": "?",
    "closed": "?",
    "again": "0",
    "code": "?",
    "about": "Outlook",
}


def at(text: str) -> datetime:
    """That moment of 1 September in Warsaw."""
    hours, minutes = map(int, text.split(":"))
    return datetime(2026, 9, 1, hours - 2, minutes, tzinfo=UTC)


def made(*changes: dict[str, str], log: LogMapping = LOG) -> tuple[ImportedTicket, list[ImportNote]]:
    """The ticket of these rows, each given by what it says differently from CELLS; the first stands in line 2."""
    names = FoldedNames()
    rows = [parsed(log, line, CELLS | change, names) for line, change in enumerate(changes, start=2)]
    return build_imported_ticket(log, rows)


def parsed(log: LogMapping, line: int, cells: Mapping[str, str], names: FoldedNames | None = None) -> LogRow:
    cleaned = [clean_cell(log, cells[column]) for column in log.required_columns]
    return RowParser(log, NOW, names or FoldedNames()).parse(line, cleaned)


def row(state: str, time: str, **cells: str) -> dict[str, str]:
    return {"state": state, "changed": f"01.09.2026 {time}", **cells}
