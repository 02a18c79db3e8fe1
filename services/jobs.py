"""One run of a scheduled job: claimed, executed, recorded."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from rules.errors import Refused
from services.desk import Desk
from storage.jobs import claim_run, finish_run

MAX_RESULT_LENGTH = 300

log = logging.getLogger("baton.jobs")


@dataclass(frozen=True, slots=True)
class JobResult:
    """The result of one run, or why it failed."""

    result: str
    failed: bool = False


async def run_job(
    desk: Desk, name: str, task: Callable[[], Awaitable[object]], *, min_interval: timedelta
) -> JobResult | None:
    """None when a run began within `min_interval`. A failure is logged and recorded, never raised."""
    started_at = await desk.execute(claim_run, name, min_interval=min_interval)
    if started_at is None:
        return None
    started = perf_counter()
    ran = await _run_task(name, task)
    ms = round((perf_counter() - started) * 1000)
    await desk.execute(finish_run, name, started_at=started_at, ms=ms, result=ran.result, failed=ran.failed)
    return ran


async def _run_task(name: str, task: Callable[[], Awaitable[object]]) -> JobResult:
    try:
        return JobResult(str(await task()))
    except Refused as refusal:
        log.warning("The job %s: %s", name, refusal)
        return JobResult(str(refusal)[:MAX_RESULT_LENGTH], failed=True)
    except Exception as error:  # the other jobs go on, and the next run tries again
        log.exception("The job %s failed", name)
        message = " ".join(str(error).split())
        return JobResult(f"{type(error).__name__}: {message}"[:MAX_RESULT_LENGTH], failed=True)
