"""The arguments of a Web API call, read as Slack reads them: from forms and JSON alike."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.emulator.errors import SlackError
from bot.emulator.state.workspace import Workspace
from bot.emulator.types import Json

TRUE_WORDS = {"1", "true", "t", "yes"}
T = TypeVar("T", list[Any], dict[str, Any])


@dataclass(frozen=True)
class Arguments:
    values: Json

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"missing required field: {name}", f"/{name}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name)
        return default if value is None else str(value).lower() in TRUE_WORDS

    def number(self, name: str, default: int, most: int) -> int:
        try:
            number = int(self.values.get(name) or default)
        except (TypeError, ValueError) as error:
            raise invalid_arguments(f"must be a valid integer: {name}", f"/{name}") from error
        return max(1, min(number, most))

    def json_value(self, name: str, kind: type[T], error: str = "invalid_arguments") -> T | None:
        """A list or an object, or a string of its JSON; None when it was left out."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as problem:
                raise SlackError(error) from problem
        if not isinstance(value, kind):
            raise SlackError(error)
        return value

    def names(self, name: str) -> list[str]:
        value = self.values.get(name) or []
        if isinstance(value, str) and not value.startswith("["):
            return [one.strip() for one in value.split(",") if one.strip()]
        return [str(one) for one in self.json_value(name, list) or []]


def invalid_arguments(problem: str, pointer: str) -> SlackError:
    return SlackError("invalid_arguments", problems=[f"{problem} [json-pointer:{pointer}]"])


def require_scopes(workspace: Workspace, *scopes: str) -> None:
    for scope in scopes:
        if not workspace.app.has_scope(scope):
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(workspace.app.scopes or ())))
