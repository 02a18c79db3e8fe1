"""One run of a scheduled job: claimed, done, written down, and never in another's way."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from rules.errors import Refused
from services.desk import Desk
from storage.jobs import claim_daily_run, claim_run, finish_run

MAX_RESULT_LENGTH = 300
RUN_TIMEOUT_SECONDS = 600.0  # a run that never ends would be the job's last

log = logging.getLogger("baton.jobs")


@dataclass(frozen=True, slots=True)
class JobResult:
    """How one run went: what it answered, or why it failed."""

    result: str
    failed: bool = False


async def run_job(
    desk: Desk, name: str, task: Callable[[], Awaitable[object]], *, min_interval: timedelta
) -> JobResult | None:
    """None when a run began within `min_interval`. A failure is logged and recorded, never raised."""
    return await _run_claimed(desk, name, task, await desk.execute(claim_run, name, min_interval=min_interval))


async def run_daily_job(
    desk: Desk, name: str, task: Callable[[], Awaitable[object]], *, due: datetime
) -> JobResult | None:
    """None when a run that began after `due` has succeeded or is under way. One that failed is repeated later."""
    return await _run_claimed(desk, name, task, await desk.execute(claim_daily_run, name, due=due))


async def _run_claimed(
    desk: Desk, name: str, task: Callable[[], Awaitable[object]], started_at: datetime | None
) -> JobResult | None:
    if started_at is None:
        return None
    began = perf_counter()
    ran = await _run_task(name, task)
    ms = round((perf_counter() - began) * 1000)
    await desk.execute(finish_run, name, started_at=started_at, ms=ms, result=ran.result, failed=ran.failed)
    return ran


async def _run_task(name: str, task: Callable[[], Awaitable[object]]) -> JobResult:
    try:
        async with asyncio.timeout(RUN_TIMEOUT_SECONDS):
            return JobResult(str(await task()))
    except Refused as refusal:
        log.warning("The job %s: %s", name, refusal)
        return JobResult(str(refusal)[:MAX_RESULT_LENGTH], failed=True)
    except Exception as error:  # whatever it was, the other jobs go on and the next run tries again
        log.exception("The job %s failed", name)
        said = " ".join(str(error).split())
        return JobResult(f"{type(error).__name__}: {said}"[:MAX_RESULT_LENGTH], failed=True)
