"""What an alert's card tells of the ticket besides its clocks."""

from datetime import timedelta

from desk import sla, tickets
from desk.desk import Desk
from rules.intake import Request
from storage.events import Happened
from storage.sla import Standing, standing
from storage.tickets import seen
from tests.desks import MONDAY, HeldClock

VPN = Request(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def of_vpn(desk: Desk) -> Standing:
    ticket = await desk.ask(seen, 1)
    return await desk.ask(standing, ticket, at=desk.clock())


async def taken_at_ten_past(desk: Desk, clock: HeldClock) -> None:
    await desk.do(tickets.file, VPN)
    clock.forward(minutes=10)
    await desk.do(tickets.take, 1, by="U0AGENT1")
    clock.forward(minutes=5)


async def test_it_is_with_whoever_has_it_since_they_took_it(desk: Desk, clock: HeldClock) -> None:
    await taken_at_ten_past(desk, clock)
    await desk.do(tickets.note, 1, by="U0AGENT2", text="Try the other gateway.")

    assert (await of_vpn(desk)).since == MONDAY + timedelta(minutes=10)


async def test_a_snooze_is_no_step_on_the_ticket(desk: Desk, clock: HeldClock) -> None:
    await taken_at_ten_past(desk, clock)
    await desk.do(sla.warn_all)

    await desk.do(sla.snooze, 1, by="U0AGENT2")

    told = await of_vpn(desk)
    assert told.step is not None
    assert told.step.kind == Happened.TAKEN
    assert (told.snoozed_by, told.snoozed_until) == ("U0AGENT2", clock.now + timedelta(minutes=30))
