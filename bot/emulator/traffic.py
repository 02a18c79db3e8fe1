"""Everything that crossed the wire, both ways, without its secrets."""

import json
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bot.emulator.types import Json

MAX_ENTRIES = 500
SECRET_FIELDS = {"token", "client_secret", "authorization", "x-slack-signature", "upload_url"}
HIDDEN = "(hidden)"
RESPONSE_PATH = re.compile(r"/response/[\w-]+")


class Traffic:
    """Keeps the last entries; listeners get each new one with its secrets."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Json], None]] = []
        self._entries: deque[Json] = deque(maxlen=MAX_ENTRIES)
        self._count = 0

    def add(self, direction: str, kind: str, name: str, body: object, **outcome: Any) -> Json:
        """direction is in (from the app) or out (to it); outcome: answer, status, error, ms."""
        self._count += 1
        entry: Json = {"n": self._count, "at": time.time(), "direction": direction, "kind": kind, "name": name}
        entry |= {"ms": outcome.get("ms"), "status": outcome.get("status"), "error": outcome.get("error")}
        entry |= {"body": body, "answer": outcome.get("answer")}
        self._entries.append(entry)
        for listener in self.listeners:
            listener(entry)
        return entry

    def entries_after(self, number: int, limit: int = 200) -> list[Json]:
        return [without_secrets(entry) for entry in self._entries if entry["n"] > number][-limit:]

    def summary(self, count: int = 12) -> str:
        """The last exchanges, one a line, for a failed test to show."""
        lines = []
        for entry in list(self._entries)[-count:]:
            arrow = "→" if entry["direction"] == "out" else "←"
            body = json.dumps(without_secrets(entry["body"]), default=str)[:300]
            lines.append(f"{arrow} {entry['kind']} {entry['name']} {entry['error'] or entry['status'] or ''} {body}")
        return "\n".join(lines) or "(nothing crossed the wire)"


def without_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {k: HIDDEN if str(k).lower() in SECRET_FIELDS else without_secrets(item) for k, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, str) and "/response/" in value:
        return RESPONSE_PATH.sub("/response/" + HIDDEN, value)
    return value
