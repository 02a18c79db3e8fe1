"""The language that sentences are rendered in, the time zone of the person who reads them, and how people are named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, tzinfo
from gettext import NullTranslations

from rules.text import Text

DESK_LANGUAGE = NullTranslations()  # of whom nothing else is known: English
_translations: ContextVar[NullTranslations | None] = ContextVar("translations", default=None)
_timezone: ContextVar[tzinfo] = ContextVar("timezone", default=UTC)
FindName = Callable[[str], str | None]
_find_name: ContextVar[FindName] = ContextVar("find_name", default=lambda user: None)


@contextmanager
def rendering(
    *, translations: NullTranslations | None = None, timezone: tzinfo | None = None, names: FindName | None = None
) -> Iterator[None]:
    """What is rendered inside is for one reader; what is not given stays as it is outside.

    With `names` people are called by them and not mentioned, since Slack notifies everybody who is mentioned.
    """
    language = _translations.set(translations or _translations.get())
    zone = _timezone.set(timezone or _timezone.get())
    find_name = _find_name.set(names or _find_name.get())
    try:
        yield
    finally:
        _translations.reset(language)
        _timezone.reset(zone)
        _find_name.reset(find_name)


def reader_timezone() -> tzinfo:
    return _timezone.get()


def name_of_person(user: str) -> str | None:
    """None where people are mentioned, or where the name is not known."""
    return _find_name.get()(user)


def sentence_of(text: Text) -> str:
    """The sentence in the reader's language, with {names} where its values go."""
    language = _translations.get() or DESK_LANGUAGE
    if not text.plural:
        return language.gettext(text.message) if text.message else ""
    n = text.values["n"]
    return language.ngettext(text.message, text.plural, n if isinstance(n, int) else 0)
