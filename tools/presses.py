"""What each button, form, word and event of Slack reaches, and what that runs: the last table of docs/features.md."""

import ast
import inspect
import sys
import textwrap
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.slack.manifest import load_manifest
from handlers.routes import build_registry
from handlers.slack import ids
from handlers.slack.menus import menu_entries

HANDLERS: Final = Path(__file__).resolve().parents[1] / "handlers"
KINDS: Final = {
    "action": "button",
    "menu": "under ⋯",
    "view": "form",
    "shortcut": "shortcut",
    "command": "command",
    "event": "event",
}
NAMES: Final = ("Button", "Form", "More")
WRITES: Final = ("execute", "execute_once")
READS: Final = ("read", "read_in_worker")
Labels = dict[str, list[str]]
Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PressRow:
    """What people read on it (several where cards call it differently), Slack's name for it, and the code, each by
    `path::name`: `runs` are the operations, or where there is none the queries."""

    kind: str
    labels: tuple[str, ...]
    name: str
    listener: str
    runs: tuple[str, ...]


def press_rows() -> list[PressRow]:
    registered = build_registry().routes
    labels = _labels_in_handlers()
    return [
        PressRow(KINDS[kind], tuple(labels[name]), name, place_of(route.listener), _run_by(route.listener))
        for kind in KINDS
        for name, route in sorted(registered[kind].items())
        if not route.is_synonym
    ]


def place_of(function: Callable[..., Any]) -> str:
    plain = inspect.unwrap(function)
    return f"{plain.__module__.replace('.', '/')}.py::{plain.__qualname__.rpartition('<locals>.')[2]}"


def _run_by(listener: Callable[..., Any]) -> tuple[str, ...]:
    calls = list(_calls_of(inspect.unwrap(listener)))
    operations = _handed_to_desk(calls, WRITES)
    return tuple(operations or _handed_to_desk(calls, READS))


def _handed_to_desk(calls: Iterable[tuple[ast.Call, Known]], verbs: Collection[str]) -> list[str]:
    functions = [
        _value_of(arg, known)
        for call, known in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in verbs
        for arg in call.args
    ]
    return list(dict.fromkeys(place_of(one) for one in functions if inspect.isfunction(one)))


def _calls_of(listener: Callable[..., Any]) -> Iterator[tuple[ast.Call, Known]]:
    """The calls in it, and in the functions of its module that it calls, each with what names mean there."""
    waiting, known = [listener], vars(sys.modules[listener.__module__])
    for function in waiting:
        for call in _calls(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            yield call, known
            called = _value_of(call.func, known)
            is_beside = inspect.isfunction(called) and called.__module__ == listener.__module__
            if inspect.isfunction(called) and is_beside and called not in waiting:
                waiting.append(called)


def _value_of(node: ast.expr, known: Known) -> object:
    """What a name, or a name of a module, stands for there; None for anything else."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        module = known.get(node.value.id)
        return getattr(module, node.attr, None) if inspect.ismodule(module) else None
    return None


def _labels_in_handlers() -> Labels:
    """By Slack's name: what stands beside `Button.TAKE` where a card draws it."""
    labels: Labels = defaultdict(list)
    for name, entry in menu_entries().items():
        labels[name].append(str(entry.label))
    for shortcut in load_manifest()["features"]["shortcuts"]:
        labels[shortcut["callback_id"]].append(shortcut["name"])
    for file in sorted(HANDLERS.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for name, label in _labelled(tree):
            labels[name] += [label] if label not in labels[name] else []
    return labels


def _labelled(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for call in _calls(tree):
        named = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "placeholder")]
        names = [name for arg in named if (name := _slack_name(arg))]
        label = next((text for arg in named if (text := _text_of(arg))), "")
        yield from ((name, label) for name in names if label)
    for table in (node for node in ast.walk(tree) if isinstance(node, ast.Dict)):
        for key, value in zip(table.keys, table.values, strict=True):
            name, label = _slack_name(key) if key else "", _text_of(value)
            if name and label:
                yield name, label


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _slack_name(node: ast.expr) -> str:
    """`ticket.take` for `Button.TAKE`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NAMES:
        return str(getattr(getattr(ids, node.value.id), node.attr))
    return ""


def _text_of(node: ast.expr) -> str:
    """A text as it is written, also one to be translated; of one with values in it the beginning."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
        return _text_of(node.args[0])
    if isinstance(node, ast.JoinedStr) and node.values:
        return _text_of(node.values[0]).strip()
    return (
        node.value.partition("{")[0].strip() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    )
