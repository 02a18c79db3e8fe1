"""Every sentence is one literal in the code, names exactly the values that it is given, and is in the catalogue."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from tests.plain_words import OUR_OWN
from tools import texts

TOP = Path(__file__).parents[2]
LAYERS = ("rules", "storage", "services", "handlers", "bot")
MARKS = {"_": 1, "ngettext": 2}  # how many sentences each takes
# Strings with words in them that are no `Text` yet, by folder. The numbers only fall, and a folder at none leaves.
STRINGS_LEFT = {
    "bot/cli": 7,
    "handlers/charts": 1,
    "handlers/desk_command.py": 1,
    "handlers/reassignment": 1,
    "handlers/reports": 1,
    "handlers/slack": 1,
    "handlers/text": 1,
    "rules/config": 1,
    "rules/imports": 16,
    "rules/model": 1,
    "rules/reassignment.py": 1,
    "rules/reports": 1,
    "rules/sla": 2,
    "rules/text.py": 1,
    "rules/typed_text.py": 1,
}
# Of what people see: the local Slack, the schema and the migrations have sentences of other kinds.
CHECKED = ("rules/", "services/", "handlers/", "bot/cli/")
NOT_FOR_PEOPLE = (
    "log",
    "compile",
    "getLogger",
    "ValueError",
    "RuntimeError",
    "TypeError",
    "KeyError",
    "AssertionError",
    "Field",  # of a model: its description is for those who read the schema
    "number_field",
    "flag_field",
    "_check_size",  # of what only our own code is wrong about
    "Typer",  # the help of the command line, as its docstrings, is English
    "Option",
    "Argument",
    "Code",  # what is to be typed, the same in every language
    "execute_in_batches",  # its task is for the log
    "UnclearCommand",  # what was typed, and the command that it may have meant
)
WORDS = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
WORD_BY_VALUE = re.compile(r"\b[A-Za-z]{3,} \{\}|\{\} [A-Za-z]{3,}\b")


def _sources(prefixes: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(path for layer in LAYERS for path in (TOP / layer).rglob("*.py")):
        if (place := path.relative_to(TOP).as_posix()).startswith(prefixes):
            yield place, ast.parse(path.read_text(encoding="utf-8"))


def _marked_sentences() -> Iterator[tuple[str, ast.Call]]:
    for place, module in _sources(LAYERS):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                yield f"{place}:{node.lineno}", node


def _faults(call: ast.Call) -> Iterator[str]:
    assert isinstance(call.func, ast.Name)
    given = {keyword.arg for keyword in call.keywords} | ({"n"} if call.func.id == "ngettext" else set())
    for sentence in call.args[: MARKS[call.func.id]]:
        if not (isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)):
            yield "is no literal, so that it cannot be translated"
        elif {name for _, name, _, _ in Formatter().parse(sentence.value) if name is not None} - given:
            yield f"names a value that is not given: {sentence.value}"


def _strings_with_words(node: ast.AST) -> Iterator[int]:
    """The lines of strings that people may read and that are no `Text`; a slash begins a command to type."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Call) and _called_name(node) in (*MARKS, *NOT_FOR_PEOPLE):
        return
    if isinstance(node, ast.keyword) and node.arg == "examples":
        return  # commands, as they are typed
    if isinstance(node, ast.ClassDef) and _is_enumeration(node):
        node = ast.Module([one for member in node.body for one in _labels(member)], [])
    shown = _shown_string(node)
    if shown is not None:
        if not shown.startswith("/") and (WORDS.search(shown) or WORD_BY_VALUE.search(shown)):
            yield getattr(node, "lineno", 0)
        return
    for child in ast.iter_child_nodes(node):
        yield from _strings_with_words(child)


def _is_enumeration(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id in ("StrEnum", "LabelledEnum") for base in node.bases)


def _labels(member: ast.stmt) -> list[ast.stmt]:
    """Of a member its label: people never read the word that is stored."""
    if not isinstance(member, ast.Assign):
        return [member]
    return [ast.Expr(label) for label in member.value.elts[1:]] if isinstance(member.value, ast.Tuple) else []


def _shown_string(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        owner = call.func.value
        return owner.id if isinstance(owner, ast.Name) and owner.id == "log" else call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_every_sentence_is_a_literal_with_all_its_values() -> None:
    assert [f"{place} {fault}" for place, call in _marked_sentences() for fault in _faults(call)] == []


def test_no_further_sentence_is_written_past_text() -> None:
    """A new sentence is a `Text`: rules/text.py. Where one of the strings here became one, lower its number."""
    found = Counter(
        "/".join(place.split("/")[:2]) for place, module in _sources(CHECKED) for _ in _strings_with_words(module)
    )

    assert dict(found) == STRINGS_LEFT


def test_the_catalogue_for_translators_holds_every_sentence() -> None:
    assert texts.CATALOGUE.read_text(encoding="utf-8") == texts.catalogue(), "run make texts"


def test_no_sentence_has_words_of_our_own() -> None:
    """STYLE.md's table has the field's word for each."""
    sentences = texts.catalogue()

    assert [line for line in sentences.splitlines() if line.startswith(("msgid", '"')) and OUR_OWN.search(line)] == []
