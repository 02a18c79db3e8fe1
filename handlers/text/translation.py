"""The language that sentences are rendered in, and the time zone of the person who reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, tzinfo
from gettext import NullTranslations
from typing import Final

from rules.text import Text

_ENGLISH: Final = NullTranslations()
_translations: ContextVar[NullTranslations] = ContextVar("translations", default=_ENGLISH)
_timezone: ContextVar[tzinfo] = ContextVar("timezone", default=UTC)


@contextmanager
def rendering(*, translations: NullTranslations | None = None, timezone: tzinfo | None = None) -> Iterator[None]:
    """What is rendered inside is for one reader; what is not given stays as it is outside."""
    language = _translations.set(translations or _translations.get())
    zone = _timezone.set(timezone or _timezone.get())
    try:
        yield
    finally:
        _translations.reset(language)
        _timezone.reset(zone)


def reader_timezone() -> tzinfo:
    return _timezone.get()


def sentence_of(text: Text) -> str:
    """The sentence in the reader's language, with {names} where its values go."""
    language = _translations.get()
    if not text.plural:
        return language.gettext(text.message) if text.message else ""
    n = text.values["n"]
    return language.ngettext(text.message, text.plural, n if isinstance(n, int) else 0)
