"""What a call of the Web API asked for, read as Slack reads it: forms and JSON alike."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.emulator.errors import Refused
from bot.emulator.state.workspace import Json, Workspace

TRUE = {"1", "true", "t", "yes"}
T = TypeVar("T", list[Any], dict[str, Any])


@dataclass(frozen=True)
class Asked:
    method: str
    values: Json

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid(f"missing required field: {name}", f"/{name}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name)
        return default if value is None else str(value).lower() in TRUE

    def number(self, name: str, default: int, most: int) -> int:
        try:
            asked = int(self.values.get(name) or default)
        except (TypeError, ValueError) as error:
            raise invalid(f"must be a valid integer: {name}", f"/{name}") from error
        return max(1, min(asked, most))

    def parsed(self, name: str, kind: type[T], error: str = "invalid_arguments") -> T | None:
        """A list or an object, given as JSON or as JSON inside a string; None when it was left out."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as problem:
                raise Refused(error) from problem
        if not isinstance(value, kind):
            raise Refused(error)
        return value

    def names(self, name: str) -> list[str]:
        """Several values: a comma-separated text or a list."""
        value = self.values.get(name) or []
        if isinstance(value, str) and not value.startswith("["):
            return [one.strip() for one in value.split(",") if one.strip()]
        return [str(one) for one in self.parsed(name, list) or []]


def invalid(words: str, pointer: str) -> Refused:
    return Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {words} [json-pointer:{pointer}]"]})


def need_scope(workspace: Workspace, *scopes: str) -> None:
    granted = workspace.app.scopes
    if granted is None:
        return
    for scope in scopes:
        if scope not in granted:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(granted)))
