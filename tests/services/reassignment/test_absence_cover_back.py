"""Who is back reads once what was handed over and is still open, and takes back what nobody else has begun."""

import pytest

from rules.errors import Refused
from rules.model.tickets import Status
from services.assignment import assignments
from services.desk import Desk
from services.reassignment import absence_cover
from services.tickets import tickets
from storage.reassignment.bulk import REASSIGNMENT_CARD
from tests.desks import HeldClock
from tests.services.leaves import DAN, handed, holds, is_back, last_of, reads, swept
from tests.services.vpn import ANA, BEN, queued, ticket, told


async def returned(desk: Desk, clock: HeldClock) -> int:
    """Ana is back two days later; the id of the basket of which she is told."""
    clock.forward(days=2)
    await is_back(desk)
    await swept(desk)
    (row,) = await queued(desk, REASSIGNMENT_CARD, to=ANA)
    return int(row.subject.partition(".")[0])


async def test_who_is_back_reads_once_what_is_still_open(desk: Desk, clock: HeldClock) -> None:
    first, *_ = await handed(desk)
    await desk.execute(tickets.resolve, first, by=BEN, solution="Restarted.")

    await returned(desk, clock)
    await swept(desk)

    assert await reads(desk, ANA, "back") == [
        "Welcome back. 4 of your tickets were reassigned meanwhile; still open: 3"
    ]


async def test_the_welcome_waits_for_their_own_hours(desk: Desk, clock: HeldClock) -> None:
    await handed(desk)
    clock.forward(hours=15)
    await is_back(desk)

    await swept(desk)

    (row,) = await queued(desk, REASSIGNMENT_CARD, to=ANA)
    assert row.next_at is not None
    assert row.next_at.isoformat() == "2026-10-06T06:00:00+00:00"


async def test_where_all_is_done_nobody_is_bothered(desk: Desk, clock: HeldClock) -> None:
    for number in await handed(desk, 2):
        await desk.execute(tickets.resolve, number, by=BEN, solution="Restarted.")
    clock.forward(days=2)
    await is_back(desk)

    await swept(desk)

    assert await queued(desk, REASSIGNMENT_CARD, to=ANA) == []


async def test_taken_back_is_all_but_what_others_have_begun(desk: Desk, clock: HeldClock) -> None:
    numbers = await handed(desk)
    begun = (await holds(desk, BEN))[0]
    await desk.execute(assignments.start_work, begun, by=BEN)
    id_ = await returned(desk, clock)

    done = await desk.execute(absence_cover.take_back_tickets, id_, by=ANA)

    assert done == {"back": [one for one in numbers if one != begun], "kept": [begun]}
    assert (await holds(desk, ANA), await holds(desk, BEN)) == (done["back"], [begun])
    assert (await ticket(desk, done["back"][0])).status is Status.IN_PROGRESS
    assert (await last_of(desk, done["back"][0])).data["did"] == "back"
    assert f"<@{ANA}> is back and has" in (await told(desk, DAN))[-1]


async def test_nobody_else_takes_them_back(desk: Desk, clock: HeldClock) -> None:
    await handed(desk)
    id_ = await returned(desk, clock)

    with pytest.raises(Refused, match="Only the person whose tickets these were"):
        await desk.execute(absence_cover.take_back_tickets, id_, by=BEN)


async def test_pressed_twice_there_is_nothing_left_to_take(desk: Desk, clock: HeldClock) -> None:
    await handed(desk)
    id_ = await returned(desk, clock)
    await desk.execute(absence_cover.take_back_tickets, id_, by=ANA)

    with pytest.raises(Refused, match="nothing to take back"):
        await desk.execute(absence_cover.take_back_tickets, id_, by=ANA)
