"""The clock on one page: one process leads, another takes over, and each run can be read and repeated by hand."""

import asyncio
import time as time_module
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from slack_sdk.web.async_client import AsyncWebClient

from bot.runtime import jobs
from bot.runtime.leader import Leader
from bot.settings import Settings
from handlers.jobs import Job
from handlers.people import people
from handlers.registry import Registry
from rules.errors import Refused
from rules.intake.requests import TicketRequest
from rules.model.policy import Team
from services.alerts import sweep
from services.config import apply_configuration
from services.desk import Desk
from services.jobs import JobResult
from services.tickets import tickets
from storage.jobs import last_runs
from storage.people.people import find_person
from storage.transaction import Transaction
from tests.desks import OFFICE, HeldClock, Office, opened_desk

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
NAMES = [
    "sla.warn",
    "reminders.remind",
    "assignments.give_waiting",
    "approvals.ask_anew",
    "checks.send_late",
    "summaries.tell",
    "policy.promise_anew",
    "policy.reload",
    "forecasts.learn",
    "forecasts.choose",
    "forecasts.look",
    "forecasts.judge",
    "load.warn",
    "handovers.hand_over",
    "floor.keep",
    "levers.check",
    "competence.remind",
    "groups.refresh",
    "people.refresh",
    "hints.refresh",
    "alerts.correct",
    "housekeeping.tidy",
]
NOBODY = AsyncWebClient(token="xoxb-nobody", base_url="http://127.0.0.1:9/api/")
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Watched(HeldClock):
    """A clock that remembers that somebody asked: every deed does."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> datetime:
        self._loop.call_soon_threadsafe(self.asked.set)
        return super().__call__()


def settings(database_url: str) -> Settings:
    return Settings.model_validate({"database_url": database_url})


@pytest.fixture
async def other(database_url: str, desk: Desk, clock: HeldClock) -> AsyncIterator[Desk]:
    """A second process on the same database."""
    async with opened_desk(database_url, clock) as opened:
        yield opened


@on_postgresql
async def test_of_two_schedulers_one_works_and_the_other_takes_over(database_url: str) -> None:
    one, other = Watched(), Watched()
    other.forward(hours=1)
    async with opened_desk(database_url, one) as first, opened_desk(database_url, other) as second:
        one.asked.clear()
        other.asked.clear()
        leader = Leader(first.database, first.workspace)
        working = jobs.start_scheduler(first, NOBODY, jobs.all_jobs(1), leader)
        await asyncio.wait_for(one.asked.wait(), 20)
        follower, woken = Leader(second.database, second.workspace), asyncio.Event()
        waiting = jobs.start_scheduler(second, NOBODY, jobs.all_jobs(1), follower)
        waiting.add_listener(lambda event: woken.set() if event.job_id == "sla.warn" else None, EVENT_JOB_EXECUTED)
        await asyncio.wait_for(woken.wait(), 20)
        meanwhile = other.asked.is_set()
        working.shutdown(wait=False)
        await leader.resign()

        await asyncio.wait_for(other.asked.wait(), 20)
        waiting.shutdown(wait=False)
        await follower.resign()

    assert not meanwhile


async def test_a_process_that_begins_to_lead_runs_every_job_at_once_and_once(desk: Desk) -> None:
    ran, all_ran, refused_to_run_twice = set[str](), asyncio.Event(), list[str]()

    def remember(event: JobExecutionEvent) -> None:
        ran.add(event.job_id)
        if ran.issuperset(NAMES):
            all_ran.set()

    leader = Leader(desk.database, desk.workspace)
    scheduler = jobs.start_scheduler(desk, NOBODY, jobs.all_jobs(3600), leader)
    scheduler.add_listener(remember, EVENT_JOB_EXECUTED)
    scheduler.add_listener(lambda event: refused_to_run_twice.append(event.job_id), EVENT_JOB_MAX_INSTANCES)
    await asyncio.wait_for(all_ran.wait(), 20)
    scheduler.shutdown(wait=False)
    await leader.resign()

    failed = {row.name: row.failed for row in await desk.read(last_runs)}
    assert failed == dict.fromkeys(NAMES, False) | {"people.refresh": True}  # nobody answers there
    assert refused_to_run_twice == []


async def test_the_sweep_goes_on_until_nothing_is_due(desk: Desk, clock: HeldClock) -> None:
    for _ in range(sweep.TICKETS_PER_SWEEP + 1):
        await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)

    assert await sweep.send_all_alerts(desk) == sweep.TICKETS_PER_SWEEP + 1


async def test_what_another_process_applied_is_taken_over(desk: Desk, other: Desk) -> None:
    await other.execute(apply_configuration, OFFICE | {"warn_at": ["90%"]})

    await jobs.reload_configuration(desk, NOBODY)

    assert desk.policy.warn_at == (0.9,)


async def test_each_process_takes_over_for_itself(desk: Desk, other: Desk) -> None:
    (job,) = [job for job in jobs.all_jobs(30) if job.name == "policy.reload"]

    ran = [await jobs.run_job_once(one, NOBODY, job) for one in (desk, other)]

    assert ran == [JobResult("unchanged"), JobResult("unchanged")]


async def test_the_table_names_every_job_before_its_first_run(desk: Desk, database_url: str) -> None:
    rows = await jobs.job_rows(settings(database_url))

    assert [(row.name, row.trigger, row.last_run) for row in rows][:2] == [
        ("sla.warn", "every 30 s", None),
        ("reminders.remind", "every 1 min", None),
    ]
    assert [row.name for row in rows] == NAMES


async def test_the_table_says_when_a_job_last_ran_and_runs_next(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    (job,) = [job for job in jobs.all_jobs(30) if job.name == "housekeeping.tidy"]
    await jobs.run_job_once(desk, NOBODY, job)

    (row,) = [row for row in await jobs.job_rows(settings(database_url)) if row.name == job.name]

    assert (row.last_run, row.result, row.next_run) == (clock.now, "0", clock.now + timedelta(days=1))


async def test_a_job_is_run_by_hand(desk: Desk, database_url: str) -> None:
    assert await jobs.run_job_now(settings(database_url), "sla.warn") == "0"
    assert [row.name for row in await desk.read(last_runs)] == ["sla.warn"]


async def test_an_unknown_job_is_answered_with_the_known_ones(desk: Desk, database_url: str) -> None:
    with pytest.raises(Refused, match=r"`sla\.wrn` is not a job\. Jobs: sla\.warn, reminders\.remind"):
        await jobs.run_job_now(settings(database_url), "sla.wrn")


async def test_without_a_desk_there_is_nothing_to_run(database_url: str) -> None:
    with pytest.raises(Refused, match="no desk in this database yet"):
        await jobs.job_rows(settings(database_url))


ZONES = {"warsaw": "Europe/Warsaw", "new_york": "America/New_York", "auckland": "Pacific/Auckland"}
HALF_PAST_TWO = time(2, 30)


@asynccontextmanager
async def teams_in_zones(
    database_url: str, clock: HeldClock, hours: dict[str, list[str]]
) -> AsyncIterator[Callable[[], Desk]]:
    """Support works in Warsaw, Network in New York, Night in Auckland; each call is another process."""
    plain = deepcopy(OFFICE)
    plain["calendars"] = {key: {"timezone": zone, "hours": hours} for key, zone in ZONES.items()}
    plain["teams"]["night"] = plain["teams"]["network"] | {"name": "Night", "channel": "C0NIGHT", "handles": []}
    for team, calendar in zip(plain["teams"].values(), ZONES, strict=True):
        team["calendar"] = calendar
    async with opened_desk(database_url, clock, plain=plain) as desk:
        yield lambda: Desk(desk.database, workspace=desk.workspace, policy=desk.policy, clock=clock)


def daily_job(at: time, ran: list[tuple[str, date, datetime]]) -> Job:
    def note_run(tx: Transaction, team: Team, day: date) -> int:
        ran.append((team.key, day, tx.now))
        return 1

    registry = Registry()
    registry.job("goals.post", order=1, at=at)(note_run)
    return registry.jobs["goals.post"]


@pytest.mark.parametrize("minutes", [7, 60])
async def test_a_daily_job_runs_once_for_each_team_at_its_hour_on_its_working_days(
    database_url: str, clock: HeldClock, minutes: int
) -> None:
    ran: list[tuple[str, date, datetime]] = []
    job = daily_job(time(8, 30), ran)
    clock.now = datetime(2026, 10, 9, 12, 0, tzinfo=UTC)  # a Friday
    async with teams_in_zones(database_url, clock, {"mon-fri": ["08:00-16:00"]}) as process:
        while clock.now < datetime(2026, 10, 12, 18, 0, tzinfo=UTC):
            await jobs.run_if_due(process(), NOBODY, job)
            clock.forward(minutes=minutes)

    monday, late = date(2026, 10, 12), timedelta(minutes=minutes)
    expected = {"night": (11, 19, 30), "support": (12, 6, 30), "network": (12, 12, 30)}
    of_monday = {team: at for team, day, at in ran if day == monday}
    assert len(ran) == 5  # Friday's in Warsaw and New York, Monday's in all three; Auckland's Friday was over
    assert of_monday.keys() == expected.keys()
    for team, (day, hour, minute) in expected.items():
        assert timedelta(0) <= of_monday[team] - datetime(2026, 10, day, hour, minute, tzinfo=UTC) < late


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # half past two is skipped in Warsaw
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # and comes twice
    ],
)
async def test_a_daily_job_runs_once_where_the_local_clock_jumps(
    database_url: str, clock: HeldClock, day: date, first: datetime
) -> None:
    ran: list[tuple[str, date, datetime]] = []
    job = daily_job(HALF_PAST_TWO, ran)
    clock.now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    async with teams_in_zones(database_url, clock, {"mon-sun": ["00:00-24:00"]}) as process:
        for _ in range(16):
            await jobs.run_if_due(process(), NOBODY, job)
            clock.forward(minutes=15)

    assert [(on, at) for team, on, at in ran if team == "support"] == [(day, first)]


async def test_a_daily_job_has_a_row_for_each_team_and_is_run_by_hand(
    desk: Desk, clock: HeldClock, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, date, datetime]] = []
    job = daily_job(time(8, 30), ran)
    monkeypatch.setattr(jobs, "all_jobs", lambda sweep_seconds: [job])

    await jobs.run_job_now(settings(database_url), "goals.post")

    rows = await jobs.job_rows(settings(database_url))
    assert [team for team, _, _ in ran] == ["support", "network"]
    assert [(row.name, row.trigger, row.result) for row in rows] == [
        ("goals.post support", "daily at 08:30", "1"),
        ("goals.post network", "daily at 08:30", "1"),
    ]


async def test_slack_is_asked_for_everyone_whom_the_desk_names_once_a_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LOOKUP_PAUSE_SECONDS", 0)

    asked = []
    for _ in range(3):
        asked.append(await people.refresh_people(office.desk, office.baton.slack))
        office.clock.forward(hours=13)

    ana = await office.desk.read(find_person, "U0AGENT1")
    assert asked == [8, 0, 8]
    assert ana is not None
    assert (ana.name, ana.tz) == ("Ana Kowalska", "Europe/Warsaw")


async def test_somebody_whom_slack_does_not_know_is_remembered_as_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LOOKUP_PAUSE_SECONDS", 0)
    await office.desk.execute(apply_configuration, OFFICE | {"managers": ["U0GHOST1"]})
    await jobs.reload_configuration(office.desk, office.baton.slack)

    await people.refresh_people(office.desk, office.baton.slack)

    office.emulator.refusals.clear()
    ghost = await office.desk.read(find_person, "U0GHOST1")
    assert ghost is not None
    assert ghost.gone


async def test_when_the_clock_of_the_machine_is_set_all_jobs_run_at_once(desk: Desk) -> None:
    """The scheduler waits for the wall clock: set back an hour, it would let the jobs wait for that hour."""
    set_by, ran = [0.0], asyncio.Queue[None]()

    async def note_run(desk: Desk) -> None:
        ran.put_nowait(None)

    registry = Registry()
    registry.job("sla.warn", order=1, every=timedelta(hours=1), everywhere=True)(note_run)
    leader, now = Leader(desk.database, desk.workspace), time_module.time
    running = jobs.run_scheduler(desk, NOBODY, registry.jobs_in_order, leader, wall_clock=lambda: now() + set_by[0])
    scheduler = asyncio.create_task(running)
    async with asyncio.timeout(20):
        await ran.get()
        set_by[0] = -3600
        await ran.get()

    scheduler.cancel()
    await asyncio.gather(scheduler, return_exceptions=True)


async def test_a_scheduler_that_ended_is_noticed(desk: Desk) -> None:
    leader = Leader(desk.database, desk.workspace)
    scheduler = jobs.start_scheduler(desk, NOBODY, jobs.all_jobs(30), leader)
    scheduler.shutdown(wait=False)

    with pytest.raises(jobs.SchedulerStalled):
        await jobs.watch_scheduler(scheduler, time_module.time)

    await leader.resign()


async def test_a_job_that_failed_is_tried_again_before_its_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails while Slack or the database is away would be shown as failed for an hour after they are back."""
    monkeypatch.setattr(jobs, "RETRY_AFTER", timedelta(milliseconds=10))
    runs, ran = count(1), asyncio.Queue[int]()

    async def fail_twice(desk: Desk) -> None:
        ran.put_nowait(number := next(runs))
        if number < 3:
            raise TimeoutError

    registry = Registry()
    registry.job("people.refresh", order=1, every=timedelta(hours=1), everywhere=True)(fail_twice)
    leader = Leader(desk.database, desk.workspace)
    scheduler = jobs.start_scheduler(desk, NOBODY, registry.jobs_in_order, leader)
    async with asyncio.timeout(20):
        numbers = [await ran.get() for _ in range(3)]

    scheduler.shutdown(wait=False)
    await leader.resign()
    assert numbers == [1, 2, 3]
