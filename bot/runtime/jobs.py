"""The scheduler: which process runs each job when, and what the command line shows of it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256

import aiohttp
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.offline import open_database, workspace_ids
from bot.runtime.leader import HEARTBEAT_SECONDS, Leader
from bot.settings import Settings
from bot.slack import app, do_not_disturb, user_groups
from handlers.jobs import Job
from handlers.registry import Registry
from handlers.routes import build_registry
from rules.calendars.calendars import day_due, moment_on, next_moment_at
from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.model.policy import Team
from rules.text import Duration
from services import cleanup, config
from services.desk import Desk, utc_now
from services.jobs import JobResult, run_daily_job, run_job
from storage.jobs import last_runs
from storage.schema.tickets import JobRun

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MAX_NAME_LENGTH = 64
RETRY_AFTER = MINUTE  # of a job that failed; twice as long after each further failure, up to its own time
CLOCK_CHECK_SECONDS = 1.0
MAX_CLOCK_DRIFT_SECONDS = 2.0
MAX_OVERDUE_SECONDS = 5.0
STALLED_CHECKS = 5

log = logging.getLogger("baton.jobs")


class SchedulerStalled(Exception):
    """The scheduler ended, or does not run what is due."""


def register(on: Registry) -> None:
    on.job("policy.reload", order=80, every=30 * SECOND, everywhere=True)(reload_configuration)
    on.job("groups.refresh", order=170, every=HOUR)(user_groups.refresh_user_groups)
    on.job("hints.refresh", order=190, every=HOUR)(do_not_disturb.refresh_slack_status)
    on.job("housekeeping.tidy", order=200, every=24 * HOUR)(cleanup.delete_all_old_rows)


async def reload_configuration(desk: Desk, slack: AsyncWebClient) -> str:
    """Takes over a configuration that another process applied, and fetches the members of its user groups."""
    before = desk.policy_version
    if not await config.reload_configuration(desk):
        return "unchanged"
    if desk.policy_version != before:
        await user_groups.refresh_user_groups(desk, slack)
    return "new"


def build_full_registry(sweep_seconds: int) -> Registry:
    registry = build_registry(sweep_interval=sweep_seconds * SECOND)
    register(registry)
    return registry


def all_jobs(sweep_seconds: int) -> list[Job]:
    return build_full_registry(sweep_seconds).jobs_in_order


async def run_scheduler(
    desk: Desk,
    client: AsyncWebClient,
    table: Sequence[Job],
    leader: Leader,
    *,
    wall_clock: Callable[[], float] = time.time,
) -> None:
    """Runs the jobs until it is cancelled. Raises SchedulerStalled when the scheduler does not run what is due."""
    scheduler = start_scheduler(desk, client, table, leader)
    try:
        await watch_scheduler(scheduler, wall_clock)
    finally:
        if scheduler.running:
            scheduler.shutdown(wait=False)
        await leader.resign()


async def watch_scheduler(scheduler: AsyncIOScheduler, wall_clock: Callable[[], float]) -> None:
    """The scheduler waits for moments of the wall clock: when that is set, all jobs run at once instead of waiting for
    it to come to where it was."""
    loop = asyncio.get_running_loop()
    ahead, stalled = wall_clock() - loop.time(), 0
    while scheduler.running and stalled < STALLED_CHECKS:
        await asyncio.sleep(CLOCK_CHECK_SECONDS)
        set_by = wall_clock() - loop.time() - ahead
        if abs(set_by) > MAX_CLOCK_DRIFT_SECONDS:
            log.warning("The clock of this machine was set by %+.0f s: all jobs run now.", set_by)
            ahead += set_by
            _run_now(scheduler, [job.id for job in scheduler.get_jobs()])
        stalled = stalled + 1 if _seconds_overdue(scheduler) > MAX_OVERDUE_SECONDS else 0
    raise SchedulerStalled


def _run_now(scheduler: AsyncIOScheduler, names: Iterable[str]) -> None:
    for name in names:
        scheduler.modify_job(name, next_run_time=utc_now())


def _seconds_overdue(scheduler: AsyncIOScheduler) -> float:
    """The scheduler gives a job its next moment as soon as it is due, even if the job still runs."""
    earliest: datetime = min((job.next_run_time for job in scheduler.get_jobs()), default=utc_now())
    return (utc_now() - earliest).total_seconds()


def start_scheduler(desk: Desk, client: AsyncWebClient, table: Sequence[Job], leader: Leader) -> AsyncIOScheduler:
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
    for job in table:
        _schedule_job(scheduler, job, leader, desk, client)
    every, names = IntervalTrigger(seconds=HEARTBEAT_SECONDS), [job.name for job in table]
    scheduler.add_job(_check_leadership, every, [scheduler, leader, names], next_run_time=utc_now())
    scheduler.start()
    return scheduler


def _schedule_job(scheduler: AsyncIOScheduler, job: Job, leader: Leader, desk: Desk, client: AsyncWebClient) -> None:
    failures = 0

    async def run_due() -> None:
        nonlocal failures
        if not (job.everywhere or leader.is_leader):
            return
        try:
            has_failed = await run_if_due(desk, client, job)
        except Refused as refusal:
            log.warning("The job %s cannot run: %s", job.name, refusal)
            has_failed = True
        failures = failures + 1 if has_failed else 0
        pause = RETRY_AFTER * 2 ** (failures - 1) if has_failed else job.every
        if pause < job.every:
            scheduler.modify_job(job.name, next_run_time=utc_now() + pause)

    scheduler.add_job(run_due, IntervalTrigger(seconds=job.every.total_seconds()), id=job.name, name=job.name)


async def _check_leadership(scheduler: AsyncIOScheduler, leader: Leader, names: Sequence[str]) -> None:
    """A new leader runs every job at once: the leader before may have stopped before a run."""
    if await leader.try_to_lead():
        _run_now(scheduler, names)


async def run_if_due(desk: Desk, client: AsyncWebClient, job: Job) -> bool:
    """One run, or of a daily job one for each team whose time has come today. True when it failed and may be tried
    again soon; a daily job is looked at every few minutes anyway."""
    if job.at is None:
        ran = await run_job_once(desk, client, job)
        return ran is not None and ran.failed
    for team in desk.policy.teams.values():
        calendar = desk.policy.team_calendar(team.key)
        day = day_due(calendar, job.at, desk.clock())
        if day is not None:
            task = partial(job.run, desk, client, team=team, day=day)
            due = moment_on(calendar, day, job.at)
            _record_result(job, await run_daily_job(desk, run_name(job, team), task, due=due))
    return False


async def run_job_once(
    desk: Desk, client: AsyncWebClient, job: Job, *, team: Team | None = None, minimum_gap: timedelta | None = None
) -> JobResult | None:
    """None when another process started a run within the minimum gap."""
    day = None if team is None else local_date(desk.clock(), desk.policy.team_calendar(team.key).timezone)
    task, gap = partial(job.run, desk, client, team=team, day=day), minimum_gap or job.minimum_gap
    return _record_result(job, await run_job(desk, run_name(job, team), task, min_interval=gap))


def run_name(job: Job, team: Team | None) -> str:
    """What the job's runs are recorded as: a daily job has a row for each team."""
    if team is None:
        return job.name
    name = f"{job.name} {team.key}"
    return name if len(name) <= MAX_NAME_LENGTH else f"{job.name} {sha256(team.key.encode()).hexdigest()[:16]}"


def _record_result(job: Job, ran: JobResult | None) -> JobResult | None:
    if ran is not None and not ran.failed:
        metrics.record_job_success(job.name, at=time.time())
    return ran


@dataclass(frozen=True, slots=True)
class JobRow:
    """One line of `baton jobs`; the times are None before the first run."""

    name: str
    trigger: str
    last_run: datetime | None = None
    ms: int | None = None
    result: str = ""
    failed: bool = False
    next_run: datetime | None = None


async def job_rows(settings: Settings) -> list[JobRow]:
    async with open_desks(settings) as desks:
        return [row for desk in desks for row in await _desk_rows(desk, settings)]


async def run_job_now(settings: Settings, name: str) -> str:
    """Runs the job in this process even if another one leads. DeskError when it fails or is unknown."""
    jobs = {job.name: job for job in all_jobs(settings.baton_sweep_seconds)}
    if name not in jobs:
        raise Refused(f"`{name}` is not a job. Jobs: {', '.join(jobs)}.")
    job = jobs[name]
    async with open_desks(settings) as desks, aiohttp.ClientSession(timeout=app.REQUEST_TIMEOUT) as session:
        token = settings.bot_token if "slack" in job.parameters and not job.everywhere else ""
        client = app.make_client(token, settings.slack_api_url, session)
        return ", ".join(
            [await _job_result(desk, client, job, team) for desk in desks for team in _teams_of(desk, job)]
        )


async def _job_result(desk: Desk, client: AsyncWebClient, job: Job, team: Team | None) -> str:
    ran = await run_job_once(desk, client, job, team=team, minimum_gap=SECOND)
    if ran is None:
        raise Refused(f"{job.name} is being run by another process at this very moment.")
    if ran.failed:
        raise Refused(f"{job.name} failed: {ran.result}")
    return ran.result


async def _desk_rows(desk: Desk, settings: Settings) -> list[JobRow]:
    runs_by_name = {row.name: row for row in await desk.read(last_runs)}
    return [
        _job_row(desk, job, team, runs_by_name.get(run_name(job, team)))
        for job in all_jobs(settings.baton_sweep_seconds)
        for team in _teams_of(desk, job)
    ]


def _teams_of(desk: Desk, job: Job) -> list[Team] | list[None]:
    return [None] if job.at is None else list(desk.policy.teams.values())


def _job_row(desk: Desk, job: Job, team: Team | None, last: JobRun | None) -> JobRow:
    began = last.started_at if last is not None else None
    if job.at is None or team is None:
        trigger, next_run = f"every {Duration(job.every.total_seconds())}", began and began + job.every
    else:
        trigger = f"daily at {job.at:%H:%M}"
        next_run = next_moment_at(desk.policy.team_calendar(team.key), job.at, desk.clock())
    row = JobRow(run_name(job, team), trigger, next_run=next_run)
    if last is None or began is None:
        return row
    return replace(row, last_run=began, ms=last.ms, result=last.result or "", failed=last.failed)


@asynccontextmanager
async def open_desks(settings: Settings) -> AsyncIterator[list[Desk]]:
    async with open_database(settings) as database:
        names = await workspace_ids(database)
        if not names:
            raise Refused("There is no desk in this database yet: `baton run` makes it.")
        all_desks = [Desk(database, workspace=name) for name in names]
        for desk in all_desks:
            await config.reload_configuration(desk)
        yield all_desks
