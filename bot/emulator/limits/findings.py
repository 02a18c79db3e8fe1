"""The problems of a payload, each with its JSON pointer, and the checks that all blocks and elements share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.types import Json

UNLIMITED = 1_000_000
TEXT_FIELDS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}


def type_of(part: object) -> str:
    return str(part.get("type")) if isinstance(part, dict) else str(None)


def objects_in(part: object) -> list[Json]:
    """Nothing where part is no list: another check reports that."""
    return [item for item in part if isinstance(item, dict)] if isinstance(part, list) else []


@dataclass
class Findings:
    problems: list[str] = field(default_factory=list)
    focused_elements: int = 0

    def add(self, pointer: str, problem: str) -> None:
        self.problems.append(f"{problem} [json-pointer:{pointer or '/'}]")

    def object_of_type(self, pointer: str, part: object, types: Collection[str]) -> Json | None:
        """None, and a problem, for a part of another type."""
        kind = type_of(part)
        if isinstance(part, dict) and kind in types:
            return part
        self.add(f"{pointer}/type", f"must be one of {', '.join(sorted(types))}, is {kind!r}")
        return None

    def check_fields(self, pointer: str, part: Json, allowed: Collection[str]) -> None:
        for name in part:
            if name not in allowed:
                self.add(pointer, f"invalid additional property: {name}")

    def check_string(self, pointer: str, part: Json, name: str, most: int, *, required: bool = False) -> None:
        value, pointer = part.get(name), f"{pointer}/{name}"
        if value is None:
            if required:
                self.add(pointer, "must be there")
        elif not isinstance(value, str):
            self.add(pointer, f"must be a string, is {type(value).__name__}")
        else:
            self._check_length(pointer, value, most, least=int(required))

    def check_strings(self, pointer: str, part: Json, most_by_name: Mapping[str, int]) -> None:
        for name, most in most_by_name.items():
            self.check_string(pointer, part, name, most)

    def check_number(self, pointer: str, part: Json, name: str, *, least: int, most: int = UNLIMITED) -> None:
        value = part.get(name)
        if value is not None and (type(value) is not int or not least <= value <= most):
            self.add(f"{pointer}/{name}", f"must be a whole number from {least} to {most}, is {value!r}")

    def checked_items(
        self, pointer: str, items: object, *, what: str, least: int = 1, most: int = UNLIMITED
    ) -> list[tuple[str, Any]]:
        """The items, each with its own pointer, once their number is checked."""
        if not isinstance(items, list):
            self.add(pointer, f"must be a list of {what}")
            return []
        if not least <= len(items) <= most:
            self.add(pointer, f"must be {least} to {most} {what}, has {len(items)}")
        return [(f"{pointer}/{at}", item) for at, item in enumerate(items)]

    def check_text(self, pointer: str, text: object, *, most: int, plain: bool = False) -> None:
        """A text object: plain_text or mrkdwn, never empty."""
        if not isinstance(text, dict):
            self.add(pointer, "must be a text object" if text is not None else "must be there")
            return
        kind = type_of(text)
        if kind not in TEXT_FIELDS or (plain and kind != "plain_text"):
            self.add(f"{pointer}/type", f"must be {'plain_text' if plain else 'plain_text or mrkdwn'}, is {kind!r}")
            return
        self.check_fields(pointer, text, TEXT_FIELDS[kind])
        if not isinstance(text.get("text"), str):
            self.add(f"{pointer}/text", "must be a string")
        else:
            self._check_length(f"{pointer}/text", text["text"], most)

    def check_optional_text(self, pointer: str, part: Json, name: str, *, most: int, plain: bool = True) -> None:
        if part.get(name) is not None:
            self.check_text(f"{pointer}/{name}", part[name], most=most, plain=plain)

    def _check_length(self, pointer: str, value: str, most: int, least: int = 1) -> None:
        if len(value) < least:
            self.add(pointer, "must not be empty" if least == 1 else f"must be at least {least} characters")
        if len(value) > most:
            self.add(pointer, f"must be at most {most} characters, has {len(value)}")
