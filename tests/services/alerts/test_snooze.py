"""A snoozed alert is silent for half an hour, is in the history, and comes back."""

import pytest

from rules.alerts import SNOOZES
from rules.errors import DeskError
from rules.people.permissions import NotAllowed
from services.alerts import sweep
from services.desk import Desk
from services.tickets import tickets
from storage import events
from storage.events import Happened
from tests.desks import HeldClock
from tests.services.alarms import FIRE, VPN, told


async def test_a_snoozed_alert_is_silent_for_half_an_hour_and_then_tells_the_newest(
    desk: Desk, clock: HeldClock
) -> None:
    number = await desk.execute(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.warn_all)
    await desk.execute(sweep.snooze, number, by="U0AGENT1")

    clock.forward(minutes=29)
    meanwhile = await desk.execute(sweep.warn_all)
    clock.forward(minutes=1)
    await desk.execute(sweep.warn_all)

    assert meanwhile == 0
    assert [line for line in await told(desk, "U0LEAD1") if "overdue" in line] != []


async def test_a_snooze_outlives_a_pause_of_the_clock(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.file, FIRE)  # done in 4 open hours, the last warning after 3:12
    await desk.execute(tickets.take, number, by="U0AGENT1")
    await desk.execute(tickets.reply, number, by="U0AGENT1", text="On my way.")
    clock.forward(hours=3, minutes=35)  # lunch is half an hour
    await desk.execute(sweep.warn_all)
    await desk.execute(sweep.snooze, number, by="U0AGENT1")
    await desk.execute(tickets.wait, number, by="U0AGENT1")
    await desk.execute(tickets.write, number, by="U0CLIENT1", text="It is rack 4.")

    clock.forward(minutes=29)
    await desk.execute(sweep.warn_all)
    meanwhile = await told(desk, "U0LEAD1")
    clock.forward(minutes=1)
    await desk.execute(sweep.warn_all)

    assert meanwhile == []
    assert [line[:20] for line in await told(desk, "U0LEAD1")] == ["⏳ #1 must be done in"]


async def test_what_was_snoozed_overdue_comes_back_though_its_clock_stood_still_meanwhile(
    desk: Desk, clock: HeldClock
) -> None:
    number = await desk.execute(tickets.file, FIRE)  # done in 4 open hours
    await desk.execute(tickets.take, number, by="U0AGENT1")
    await desk.execute(tickets.reply, number, by="U0AGENT1", text="On my way.")
    clock.forward(hours=5)
    await desk.execute(sweep.warn_all)
    await desk.execute(sweep.snooze, number, by="U0AGENT1")
    await desk.execute(tickets.wait, number, by="U0AGENT1")
    await desk.execute(tickets.write, number, by="U0CLIENT1", text="It is rack 4.")
    clock.forward(minutes=30)

    assert await desk.execute(sweep.warn_all) == 1
    assert [line[:20] for line in await told(desk, "U0AGENT1")] == ["⚠️ #1 is overdue: its"[:20]]


async def test_of_two_snoozes_the_newer_counts(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.file, VPN)
    clock.forward(minutes=31)
    await desk.execute(sweep.warn_all)
    await desk.execute(sweep.snooze, 1, by="U0AGENT1", span=SNOOZES[-1])
    await desk.execute(sweep.snooze, 1, by="U0AGENT1", span=SNOOZES[0])
    clock.forward(minutes=30)

    assert await desk.execute(sweep.warn_all) == 1


async def test_a_breach_that_fell_into_a_snooze_is_told_to_the_lead_after_it(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.file, VPN)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=15)
    await desk.execute(sweep.warn_all)
    await desk.execute(sweep.snooze, number, by="U0AGENT1")
    clock.forward(minutes=31)

    await desk.execute(sweep.warn_all)

    assert [line[:20] for line in await told(desk, "U0LEAD1")] == ["⚠️ #1 is overdue: its"[:20]]


async def test_an_overdue_ticket_comes_back_once_when_its_snooze_ends(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.file, VPN)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=40)
    await desk.execute(sweep.warn_all)
    await desk.execute(sweep.snooze, number, by="U0AGENT1")

    for _ in range(10):
        clock.forward(minutes=10)
        await desk.execute(sweep.warn_all)

    assert len(await told(desk, "U0AGENT1")) == 1
    assert len(await told(desk, "U0LEAD1")) == 1


async def test_a_snooze_is_in_the_history(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.warn_all)

    await desk.execute(sweep.snooze, number, by="U0AGENT2")

    last = (await desk.read(events.of_ticket, number))[-1]
    assert (last.kind, last.by) == (Happened.SNOOZED, "U0AGENT2")


async def test_without_an_alert_there_is_nothing_to_snooze(desk: Desk) -> None:
    number = await desk.execute(tickets.file, VPN)

    with pytest.raises(DeskError, match="#1 has no alert to snooze"):
        await desk.execute(sweep.snooze, number, by="U0AGENT1")


async def test_an_observer_cannot_silence_an_alert(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.file, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.warn_all)

    with pytest.raises(NotAllowed):
        await desk.execute(sweep.snooze, number, by="U0OBSERVER1")
