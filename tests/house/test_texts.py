"""Every sentence stands in the code as one literal, and names exactly the values that it is given."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

TOP = Path(__file__).parents[2]
LAYERS = ("rules", "storage", "services", "handlers", "bot")
MARKS = {"_": 1, "ngettext": 2}  # how many sentences each takes


def _marked_sentences() -> Iterator[tuple[str, ast.Call]]:
    for path in (path for layer in LAYERS for path in sorted((TOP / layer).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                yield f"{path.relative_to(TOP)}:{node.lineno}", node


def _faults(call: ast.Call) -> Iterator[str]:
    assert isinstance(call.func, ast.Name)
    given = {keyword.arg for keyword in call.keywords} | ({"n"} if call.func.id == "ngettext" else set())
    for sentence in call.args[: MARKS[call.func.id]]:
        if not (isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)):
            yield "is no literal, so that it cannot be translated"
        elif {name for _, name, _, _ in Formatter().parse(sentence.value) if name is not None} - given:
            yield f"names a value that is not given: {sentence.value}"


def test_every_sentence_is_a_literal_with_all_its_values() -> None:
    assert [f"{place} {fault}" for place, call in _marked_sentences() for fault in _faults(call)] == []
