"""The clock on one page: what is done how often, and by which process."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.offline import opened, workspaces
from bot.runtime.leader import Leader
from bot.settings import Settings
from bot.slack import app, do_not_disturb, user_groups
from handlers.people import people
from rules.calendars.durations import words
from rules.errors import DeskError
from services import cleanup, config, skills, summaries, workload
from services.alerts import sweep
from services.assignment import assignments, reminders
from services.desk import Desk
from services.escalations import approvals, peer_review
from services.forecasts import runs as looking
from services.forecasts import what_if
from services.jobs import Ran, run
from services.presence import board
from services.reassignment import absence_cover
from storage.jobs import runs
from storage.migrations.migrate import upgrade
from storage.transaction import Transaction

Task = Callable[[Desk, AsyncWebClient], Awaitable[object]]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ASKS_SLACK: tuple[Task, ...] = (user_groups.refresh, people.refresh, do_not_disturb.refresh)
LOOK = 3 * SECOND  # how long a dead leader stays unnoticed, on PostgreSQL


@dataclass(frozen=True, slots=True)
class Job:
    """What is done, how often, and whether every process does it or only the one that leads."""

    name: str
    every: timedelta
    task: Task
    everywhere: bool = False

    @property
    def apart(self) -> timedelta:
        """Two runs that begin closer together than this are one run that two processes wanted."""
        return timedelta(0) if self.everywhere else min(self.every / 2, MINUTE)


def deed(act: Callable[[Transaction], int]) -> Task:
    """A deed as a job: one transaction."""
    return lambda desk, slack: desk.execute(act)


def of_desk(act: Callable[[Desk], Awaitable[int]]) -> Task:
    """What takes more than one transaction, or is computed aside."""
    return lambda desk, slack: act(desk)


async def warn(desk: Desk, slack: AsyncWebClient) -> int:
    """Every alert that is due, a few in each transaction, so that nobody waits for a long one."""
    given = taken = await desk.execute(sweep.warn_all)
    while taken >= sweep.AT_ONCE:
        taken = await desk.execute(sweep.warn_all)
        given += taken
    return given


async def promise_anew(desk: Desk, slack: AsyncWebClient) -> int:
    """What was promised under an older description is promised by the one that counts now, a few at a time."""
    done = some = await desk.execute(config.promise_anew)
    while some >= config.PROMISED:
        some = await desk.execute(config.promise_anew)
        done += some
    return done


async def reload(desk: Desk, slack: AsyncWebClient) -> str:
    """Each process takes over what another one applied; who is in the user groups of a new description is asked."""
    before = desk.policy_version
    if not await config.reload(desk):
        return "unchanged"
    if desk.policy_version != before:
        await user_groups.refresh(desk, slack)
    return "new"


def jobs(sweep_seconds: int) -> tuple[Job, ...]:
    """The whole table. Each job is right however often it runs and wherever it stops."""
    return (
        Job("sla.warn", sweep_seconds * SECOND, warn),
        Job("reminders.remind", MINUTE, deed(reminders.remind)),
        Job("assignments.give_waiting", 30 * SECOND, deed(assignments.give_waiting)),
        Job("approvals.ask_anew", MINUTE, deed(approvals.ask_anew)),
        Job("checks.send_late", MINUTE, deed(peer_review.send_late)),
        Job("summaries.tell", MINUTE, deed(summaries.tell_all)),
        Job("policy.promise_anew", MINUTE, promise_anew),
        Job("policy.reload", 30 * SECOND, reload, everywhere=True),
        Job("forecasts.learn", HOUR, of_desk(looking.learn)),
        Job("forecasts.look", 5 * MINUTE, of_desk(looking.look_at_all)),
        Job("forecasts.judge", 10 * MINUTE, of_desk(looking.judge_all)),
        Job("load.warn", 10 * MINUTE, of_desk(workload.warn)),
        Job("handovers.hand_over", 3 * MINUTE, of_desk(absence_cover.hand_over_all)),
        Job("floor.keep", MINUTE, deed(board.keep_all)),
        Job("levers.check", 10 * MINUTE, deed(what_if.check)),
        Job("competence.remind", HOUR, deed(skills.remind)),
        Job("groups.refresh", HOUR, user_groups.refresh),
        Job("people.refresh", HOUR, people.refresh),
        Job("hints.refresh", HOUR, do_not_disturb.refresh),
        Job("housekeeping.tidy", 24 * HOUR, deed(cleanup.tidy)),
    )


def start(desk: Desk, client: AsyncWebClient, *, sweep_seconds: int) -> AsyncIOScheduler:
    """Runs the table until the scheduler is shut down; what only the leader does begins when this process leads."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    leader = Leader(desk.database, desk.workspace)
    table = jobs(sweep_seconds)
    for job in table:
        _schedule(scheduler, job, leader, desk, client)
    scheduler.add_job(_lead, IntervalTrigger(seconds=LOOK.seconds), [scheduler, leader, table], next_run_time=_now())
    scheduler.add_listener(lambda event: leader.leave(), EVENT_SCHEDULER_SHUTDOWN)
    scheduler.start()
    return scheduler


def _schedule(scheduler: AsyncIOScheduler, job: Job, leader: Leader, desk: Desk, client: AsyncWebClient) -> None:
    async def due() -> None:
        if job.everywhere or leader.leads:
            await once(desk, client, job)

    scheduler.add_job(due, IntervalTrigger(seconds=job.every.total_seconds()), id=job.name, name=job.name)


async def _lead(scheduler: AsyncIOScheduler, leader: Leader, table: tuple[Job, ...]) -> None:
    """Whoever begins to lead does at once what the one before may have left."""
    if await leader.check():
        for job in table:
            scheduler.modify_job(job.name, next_run_time=_now())


async def once(desk: Desk, client: AsyncWebClient, job: Job, *, apart: timedelta | None = None) -> Ran | None:
    """One run, if no other process began it just now."""
    ran = await run(desk, job.name, lambda: job.task(desk, client), apart=job.apart if apart is None else apart)
    if ran is not None and not ran.failed:
        metrics.job_succeeded(job.name, at=time.time())
    return ran


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table as people read it; the times are None before the first run."""

    name: str
    trigger: str
    last_run: datetime | None = None
    ms: int | None = None
    result: str = ""
    failed: bool = False
    next_run: datetime | None = None


async def table(settings: Settings) -> list[Row]:
    """Every job and how its last run went; with several workspaces a line for each."""
    async with desks(settings) as opened_desks:
        return [row for desk in opened_desks for row in await _rows(desk, settings)]


async def run_one(settings: Settings, name: str) -> str:
    """Runs a job now, whoever leads, and returns what it answered; DeskError when it fails or is unknown."""
    job = next((job for job in jobs(settings.baton_sweep_seconds) if job.name == name), None)
    if job is None:
        names = ", ".join(job.name for job in jobs(settings.baton_sweep_seconds))
        raise DeskError(f"`{name}` is not a job. Jobs: {names}.")
    async with desks(settings) as opened_desks, aiohttp.ClientSession(timeout=app.TIMEOUT) as session:
        token = settings.bot_token if job.task in ASKS_SLACK else ""
        client = app.client(token, settings.slack_api_url, session)
        return ", ".join([await _answer(desk, client, job) for desk in opened_desks])


async def _answer(desk: Desk, client: AsyncWebClient, job: Job) -> str:
    ran = await once(desk, client, job, apart=SECOND)
    if ran is None:
        raise DeskError(f"{job.name} is being run by another process at this very moment.")
    if ran.failed:
        raise DeskError(f"{job.name} failed: {ran.result}")
    return ran.result


async def _rows(desk: Desk, settings: Settings) -> list[Row]:
    ran = {row.name: row for row in await desk.read(runs)}
    rows = []
    for job in jobs(settings.baton_sweep_seconds):
        row = Row(job.name, f"every {words(int(job.every.total_seconds()))}")
        last = ran.get(job.name)
        if last is not None and last.started_at is not None:
            next_run = last.started_at + job.every
            row = Row(row.name, row.trigger, last.started_at, last.ms, last.result or "", last.failed, next_run)
        rows.append(row)
    return rows


@asynccontextmanager
async def desks(settings: Settings) -> AsyncIterator[list[Desk]]:
    """A desk for each workspace of the database, described as it is there."""
    await asyncio.to_thread(upgrade, settings.database_url)
    async with opened(settings) as database:
        names = await workspaces(database)
        if not names:
            raise DeskError("There is no desk in this database yet: `baton run` makes it.")
        found = [Desk(database, workspace=name) for name in names]
        for desk in found:
            await config.reload(desk)
        yield found


def _now() -> datetime:
    return datetime.now(UTC)
