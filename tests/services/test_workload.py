"""A lead hears when somebody has more than a day holds, and who could take what."""

from copy import deepcopy

from rules.forecasts.learning import TeamEstimates
from rules.workload.handling_time import (
    DEFAULT_HANDLING_TIME,
    DEFAULT_RESOLUTION_TIME,
    Estimate,
    Estimates,
    learn_estimates,
)
from services import workload
from services.assignment import assignments
from services.desk import Desk
from services.forecasts import runs
from services.tickets import tickets
from storage.forecasts import forecast_of, latest_forecast, save_team_estimates
from storage.reassignment import bulk
from storage.workload import workloads
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, BEN, LENA, filed, told

AN_HOUR = Estimate(n=9, median_s=3600, sigma=0.0)


async def learned(desk: Desk) -> None:
    """Support's history says that a network ticket takes an hour."""
    effort = Estimates({("", "network"): AN_HOUR}, {}, DEFAULT_HANDLING_TIME)
    await desk.execute(
        save_team_estimates, "support", TeamEstimates(effort, learn_estimates([], DEFAULT_RESOLUTION_TIME), 9)
    )


async def held(desk: Desk, who: str, many: int) -> list[int]:
    numbers = [await filed(desk) for _ in range(many)]
    for number in numbers:
        await desk.execute(assignments.assign_ticket, number, to=who, by=LENA)
    return numbers


async def minutes(desk: Desk, who: str) -> tuple[int, int]:
    found = (await desk.read(workloads, [who], policy=desk.policy, at=desk.clock()))[who]
    return found.minutes, found.waiting_minutes


async def test_work_is_what_a_type_takes_less_the_attention_it_got(desk: Desk, clock: HeldClock) -> None:
    await learned(desk)
    first, _ = await held(desk, ANA, 2)
    assert await minutes(desk, ANA) == (120, 0)

    await desk.execute(assignments.start_work, first, by=ANA)
    clock.forward(minutes=25)

    assert await minutes(desk, ANA) == (95, 0)


async def test_what_waits_for_the_customer_is_told_apart(desk: Desk) -> None:
    await learned(desk)
    first, _ = await held(desk, ANA, 2)

    await desk.execute(tickets.wait_for_customer, first, by=ANA)

    assert await minutes(desk, ANA) == (60, 60)


async def test_what_takes_longer_than_expected_is_not_done_yet(desk: Desk, clock: HeldClock) -> None:
    await learned(desk)
    (number,) = await held(desk, ANA, 1)
    await desk.execute(assignments.start_work, number, by=ANA)
    clock.forward(hours=2)

    assert await minutes(desk, ANA) == (6, 0)


async def test_ten_tickets_of_an_hour_are_a_day_and_the_eleventh_is_told_to_the_lead(desk: Desk) -> None:
    await learned(desk)
    await held(desk, ANA, 10)
    assert await workload.warn_of_overload(desk) == 0

    await held(desk, ANA, 1)

    assert await workload.warn_of_overload(desk) == 1
    assert await told(desk, LENA) == [
        f"⚠️ <@{ANA}> has more work than fits in a day: 11 h left · 11 tickets of an hour or more. "
        f"<@{BEN}> could take #1."
    ]


async def test_it_is_told_once_a_day_and_again_on_the_next(desk: Desk, clock: HeldClock) -> None:
    await learned(desk)
    await held(desk, ANA, 12)

    await workload.warn_of_overload(desk)
    await workload.warn_of_overload(desk)
    assert len(await told(desk, LENA)) == 1

    clock.forward(days=1)
    await workload.warn_of_overload(desk)
    assert len(await told(desk, LENA)) == 2


async def test_who_is_not_competent_or_full_is_not_asked(database_url: str, clock: HeldClock) -> None:
    plain = deepcopy(OFFICE)
    plain["types"]["network"]["needs"] = "can"
    plain["people"] = {
        ANA: {"skills": {"network": "can"}},
        BEN: {"skills": {"network": "expert"}, "capacity": 0},
    }
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await learned(desk)
        await held(desk, ANA, 11)

        await workload.warn_of_overload(desk)

        assert "No available teammate with the skill has capacity." in (await told(desk, LENA))[0]


async def test_what_was_resolved_today_counts_for_today(desk: Desk) -> None:
    await learned(desk)
    numbers = await held(desk, ANA, 12)
    for number in numbers[:5]:
        await desk.execute(tickets.resolve, number, by=ANA, solution="Done.")

    assert await workload.warn_of_overload(desk) == 1


async def test_minutes_of_work_and_when_they_are_done_are_the_same_figures_everywhere(
    desk: Desk, clock: HeldClock
) -> None:
    """In /desk and reports, in a forecast, and in a reassignment; also when Ben had one of Ana's tickets before."""
    numbers = [await filed(desk) for _ in range(4)]
    for number, person in zip(numbers, (ANA, ANA, BEN, BEN), strict=True):
        await desk.execute(assignments.assign_ticket, number, to=person, by=LENA)
        await desk.execute(assignments.start_work, number, by=person)
    clock.forward(minutes=10)
    await desk.execute(assignments.assign_ticket, numbers[2], to=ANA, by=LENA)
    await desk.execute(assignments.start_work, numbers[2], by=ANA)
    await desk.execute(tickets.wait_for_customer, numbers[1], by=ANA)
    clock.forward(minutes=4)

    counted = await desk.read(workloads, [ANA, BEN], policy=desk.policy, at=clock.now)
    await runs.run_forecast(desk, "support")
    look = await desk.read(latest_forecast, "support")
    open_tickets = await desk.read(bulk.open_tickets_of, [ANA])
    movable = await desk.read(bulk.build_items, open_tickets, policy=desk.policy, at=clock.now)

    assert look is not None
    loads = {load.person: load for load in forecast_of(look).loads}
    for person in (ANA, BEN):
        assert (round(loads[person].minutes), round(loads[person].waiting_minutes)) == (
            counted[person].minutes,
            counted[person].waiting_minutes,
        )
    assert round(sum(one.workable_minutes for one in movable)) == counted[ANA].minutes
    assert counted[ANA].waiting_minutes > 0
    assert forecast_of(look).clears_at == max(load.clears_at or 0 for load in loads.values())
