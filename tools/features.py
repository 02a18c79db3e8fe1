"""Makes docs/features.md from docs/features.yml: `make docs`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tools.presses import PressRow, press_rows

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
SOURCE: Final = DOCS / "features.yml"
PAGE: Final = DOCS / "features.md"

HEAD: Final = """\
<!-- Made from features.yml by `make docs`: change that file, not this one. -->
# What Baton does now

Each row of the product list that works, where a person finds it, the code that decides it, and the tests that show it.
The numbers are those of the list, which issues cite. **Half** means that a part of the row is missing; the last
sentence says which. What is not named here does not exist.

This is the map of the code as well: search it for the button, the command or the word, and open the first place under
**Code** to read where it is decided. The others act on it or draw it; *listens* is what a press, a form or a command
reaches first. Every button, form, command and event by itself stands in the last table, *What a press reaches*. Tests
hold that every test, place and function named here exists, and that each number is here once.
"""
COLUMNS: Final = """\
| | What works | Where | Code | Shown by |
|---|---|---|---|---|"""
LISTENS: Final = "listens"
PRESSES: Final = """\
Made from what the capabilities register. *Runs* are the operations that the listener hands to the desk, or the queries
where it changes nothing. Where a button opens a form, what the form sends is a row of its own.

| | What people read | Slack's name | Reaches | Runs |
|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class CodePlaces:
    """What the places do for the row (`decides`, `acts`, a part of its sentence), and each place as `path::name`."""

    role: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that works, wholly or half; each test is `path::name`. `code` begins with what decides it."""

    number: int
    sentence: str
    where: str
    code: tuple[CodePlaces, ...]
    tests: tuple[str, ...]
    half: bool = False

    @property
    def places(self) -> list[str]:
        return [place for one in self.code for place in one.places]

    @property
    def listeners(self) -> list[str]:
        return [place for one in self.code if one.role == LISTENS for place in one.places]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product list: the numbers it covers, and the rows of it that work."""

    title: str
    covers: range
    not_yet: str
    works: tuple[Row, ...]

    @property
    def missing(self) -> list[int]:
        return sorted(set(self.covers) - {row.number for row in self.works})


@dataclass(frozen=True, slots=True)
class Features:
    """The whole page: the product list, and two lists with numbers of their own."""

    product: tuple[Part, ...]
    lessons: tuple[Row, ...]
    ideas: tuple[Row, ...]

    @property
    def rows(self) -> list[Row]:
        return [*(row for part in self.product for row in part.works), *self.lessons, *self.ideas]


def write_page() -> None:
    PAGE.write_text(render_page(read_features()), encoding="utf-8")
    print(f"docs/{PAGE.name}: {len(read_features().rows)} rows")


def read_features() -> Features:
    plain: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    parts = tuple(_read_part(part) for part in plain["product"])
    return Features(parts, _read_rows(plain["lessons"]), _read_rows(plain["ideas"]))


def render_page(features: Features) -> str:
    """Markdown; a part without a row that works is named under *Not there yet* alone."""
    works = "\n".join(f"### {part.title}\n\n{_table(part.works)}\n" for part in features.product if part.works)
    missing = "\n".join(f"- {part.not_yet}: {_spans(part.missing)}" for part in features.product if part.missing)
    lessons = f"Lessons of the list that hold here.\n\n{_table(features.lessons)}"
    ideas = f"Ideas of the list that work, as far as they do.\n\n{_table(features.ideas)}"
    sections = {
        "The product list": works,
        "Not there yet": f"{missing}\n",
        "What users of other desks ask for": f"{lessons}\n",
        "What no other desk has": f"{ideas}\n",
        "What a press reaches": "\n".join([PRESSES, *map(_press_line, press_rows()), ""]),
    }
    return "\n".join([HEAD, *(f"## {title}\n\n{text}" for title, text in sections.items())])


def _read_part(plain: dict[str, Any]) -> Part:
    first, last = str(plain["rows"]).split("-")
    covers = range(int(first), int(last) + 1)
    return Part(plain["part"], covers, plain.get("not_yet", plain["part"]), _read_rows(plain.get("works", ())))


def _read_rows(plain: Sequence[dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(
        Row(
            row["row"],
            row["sentence"],
            row["where"],
            _read_code(row.get("code", {})),
            tuple(row["tests"]),
            row.get("half", False),
        )
        for row in plain
    )


def _read_code(plain: dict[str, str | list[str]]) -> tuple[CodePlaces, ...]:
    return tuple(
        CodePlaces(role, (places,) if isinstance(places, str) else tuple(places)) for role, places in plain.items()
    )


def _table(rows: Sequence[Row]) -> str:
    return "\n".join([COLUMNS, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    half = "**Half.** " if row.half else ""
    code = "<br>".join(f"{one.role}: {_names(one.places)}" for one in row.code)
    return f"| {row.number} | {half}{row.sentence} | {row.where} | {code} | {_names(row.tests)} |"


def _press_line(row: PressRow) -> str:
    labels = ", ".join(f"*{label}*" for label in row.labels)
    return f"| {row.kind} | {labels} | `{row.name}` | `{row.listener}` | {_names(row.runs)} |"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _spans(numbers: Sequence[int]) -> str:
    """`14, 16-19, 25`."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in _runs(numbers))


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of neighbours, of sorted numbers."""
    for number in numbers:
        if number - 1 not in numbers:
            last = number
            while last + 1 in numbers:
                last += 1
            yield number, last


if __name__ == "__main__":
    write_page()
