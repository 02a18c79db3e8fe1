"""A form is declared once: its model gives the fields of the Slack modal, the errors beside them, and a JSON schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element
from handlers.slack.payloads import Submission
from handlers.text.slack import TEXT_LIMIT
from rules.errors import FieldErrors
from rules.labels import LabelledEnum
from rules.text import Text, _
from rules.typed_text import is_blank

Options = Sequence[tuple[Text | str, str]]
SENTENCES = {
    "enum": _("Choose one of the list."),
    "date_from_datetime_parsing": _("Choose a day."),
    "time_parsing": _("Choose a time."),
}


@dataclass(frozen=True, slots=True)
class TextField:
    """Text to type: `hint` is shown below the box, `missing` beside it when nothing was typed."""

    label: Text | str
    hint: Text | str = ""
    multiline: bool = False
    missing: Text | str = _("Fill this in.")

    def element(self, name: str, field: FieldInfo, initial: object, options: Options) -> Element:
        limits = (one.max_length for one in field.metadata if hasattr(one, "max_length"))
        limit = next(limits, TEXT_LIMIT)
        return blocks.text_input(name, initial=str(initial or ""), multiline=self.multiline, limit=limit)


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """A menu: of the members of the field's enumeration, unless the form names other options."""

    label: Text | str
    hint: Text | str = ""
    missing: Text | str = _("Choose one of the list.")

    def element(self, name: str, field: FieldInfo, initial: object, options: Options) -> Element:
        if not options and isinstance(field.annotation, type) and issubclass(field.annotation, LabelledEnum):
            options = blocks.labelled_options(field.annotation)
        return blocks.select(name, options, chosen=None if initial is None else str(initial))


class FormModel(BaseModel):
    """What a person fills in. Each field is `Annotated[type, TextField(…) or ChoiceField(…)]`; one with a default may
    stay empty."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)

    @classmethod
    def fields(cls, initial: Mapping[str, object] | None = None, **options: Options) -> list[Block]:
        """The input blocks in the order of the fields; `options` replace those of a choice."""
        return [
            blocks.input_field(
                shown.label,
                shown.element(name, field, (initial or {}).get(name), options.get(name, ())),
                optional=not field.is_required(),
                hint=shown.hint,
            )
            for name, field in cls.model_fields.items()
            for shown in [_shown(field)]
        ]

    @classmethod
    def read(cls, form: Submission) -> Self:
        """The answers as values; FieldErrors with a sentence for each field that is wrong."""
        answers = {name: form[name] for name in cls.model_fields if not is_blank(form[name])}
        try:
            return cls.model_validate(answers)
        except ValidationError as error:
            faults = {str(one["loc"][0]): one for one in error.errors()}
        raise FieldErrors({name: _sentence(one, _shown(cls.model_fields[name])) for name, one in faults.items()})


def _shown(field: FieldInfo) -> TextField | ChoiceField:
    return next(one for one in field.metadata if isinstance(one, TextField | ChoiceField))


def _sentence(error: Mapping[str, Any], shown: TextField | ChoiceField) -> Text | str:
    context = error.get("ctx", {})
    if error["type"] == "missing":
        return shown.missing
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] == "string_too_long":
        return _("At most {most} characters, please.", most=context["max_length"])
    return SENTENCES.get(error["type"]) or _("This cannot be read: {fault}", fault=error["msg"])
