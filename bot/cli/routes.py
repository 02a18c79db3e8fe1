"""`baton routes`: every payload that Slack can send, and the listener that handles it."""

import inspect
from dataclasses import dataclass
from pathlib import Path

from handlers.routes import build_registry

REPOSITORY_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class RouteRow:
    kind: str
    name: str
    function: str
    place: str


def route_rows() -> list[RouteRow]:
    return [
        RouteRow(kind, name, route.listener.__name__, _source_place(route.listener))
        for kind, by_name in build_registry().routes.items()
        for name, route in sorted(by_name.items())
    ]


def _source_place(listener: object) -> str:
    function = inspect.unwrap(listener)  # type: ignore[arg-type]
    file = Path(inspect.getsourcefile(function) or "?").relative_to(REPOSITORY_ROOT)
    return f"{file}:{inspect.getsourcelines(function)[1]}"
