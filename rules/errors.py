"""Refusals: each one carries the sentence that the refused person reads."""

from collections.abc import Mapping

from rules.text import Text


class Refused(Exception):
    """A refusal; `text` is the sentence for the person."""

    def __init__(self, text: Text | str = "") -> None:
        super().__init__(text)
        self.text = text


class FieldErrors(Refused):
    """A refusal of form fields: each sentence is shown beside the field it is about."""

    def __init__(self, sentences: Mapping[str, Text | str]) -> None:
        alone = next(iter(sentences.values())) if len(sentences) == 1 else " ".join(map(str, sentences.values()))
        super().__init__(alone)
        self.sentences = dict(sentences)


class FieldError(FieldErrors):
    """A refusal of one form field."""

    def __init__(self, field: str, sentence: Text | str) -> None:
        super().__init__({field: sentence})
        self.field = field
