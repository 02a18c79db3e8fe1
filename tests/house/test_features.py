"""docs/features.md is honest: made from features.yml, its tests and places exist, each row is there once."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from bot.runtime.jobs import all_jobs
from bot.slack.manifest import load_manifest
from tests.house.command_line import unknown
from tools.features import PAGE, Features, Row, read_features, render_page

TOP = Path(__file__).parents[2]
ROWS, LESSONS, IDEAS = 163, 38, 25
FEATURES: Features = read_features()
_NAMED = re.compile(r"`([^`]+)`|\]\(([^)]+)\)|\*([^*]+)\*")
TYPED = {"!high", "4h", "3d"}


def test_the_page_is_what_make_docs_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(FEATURES)


@pytest.mark.parametrize("row", FEATURES.rows, ids=lambda row: str(row.number))
def test_every_row_names_tests_that_exist(row: Row) -> None:
    assert row.tests
    assert [test for test in row.tests if not is_test(test)] == []


def is_test(named: str) -> bool:
    path, _, name = named.partition("::")
    return name in functions_of(path)


@cache
def functions_of(path: str) -> frozenset[str]:
    file = TOP / path
    code = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    return frozenset(one.name for one in code.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("row", FEATURES.rows, ids=lambda row: str(row.number))
def test_every_place_that_a_row_names_exists(row: Row) -> None:
    places = [(code or link, label) for code, link, label in _NAMED.findall(row.where)]

    assert [place or label for place, label in places if not (is_label(label) if label else is_place(place))] == []


def is_place(place: str) -> bool:
    """A command of Slack, the shell or make, a page, a job, a file, a key of desk.yml, or part of what one types."""
    head, _, rest = place.partition(" ")
    if head == "baton":
        return unknown(re.sub(r"\b[A-Z]+\b", "x", rest).split()) == []
    if head == "make":
        return f"\n{rest}:" in (TOP / "Makefile").read_text(encoding="utf-8")
    if place.startswith("/"):
        return head in slash_commands() or f'"{head}"' in source("bot/slack")
    return place in TYPED or place in names_of_jobs() or is_file(place) or is_key(place)


def is_label(label: str) -> bool:
    """Whether a card or the manifest has it; of `Done: NAME` a card has the beginning."""
    shortcuts = {shortcut["name"] for shortcut in load_manifest()["features"]["shortcuts"]}
    return label in shortcuts or f'"{label.partition(":")[0]}' in source("handlers")


def is_file(place: str) -> bool:
    return (TOP / place).exists() or (TOP / "docs" / place).exists()


def is_key(place: str) -> bool:
    """Whether desk.sample.yml explains it: `sla:`, `floor: true`, `people: deputy`."""
    keys = re.findall(r"\w+", place.removesuffix(" true")) if ":" in place else []
    sample = (TOP / "desk.sample.yml").read_text(encoding="utf-8")
    return bool(keys) and all(re.search(rf"\b{key}:", sample) for key in keys)


@cache
def slash_commands() -> frozenset[str]:
    return frozenset(command["command"] for command in load_manifest()["features"]["slash_commands"])


@cache
def names_of_jobs() -> frozenset[str]:
    return frozenset(job.name for job in all_jobs(30))


@cache
def source(folder: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((TOP / folder).rglob("*.py")))


def test_the_parts_cover_the_product_list_without_gap() -> None:
    assert [number for part in FEATURES.product for number in part.covers] == list(range(1, ROWS + 1))


def test_each_row_is_in_its_part() -> None:
    assert [row for part in FEATURES.product for row in part.works if row.number not in part.covers] == []


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ([row for part in FEATURES.product for row in part.works], ROWS),
        (FEATURES.lessons, LESSONS),
        (FEATURES.ideas, IDEAS),
    ],
    ids=["product", "lessons", "ideas"],
)
def test_the_rows_are_in_their_order_each_once(rows: list[Row], last: int) -> None:
    numbers = [row.number for row in rows]

    assert numbers
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(range(1, last + 1))
