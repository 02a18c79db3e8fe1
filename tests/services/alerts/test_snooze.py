"""A snoozed alert is silent for half an hour, is in the history, and comes back."""

import pytest

from rules.alerts import SNOOZE_CHOICES
from rules.errors import Refused
from rules.people.permissions import NotAllowed
from services.alerts import sweep
from services.desk import Desk
from services.tickets import tickets
from storage import events
from storage.events import EventKind
from tests.desks import HeldClock
from tests.services.alarms import FIRE, VPN, told


async def test_a_snoozed_alert_is_silent_for_half_an_hour_and_then_tells_the_newest(
    desk: Desk, clock: HeldClock
) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")

    clock.forward(minutes=29)
    meanwhile = await desk.execute(sweep.send_due_alerts)
    clock.forward(minutes=1)
    await desk.execute(sweep.send_due_alerts)

    assert meanwhile == 0
    assert [line for line in await told(desk, "U0LEAD1") if "breached" in line] != []


async def test_a_snooze_outlives_a_pause_of_the_clock(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, FIRE)  # done in 4 open hours, the last warning after 3:12
    await desk.execute(tickets.take, number, by="U0AGENT1")
    await desk.execute(tickets.reply, number, by="U0AGENT1", text="On my way.")
    clock.forward(hours=3, minutes=35)  # lunch is half an hour
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")
    await desk.execute(tickets.wait_for_customer, number, by="U0AGENT1")
    await desk.execute(tickets.add_requester_message, number, by="U0CLIENT1", text="It is rack 4.")

    clock.forward(minutes=29)
    await desk.execute(sweep.send_due_alerts)
    meanwhile = await told(desk, "U0LEAD1")
    clock.forward(minutes=1)
    await desk.execute(sweep.send_due_alerts)

    assert meanwhile == []
    assert [line[:20] for line in await told(desk, "U0LEAD1")] == ["⏳ #1 · Resolution du"]


async def test_what_was_snoozed_overdue_comes_back_though_its_clock_stood_still_meanwhile(
    desk: Desk, clock: HeldClock
) -> None:
    number = await desk.execute(tickets.create_ticket, FIRE)  # done in 4 open hours
    await desk.execute(tickets.take, number, by="U0AGENT1")
    await desk.execute(tickets.reply, number, by="U0AGENT1", text="On my way.")
    clock.forward(hours=5)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")
    await desk.execute(tickets.wait_for_customer, number, by="U0AGENT1")
    await desk.execute(tickets.add_requester_message, number, by="U0CLIENT1", text="It is rack 4.")
    clock.forward(minutes=30)

    assert await desk.execute(sweep.send_due_alerts) == 1
    assert await told(desk, "U0AGENT1") == ["⚠️ #1 · Resolution SLA breached · Assigned to you"]


async def test_of_two_snoozes_the_newer_counts(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, 1, by="U0AGENT1", span=SNOOZE_CHOICES[-1])
    await desk.execute(sweep.snooze_alerts, 1, by="U0AGENT1", span=SNOOZE_CHOICES[0])
    clock.forward(minutes=30)

    assert await desk.execute(sweep.send_due_alerts) == 1


async def test_a_breach_that_fell_into_a_snooze_is_told_to_the_lead_after_it(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=15)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)

    assert await told(desk, "U0LEAD1") == ["⚠️ #1 · First reply SLA breached · Assignee <@U0AGENT1>"]


async def test_an_overdue_ticket_comes_back_once_when_its_snooze_ends(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=40)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")

    for _ in range(10):
        clock.forward(minutes=10)
        await desk.execute(sweep.send_due_alerts)

    assert len(await told(desk, "U0AGENT1")) == 1
    assert len(await told(desk, "U0LEAD1")) == 1


async def test_a_snooze_is_in_the_history(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.send_due_alerts)

    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT2")

    last = (await desk.read(events.ticket_history, number))[-1]
    assert (last.kind, last.by) == (EventKind.SNOOZED, "U0AGENT2")


async def test_without_an_alert_there_is_nothing_to_snooze(desk: Desk) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)

    with pytest.raises(Refused, match="#1 has no alert to snooze"):
        await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")


async def test_an_observer_cannot_silence_an_alert(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.send_due_alerts)

    with pytest.raises(NotAllowed):
        await desk.execute(sweep.snooze_alerts, number, by="U0OBSERVER1")
