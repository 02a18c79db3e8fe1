"""Heavy computing, aside: a pure function by its name, and its plain values."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Reckon(Protocol):
    """Who computes it: `await desk.reckon("rules.simulation:outlook", values)`."""

    def __call__(self, name: str, *values: object) -> Awaitable[Any]: ...


async def in_a_thread(name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
    """Beside the event loop, in this process: for tests and the command line. Baton at work has another process."""
    return await asyncio.to_thread(named(name), *values)


def named(name: str) -> Callable[..., Any]:
    """The function that `module:function` names; its module may be one that this process else never imports."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
