"""The scheduled jobs: what runs how often, and in which process."""

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
from bot.offline import open_database, workspace_ids
from bot.runtime.leader import Leader
from bot.settings import Settings
from bot.slack import app, do_not_disturb, user_groups
from handlers.people import people
from rules.calendars.durations import format_seconds
from rules.errors import Refused
from services import cleanup, config, skills, summaries, workload
from services.alerts import sweep
from services.assignment import assignments, reminders
from services.desk import Desk, utc_now
from services.escalations import approvals, peer_review
from services.forecasts import runs as forecast_runs
from services.forecasts import what_if
from services.jobs import JobResult, run_job
from services.presence import board
from services.reassignment import absence_cover
from storage.jobs import last_runs
from storage.migrations.migrate import upgrade_schema
from storage.transaction import Transaction

JobTask = Callable[[Desk, AsyncWebClient], Awaitable[object]]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SLACK_TASKS: tuple[JobTask, ...] = (
    user_groups.refresh_user_groups,
    people.refresh_people,
    do_not_disturb.refresh_slack_status,
)
LEADER_CHECK_INTERVAL = 3 * SECOND  # on PostgreSQL another process takes over from a dead leader within this time


@dataclass(frozen=True, slots=True)
class Job:
    """A task, how often it runs, and whether every process runs it or only the leader."""

    name: str
    every: timedelta
    task: JobTask
    everywhere: bool = False

    @property
    def minimum_gap(self) -> timedelta:
        """Runs that begin closer together than this count as one run that two processes started."""
        return timedelta(0) if self.everywhere else min(self.every / 2, MINUTE)


def operation_task(operation: Callable[[Transaction], int]) -> JobTask:
    return lambda desk, slack: desk.execute(operation)


def desk_task(task: Callable[[Desk], Awaitable[int]]) -> JobTask:
    """For a job that takes several transactions, or computes in the worker."""
    return lambda desk, slack: task(desk)


async def send_all_alerts(desk: Desk, slack: AsyncWebClient) -> int:
    """Sends a few alerts in each transaction, so that no other operation waits for a long one."""
    total = batch = await desk.execute(sweep.send_due_alerts)
    while batch >= sweep.TICKETS_PER_SWEEP:
        batch = await desk.execute(sweep.send_due_alerts)
        total += batch
    return total


async def recalculate_all_targets(desk: Desk, slack: AsyncWebClient) -> int:
    """Timers of an older configuration get their targets from the current one, a few in each transaction."""
    total = batch = await desk.execute(config.recalculate_sla_targets)
    while batch >= config.TICKETS_PER_RECALCULATION:
        batch = await desk.execute(config.recalculate_sla_targets)
        total += batch
    return total


async def reload_configuration(desk: Desk, slack: AsyncWebClient) -> str:
    """Takes over a configuration that another process applied, and fetches the members of its user groups."""
    before = desk.policy_version
    if not await config.reload_configuration(desk):
        return "unchanged"
    if desk.policy_version != before:
        await user_groups.refresh_user_groups(desk, slack)
    return "new"


def all_jobs(sweep_seconds: int) -> tuple[Job, ...]:
    """Each job is right however often it runs and wherever it stops."""
    return (
        Job("sla.warn", sweep_seconds * SECOND, send_all_alerts),
        Job("reminders.remind", MINUTE, operation_task(reminders.remind_assignees)),
        Job("assignments.give_waiting", 30 * SECOND, operation_task(assignments.route_unassigned)),
        Job("approvals.ask_anew", MINUTE, operation_task(approvals.replace_absent_approvers)),
        Job("checks.send_late", MINUTE, operation_task(peer_review.forward_overdue)),
        Job("summaries.tell", MINUTE, operation_task(summaries.send_summaries)),
        Job("policy.promise_anew", MINUTE, recalculate_all_targets),
        Job("policy.reload", 30 * SECOND, reload_configuration, everywhere=True),
        Job("forecasts.learn", HOUR, desk_task(forecast_runs.learn_from_history)),
        Job("forecasts.look", 5 * MINUTE, desk_task(forecast_runs.run_forecasts)),
        Job("forecasts.judge", 10 * MINUTE, desk_task(forecast_runs.settle_all_predictions)),
        Job("load.warn", 10 * MINUTE, desk_task(workload.warn_of_overload)),
        Job("handovers.hand_over", 3 * MINUTE, desk_task(absence_cover.cover_absences)),
        Job("floor.keep", MINUTE, operation_task(board.update_boards)),
        Job("levers.check", 10 * MINUTE, operation_task(what_if.check_applied_actions)),
        Job("competence.remind", HOUR, operation_task(skills.remind_of_certificates)),
        Job("groups.refresh", HOUR, user_groups.refresh_user_groups),
        Job("people.refresh", HOUR, people.refresh_people),
        Job("hints.refresh", HOUR, do_not_disturb.refresh_slack_status),
        Job("housekeeping.tidy", 24 * HOUR, operation_task(cleanup.delete_old_rows)),
    )


def start_scheduler(desk: Desk, client: AsyncWebClient, *, sweep_seconds: int) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    leader = Leader(desk.database, desk.workspace)
    table = all_jobs(sweep_seconds)
    for job in table:
        _schedule_job(scheduler, job, leader, desk, client)
    scheduler.add_job(
        _check_leadership,
        IntervalTrigger(seconds=LEADER_CHECK_INTERVAL.seconds),
        [scheduler, leader, table],
        next_run_time=utc_now(),
    )
    scheduler.add_listener(lambda event: leader.resign(), EVENT_SCHEDULER_SHUTDOWN)
    scheduler.start()
    return scheduler


def _schedule_job(scheduler: AsyncIOScheduler, job: Job, leader: Leader, desk: Desk, client: AsyncWebClient) -> None:
    async def run_due() -> None:
        if job.everywhere or leader.is_leader:
            await run_job_once(desk, client, job)

    scheduler.add_job(run_due, IntervalTrigger(seconds=job.every.total_seconds()), id=job.name, name=job.name)


async def _check_leadership(scheduler: AsyncIOScheduler, leader: Leader, table: tuple[Job, ...]) -> None:
    """A new leader runs every job at once: the leader before may have stopped before a run."""
    if await leader.try_to_lead():
        for job in table:
            scheduler.modify_job(job.name, next_run_time=utc_now())


async def run_job_once(
    desk: Desk, client: AsyncWebClient, job: Job, *, minimum_gap: timedelta | None = None
) -> JobResult | None:
    """None when another process started a run within the minimum gap."""
    ran = await run_job(
        desk,
        job.name,
        lambda: job.task(desk, client),
        min_interval=job.minimum_gap if minimum_gap is None else minimum_gap,
    )
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
    async with open_desks(settings) as opened_desks:
        return [row for desk in opened_desks for row in await _desk_rows(desk, settings)]


async def run_job_now(settings: Settings, name: str) -> str:
    """Runs the job in this process even if another one leads. DeskError when it fails or is unknown."""
    job = next((job for job in all_jobs(settings.baton_sweep_seconds) if job.name == name), None)
    if job is None:
        names = ", ".join(job.name for job in all_jobs(settings.baton_sweep_seconds))
        raise Refused(f"`{name}` is not a job. Jobs: {names}.")
    async with open_desks(settings) as opened_desks, aiohttp.ClientSession(timeout=app.REQUEST_TIMEOUT) as session:
        token = settings.bot_token if job.task in SLACK_TASKS else ""
        client = app.make_client(token, settings.slack_api_url, session)
        return ", ".join([await _job_result(desk, client, job) for desk in opened_desks])


async def _job_result(desk: Desk, client: AsyncWebClient, job: Job) -> str:
    ran = await run_job_once(desk, client, job, minimum_gap=SECOND)
    if ran is None:
        raise Refused(f"{job.name} is being run by another process at this very moment.")
    if ran.failed:
        raise Refused(f"{job.name} failed: {ran.result}")
    return ran.result


async def _desk_rows(desk: Desk, settings: Settings) -> list[JobRow]:
    runs_by_job = {row.name: row for row in await desk.read(last_runs)}
    rows = []
    for job in all_jobs(settings.baton_sweep_seconds):
        row = JobRow(job.name, f"every {format_seconds(int(job.every.total_seconds()))}")
        last = runs_by_job.get(job.name)
        if last is not None and last.started_at is not None:
            next_run = last.started_at + job.every
            row = JobRow(row.name, row.trigger, last.started_at, last.ms, last.result or "", last.failed, next_run)
        rows.append(row)
    return rows


@asynccontextmanager
async def open_desks(settings: Settings) -> AsyncIterator[list[Desk]]:
    await asyncio.to_thread(upgrade_schema, settings.database_url)
    async with open_database(settings) as database:
        names = await workspace_ids(database)
        if not names:
            raise Refused("There is no desk in this database yet: `baton run` makes it.")
        all_desks = [Desk(database, workspace=name) for name in names]
        for desk in all_desks:
            await config.reload_configuration(desk)
        yield all_desks
