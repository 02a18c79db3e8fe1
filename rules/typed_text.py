"""Checks of what people typed, and suggestions for mistyped words."""

from collections.abc import Iterable
from difflib import get_close_matches

from rules.errors import FieldError


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen: spaces, line ends and characters without width do not count."""
    return not any(letter.isprintable() and not letter.isspace() for letter in text)


def required_text(text: str, field: str, remedy: str) -> str:
    """The text without the space around it. FieldError with the remedy for a blank one."""
    if is_blank(text):
        raise FieldError(field, remedy)
    return text.strip()


def closest_word(word: str, words: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(words), n=1)), None)


def did_you_mean(guess: str | None) -> str:
    """The question as the end of a sentence; empty without a guess."""
    return f" Did you mean `{guess}`?" if guess else ""
