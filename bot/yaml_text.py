"""YAML from outside: read by libyaml where it is there, and only up to limits that the refusal names."""

from typing import Any

import yaml

from rules.errors import Refused
from rules.text import Text, _

MAX_BYTES = 2_000_000
MAX_VALUES = 50_000  # keys, list entries and values together, those behind an alias each time
MAX_DEPTH = 30

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class YamlTooLarge(Refused):
    """`text` is the end of a sentence about the file."""


def compose_yaml(text: str) -> yaml.Node | None:
    """The file as nodes with their lines; every value is text. YamlTooLarge, or yaml.YAMLError."""
    _check_limits(text)
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def load_yaml(text: str) -> object:
    """The file as lists, mappings and texts. YamlTooLarge, or yaml.YAMLError."""
    _check_limits(text)
    return yaml.load(text, Loader=_Loader)


def too_many_values() -> Text:
    return _("it has more than {most} values, those behind an alias counted each time", most=MAX_VALUES)


def _check_limits(text: str) -> None:
    """libyaml builds nodes on the C stack, which ends the whole process when a file is nested deeply enough."""
    if len(text) > MAX_BYTES:
        raise YamlTooLarge(_("it is larger than {most} MB", most=MAX_BYTES // 1_000_000))
    depth = count = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        count += isinstance(event, (yaml.ScalarEvent, *_OPENING))
        if depth > MAX_DEPTH:
            raise YamlTooLarge(_("lists and mappings are nested more than {most} deep in it", most=MAX_DEPTH))
        if count > MAX_VALUES:
            raise YamlTooLarge(too_many_values())
