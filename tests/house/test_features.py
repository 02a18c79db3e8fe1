"""docs/features.md is honest: its tests exist, and no row of the product list is told twice or passed over."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROWS, LESSONS, IDEAS = 163, 38, 25
_ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def part(heading: str) -> str:
    """What stands under that heading."""
    told = (TOP / "docs/features.md").read_text(encoding="utf-8")
    return told.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def numbers(heading: str) -> list[int]:
    return [int(row[0]) for row in _ROW.findall(part(heading))]


def missing() -> list[int]:
    """The rows that are not there yet, their spans spelled out."""
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", part("Not there yet")):
        found += range(int(first), int(last or first) + 1)
    return found


@cache
def functions_of(path: str) -> frozenset[str]:
    file = TOP / path
    code = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    return frozenset(one.name for one in code.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_test_that_is_named_exists() -> None:
    named = _TEST.findall((TOP / "docs/features.md").read_text(encoding="utf-8"))

    assert named
    assert [f"{path}::{test}" for path, test in named if test not in functions_of(path)] == []


def test_every_row_names_a_test() -> None:
    rows = _ROW.findall((TOP / "docs/features.md").read_text(encoding="utf-8"))

    assert [number for number, *_, shown_by in rows if not _TEST.search(shown_by)] == []


@pytest.mark.parametrize(
    ("heading", "last"),
    [
        ("The product list", ROWS),
        ("What users of other desks ask for", LESSONS),
        ("What no other desk has", IDEAS),
    ],
)
def test_the_rows_stand_in_their_order_each_once(heading: str, last: int) -> None:
    told = numbers(heading)

    assert told
    assert told == sorted(set(told))
    assert set(told) <= set(range(1, last + 1))


def test_every_row_works_or_is_said_to_be_missing() -> None:
    assert sorted([*numbers("The product list"), *missing()]) == list(range(1, ROWS + 1))
