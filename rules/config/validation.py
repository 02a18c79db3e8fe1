"""Reading the desk's description strictly: every fault is kept with its place, so that one run names them all."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from rules.errors import Refused
from rules.model.groups import is_user_group_id

T = TypeVar("T")
N = TypeVar("N", int, None)
Path = tuple[str | int, ...]

LONGEST_NAME = 75  # what Slack shows of a choice
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where in the description, and what to do, as a sentence."""

    path: Path
    sentence: str


class DescriptionError(Refused):
    """The description cannot be applied; its text is every fault, one a line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.sentence for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Part:
    """One mapping of the description: what it holds, where it stands, and the list that its faults go to."""

    plain: Mapping[str, Any]
    path: Path = ()
    name: str = ""
    problems: list[Problem] = field(default_factory=list)

    def fault(self, sentence: str, *keys: str | int) -> None:
        """Keeps a fault of this part, or of what stands under those keys."""
        self.problems.append(Problem((*self.path, *keys), f"{self.name}: {sentence}" if self.name else sentence))

    def only(self, *known: str) -> "Part":
        """This part, with a fault for each key that is none of these."""
        for key in self.plain:
            if key not in known:
                self.fault(f"`{key}` is not known here.{did_you_mean(key, known) or _list_of(known)}", key)
        return self

    def inner(self, key: str, name: str) -> "Part":
        """The mapping under that key; empty where there is none, and a fault where something else stands."""
        return self._at(self.plain.get(key), (key,), name, key)

    def entries(self, key: str, kind: str) -> dict[str, "Part"]:
        """The named mappings under that key, each called by its kind and key."""
        section = self.inner(key, self.name)
        for entry in section.plain:
            if not _KEY.fullmatch(str(entry)):
                section.fault(f"{kind} key `{entry}`: write it in small letters, digits, - and _.", entry)
        return {
            entry: section._at(value, (entry,), f"{kind} {entry}", f"{kind} {entry}")
            for entry, value in section.plain.items()
        }

    def rows(self, key: str, kind: str) -> list["Part"]:
        """The mappings listed under that key, each called by its kind and number from 1."""
        numbered = enumerate(self.items(key))
        return [
            self._at(value, (key, index), f"{kind} {index + 1}", f"{kind} {index + 1}") for index, value in numbered
        ]

    def items(self, key: str) -> list[Any]:
        """The list under that key; empty where there is none, and a fault where something else stands."""
        value = self.plain.get(key)
        if value is not None and not isinstance(value, list | tuple):
            self.fault(f"`{key}` is a list: write [one, another].", key)
            return []
        return list(value or ())

    def missing(self, key: str, remedy: str) -> bool:
        """Whether nothing stands under that key, which then is a fault."""
        absent = self.plain.get(key) in (None, "", [], {})
        if absent:
            self.fault(f"`{key}` is missing: {remedy}.")
        return absent

    def text(self, key: str, default: str = "") -> str:
        """The words under that key, at most as long as Slack shows."""
        return self.parsed(key, lambda words: short_text(words, key), default)

    def reference(self, key: str, known: Collection[str], section: str) -> str:
        """The key of an entry of another section; "" where it names none, with a fault if it tried to."""
        return self.parsed(key, lambda word: one_of(word, known, key, f"the {section} here"), "")

    def parsed(self, key: str, read: Callable[[str], T], default: T) -> T:
        """What the reader makes of the text under that key; the default where there is none or it is refused."""
        value = self.plain.get(key)
        return default if value is None else next(iter(self._read(value, read, key)), default)

    def all_parsed(self, key: str, read: Callable[[str], T]) -> tuple[T, ...]:
        """What the reader makes of each text in the list under that key, each once."""
        found = (made for index, item in enumerate(self.items(key)) for made in self._read(item, read, key, index))
        return tuple(dict.fromkeys(found))

    def number(self, key: str, default: N, *, least: int, most: int) -> int | N:
        """The whole number under that key; the default where there is none or it is refused."""
        value = self.plain.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(f"`{key}` is a whole number from {least} to {most}, not {_told(value)}.", key)
            return default
        return value

    def flag(self, key: str) -> bool:
        """Whether true stands under that key; false where nothing does, or where it is refused."""
        value = self.plain.get(key)
        if value is not None and not isinstance(value, bool):
            self.fault(f"`{key}` is true or false, not {_told(value)}.", key)
        return value is True

    def _read(self, value: object, read: Callable[[str], T], *keys: str | int) -> list[T]:
        words = value.isoformat() if isinstance(value, date) else value
        try:
            if not isinstance(words, str):
                raise Refused(f"`{keys[0]}` takes text, not {kind_of(words)}.")
            return [read(words)]
        except Refused as error:
            self.fault(str(error), *keys)
            return []

    def _at(self, value: object, keys: Path, name: str, said: str) -> "Part":
        place = (*self.path, *keys)
        if isinstance(value, Mapping):
            return Part(value, place, name, self.problems)
        if value is None:
            return Part({}, place, name, self.problems)
        self.fault(f"`{said}` is a mapping of keys and values, not {kind_of(value)}.", *keys)
        return Part({}, place, name)  # what else is missing in it need not be said


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A question that names the nearest known word; nothing when none is near."""
    near = get_close_matches(str(word), list(known), n=1)
    return f" Did you mean `{near[0]}`?" if near else ""


def one_of(word: str, known: Collection[str], key: str, section: str) -> str:
    """The word itself, when it is one of those known."""
    if word in known:
        return word
    raise Refused(f"{key} `{word}` is not one of {section}.{did_you_mean(word, known) or _list_of(known)}")


def short_text(words: str, key: str) -> str:
    """The words, when they fit where Slack shows a name."""
    if not words.strip() or len(words) > LONGEST_NAME:
        raise Refused(f"`{key}` has {len(words.strip())} characters: write 1 to {LONGEST_NAME}.")
    return words.strip()


def person(word: str) -> str:
    """A Slack member id."""
    if not _PERSON.fullmatch(word):
        raise Refused(
            f"`{word}` is not a Slack member id: it begins with U or W, as U0AGENT1 (profile, ⋮, Copy member ID)."
        )
    return word


def person_or_group(word: str) -> str:
    """A Slack member id, or the id of a user group: S0SUPPORT."""
    return word if is_user_group_id(word) else person(word)


def channel(word: str) -> str:
    """A Slack channel id."""
    if not _CHANNEL.fullmatch(word):
        raise Refused(
            f"`{word}` is not a Slack channel id: it begins with C or G, as C0SUPPORT (channel details, bottom)."
        )
    return word


def step_key(word: str) -> str:
    """The key of a step, as keys are written everywhere."""
    if not _KEY.fullmatch(word):
        raise Refused(f"`{word}` is no key: write it in small letters, digits, - and _.")
    return word


def step_key_of(name: str) -> str:
    """A key made of the step's name, where none is written."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "step"


def _told(value: object) -> str:
    return f"`{value}`" if isinstance(value, str | int | float) else kind_of(value)


def kind_of(value: object) -> str:
    """What stands there, in words."""
    if isinstance(value, bool):
        return "true or false"
    kinds = ((str, "a text"), (int | float, "a number"), (Mapping, "a mapping"), (list | tuple, "a list"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "nothing")


def _list_of(known: Collection[str]) -> str:
    return f" Known: {', '.join(known)}." if known else " There are none yet."
