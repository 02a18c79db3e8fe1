"""desk.yml, read with its line numbers, so that every fault names its line."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.yaml_text import MAX_VALUES, YamlTooLarge, compose_yaml, too_many_values
from rules.config.faults import ConfigurationError
from rules.config.policy import configuration_warnings, parse_policy
from rules.errors import Refused
from rules.model.policy import Policy
from rules.text import _

SAMPLE_FILE_NAME = "desk.sample.yml"

# Every other value is text: 12:30 is no number in base sixty, a date stays as written, and NO is Norway.
_PLAIN_VALUES: tuple[tuple[str, Callable[[str], object]], ...] = (
    (r"~|null|", lambda text: None),
    (r"true|false", lambda text: text == "true"),
    (r"[-+]?(?:0|[1-9]\d{0,17})", int),
    (r"[-+]?\d*\.\d+", float),
)


class DeskFileError(Refused):
    """The file cannot be applied; the text has every fault with file and line, one per line."""


@dataclass(frozen=True, slots=True)
class DeskFile:
    """One file as JSON-compatible values, which are stored, and as a policy; `warnings` are about doubtful values."""

    plain: dict[str, Any]
    policy: Policy
    warnings: tuple[str, ...]


def load_desk_file(path: Path | str) -> DeskFile:
    """DeskFileError names every fault of the file."""
    reader = _FileReader(str(path))
    try:
        plain = reader.plain_value(_parse_yaml(reader, _read_text(path)))
    except YamlTooLarge as error:
        sentence = _("{file}: {fault}; see {sample}.", file=str(path), fault=error.text, sample=SAMPLE_FILE_NAME)
        raise DeskFileError(sentence) from None
    reader.raise_faults()
    if not isinstance(plain, dict):
        fault = f"{path}:1: a desk is described by sections such as teams: and types:"
        raise DeskFileError(f"{fault}; see {SAMPLE_FILE_NAME}.")
    try:
        policy = parse_policy(plain)
    except ConfigurationError as error:
        reader.faults += [(reader.line_of(fault.path), fault.sentence) for fault in error.faults]
        raise reader.faults_error() from error
    return DeskFile(plain, policy, tuple(f"{path}: {sentence}" for sentence in configuration_warnings(policy)))


@dataclass(slots=True)
class _FileReader:
    """Turns YAML nodes into plain values; collects the line on which each value begins, and the faults."""

    file: str
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    enclosing_nodes: list[yaml.Node] = field(default_factory=list)
    values: int = 0

    def plain_value(self, node: yaml.Node | None, path: tuple[str | int, ...] = ()) -> object:
        """An alias to a node that contains it is a fault: it would never end. YamlTooLarge for aliases of aliases."""
        self.values += 1
        if self.values > MAX_VALUES:
            raise YamlTooLarge(too_many_values())
        if node is None or isinstance(node, yaml.ScalarNode):
            return _scalar_value(node) if node else None
        if any(node is outer for outer in self.enclosing_nodes):
            self.faults.append((_line_number(node), "this alias holds itself: write the value out."))
            return None
        self.enclosing_nodes.append(node)
        plain = self._mapping_value(node, path) if isinstance(node, yaml.MappingNode) else self._list_value(node, path)
        self.enclosing_nodes.pop()
        return plain

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of that value, or of the nearest one around it that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def raise_faults(self) -> None:
        if self.faults:
            raise self.faults_error()

    def faults_error(self) -> DeskFileError:
        faults = dict.fromkeys(sorted(self.faults, key=lambda fault: fault[0]))
        return DeskFileError("\n".join(f"{self.file}:{line}: {sentence}" for line, sentence in faults))

    def _mapping_value(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, object]:
        plain: dict[str, object] = {}
        for name, inner in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self.faults.append((_line_number(name), "a key is a word, not a list or a mapping."))
                continue
            key = name.value
            if key in plain:
                earlier = self.lines[(*path, key)]
                self.faults.append((_line_number(name), f"`{key}` already stands in line {earlier}: keep one."))
            self.lines[(*path, key)] = _line_number(name)
            plain[key] = self.plain_value(inner, (*path, key))
        return plain

    def _list_value(self, node: yaml.Node, path: tuple[str | int, ...]) -> list[object]:
        for index, inner in enumerate(node.value):
            self.lines[(*path, index)] = _line_number(inner)
        return [self.plain_value(inner, (*path, index)) for index, inner in enumerate(node.value)]


def _read_text(path: Path | str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DeskFileError(f"{path}: there is no such file; copy {SAMPLE_FILE_NAME} there to begin.") from error
    except UnicodeDecodeError as error:
        raise DeskFileError(f"{path}: this is no text in UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise DeskFileError(f"{path}: this file cannot be read: {error.strerror}.") from error


def _parse_yaml(reader: _FileReader, text: str) -> yaml.Node | None:
    try:
        return compose_yaml(text)
    except yaml.MarkedYAMLError as error:
        line = min(error.problem_mark.line + 1, text.count("\n") + 1) if error.problem_mark else 1
        raise DeskFileError(f"{reader.file}:{line}: this is not YAML: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise DeskFileError(f"{reader.file}: this is not YAML: {' '.join(str(error).split())}.") from error


def _scalar_value(node: yaml.ScalarNode) -> object:
    text: str = node.value
    for pattern, convert in _PLAIN_VALUES:
        if not node.style and re.fullmatch(pattern, text, re.ASCII):
            return convert(text)
    return text


def _line_number(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
