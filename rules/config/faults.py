"""Every fault of a configuration at once, each with its place and a sentence that names the remedy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rules.config.consistency import Path, find_inconsistencies, section_entries
from rules.config.fields import LONGEST_NAME, REFUSAL, quote_value, suggest_known, value_kind
from rules.config.renamed_keys import current_key, with_current_keys
from rules.config.schema import Desk, Entry, Needed
from rules.errors import Refused
from rules.text import Code, Text, Value, _, join_texts, ngettext

MAX_FAULTS = 200  # a file of another kind would have thousands
_KEY = "[key]"  # how pydantic ends the place of a key itself


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` leads to what is faulty, or to what lacks it."""

    path: Path
    sentence: Text


class ConfigurationError(Refused):
    """The configuration cannot be applied; the text is every fault, one a line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(join_texts((fault.sentence for fault in faults), "\n"))
        self.faults = faults


def validate_configuration(plain: Mapping[str, Any]) -> Desk:
    """ConfigurationError names all that is wrong, by the keys' current names."""
    plain = with_current_keys(plain)
    known = {section: section_entries(plain, section) for section in ("calendars", "teams", "types", "companies")}
    faults: list[Fault] = []
    try:
        desk = Desk.model_validate(plain, context=known)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [Fault(_place(detail), _sentence(detail)) for detail in details[:MAX_FAULTS]]
        if len(details) > MAX_FAULTS:
            faults.append(Fault((), _omitted(len(details) - MAX_FAULTS)))
    faulty = {fault.path for fault in faults}
    for place, sentence in find_inconsistencies(plain):
        if faulty.isdisjoint(place[:depth] for depth in range(len(place) + 1)):
            faults.append(Fault(place, _with_place(_entry(place)[1], sentence)))
    if faults:
        raise ConfigurationError(tuple(faults))
    return desk


def _place(detail: ErrorDetails) -> Path:
    return tuple(part for part in detail["loc"] if part != _KEY)


def _omitted(count: int) -> Text:
    return ngettext(
        "{n} more fault is left out: mend these first.", "{n} more faults are left out: mend these first.", count
    )


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What the sentence about a fault needs; `entry` is what the innermost entry is called."""

    detail: ErrorDetails
    name: str
    entry: Text | None
    model: type[Entry]

    @property
    def code(self) -> Code:
        return Code(self.name)

    @property
    def value(self) -> Value:
        return quote_value(self.detail["input"])

    @property
    def kind(self) -> Text:
        return value_kind(self.detail["input"])

    @property
    def remedy(self) -> Text:
        return next(one.remedy for one in self.model.model_fields[self.name].metadata if isinstance(one, Needed))

    @property
    def refusal(self) -> Text:
        context = self.detail.get("ctx", {})
        text = context["text"] if self.detail["type"] == REFUSAL else self.detail["msg"]
        return text if isinstance(text, Text) else _("{text}", text=str(text))


def _unknown_key(wrong: _Wrong) -> Text:
    current = current_key(_place(wrong.detail))
    if current is not None:
        return _(
            "{key} is called {current} now, and both are here: keep {current}.", key=wrong.code, current=Code(current)
        )
    unknown = _("{key} is not known here.", key=wrong.code)
    return join_texts([unknown, suggest_known(wrong.name, wrong.model.model_fields)])


def _bad_number(wrong: _Wrong) -> Text:
    limits = wrong.model.model_fields[wrong.name].json_schema_extra
    least, most = (limits["least"], limits["most"]) if isinstance(limits, dict) else ("", "")
    return _(
        "{key} is a whole number from {least} to {most}, not {value}.",
        key=wrong.code,
        least=str(least),
        most=str(most),
        value=wrong.value,
    )


def _bad_length(wrong: _Wrong) -> Text:
    length = len(str(wrong.detail["input"]).strip())
    return ngettext(
        "{key} has {n} character: write 1 to {most}.",
        "{key} has {n} characters: write 1 to {most}.",
        length,
        key=wrong.code,
        most=LONGEST_NAME,
    )


def _bad_key(wrong: _Wrong) -> Text:
    kind = str(wrong.model.model_config.get("title"))
    return _("{kind} key {value}: write it in small letters, digits, - and _.", kind=kind, value=wrong.value)


_SENTENCES: Mapping[str, Callable[[_Wrong], Text]] = {
    "missing": lambda wrong: _("{key} is missing: {remedy}.", key=wrong.code, remedy=wrong.remedy),
    "extra_forbidden": _unknown_key,
    "model_type": lambda wrong: _(
        "{entry} is a mapping of keys and values, not {kind}.", entry=wrong.entry or wrong.code, kind=wrong.kind
    ),
    "dict_type": lambda wrong: _("{key} is a mapping of keys and values, not {kind}.", key=wrong.code, kind=wrong.kind),
    "tuple_type": lambda wrong: _("{key} is a list: write [one, another].", key=wrong.code),
    "string_type": lambda wrong: _("{key} takes text, not {kind}.", key=wrong.code, kind=wrong.kind),
    "string_too_short": _bad_length,
    "string_too_long": _bad_length,
    "string_pattern_mismatch": _bad_key,
    "bool_type": lambda wrong: _("{key} is true or false, not {value}.", key=wrong.code, value=wrong.value),
    "int_type": _bad_number,
    "greater_than_equal": _bad_number,
    "less_than_equal": _bad_number,
}


def _sentence(detail: ErrorDetails) -> Text:
    place, is_key = _place(detail), _KEY in detail["loc"]
    model, entry = _entry(place)
    around = _entry(place[:-1])[1] if is_key or detail["type"] == "model_type" else entry
    name = next((part for part in reversed(place) if isinstance(part, str)), "desk.yml")
    wrong = _Wrong(detail, name, entry, model)
    sentence = _SENTENCES.get(detail["type"])
    if sentence is not None:
        return _with_place(around, sentence(wrong))
    if is_key:
        return _with_place(around, _("{key}: {refusal}", key=str(place[-2]), refusal=wrong.refusal))
    return _with_place(around, wrong.refusal)


def _with_place(place: Text | None, sentence: Text) -> Text:
    return sentence if place is None else _("{place}: {fault}", place=place, fault=sentence)


def _entry(place: Path) -> tuple[type[Entry], Text | None]:
    """The model of the innermost entry on the way to that place, and what its faults call it."""
    model: type[Entry] = Desk
    names, steps = list[Text](), list(place)
    while steps and (field := model.model_fields.get(str(steps.pop(0)))):
        inner = _model_of(field.annotation)
        is_named = get_origin(field.annotation) in (dict, tuple)
        if inner is None or (is_named and not steps):
            break
        names.append(_entry_name(inner, steps.pop(0) if is_named else None))
        model = inner
    return model, join_texts(names, ", ") if names else None


def _entry_name(model: type[Entry], key: str | int | None) -> Text:
    kind = str(model.model_config.get("title"))
    if key is None:
        return _("{kind}", kind=kind)
    return _("{kind} {key}", kind=kind, key=str(key + 1 if isinstance(key, int) else key))


def _model_of(annotation: Any) -> type[Entry] | None:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_of(inner))), None)
