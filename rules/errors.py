"""Refusals: every sentence here is read by the person who was refused."""


class Refused(Exception):
    """A refusal whose text is what the person reads."""


class FieldError(Refused):
    """A refusal of one field of a form: `field` names it, the text stands beside it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
