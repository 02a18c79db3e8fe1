"""The row of a job is the claim that processes race for."""

from datetime import datetime, timedelta

from services.desk import Desk
from storage.jobs import DAILY_RETRY, claim_daily_run, claim_run, finish_run, last_runs
from tests.desks import HeldClock

MINUTE = timedelta(minutes=1)


async def test_the_first_claim_says_when_it_began_and_the_second_gets_nothing(desk: Desk, clock: HeldClock) -> None:
    first = await desk.execute(claim_run, "sla.warn", min_interval=MINUTE)
    second = await desk.execute(claim_run, "sla.warn", min_interval=MINUTE)

    assert (first, second) == (clock.now, None)


async def test_jobs_of_different_names_do_not_wait_for_each_other(desk: Desk) -> None:
    await desk.execute(claim_run, "sla.warn", min_interval=MINUTE)

    assert await desk.execute(claim_run, "summaries.tell", min_interval=MINUTE) is not None


async def test_one_workspace_does_not_claim_for_another(desk: Desk, clock: HeldClock) -> None:
    other = Desk(desk.database, workspace="T0OTHER", clock=clock)
    await desk.execute(claim_run, "sla.warn", min_interval=MINUTE)

    assert await other.execute(claim_run, "sla.warn", min_interval=MINUTE) is not None


async def test_a_late_end_does_not_overwrite_the_run_that_began_meanwhile(desk: Desk, clock: HeldClock) -> None:
    slow = await desk.execute(claim_run, "sla.warn", min_interval=MINUTE)
    clock.forward(minutes=1)
    quick = await desk.execute(claim_run, "sla.warn", min_interval=MINUTE)
    assert slow is not None
    assert quick is not None
    await desk.execute(finish_run, "sla.warn", started_at=quick, ms=4, result="quick", failed=False)

    await desk.execute(finish_run, "sla.warn", started_at=slow, ms=60_000, result="slow", failed=False)

    assert [row.result for row in await desk.read(last_runs)] == ["quick"]


async def daily_run(desk: Desk, due: datetime, *, failed: bool = False) -> bool:
    """Whether the job ran."""
    began = await desk.execute(claim_daily_run, "goals.post support", due=due)
    if began is not None:
        await desk.execute(finish_run, "goals.post support", started_at=began, ms=4, result="", failed=failed)
    return began is not None


async def test_a_daily_run_that_succeeded_is_the_only_one_of_its_day(desk: Desk, clock: HeldClock) -> None:
    due, ran = clock.now, []
    for _ in range(3):
        ran.append(await daily_run(desk, due))
        clock.forward(hours=1)

    assert ran == [True, False, False]
    assert await daily_run(desk, clock.now)


async def test_a_daily_run_that_failed_is_repeated_later(desk: Desk, clock: HeldClock) -> None:
    due = clock.now
    ran = [await daily_run(desk, due, failed=True), await daily_run(desk, due)]
    clock.now += DAILY_RETRY

    assert [*ran, await daily_run(desk, due), await daily_run(desk, due)] == [True, False, True, False]


async def test_a_daily_run_whose_process_died_is_repeated_later(desk: Desk, clock: HeldClock) -> None:
    due = clock.now
    await desk.execute(claim_daily_run, "goals.post support", due=due)
    meanwhile = await daily_run(desk, due)
    clock.now += DAILY_RETRY

    assert (meanwhile, await daily_run(desk, due)) == (False, True)
