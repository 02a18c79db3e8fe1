"""What the tests have computed aside: functions that break, print or die."""

import os
from pathlib import Path

from rules.errors import Refused


class Unpicklable(Refused):
    """A refusal with a constructor of its own."""

    def __init__(self, number: int, *, by: str) -> None:
        super().__init__(f"#{number} is not {by}'s.")


def refuse() -> None:
    raise Unpicklable(3, by="Ana")


def chat() -> str:
    print("a library says hello")
    return "answered"


def dies_once(marker: str) -> str:
    """The first time it takes its process with it."""
    path = Path(marker)
    if not path.exists():
        path.touch()
        os._exit(1)
    return "survived"
