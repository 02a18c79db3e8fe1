"""The next ticket for somebody: of their teams, that they know, and that they did not skip just now."""

from copy import deepcopy

import pytest

from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority
from rules.people.permissions import NotAllowed
from services.assignment import assignments, routing
from services.desk import Desk
from services.forecasts import runs
from services.tickets import tickets
from storage.assignment.candidates import NextTicket, find_next_ticket
from storage.tickets.tickets import NoSuchTicket
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, BEN, CLEO, EVA, LENA, MIA, filed, history, story


async def next_for(desk: Desk, who: str) -> NextTicket:
    return await desk.read(find_next_ticket, who, policy=desk.policy, at=desk.clock())


async def number_for(desk: Desk, who: str) -> int:
    found = await next_for(desk, who)
    return found.ticket.number if found.ticket else 0


async def urgent(desk: Desk, priority: Priority) -> int:
    request = TicketRequest(title="VPN is down", requester=CLEO, registered_by=ANA, type="network", priority=priority)
    return await desk.execute(tickets.create_ticket, request)


async def test_the_most_urgent_that_nobody_has(desk: Desk) -> None:
    await filed(desk)
    critical, taken = await urgent(desk, Priority.CRITICAL), await urgent(desk, Priority.CRITICAL)
    await desk.execute(assignments.assign_ticket, taken, to=BEN, by=LENA)

    assert await number_for(desk, ANA) == critical


async def test_the_newest_outlook_says_how_likely_it_is_to_be_late(desk: Desk) -> None:
    await filed(desk)
    await runs.run_forecast(desk, "support")

    found = await next_for(desk, ANA)

    assert found.why is not None
    assert found.why.breach_chance is not None
    assert 0 <= found.why.breach_chance <= 1


async def test_skipped_it_is_kept_and_the_next_is_shown(desk: Desk) -> None:
    first, second = await urgent(desk, Priority.HIGH), await filed(desk)

    await desk.execute(routing.skip_ticket, first, by=ANA)

    skip = (await history(desk, first))[-1]
    assert (skip.kind, skip.by) == ("skipped", ANA)
    assert await number_for(desk, ANA) == second
    assert await number_for(desk, BEN) == first


async def test_what_was_skipped_comes_back_the_next_day(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(routing.skip_ticket, number, by=ANA)
    assert (await next_for(desk, ANA)).skipped_count == 1

    clock.forward(days=1)

    assert await number_for(desk, ANA) == number


async def test_what_somebody_took_meanwhile_needs_no_skip(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=BEN)

    await desk.execute(routing.skip_ticket, number, by=ANA)

    assert await story(desk, number) == ["filed", "taken"]


async def test_what_one_is_not_competent_for_is_not_shown(database_url: str, clock: HeldClock) -> None:
    plain = deepcopy(OFFICE)
    plain["types"]["network"]["needs"] = "can"
    plain["people"] = {ANA: {"skills": {"network": "learning"}}, BEN: {"skills": {"network": "expert"}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await filed(desk)

        assert [await number_for(desk, who) for who in (ANA, BEN)] == [0, number]


async def test_another_teams_ticket_is_not_shown_and_not_skipped(desk: Desk) -> None:
    number = await filed(desk)

    assert await number_for(desk, EVA) == 0
    with pytest.raises(NoSuchTicket):
        await desk.execute(routing.skip_ticket, number, by=EVA)


async def test_who_only_watches_skips_nothing(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(NotAllowed, match="agents, experts and leads of Support can"):
        await desk.execute(routing.skip_ticket, number, by=MIA)
