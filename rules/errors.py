"""Refusals: each one carries the sentence that the refused person reads."""


class Refused(Exception):
    """A refusal; its text is the sentence for the person."""


class FieldError(Refused):
    """A refusal of one form field: `field` names it, and the sentence appears beside it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
