"""What a team's day is counted from."""

from datetime import timedelta

from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority
from rules.reports.summaries import DayLoad
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.reports.summaries import day_activity, most_urgent_tickets
from tests.desks import MONDAY, HeldClock

DAY = timedelta(days=1)


def asked(title: str = "VPN is down", priority: Priority = Priority.NORMAL) -> TicketRequest:
    return TicketRequest(
        title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type="network", priority=priority
    )


async def test_the_moment_the_day_ends_is_of_the_next_day(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, asked())

    before = await desk.read(day_activity, team="support", start=MONDAY - DAY, end=MONDAY)
    after = await desk.read(day_activity, team="support", start=MONDAY, end=MONDAY + DAY)

    assert (before, after) == ((0, {}), (1, {}))


async def test_what_the_experts_solved_is_theirs(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, asked())
    await desk.execute(escalations.escalate, 1, by="U0AGENT1", team="network", why="Down", tried="restarted")
    await desk.execute(escalations.accept, 1, 1, by="U0EXPERT1")
    await desk.execute(tickets.resolve, 1, by="U0EXPERT1", solution="Gateway replaced.")

    assert await desk.read(day_activity, team="support", start=MONDAY, end=MONDAY + DAY) == (1, {})
    assert await desk.read(day_activity, team="network", start=MONDAY, end=MONDAY + DAY) == (
        0,
        {"U0EXPERT1": DayLoad(new=1, done=1)},
    )


async def test_what_is_due_first_is_named_first_and_only_so_many(desk: Desk, clock: HeldClock) -> None:
    for request in (asked("Normal"), asked("Another"), asked("Fire", Priority.CRITICAL)):
        await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, request), by="U0AGENT1")

    found = await desk.read(most_urgent_tickets, team="support", people=["U0AGENT1"], at=clock.now, limit=2)

    assert [one.title for one in found["U0AGENT1"]] == ["Fire", "Normal"]
