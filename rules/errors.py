"""Refusals: each one carries the sentence that the refused person reads."""

from collections.abc import Mapping


class Refused(Exception):
    """A refusal; its text is the sentence for the person."""


class FieldErrors(Refused):
    """A refusal of form fields: each sentence stands beside the field it is about."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(" ".join(sentences.values()))
        self.sentences = dict(sentences)


class FieldError(FieldErrors):
    """A refusal of one form field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__({field: sentence})
        self.field = field
