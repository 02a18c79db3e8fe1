"""A lead pulls a lever: exactly what was simulated happens, and later it is said whether it helped."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rules.errors import FieldError, Refused
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerKind
from rules.people.permissions import NotAllowed
from services.desk import Desk
from services.forecasts import runs, what_if
from services.forecasts.what_if import ForecastOutdated
from services.tickets import tickets
from storage.forecasts import applied_actions, deferred_priorities, latest_forecast, what_if_actions
from storage.tickets.tickets import open_counts
from tests.databases import copied
from tests.desks import HeldClock, opened_desk
from tests.services.forecasts.test_forecasts import held_by
from tests.services.vpn import ANA, BEN, EVA, LENA, MIA, promise, ticket, told


async def found(desk: Desk) -> tuple[datetime, dict[WhatIfKind, WhatIfAction]]:
    """When the team was looked at last, and what would help."""
    look = await desk.read(latest_forecast, "support")
    assert look is not None
    return look.at, {lever.kind: lever for lever in what_if_actions(look)}


@pytest.fixture(scope="module")
def overloaded_url(module_database_url: str) -> str:
    """Ana holds far more than she can do in time, Ben nothing: prepared once, each test has a copy."""

    async def prepare() -> None:
        async with opened_desk(module_database_url, HeldClock()) as desk:
            await held_by(desk, ANA, 40)
            await runs.run_forecast(desk, "support")

    asyncio.run(prepare())
    return module_database_url


@pytest.fixture
async def busy_desk(overloaded_url: str, databases: Path, clock: HeldClock) -> AsyncIterator[Desk]:
    with copied(overloaded_url, folder=databases) as database_url:
        async with opened_desk(database_url, clock) as opened:
            yield opened


async def test_moving_gives_exactly_those_tickets_to_that_person(busy_desk: Desk) -> None:
    at, offered = await found(busy_desk)
    lever = offered[WhatIfKind.MOVE]

    words = await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)

    held = [(await ticket(busy_desk, number)).assignee for number in lever.tickets]
    assert set(held) == {lever.taker}
    assert (await busy_desk.read(open_counts, [ANA]))[ANA] == 40 - len(lever.tickets)
    assert f"reassigned from {ANA} to {lever.taker}" in str(words)


async def test_what_is_moved_was_simulated_to_help(busy_desk: Desk) -> None:
    _, offered = await found(busy_desk)

    assert offered[WhatIfKind.MOVE].after < offered[WhatIfKind.MOVE].before


async def test_two_leads_at_once_move_once_and_the_other_reads_why_not(busy_desk: Desk) -> None:
    at, _ = await found(busy_desk)
    await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)

    with pytest.raises(ForecastOutdated, match="Press Refresh"):
        await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=MIA)


async def test_a_lever_of_an_older_outlook_is_not_pulled(busy_desk: Desk, clock: HeldClock) -> None:
    at, _ = await found(busy_desk)
    clock.forward(minutes=5)
    await runs.run_forecast(busy_desk, "support")

    with pytest.raises(ForecastOutdated):
        await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)


async def test_an_agent_reads_who_can(busy_desk: Desk) -> None:
    at, _ = await found(busy_desk)

    with pytest.raises(NotAllowed, match="leads of Support can, and so can managers"):
        await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=ANA)


async def test_extending_promises_those_tickets_a_working_day_later(desk: Desk) -> None:
    await held_by(desk, ANA, 22)
    await runs.run_forecast(desk, "support")
    at, offered = await found(desk)
    lever = offered[WhatIfKind.EXTEND]

    await desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.EXTEND, by=LENA)

    due = [int((await promise(desk, number, TimerKind.RESOLUTION)).due_at.timestamp()) for number in lever.tickets]
    assert tuple(due) == lever.due_at


async def test_somebody_is_asked_before_they_are_counted_on(busy_desk: Desk) -> None:
    at, offered = await found(busy_desk)
    assert WhatIfKind.HELP in offered

    with pytest.raises(FieldError, match="Choose a person to ask"):
        await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.HELP, by=LENA)
    await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.HELP, by=LENA, helper=EVA)

    assert f"<@{LENA}> asks you to help Support for two hours" in (await told(busy_desk, EVA))[0]


async def test_low_priority_waits_for_a_working_day(desk: Desk, clock: HeldClock) -> None:
    await held_by(desk, BEN, 12, priority=Priority.LOW)
    clock.forward(days=2)  # they are late now, and so come before all others
    await held_by(desk, BEN, 14)
    await runs.run_forecast(desk, "support")
    at, offered = await found(desk)
    assert offered[WhatIfKind.PAUSE].priority is Priority.LOW

    await desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.PAUSE, by=LENA)

    assert list(await desk.read(deferred_priorities, "support", at=clock.now)) == [Priority.LOW]
    assert await desk.read(deferred_priorities, "support", at=clock.now + timedelta(days=2)) == {}


async def test_later_it_is_said_whether_it_helped(busy_desk: Desk, clock: HeldClock) -> None:
    at, offered = await found(busy_desk)
    await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)
    for number in range(1, 41):
        await busy_desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    clock.forward(days=10)

    assert await busy_desk.execute(what_if.check_applied_actions) == 1
    assert await busy_desk.execute(what_if.check_applied_actions) == 0

    verdict = (await told(busy_desk, LENA))[-1]
    assert verdict.startswith("✓ It helped: ")
    assert f"(expected {offered[WhatIfKind.MOVE].before:.1f} without it, " in verdict
    assert "SLA breaches: 0 of 40 tickets" in verdict


async def test_what_was_resolved_meanwhile_stays_resolved(busy_desk: Desk) -> None:
    at, offered = await found(busy_desk)
    first = offered[WhatIfKind.MOVE].tickets[0]
    await busy_desk.execute(tickets.resolve, first, by=ANA, solution="Restarted.")

    if len(offered[WhatIfKind.MOVE].tickets) == 1:
        with pytest.raises(Refused):
            await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)
    else:
        await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)

    assert (await ticket(busy_desk, first)).status is Status.RESOLVED


async def test_what_was_done_is_kept_with_what_was_expected(busy_desk: Desk, clock: HeldClock) -> None:
    at, offered = await found(busy_desk)
    await busy_desk.execute(what_if.apply_what_if_action, "support", at, WhatIfKind.MOVE, by=LENA)

    (kept,) = await busy_desk.read(applied_actions, "support", since=clock.now - timedelta(hours=1))

    lever = offered[WhatIfKind.MOVE]
    assert (kept.by, kept.before, kept.after, kept.breached) == (LENA, lever.before, lever.after, None)
