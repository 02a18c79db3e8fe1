"""While somebody is away, their deputy hears of things in their place, and may decide them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rules.errors import Refused
from rules.model.timers import TimerKind
from rules.people.permissions import NotAllowed
from rules.presence.leave import LeavePeriod
from rules.presence.presence import PresenceAction
from services.alerts import sweep
from services.assignment import assignments
from services.desk import Desk
from services.notifications.recipients import desk_for_person
from services.presence import presence
from services.sla import extensions
from services.sla.extensions import EXTENSION_CARD
from services.tickets import tickets
from storage.alerts import ALERT_DIGEST
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.alarms import FIRE, VPN, told
from tests.services.vpn import ANA, BEN, EVA, LENA, LEO, MIA, queued

DEPUTIES = {ANA: {"deputy": BEN}, LENA: {"deputy": EVA}}


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """Ben stands in for Ana, Eva for Lena."""
    async with opened_desk(database_url, clock, plain=OFFICE | {"people": DEPUTIES}) as opened:
        yield opened


async def leaves(desk: Desk, *people: str, hours: int = 30) -> None:
    now = desk.clock()
    for person in people:
        await desk.execute(presence.enter_leave, person, LeavePeriod(now, now + timedelta(hours=hours)), by=person)


async def digests(desk: Desk) -> dict[str, int]:
    rows = await queued(desk, ALERT_DIGEST)
    return {row.lane: len(row.data["items"]) for row in rows}


async def test_alerts_of_who_is_away_reach_their_deputy(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, VPN), by=ANA)
    await leaves(desk, ANA)
    clock.forward(minutes=16)

    await desk.execute(sweep.send_due_alerts)

    assert await digests(desk) == {BEN: 1}


async def test_where_the_deputy_is_away_too_the_lead_is_told(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, VPN), by=ANA)
    await leaves(desk, ANA, BEN)
    clock.forward(minutes=16)

    await desk.execute(sweep.send_due_alerts)

    assert await digests(desk) == {LENA: 1}


async def test_who_is_back_hears_of_it_themselves(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, FIRE), by=ANA)
    await leaves(desk, ANA, hours=1)
    clock.forward(hours=1)
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.IN)

    await desk.execute(sweep.send_due_alerts)

    assert await told(desk, BEN) == []


async def test_a_request_for_more_time_reaches_the_leads_deputy_who_may_grant_it(desk: Desk) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.take, number, by=ANA)
    await leaves(desk, LENA)

    await more_time(desk, number)
    asked = [row.lane for row in await queued(desk, EXTENSION_CARD)]
    await (await desk_for_person(desk, EVA)).execute(extensions.answer_extension, number, 1, by=EVA, granted=True)

    assert asked == [EVA]
    assert f"<@{EVA}> extended #1 by 20 h." in await told(desk, ANA)


async def test_while_the_lead_is_here_their_deputy_may_not(desk: Desk) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.take, number, by=ANA)
    await more_time(desk, number)

    assert [row.lane for row in await queued(desk, EXTENSION_CARD)] == [LENA]
    with pytest.raises(Refused):
        await (await desk_for_person(desk, EVA)).execute(extensions.answer_extension, number, 1, by=EVA, granted=True)


async def test_a_deputy_of_nobody_who_is_away_may_nothing_more(desk: Desk) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.take, number, by=ANA)
    await leaves(desk, LENA)
    await more_time(desk, number)

    with pytest.raises(NotAllowed):
        await (await desk_for_person(desk, BEN)).execute(extensions.answer_extension, number, 1, by=BEN, granted=True)
    with pytest.raises(Refused):
        await (await desk_for_person(desk, LEO)).execute(extensions.answer_extension, number, 1, by=LEO, granted=True)


async def test_what_was_passed_back_reaches_the_deputy_and_without_one_the_manager(desk: Desk) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await leaves(desk, LENA, EVA)

    await desk.execute(assignments.pass_ticket_back, number, by=BEN, reason="I leave early")

    assert any("declined #1" in words for words in await told(desk, MIA))
    assert not any("declined" in words for words in await told(desk, LENA))


async def more_time(desk: Desk, number: int) -> None:
    target = TimerKind.RESOLUTION
    await desk.execute(
        extensions.extend_timer, number, by=ANA, target=target, more="20h", reason="The part comes today."
    )
