"""Enumerations whose members have a label that people read."""

from enum import StrEnum
from typing import Self

from rules.text import Text


class LabelledEnum(StrEnum):
    """A member is its stored word and the label that people read: `NEW = "new", _("New")`."""

    label: Text

    def __new__(cls, word: str, label: Text = Text("")) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.label = label
        return member
