"""Names that differ only in capitals and spaces are one name: the first spelling of it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from rules.typed_text import fold_word


class NameKind(StrEnum):
    TEAM = "team"
    TYPE = "type"
    PERSON = "person"


class FoldedNames:
    """The spellings so far; it grows with the names of a log, not with its rows."""

    def __init__(self, known: Iterable[tuple[NameKind, str]] = ()) -> None:
        self._first: dict[NameKind, dict[str, str]] = {kind: {} for kind in NameKind}
        self._spellings: dict[NameKind, dict[str, str]] = {kind: {} for kind in NameKind}
        for kind, name in known:
            self.spelling(kind, name)

    def __iter__(self) -> Iterator[tuple[NameKind, str]]:
        """Each name in its first spelling, in the order in which they came."""
        return ((kind, name) for kind, names in self._first.items() for name in names.values())

    def spelling(self, kind: NameKind, name: str) -> str:
        spellings = self._spellings[kind]
        if name not in spellings:
            spellings[name] = self._first[kind].setdefault(fold_word(name), name)
        return spellings[name]
