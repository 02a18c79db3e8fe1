"""Words of our own that no help desk's user knows, looked for in all that is drawn; STYLE.md has the field's."""

import re
from collections.abc import Iterator

from bot.emulator.server import Emulator
from bot.emulator.types import Json

OUR_OWN = re.compile(
    r"promise|nobody has it|has it now|whoever|nobody's|near their due|asks? back|to be done by|open time"
    r"|who has the most|\bdeed|basket|\blever|floor card|\bTRT\b|\bTFR\b",
    re.IGNORECASE,
)
_SHOWN = ("text", "alt_text", "accessibility_label")


def drawn_texts(entry: Json) -> Iterator[str]:
    """What people may read of one exchange with Slack: what Baton sent, or what it answered."""
    yield from _texts_in(entry["body"] if entry["direction"] == "in" else entry["answer"])


def note_own_words(emulator: Emulator) -> list[str]:
    """Every text with such a word that is drawn from now on."""
    found = list[str]()
    emulator.traffic.listeners.append(lambda entry: found.extend(filter(OUR_OWN.search, drawn_texts(entry))))
    return found


def _texts_in(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[name] for name in _SHOWN if isinstance(part.get(name), str))
        for value in part.values():
            yield from _texts_in(value)
    elif isinstance(part, list):
        for one in part:
            yield from _texts_in(one)
