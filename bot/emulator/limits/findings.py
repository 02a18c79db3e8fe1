"""What was found wrong, each with its JSON pointer, and the checks every part shares."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
TEXT_FIELDS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}


def kind_of(part: object) -> str:
    """Its type as a word, whatever it is."""
    return str(part.get("type")) if isinstance(part, dict) else str(None)


def rows_of(part: object) -> list[Json]:
    """The objects of a list; nothing where no list is, which is said elsewhere."""
    return [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []


@dataclass
class Found:
    words: list[str] = field(default_factory=list)
    focused: int = 0

    def say(self, pointer: str, words: str) -> None:
        self.words.append(f"{words} [json-pointer:{pointer or '/'}]")

    def only(self, pointer: str, part: Json, allowed: Collection[str]) -> None:
        for name in part:
            if name not in allowed:
                self.say(pointer, f"invalid additional property: {name}")

    def string(self, part: Json, pointer: str, name: str, *, most: int, least: int = 0, required: bool = False) -> None:
        """A plain string field; missing is fine unless it is required."""
        value, pointer = part.get(name), f"{pointer}/{name}"
        if value is None:
            if required:
                self.say(pointer, "must be there")
        elif not isinstance(value, str):
            self.say(pointer, f"must be a string, is {type(value).__name__}")
        else:
            self.length(pointer, value, most, max(least, 1 if required else 0))

    def length(self, pointer: str, value: str, most: int, least: int = 1) -> None:
        if len(value) < least:
            self.say(pointer, "must not be empty" if least == 1 else f"must be at least {least} characters")
        if len(value) > most:
            self.say(pointer, f"must be at most {most} characters, has {len(value)}")

    def number(self, part: Json, pointer: str, name: str, *, least: int, most: int) -> None:
        value = part.get(name)
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.say(f"{pointer}/{name}", f"must be a whole number from {least} to {most}, is {value!r}")

    def count(self, pointer: str, items: object, *, least: int, most: int, what: str) -> list[Any]:
        """The items when they are a list, with its size checked."""
        if not isinstance(items, list):
            self.say(pointer, f"must be a list of {what}")
            return []
        if not least <= len(items) <= most:
            self.say(pointer, f"must be {least} to {most} {what}, has {len(items)}")
        return items

    def text(self, pointer: str, text: object, *, most: int, plain: bool = False) -> None:
        """A text object: plain_text or mrkdwn, never empty."""
        if not isinstance(text, dict):
            self.say(pointer, "must be a text object" if text is not None else "must be there")
            return
        kind = kind_of(text)
        if kind not in TEXT_FIELDS or (plain and kind != "plain_text"):
            self.say(f"{pointer}/type", f"must be {'plain_text' if plain else 'plain_text or mrkdwn'}, is {kind!r}")
            return
        self.only(pointer, text, TEXT_FIELDS[kind])
        if not isinstance(text.get("text"), str):
            self.say(f"{pointer}/text", "must be a string")
        else:
            self.length(f"{pointer}/text", text["text"], most)
