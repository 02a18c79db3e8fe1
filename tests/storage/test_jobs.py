"""The row of a job is the claim that processes race for."""

from datetime import timedelta

from services.desk import Desk
from storage.jobs import claim_run, finish_run, last_runs
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
