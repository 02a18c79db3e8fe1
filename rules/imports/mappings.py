"""How a foreign log is read: which column says what, in which words, as a mapping file describes it."""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.model.tickets import Priority, Status

NEEDED = ("number", "state", "opened_at")
COLUMNS = (
    *NEEDED,
    "changed_at",
    "changed_by",
    "priority",
    "type",
    "team",
    "assignee",
    "requester",
    "registered_by",
    "resolved_by",
    "resolved_at",
    "closed_at",
    "reopened",
    "solution",
    "first_reply",
)
SECTIONS = ("system", "file", "times", "columns", "title", "description", "history", "words")
WORDS = ("state", "priority", "team", "type", "person")
LONGEST_SYSTEM = 40
_PROBE = datetime(2001, 12, 31, 22, 59, tzinfo=UTC)


E = TypeVar("E", bound=StrEnum)


class MapError(DeskError):
    """The mapping file cannot be used; the sentence names the place and the remedy."""


class Rows(StrEnum):
    """What one row of the log tells."""

    CHANGE = "change"
    TICKET = "ticket"


class Order(StrEnum):
    """In which order a ticket's rows happened."""

    TIME = "time"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class LogMap:
    """A mapping file as values. `columns` has Baton's name first; the words' keys are casefolded."""

    system: str
    columns: Mapping[str, str]
    states: Mapping[str, Status]
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title: tuple[str, ...] = ()
    description: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    time_format: str = "iso"
    timezone: str = "UTC"
    encoding: str = "utf-8"
    delimiter: str = ","
    unknown: frozenset[str] = frozenset({""})
    rows: Rows = Rows.CHANGE
    order: Order = Order.TIME

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every column that the log must have, each once."""
        return tuple(dict.fromkeys((*self.columns.values(), *self.title, *self.description, *self.history)))


def read_map(plain: object) -> LogMap:
    """The mapping that the file describes, or MapError."""
    told = _section(plain, "", SECTIONS)
    columns = _texts(told, "columns", COLUMNS)
    words = _section(told.get("words"), "words", WORDS)
    file = _section(told.get("file"), "file", ("encoding", "delimiter", "unknown", "rows", "order"))
    times = _texts(told, "times", ("format", "timezone"))
    rows = _one_of(file.get("rows", Rows.CHANGE), Rows, "file: rows")
    _have(columns, (*NEEDED, "changed_at") if rows is Rows.CHANGE else NEEDED)
    zone(times.get("timezone", "UTC"))
    return LogMap(
        system=_system(told.get("system")),
        columns=columns,
        states=_meanings(words.get("state"), Status, "state", needed=True),
        priorities=_meanings(words.get("priority"), Priority, "priority", needed="priority" in columns),
        renamed={kind: _renamed(words.get(kind), kind) for kind in ("team", "type", "person")},
        title=_list(told, "title"),
        description=_list(told, "description"),
        history=_list(told, "history"),
        time_format=_format(times.get("format", "iso")),
        timezone=times.get("timezone", "UTC"),
        encoding=_encoding(file.get("encoding", "utf-8")),
        delimiter=_delimiter(file.get("delimiter", ",")),
        unknown=frozenset(" ".join(word.split()) for word in (*_list(file, "unknown"), "")),
        rows=rows,
        order=_one_of(file.get("order", Order.TIME), Order, "file: order"),
    )


def _section(plain: object, name: str, known: Sequence[str]) -> dict[str, object]:
    where = f"`{name}`" if name else "A mapping file"
    if plain in (None, "") and name:
        return {}
    if not isinstance(plain, Mapping):
        raise MapError(f"{where} is a list of names with their values: {', '.join(known)}.")
    told = {str(key): value for key, value in plain.items()}
    for key in told:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else f" Known are {', '.join(known)}."
            raise MapError(f"{where} knows no `{key}`.{meant}")
    return told


def _texts(told: Mapping[str, object], name: str, known: Sequence[str]) -> dict[str, str]:
    return {key: str(value) for key, value in _section(told.get(name), name, known).items() if value}


def _have(columns: Mapping[str, str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in columns]
    if missing:
        raise MapError(f"`columns` must say which column is {', '.join(f'`{name}`' for name in missing)}.")


def _system(plain: object) -> str:
    name = str(plain or "").strip()
    if not name or ":" in name or len(name) > LONGEST_SYSTEM:
        raise MapError(f"`system` names the log in up to {LONGEST_SYSTEM} signs without a colon, such as servicenow.")
    return name


def _list(told: Mapping[str, object], name: str) -> tuple[str, ...]:
    plain = told.get(name) or []
    if isinstance(plain, str) or not isinstance(plain, Sequence):
        raise MapError(f"`{name}` is a list: write [one, two].")
    return tuple(str(one) for one in plain)


def _meanings(plain: object, kind: type[E], name: str, *, needed: bool) -> dict[str, E]:
    """The log's words with what they mean here."""
    if not plain and needed:
        raise MapError(f"`words` must say what each {name} of the log means: {', '.join(kind)}.")
    if not isinstance(plain or {}, Mapping):
        raise MapError(f"`words: {name}` pairs the log's words with Baton's: {', '.join(kind)}.")
    pairs = dict(plain).items() if isinstance(plain, Mapping) else ()
    return {folded(str(word)): _one_of(meant, kind, f"words: {name}: {word}") for word, meant in pairs}


def folded(word: str) -> str:
    """The word without the differences that do not matter: capitals, and spaces more than one."""
    return " ".join(word.split()).casefold()


def _renamed(plain: object, name: str) -> dict[str, str]:
    if not isinstance(plain or {}, Mapping):
        raise MapError(f"`words: {name}` pairs names of the log with names here.")
    pairs = dict(plain).items() if isinstance(plain, Mapping) else ()
    return {folded(str(word)): str(meant) for word, meant in pairs}


def _one_of(word: object, kind: type[E], where: str) -> E:
    try:
        return kind(str(word))
    except ValueError:
        raise MapError(f"`{where}` is `{word}`; it must be one of {', '.join(kind)}.") from None


def _format(text: str) -> str:
    """The format, tried on a moment of which every part is different."""
    if text == "iso":
        return text
    try:
        read = datetime.strptime(_PROBE.strftime(text), text)
    except ValueError:
        read = datetime.min
    if read.replace(tzinfo=UTC, second=0) != _PROBE:
        raise MapError(
            f'`times: format` is `{text}`; it must tell day, month, year, hour and minute: "%d-%m-%Y %H:%M".'
        )
    return text


def _encoding(name: object) -> str:
    try:
        codecs.lookup(str(name))
    except LookupError:
        raise MapError(f"`file: encoding` is `{name}`, which is none: write utf-8, cp1252, utf-16 …") from None
    return str(name)


def _delimiter(sign: object) -> str:
    if len(str(sign)) != 1 or str(sign) in '"\r\n':
        raise MapError(f"`file: delimiter` is `{sign}`; it must be one sign, such as a comma.")
    return str(sign)
