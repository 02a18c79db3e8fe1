"""Makes locales/baton.pot, every sentence that people read, for those who translate: `make texts`."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

TOP: Final = Path(__file__).resolve().parents[1]
CATALOGUE: Final = TOP / "locales" / "baton.pot"
LAYERS: Final = ("rules", "storage", "services", "handlers", "bot")
MARKS: Final = {"_": None, "ngettext": (1, 2)}


def catalogue() -> str:
    """In the order of the alphabet of files, without line numbers, so that it changes only where a sentence does."""
    sentences = Catalog(project="Baton", fuzzy=False, charset="utf-8")
    for place, message in _messages():
        sentences.add(message, locations=[(place, 0)])
    written = BytesIO()
    write_po(written, sentences, width=120, omit_header=True, include_lineno=False)
    return written.getvalue().decode()


def _messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for layer in LAYERS:
        for name, _line, message, _comments, _context in extract_from_dir(TOP / layer, keywords=MARKS):
            yield f"{layer}/{name}", message


if __name__ == "__main__":
    CATALOGUE.parent.mkdir(exist_ok=True)
    text = catalogue()
    CATALOGUE.write_text(text, encoding="utf-8")
    print(f"{CATALOGUE.relative_to(TOP)}: {text.count('msgid ')} sentences")
