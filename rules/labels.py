"""Enumerations whose members have a label that people read."""

from enum import StrEnum
from typing import Self


class LabelledEnum(StrEnum):
    """A member is its stored word; the label stands beside it: `NEW = "new", "New"`."""

    label: str

    def __new__(cls, word: str, label: str = "") -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.label = label
        return member
