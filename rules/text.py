"""Sentences for people as values: English with named values, rendered where a reader and a surface are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Union

_DAY, _HOUR, _MINUTE = 86_400, 3600, 60


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by their id in Slack; people of imported history have only names."""

    id: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Channel:
    id: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class TicketNumber:
    number: int

    def __str__(self) -> str:
        return f"#{self.number}"


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Day:
    """A day as people say it, whatever the time zone."""

    date: date

    def __str__(self) -> str:
        return self.date.isoformat()


@dataclass(frozen=True, slots=True)
class NearDay:
    """A day whose year goes without saying."""

    date: date

    def __str__(self) -> str:
        return f"{self.date:%a} {self.date.day} {self.date:%b}"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in seconds, in the two largest units that it has."""

    seconds: float

    def __str__(self) -> str:
        whole = round(self.seconds)
        if whole < _MINUTE:
            return f"{whole} s"
        days, hours, minutes = whole // _DAY, whole % _DAY // _HOUR, whole % _HOUR // _MINUTE
        units = ((days, "d"), (hours, "h"), (minutes if not days else 0, "min"))
        return " ".join(f"{count} {unit}" for count, unit in units if count)


@dataclass(frozen=True, slots=True)
class WorkTime:
    """A length of working time in seconds: in hours and minutes, since a day of work has no fixed length."""

    seconds: float

    def __str__(self) -> str:
        if 0 < round(self.seconds) < _MINUTE:
            return f"{round(self.seconds)} s"
        hours, minutes = divmod(round(self.seconds / _MINUTE), 60)
        return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count) or "0 min"


@dataclass(frozen=True, slots=True)
class Code:
    """What is to be typed exactly so, or a name that only machines give."""

    text: str

    def __str__(self) -> str:
        return f"`{self.text}`"


Value = Union[Person, Channel, TicketNumber, Moment, Day, NearDay, Duration, WorkTime, Code, "Text", str, int]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, or a few, with its values by name; plain strings among them are escaped where it is rendered.

    With `plural` the value `n` chooses the sentence: `message` for one, `plural` for any other number. As a string it
    is plain English, for logs and the command line.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str = ""

    def __hash__(self) -> int:
        return hash((self.message, self.plural))

    def __str__(self) -> str:
        n = self.values.get("n")
        return (self.plural if self.plural and n != 1 else self.message).format_map(self.values)


def _(message: str, **values: Value) -> Text:
    """Marks a sentence for translation where it is written: `message` is a literal with {names} of the values."""
    return Text(message, values)


def join_texts(parts: Iterable[Text], separator: str = " ") -> Text:
    """The parts one after the other, such as two sentences; the empty text where there is none."""
    values = {f"part{place}": part for place, part in enumerate(parts)}
    return Text(separator.join(f"{{{name}}}" for name in values), values)


def join_list(parts: Sequence[Text]) -> Text:
    """The parts as a list in a sentence: "agents, experts and leads"."""
    *listed, last = parts or [Text("")]
    return _("{listed} and {last}", listed=join_texts(listed, ", "), last=last) if listed else last


def join_people(people: Iterable[str]) -> Text:
    """Everybody by their ids, one after the other."""
    return join_texts((Text("{person}", {"person": Person(one)}) for one in people), ", ")


def join_tickets(numbers: Sequence[int], limit: int = 20) -> Text:
    """The first `limit` tickets; the rest is counted."""
    listed = join_texts((Text("{ticket}", {"ticket": TicketNumber(one)}) for one in numbers[:limit]), ", ")
    more = len(numbers) - limit
    return _("{tickets} and {count} more", tickets=listed, count=more) if more > 0 else listed


def ngettext(singular: str, plural: str, n: int, **values: Value) -> Text:
    """A sentence that depends on a number, which is its value {n}."""
    return Text(singular, {"n": n, **values}, plural)
