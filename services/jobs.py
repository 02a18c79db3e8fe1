"""One run of a scheduled job: claimed, done, written down, and never in another's way."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from rules.errors import DeskError
from services.desk import Desk
from storage.jobs import claim, finish

LONGEST = 300

log = logging.getLogger("baton.jobs")


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run went: what it answered, or why it failed."""

    result: str
    failed: bool = False


async def run(desk: Desk, name: str, task: Callable[[], Awaitable[object]], *, apart: timedelta) -> Ran | None:
    """The run; None when one began less than `apart` ago. A failure is logged and recorded, never raised."""
    started_at = await desk.execute(claim, name, apart=apart)
    if started_at is None:
        return None
    began = perf_counter()
    ran = await _tried(name, task)
    ms = round((perf_counter() - began) * 1000)
    await desk.execute(finish, name, started_at=started_at, ms=ms, result=ran.result, failed=ran.failed)
    return ran


async def _tried(name: str, task: Callable[[], Awaitable[object]]) -> Ran:
    try:
        return Ran(str(await task()))
    except DeskError as refusal:
        log.warning("The job %s: %s", name, refusal)
        return Ran(str(refusal)[:LONGEST], failed=True)
    except Exception as error:  # whatever it was, the other jobs go on and the next run tries again
        log.exception("The job %s failed", name)
        said = " ".join(str(error).split())
        return Ran(f"{type(error).__name__}: {said}"[:LONGEST], failed=True)
