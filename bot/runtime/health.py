"""Looks every few seconds whether this process can save, and whether its work is done in time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from uuid import uuid4

from handlers.jobs import Job
from rules.text import Text, _, ngettext
from services.desk import Desk
from storage import health
from storage.connections.outages import NotSaved, Outage
from storage.database import Database
from storage.jobs import last_runs
from storage.schema.tickets import JobRun

# A full disk is noticed after one probe, a database that is only slow after two: within 15 s in any case.
PROBE_SECONDS: Final = 3.0
PROBES_UNTIL_BUSY: Final = 2
WORK_CHECK_SECONDS: Final = 15.0
CHECK_TIMEOUT_SECONDS: Final = 10.0
WRITER_CHECK_SECONDS: Final = 1.0
LATE_JOB_INTERVALS: Final = 3
LATE_JOB_TOLERANCE: Final = timedelta(minutes=1)
SAVING, OUTBOX, LATE_JOBS, FAILED_JOBS = "saving", "outbox", "late jobs", "failed jobs"


class WriterStopped(Exception):
    """The thread that writes has ended."""


async def watch_writer(database: Database) -> None:
    """Raises WriterStopped when the writer's thread has ended; called again it gives the writer a new one."""
    database.revive_writer()
    while database.is_writer_alive:  # noqa: ASYNC110 - a thread that dies tells nobody
        await asyncio.sleep(WRITER_CHECK_SECONDS)
    raise WriterStopped


class WriteProbe:
    """Commits a tiny write over and over: only that tells that this process can save."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._process = uuid4().hex
        self._numbers = count()
        self._busy = 0

    async def run(self) -> None:
        while True:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                await self.look()
            await asyncio.sleep(PROBE_SECONDS)

    async def look(self) -> None:
        """What kept anybody's operation from being saved since the last look counts too."""
        outage = self._desk.database.take_outage()
        try:
            await self._desk.execute(health.save_probe, self._process, value=next(self._numbers))
        except NotSaved as refusal:
            outage = refusal.outage
            self._desk.database.take_outage()  # its own
        self._busy = self._busy + 1 if outage is Outage.BUSY else 0
        if outage is None:
            self._desk.health.clear(SAVING)
        elif outage is not Outage.BUSY or self._busy >= PROBES_UNTIL_BUSY:
            why = _("This process cannot save what people do ({outage}).", outage=outage.value)
            self._desk.health.report(SAVING, why, is_unready=True)


class WorkCheck:
    """What is late or failed, though people can file: messages that Slack does not get, jobs that do not run."""

    def __init__(self, desk: Desk, jobs: Sequence[Job]) -> None:
        self._desk = desk
        self._jobs = jobs

    async def run(self) -> None:
        while True:
            await asyncio.sleep(WORK_CHECK_SECONDS)
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                await self.look()

    async def look(self) -> None:
        now = self._desk.clock()
        stuck = await self._desk.read(health.stuck_message_count, at=now)
        runs = {run.name: run for run in await self._desk.read(last_runs)}
        late = [job.name for job in self._jobs if job.name in runs and _is_late(job, runs[job.name], now)]
        failed = [name for name, run in runs.items() if run.failed and name not in late]
        self._report(OUTBOX, _stuck_text(stuck) if stuck else None)
        self._report(LATE_JOBS, _("Jobs that are late: {names}.", names=", ".join(late)) if late else None)
        self._report(FAILED_JOBS, _("Jobs that failed: {names}.", names=", ".join(failed)) if failed else None)

    def _report(self, source: str, sentence: Text | None) -> None:
        if sentence is None:
            self._desk.health.clear(source)
        else:
            self._desk.health.report(source, sentence)


def _stuck_text(messages: int) -> Text:
    return ngettext(
        "{n} message has waited for Slack for over five minutes.",
        "{n} messages have waited for Slack for over five minutes.",
        messages,
    )


def _is_late(job: Job, last: JobRun, now: datetime) -> bool:
    """A job that is still running since then is late too; a daily one runs when its team works."""
    if job.at is not None or last.started_at is None:
        return False
    return now - last.started_at > LATE_JOB_INTERVALS * job.every + LATE_JOB_TOLERANCE
