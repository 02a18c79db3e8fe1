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
from rules.config.renamed_keys import renamed_keys, with_current_keys
from rules.errors import Refused
from rules.model.policy import Policy
from rules.text import Code, Text, _, join_texts

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
    """One file as JSON-compatible values, which are stored, and as a policy.

    `plain` has the keys' current names; `warnings` are about earlier names and doubtful values.
    """

    plain: dict[str, Any]
    policy: Policy
    warnings: tuple[Text, ...]


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
        sentence = _("this is not a configuration: it has no teams: and types:; see {sample}.", sample=SAMPLE_FILE_NAME)
        raise DeskFileError(reader.at_line(1, sentence))
    renamed = reader.read_renamed_keys(plain)
    try:
        policy = parse_policy(plain)
    except ConfigurationError as error:
        reader.faults += [(reader.line_of(fault.path), fault.sentence) for fault in error.faults]
        raise reader.faults_error() from error
    doubts = [_("{file}: {warning}", file=str(path), warning=warning) for warning in configuration_warnings(policy)]
    return DeskFile(with_current_keys(plain), policy, (*renamed, *doubts))


@dataclass(slots=True)
class _FileReader:
    """Turns YAML nodes into plain values; collects the line on which each value begins, and the faults."""

    file: str
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    faults: list[tuple[int, Text]] = field(default_factory=list)
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
            self.faults.append((_line_number(node), _("this alias contains itself: write the value out.")))
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
        faults = sorted(self.faults, key=lambda fault: fault[0])
        different = {str(text): text for text in (self.at_line(line, sentence) for line, sentence in faults)}
        return DeskFileError(join_texts(different.values(), "\n"))

    def at_line(self, line: int, sentence: Text) -> Text:
        return _("{file}:{line}: {sentence}", file=self.file, line=line, sentence=sentence)

    def read_renamed_keys(self, plain: dict[str, object]) -> list[Text]:
        """What each is called now; faults name keys by their current names, so these get the lines too."""
        warnings = []
        for one in renamed_keys(plain):
            line, key = self.line_of(one.path), str(one.path[-1])
            self.lines[(*one.path[:-1], one.current)] = line
            sentence = _("{key} is called {current} now. It still works.", key=Code(key), current=Code(one.current))
            warnings.append(self.at_line(line, sentence))
        return warnings

    def _mapping_value(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, object]:
        plain: dict[str, object] = {}
        for name, inner in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self.faults.append((_line_number(name), _("a key is a word, not a list or a mapping.")))
                continue
            key = name.value
            if key in plain:
                earlier = self.lines[(*path, key)]
                sentence = _("{key} is already in line {line}: keep one.", key=Code(key), line=earlier)
                self.faults.append((_line_number(name), sentence))
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
        sentence = _(
            "{file}: there is no such file. Copy {sample} there to begin.", file=str(path), sample=SAMPLE_FILE_NAME
        )
        raise DeskFileError(sentence) from error
    except UnicodeDecodeError as error:
        raise DeskFileError(_("{file}: this is not text in UTF-8. Save it as UTF-8.", file=str(path))) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sentence = _("{file}: this file cannot be read: {reason}.", file=str(path), reason=reason)
        raise DeskFileError(sentence) from error


def _parse_yaml(reader: _FileReader, text: str) -> yaml.Node | None:
    try:
        return compose_yaml(text)
    except yaml.MarkedYAMLError as error:
        line = min(error.problem_mark.line + 1, text.count("\n") + 1) if error.problem_mark else 1
        reason = str(error.problem or error.context)
        raise DeskFileError(reader.at_line(line, _("this is not YAML: {reason}.", reason=reason))) from error
    except yaml.YAMLError as error:
        sentence = _("{file}: this is not YAML: {reason}.", file=reader.file, reason=" ".join(str(error).split()))
        raise DeskFileError(sentence) from error


def _scalar_value(node: yaml.ScalarNode) -> object:
    text: str = node.value
    for pattern, convert in _PLAIN_VALUES:
        if not node.style and re.fullmatch(pattern, text, re.ASCII):
            return convert(text)
    return text


def _line_number(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
