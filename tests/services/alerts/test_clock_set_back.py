"""The machine's clock was an hour ahead and is set right: what was written meanwhile waits for its own span only."""

from services.alerts import sweep
from services.desk import Desk
from services.tickets import tickets
from tests.desks import HeldClock
from tests.services.alarms import VPN, told


async def test_a_snooze_of_half_an_hour_ends_after_half_an_hour(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(hours=2)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")
    clock.forward(hours=-1)

    await desk.execute(sweep.correct_future_alerts)

    clock.forward(minutes=29)
    meanwhile = await desk.execute(sweep.send_due_alerts)
    clock.forward(minutes=1)
    assert (meanwhile, await desk.execute(sweep.send_due_alerts)) == (0, 1)


async def test_a_digest_that_was_to_be_sent_at_once_is_sent_at_once(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(hours=2)
    await desk.execute(sweep.send_due_alerts)
    clock.forward(hours=-1)
    before = await told(desk, "U0LEAD1")

    await desk.execute(sweep.correct_future_alerts)

    assert before == []
    assert [line for line in await told(desk, "U0LEAD1") if "breached" in line] != []


async def test_a_snooze_that_began_when_the_clock_was_right_is_left_alone(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(hours=1)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(sweep.snooze_alerts, number, by="U0AGENT1")

    clock.forward(minutes=10)

    assert await desk.execute(sweep.correct_future_alerts) == 0
