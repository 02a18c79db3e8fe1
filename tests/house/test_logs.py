"""No log says what people typed: engines hide the values of statements, and the tests read along."""

import ast
from pathlib import Path

import pytest

from tests.typed import TYPED, fail_when_typed_words_are_logged

TOP = Path(__file__).parents[2]
PACKAGES = ("storage", "services", "handlers", "bot")
ENGINE_MAKERS = {"create_engine", "create_async_engine"}


def calls_of_engine_makers() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.relative_to(TOP)}:{node.lineno}", node)
        for package in PACKAGES
        for path in (TOP / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ENGINE_MAKERS
    ]


def test_every_engine_hides_the_values_of_its_statements() -> None:
    calls = calls_of_engine_makers()

    shown = [place for place, call in calls if "hide_parameters" not in {keyword.arg for keyword in call.keywords}]
    assert calls
    assert shown == []


@pytest.mark.parametrize("section", ["Captured log call", "Captured stderr call"])
def test_a_test_that_logs_what_people_typed_fails(section: str) -> None:
    report = pytest.TestReport(
        "tests/test_it.py::test_it", ("", 0, ""), {}, "passed", None, "call", [(section, f"title={TYPED[0]}")]
    )

    fail_when_typed_words_are_logged(report)

    assert report.failed
