"""Checks of what people typed, and suggestions for mistyped words."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from rules.errors import FieldError
from rules.text import Text

# Printable for Python, yet nothing is drawn: Unicode's Default_Ignorable_Code_Point that are letters or marks (joiners,
# Hangul fillers, vowels of Khmer, selectors of variants, tags), the braille cell without dots, the null notehead.
_UNDRAWN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001d159\U000e0000-\U000e0fff]"
)


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen: spaces, line ends and characters that draw nothing do not count."""
    return not any(letter.isprintable() and not letter.isspace() for letter in _UNDRAWN.sub("", text))


def required_text(text: str, field: str, remedy: Text | str) -> str:
    """The text without the space around it. FieldError with the remedy for a blank one."""
    if is_blank(text):
        raise FieldError(field, remedy)
    return text.strip()


def closest_word(word: str, words: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(words), n=1)), None)


def did_you_mean(guess: str | None) -> str:
    """The question as the end of a sentence; empty without a guess."""
    return f" Did you mean `{guess}`?" if guess else ""


def fold_word(word: str) -> str:
    """Words that differ only in capitals and spaces are equal folded."""
    return " ".join(word.split()).casefold()
