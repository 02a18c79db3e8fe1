"""Half of the experts' time is over: who is asked by name is called, in their own hours; the lead only near the end."""

from services.alerts import sweep
from tests.desks import HeldClock
from tests.services.escalations.test_approvals import accepts, deciding
from tests.services.leaves import on_leave
from tests.services.vpn import BEN, EMIL, EVA, LEO, escalated, told


async def test_only_whose_turn_it_is_hears_of_it_and_once(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, approval="in_order", approvers=[EMIL, EVA]) as desk:
        number = await escalated(desk)
        clock.forward(minutes=16)

        await desk.execute(sweep.send_due_alerts)
        await desk.execute(sweep.send_due_alerts)

        assert f"#{number} · Expert answer due in 14 min" in (await told(desk, EMIL))[0]
        assert [len(await told(desk, who)) for who in (EMIL, EVA, LEO)] == [1, 0, 0]


async def test_who_has_answered_is_left_in_peace_and_near_the_end_the_lead_hears_too(
    database_url: str, clock: HeldClock
) -> None:
    async with deciding(database_url, clock, approval="all") as desk:
        number = await escalated(desk)
        await accepts(desk, number, EVA)
        clock.forward(minutes=25)

        await desk.execute(sweep.send_due_alerts)

        assert [len(await told(desk, who)) for who in (EVA, EMIL, LEO)] == [0, 1, 1]


async def test_the_deputy_of_who_has_gone_away_hears_of_it(database_url: str, clock: HeldClock) -> None:
    async with deciding(database_url, clock, {EMIL: {"deputy": BEN}}, approval="all") as desk:
        await escalated(desk)
        await on_leave(desk, EMIL)
        clock.forward(minutes=16)

        await desk.execute(sweep.send_due_alerts)

        assert [len(await told(desk, who)) for who in (EVA, EMIL, BEN)] == [1, 0, 1]
