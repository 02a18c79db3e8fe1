"""Every fault of a configuration at once, each with its place and a sentence that names the remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rules.config.consistency import Path, find_inconsistencies, section_entries
from rules.config.fields import LONGEST_NAME, quote_value, suggest_known, value_kind
from rules.config.schema import Desk, Entry
from rules.errors import Refused

_NUMBER = "`{name}` is a whole number from {least} to {most}, not {value}."
_LENGTH = f"`{{name}}` has {{length}} characters: write 1 to {LONGEST_NAME}."
_SENTENCES = {
    "missing": "`{name}` is missing: {remedy}.",
    "extra_forbidden": "`{name}` is not known here.{known}",
    "model_type": "`{entry}` is a mapping of keys and values, not {kind}.",
    "dict_type": "`{name}` is a mapping of keys and values, not {kind}.",
    "tuple_type": "`{name}` is a list: write [one, another].",
    "string_type": "`{name}` takes text, not {kind}.",
    "string_too_short": _LENGTH,
    "string_too_long": _LENGTH,
    "string_pattern_mismatch": "{key} {value}: write it in small letters, digits, - and _.",
    "bool_type": "`{name}` is true or false, not {value}.",
    "int_type": _NUMBER,
    "greater_than_equal": _NUMBER,
    "less_than_equal": _NUMBER,
}

MAX_FAULTS = 200  # a file of another kind would have thousands
_KEY = "[key]"  # how pydantic ends the place of a key itself


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` leads to what is faulty, or to what lacks it."""

    path: Path
    sentence: str


class ConfigurationError(Refused):
    """The configuration cannot be applied; the text is every fault, one a line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(fault.sentence for fault in faults))
        self.faults = faults


def validate_configuration(plain: Mapping[str, Any]) -> Desk:
    """ConfigurationError names all that is wrong."""
    known = {section: section_entries(plain, section) for section in ("calendars", "teams", "types", "companies")}
    faults: list[Fault] = []
    try:
        desk = Desk.model_validate(plain, context=known)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [Fault(_place(detail), _sentence(detail)) for detail in details[:MAX_FAULTS]]
        if len(details) > MAX_FAULTS:
            faults.append(Fault((), f"{len(details) - MAX_FAULTS} more faults are left out: mend these first."))
    faulty = {fault.path for fault in faults}
    for place, sentence in find_inconsistencies(plain):
        if faulty.isdisjoint(place[:depth] for depth in range(len(place) + 1)):
            faults.append(Fault(place, f"{_entry(place)[1]}: {sentence}"))
    if faults:
        raise ConfigurationError(tuple(faults))
    return desk


def _place(detail: ErrorDetails) -> Path:
    return tuple(part for part in detail["loc"] if part != _KEY)


def _sentence(detail: ErrorDetails) -> str:
    place, kind, value, is_key = _place(detail), detail["type"], detail["input"], _KEY in detail["loc"]
    model, entry = _entry(place)
    _, around = _entry(place[:-1]) if is_key or kind == "model_type" else (model, entry)
    name = next((part for part in reversed(place) if isinstance(part, str)), "desk.yml")
    field = model.model_fields.get(name)
    stated = field.json_schema_extra if field else None
    sentence = _SENTENCES.get(kind, f"{place[-2]}: {{refusal}}" if is_key else "{refusal}").format(
        name=name,
        entry=entry or name,
        key=f"{model.model_config.get('title')} key" if is_key else "key",
        known=suggest_known(name, model.model_fields),
        value=quote_value(value),
        kind=value_kind(value),
        length=len(value.strip()) if isinstance(value, str) else 0,
        refusal=detail["msg"],
        **stated if isinstance(stated, dict) else {},
    )
    return f"{around}: {sentence}" if around else sentence


def _entry(place: Path) -> tuple[type[Entry], str]:
    """The model of the innermost entry on the way to that place, and what its faults call it."""
    model: type[Entry] = Desk
    names, steps = [], list(place)
    while steps and (field := model.model_fields.get(str(steps.pop(0)))):
        inner = _model_of(field.annotation)
        is_named = get_origin(field.annotation) in (dict, tuple)
        if inner is None or (is_named and not steps):
            break
        key = steps.pop(0) if is_named else ""
        names.append(f"{inner.model_config.get('title')} {key + 1 if isinstance(key, int) else key}".strip())
        model = inner
    return model, ", ".join(names)


def _model_of(annotation: Any) -> type[Entry] | None:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_of(inner))), None)
