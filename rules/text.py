"""Sentences for people as values: English with named values, rendered where a reader and a surface are known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
class Code:
    """What is to be typed as it stands, or a name that only machines give."""

    text: str

    def __str__(self) -> str:
        return f"`{self.text}`"


Value = Union[Person, Channel, TicketNumber, Moment, Duration, Code, "Text", str, int]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, or a few, with its values by name; plain strings among them are escaped where it is rendered.

    With `plural` it is told of the value `n`: `message` stands for one, `plural` for any other number. As a string it
    is plain English, for logs and the command line.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str = ""

    def __str__(self) -> str:
        return self.render(str)

    def render(self, value: Callable[[Value], str], *, literal: Callable[[str], str] = str) -> str:
        """`value` renders each value, `literal` escapes the sentence itself."""
        template = self.plural if self.plural and self.values["n"] != 1 else self.message
        return literal(template).format_map({name: value(each) for name, each in self.values.items()})


def _(message: str, **values: Value) -> Text:
    """Marks a sentence for translation where it is written: `message` is a literal with {names} of the values."""
    return Text(message, values)


def ngettext(singular: str, plural: str, n: int, **values: Value) -> Text:
    """A sentence that depends on a number, which is its value {n}."""
    return Text(singular, {"n": n, **values}, plural)
