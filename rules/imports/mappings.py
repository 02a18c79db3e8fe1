"""The mapping file: which column of a foreign log means what, and how its words translate."""

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.model.tickets import Priority, Status
from rules.text import Code, _
from rules.typed_text import closest_word, did_you_mean, fold_word

LOG_FIELDS = (
    "number",
    "state",
    "opened_at",
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
MAPPING_SECTIONS = ("system", "file", "times", "columns", "title", "description", "history", "words")
TRANSLATED_FIELDS = ("state", "priority", "team", "type", "person")
MAX_SYSTEM = 40  # characters
_PROBE = datetime(2001, 12, 31, 22, 59, tzinfo=UTC)

E = TypeVar("E", bound=StrEnum)
W = TypeVar("W")


class MappingError(Refused):
    """The mapping file cannot be used; the sentence names the place and the remedy."""


class RowMeaning(StrEnum):
    """What one row of the log describes: one change, or a whole ticket."""

    CHANGE = "change"
    TICKET = "ticket"


REQUIRED_FIELDS = {
    RowMeaning.CHANGE: ("number", "state", "changed_at"),
    RowMeaning.TICKET: ("number", "state", "opened_at"),
}


class RowOrder(StrEnum):
    """In which order a ticket's rows happened."""

    TIME = "time"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class LogMapping:
    """A mapping file as values. `columns` has Baton's field name first; the words' keys are casefolded."""

    system: str
    columns: Mapping[str, str]
    states: Mapping[str, Status]
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    renames: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title_columns: tuple[str, ...] = ()
    description_columns: tuple[str, ...] = ()
    history_columns: tuple[str, ...] = ()
    time_format: str = "iso"
    timezone: str = "UTC"
    encoding: str = "utf-8"
    delimiter: str = ","
    unknown: frozenset[str] = frozenset({""})
    rows: RowMeaning = RowMeaning.CHANGE
    order: RowOrder = RowOrder.TIME

    @property
    def required_columns(self) -> tuple[str, ...]:
        columns = (*self.columns.values(), *self.title_columns, *self.description_columns, *self.history_columns)
        return tuple(dict.fromkeys(columns))

    @property
    def single_columns(self) -> frozenset[str]:
        """Those of which a file may have only one; of the others all are read."""
        return frozenset((*self.columns.values(), *self.title_columns))


def parse_mapping(plain: object) -> LogMapping:
    sections = _parse_section(plain, "", MAPPING_SECTIONS)
    columns = _parse_texts(sections, "columns", LOG_FIELDS)
    words = _parse_section(sections.get("words"), "words", TRANSLATED_FIELDS)
    file = _parse_section(sections.get("file"), "file", ("encoding", "delimiter", "unknown", "rows", "order"))
    times = _parse_texts(sections, "times", ("format", "timezone"))
    rows = _parse_choice(file.get("rows", RowMeaning.CHANGE), RowMeaning, "file: rows")
    _require_columns(columns, REQUIRED_FIELDS[rows])
    time_zone(times.get("timezone", "UTC"))
    return LogMapping(
        system=_parse_system(sections.get("system")),
        columns=columns,
        states=_parse_meanings(words.get("state"), Status, "state", needed=True),
        priorities=_parse_meanings(words.get("priority"), Priority, "priority", needed="priority" in columns),
        renames={kind: _parse_renames(words.get(kind), kind) for kind in ("team", "type", "person")},
        title_columns=_parse_list(sections, "title"),
        description_columns=_parse_list(sections, "description"),
        history_columns=_parse_list(sections, "history"),
        time_format=_parse_time_format(times.get("format", "iso")),
        timezone=times.get("timezone", "UTC"),
        encoding=_parse_encoding(file.get("encoding", "utf-8")),
        delimiter=_parse_delimiter(file.get("delimiter", ",")),
        unknown=frozenset(" ".join(word.split()) for word in (*_parse_list(file, "unknown"), "")),
        rows=rows,
        order=_parse_choice(file.get("order", RowOrder.TIME), RowOrder, "file: order"),
    )


def _parse_section(plain: object, name: str, known: Sequence[str]) -> dict[str, object]:
    where = f"`{name}`" if name else "A mapping file"
    if plain in (None, "") and name:
        return {}
    if not isinstance(plain, Mapping):
        raise MappingError(f"{where} is a list of names with their values: {', '.join(known)}.")
    entries = {str(key): value for key, value in plain.items()}
    for key in entries:
        if key not in known:
            hint = did_you_mean(closest_word(key, known)) or f" Known are {', '.join(known)}."
            raise MappingError(f"{where} knows no `{key}`.{hint}")
    return entries


def _parse_texts(mapping: Mapping[str, object], name: str, known: Sequence[str]) -> dict[str, str]:
    return {key: str(value) for key, value in _parse_section(mapping.get(name), name, known).items() if value}


def _require_columns(columns: Mapping[str, str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in columns]
    if missing:
        raise MappingError(f"`columns` must say which column is {', '.join(f'`{name}`' for name in missing)}.")


def _parse_system(plain: object) -> str:
    name = str(plain or "").strip()
    if not name or ":" in name or len(name) > MAX_SYSTEM:
        raise MappingError(f"`system` names the log in up to {MAX_SYSTEM} signs without a colon, such as servicenow.")
    return name


def _parse_list(mapping: Mapping[str, object], name: str) -> tuple[str, ...]:
    plain = mapping.get(name) or []
    if isinstance(plain, str) or not isinstance(plain, Sequence):
        raise MappingError(f"`{name}` is a list: write [one, two].")
    return tuple(str(one) for one in plain)


def _parse_meanings(plain: object, kind: type[E], name: str, *, needed: bool) -> dict[str, E]:
    if not plain and needed:
        raise MappingError(f"`words` must say what each {name} of the log means: {', '.join(kind)}.")
    pairs = _word_pairs(plain, name, f"the log's words with Baton's: {', '.join(kind)}")
    meanings = ((word, _parse_choice(meant, kind, f"words: {name}: {word}")) for word, meant in pairs.items())
    return _fold_words(meanings, name)


def _parse_renames(plain: object, name: str) -> dict[str, str]:
    pairs = _word_pairs(plain, name, "names of the log with names here")
    return _fold_words(((word, str(meant)) for word, meant in pairs.items()), name)


def _fold_words(pairs: Iterable[tuple[str, W]], name: str) -> dict[str, W]:
    """Upper and lower case and spaces do not matter in a log, so two such words cannot mean two things."""
    folded: dict[str, W] = {}
    first_words: dict[str, str] = {}
    for word, meaning in pairs:
        key = fold_word(word)
        if folded.setdefault(key, meaning) != meaning:
            raise MappingError(
                _(
                    "{first} and {second} in {place} are one word with two meanings: leave one of them out.",
                    first=Code(first_words[key]),
                    second=Code(word),
                    place=Code(f"words: {name}"),
                )
            )
        first_words.setdefault(key, word)
    return folded


def _word_pairs(plain: object, name: str, sense: str) -> dict[str, object]:
    if not isinstance(plain or {}, Mapping):
        raise MappingError(f"`words: {name}` pairs {sense}.")
    return {str(word): meant for word, meant in plain.items()} if isinstance(plain, Mapping) else {}


def _parse_choice(word: object, kind: type[E], where: str) -> E:
    try:
        return kind(str(word))
    except ValueError:
        raise MappingError(f"`{where}` is `{word}`; it must be one of {', '.join(kind)}.") from None


def _parse_time_format(text: str) -> str:
    """Tries the format on a moment of which every part is different."""
    if text == "iso":
        return text
    try:
        parsed = datetime.strptime(_PROBE.strftime(text), text)
    except ValueError:
        parsed = datetime.min
    if parsed.replace(tzinfo=UTC, second=0) != _PROBE:
        raise MappingError(
            f'`times: format` is `{text}`; it must tell day, month, year, hour and minute: "%d-%m-%Y %H:%M".'
        )
    return text


def _parse_encoding(name: object) -> str:
    try:
        codecs.lookup(str(name))
    except LookupError:
        raise MappingError(f"`file: encoding` is `{name}`, which is none: write utf-8, cp1252, utf-16 …") from None
    return str(name)


def _parse_delimiter(sign: object) -> str:
    if len(str(sign)) != 1 or str(sign) in '"\r\n':
        raise MappingError(f"`file: delimiter` is `{sign}`; it must be one sign, such as a comma.")
    return str(sign)
