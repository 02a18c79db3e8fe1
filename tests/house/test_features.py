"""docs/features.md is honest: made from features.yml, its tests, places and code exist, each row is there once."""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import app
from bot.runtime.jobs import build_full_registry
from bot.slack.manifest import load_manifest
from handlers.slack.ids import Button
from tests.house.command_line import unknown
from tools.features import LISTENS, PAGE, Features, Row, read_features, render_page
from tools.presses import place_of, press_rows

TOP = Path(__file__).parents[2]
ROWS, LESSONS, IDEAS = 163, 38, 25
FEATURES: Features = read_features()
REGISTRY = build_full_registry(30)
_NAMED = re.compile(r"`([^`]+)`|\]\(([^)]+)\)|\*([^*]+)\*")
TYPED = {"!high", "4h", "3d"}


def test_the_page_is_what_make_docs_makes() -> None:
    is_current = PAGE.read_text(encoding="utf-8") == render_page(FEATURES)

    assert is_current, "docs/features.yml, or what handlers register, has changed since: run `make docs`."


@pytest.mark.parametrize("row", FEATURES.rows, ids=lambda row: str(row.number))
def test_every_row_names_tests_that_exist(row: Row) -> None:
    assert row.tests
    assert [test for test in row.tests if not exists(test)] == []


def exists(named: str) -> bool:
    path, _, name = named.partition("::")
    return name in names_in(path) if path.endswith(".py") else is_file(path)


@cache
def names_in(path: str) -> frozenset[str]:
    """The functions, classes, methods (`Class.method`) and constants of that file; none where there is no such file."""
    file = TOP / path
    code = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    names = set[str]()
    for one in code.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(one.name)
        elif isinstance(one, ast.ClassDef):
            methods = (each for each in one.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {one.name, *(f"{one.name}.{method.name}" for method in methods)}
        elif isinstance(one, ast.Assign | ast.AnnAssign):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(names)


@pytest.mark.parametrize("row", FEATURES.rows, ids=lambda row: str(row.number))
def test_every_row_names_the_code_that_decides_it(row: Row) -> None:
    assert row.code, f"{title(row)} names no code. {REMEDY}"
    assert row.code[0].role != LISTENS, f"{title(row)} begins with what listens. {REMEDY}"
    for place in row.places:
        assert exists(place), f"{title(row)} names {place}, which is not there. {REMEDY}"


REMEDY = (
    "Its `code` in docs/features.yml says where it is decided, that place first, as path::function: "
    "name the function as it is called now, then run `make docs`."
)


def title(row: Row) -> str:
    """Three lists have numbers of their own, so that the number alone names several."""
    return f"Row {row.number} (“{' '.join(row.sentence.split()[:8])} …”)"


@pytest.mark.parametrize("row", FEATURES.rows, ids=lambda row: str(row.number))
def test_a_row_names_what_a_press_a_form_a_command_or_a_job_of_it_reaches(row: Row) -> None:
    if re.search(r"\*[^*]+\*|\bform\b", row.where):
        assert row.listeners, f"{title(row)} is {row.where}: its `code` says under `listens` what that reaches."
    for label in re.findall(r"\*([^*]+)\*", row.where):
        reached = listeners_by_label().get(label.partition(":")[0], set(row.listeners))
        assert reached.intersection(row.listeners), f"{title(row)} is *{label}*: its `listens` names {reached}."
    for code in re.findall(r"`([^`]+)`", row.where):
        listener = listener_of(code)
        assert listener in (None, *row.listeners), f"{title(row)} is {code}: its `listens` names {listener}."
        task = place_of(REGISTRY.jobs[code].task) if code in REGISTRY.jobs else None
        assert task in (None, *row.places), f"{title(row)} names the job {code}: its `code` names {task}."


@cache
def listeners_by_label() -> dict[str, set[str]]:
    """Several where cards of several capabilities have the same label; *Done: NAME* by its beginning."""
    listeners: dict[str, set[str]] = {}
    for row in press_rows():
        for label in row.labels:
            listeners.setdefault(label.rstrip(":"), set()).add(row.listener)
    return listeners


@pytest.mark.parametrize("row", FEATURES.rows, ids=lambda row: str(row.number))
def test_what_listens_is_registered(row: Row) -> None:
    listening = [route.listener for by_name in REGISTRY.routes.values() for route in by_name.values()]
    known = {place_of(one) for one in (*listening, *shell_commands().values())}

    unknown_places = [place for place in row.listeners if place not in known]
    assert unknown_places == [], f"{title(row)}: nothing is registered for these; `baton routes` lists what is."


def listener_of(typed: str) -> str | None:
    """What a command of Slack or the shell reaches; None for anything else, and for `baton jobs`, which lists them."""
    words = typed.split()
    commands = REGISTRY.routes["command"]
    if words[0] in slash_commands():
        return place_of((commands.get(" ".join(words[:2])) or commands[words[0]]).listener)
    if words[0] == "baton" and words[1] != "jobs":
        return place_of(shell_commands()[words[1]])
    return None


@cache
def shell_commands() -> dict[str, Callable[..., Any]]:
    return {str(one.name): one.callback for one in app.registered_commands if one.callback is not None}


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
    """Whether desk.sample.yml explains it: `sla:`, `presence_board: true`, `people: deputy`."""
    keys = re.findall(r"\w+", place.removesuffix(" true")) if ":" in place else []
    sample = (TOP / "desk.sample.yml").read_text(encoding="utf-8")
    return bool(keys) and all(re.search(rf"\b{key}:", sample) for key in keys)


@cache
def slash_commands() -> frozenset[str]:
    return frozenset(command["command"] for command in load_manifest()["features"]["slash_commands"])


@cache
def names_of_jobs() -> frozenset[str]:
    return frozenset(REGISTRY.jobs)


@cache
def source(folder: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((TOP / folder).rglob("*.py")))


def test_each_press_has_the_label_that_people_read_and_the_operation_that_it_runs() -> None:
    rows = {row.name: row for row in press_rows()}
    reject, next_page = rows["form.reject"], rows["list.page"]

    assert rows["ticket.reopen"].labels == ("Reopen",)
    assert (reject.labels, reject.runs) == (("Reject",), ("services/escalations/escalations.py::reject",))
    assert next_page.runs == ("storage/tickets/lists.py::list_page",)


def test_every_button_but_those_that_choose_from_a_list_has_a_label() -> None:
    unlabelled = [row.name for row in press_rows() if row.kind in ("button", "under ⋯") and not row.labels]

    assert unlabelled == [Button.ALERT_PREFERENCE, Button.TICKET_TYPE]


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
