"""Orders in what was typed, such as `close 12`, `search vpn` or `lst`: they are never filed without asking."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

VERBS = ("help", "list", "find", "search", "status", "close", "resolve", "cancel", "assign", "take", "reopen")
SEARCHING_VERBS = frozenset({"list", "find", "search"})  # whatever follows may be what they look for
# Of lists; `type:network` is one too.
LIST_WORDS = frozenset(
    {"mine", "my", "unassigned", "overdue", "breached", "near", "soon", "due", "resolved", "closed", "open", "all"}
)
_LEADING_WORDS = frozenset({"please", "can", "could", "you", "what", "what's", "what’s", "is", "the", "show", "me"})
_LINKING_WORDS = frozenset({"ticket", "tickets", "number", "no", "of", "to", "for", "the", "me", "it", "please", "now"})
_NUMBER = re.compile(r"#?(\d{1,9})")
_PUNCTUATION = ".,;:!?"


@dataclass(frozen=True, slots=True)
class Order:
    """`typed_verb` may be one letter away from `verb`; `rest` is what follows, in small letters."""

    verb: str
    typed_verb: str
    rest: str
    number: int | None = None

    @property
    def is_alone(self) -> bool:
        return not self.rest


def order_in(words: Sequence[str]) -> Order | None:
    """A verb alone or followed by a number, a person or a list word; None for anything else.

    After words of courtesy and after a slip nothing else may follow, so that `lift 3 is stuck` stays a request.
    """
    typed = [word.casefold().strip(_PUNCTUATION) for word in words]
    first = next((place for place, word in enumerate(typed) if word not in _LEADING_WORDS), None)
    verb = None if first is None else _closest_verb(typed[first])
    if first is None or verb is None:
        return None
    objects = [word for word in typed[first + 1 :] if word and word not in _LINKING_WORDS]
    order = Order(verb, typed[first], " ".join(typed[first + 1 :]), _ticket_number(objects))
    if first == 0 and typed[first] == verb:
        is_order = verb in SEARCHING_VERBS or not objects or _is_object(objects[0])
    else:
        is_order = (bool(objects) or first == 0) and all(map(_is_object, objects))
    return order if is_order else None


def _closest_verb(word: str) -> str | None:
    return word if word in VERBS else next((verb for verb in VERBS if _is_one_letter_away(word, verb)), None)


def _is_one_letter_away(word: str, other: str) -> bool:
    """One letter more, less or another, or two that changed places."""
    same = next((n for n, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    at = min(len(word), len(other)) if same is None else same
    swapped = word[at : at + 2] == other[at : at + 2][::-1] and word[at + 2 :] == other[at + 2 :]
    ends = (word[at + 1 :], other[at + 1 :]), (word[at + 1 :], other[at:]), (word[at:], other[at + 1 :])
    return word != other and (swapped or any(one == two for one, two in ends))


def _is_object(word: str) -> bool:
    return bool(_NUMBER.fullmatch(word)) or word.startswith(("@", "type:")) or word in LIST_WORDS


def _ticket_number(objects: Sequence[str]) -> int | None:
    number = _NUMBER.fullmatch(objects[0]) if objects else None
    return int(number[1]) if number else None
