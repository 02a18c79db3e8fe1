"""The row of a job is the claim that processes race for."""

from datetime import timedelta

from services.desk import Desk
from storage.jobs import claim, finish, runs
from tests.desks import HeldClock

MINUTE = timedelta(minutes=1)


async def test_the_first_claim_says_when_it_began_and_the_second_gets_nothing(desk: Desk, clock: HeldClock) -> None:
    first = await desk.execute(claim, "sla.warn", apart=MINUTE)
    second = await desk.execute(claim, "sla.warn", apart=MINUTE)

    assert (first, second) == (clock.now, None)


async def test_jobs_of_different_names_do_not_wait_for_each_other(desk: Desk) -> None:
    await desk.execute(claim, "sla.warn", apart=MINUTE)

    assert await desk.execute(claim, "summaries.tell", apart=MINUTE) is not None


async def test_one_workspace_does_not_claim_for_another(desk: Desk, clock: HeldClock) -> None:
    other = Desk(desk.database, workspace="T0OTHER", clock=clock)
    await desk.execute(claim, "sla.warn", apart=MINUTE)

    assert await other.execute(claim, "sla.warn", apart=MINUTE) is not None


async def test_a_late_end_does_not_overwrite_the_run_that_began_meanwhile(desk: Desk, clock: HeldClock) -> None:
    slow = await desk.execute(claim, "sla.warn", apart=MINUTE)
    clock.forward(minutes=1)
    quick = await desk.execute(claim, "sla.warn", apart=MINUTE)
    assert slow is not None
    assert quick is not None
    await desk.execute(finish, "sla.warn", started_at=quick, ms=4, result="quick", failed=False)

    await desk.execute(finish, "sla.warn", started_at=slow, ms=60_000, result="slow", failed=False)

    assert [row.result for row in await desk.read(runs)] == ["quick"]
