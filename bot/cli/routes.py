"""What Slack can send, and the function that answers it."""

import inspect
from dataclasses import dataclass
from pathlib import Path

from handlers.routes import routes

TOP = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Line:
    """One listener: for which kind and name, and where it stands."""

    kind: str
    name: str
    function: str
    place: str


def table() -> list[Line]:
    """Every listener, by kind and name."""
    return [
        Line(kind, name, route.listener.__name__, _place(route.listener))
        for kind, by_name in routes().routes.items()
        for name, route in sorted(by_name.items())
    ]


def _place(listener: object) -> str:
    function = inspect.unwrap(listener)  # type: ignore[arg-type]
    file = Path(inspect.getsourcefile(function) or "?").relative_to(TOP)
    return f"{file}:{inspect.getsourcelines(function)[1]}"
