"""A move is taken back: for ten minutes, once, and only where nobody has touched the ticket since."""

import asyncio

import pytest

from rules.errors import Refused
from rules.model.tickets import Status
from rules.people.permissions import NotAllowed
from services.assignment import assignments
from services.desk import Desk
from services.reassignment import bulk
from services.tickets import tickets
from tests.desks import HeldClock
from tests.services.leaves import DAN, basket, given, holds, moved
from tests.services.vpn import ANA, BEN, CLEO, EVA, LENA, LEO, MIA, OTTO, ticket, told


async def test_undone_every_ticket_is_as_it_was(desk: Desk) -> None:
    begun, waits = await given(desk, 2)
    (offered,) = await given(desk, 1, begun=False)
    await desk.execute(tickets.wait_for_customer, waits, by=ANA)
    id_ = await moved(desk, BEN, DAN)

    assert await desk.execute(bulk.undo_reassignment, id_, by=LENA) == {"back": [begun, waits, offered], "kept": []}

    stands = [(await ticket(desk, number)).status for number in (begun, waits, offered)]
    assert await holds(desk, ANA) == [begun, waits, offered]
    assert stands == [Status.IN_PROGRESS, Status.WAITING, Status.ASSIGNED]
    assert f"<@{LENA}> undid the move: <@{ANA}> has" in (await told(desk, BEN))[-1]


async def test_what_somebody_has_touched_stays_with_them_and_is_named(desk: Desk) -> None:
    first, second = await given(desk, 2)
    id_ = await moved(desk, BEN)
    await desk.execute(assignments.start_work, second, by=BEN)

    assert await desk.execute(bulk.undo_reassignment, id_, by=LENA) == {"back": [first], "kept": [second]}

    assert (await holds(desk, ANA), await holds(desk, BEN)) == ([first], [second])


async def test_undone_once_the_second_reads_who(desk: Desk) -> None:
    await given(desk, 2)
    id_ = await moved(desk, BEN)

    outcomes = await asyncio.gather(
        desk.execute(bulk.undo_reassignment, id_, by=LENA),
        desk.execute(bulk.undo_reassignment, id_, by=MIA),
        return_exceptions=True,
    )

    (refused,) = [one for one in outcomes if isinstance(one, Refused)]
    assert "has undone it already" in str(refused)
    assert (await basket(desk, id_)).undone_by in (LENA, MIA)


async def test_after_ten_minutes_it_is_too_late(desk: Desk, clock: HeldClock) -> None:
    await given(desk, 1)
    id_ = await moved(desk, BEN)
    clock.forward(minutes=10, seconds=1)

    with pytest.raises(Refused, match="too late"):
        await desk.execute(bulk.undo_reassignment, id_, by=LENA)


async def test_when_all_was_touched_there_is_nothing_to_take_back(desk: Desk) -> None:
    (number,) = await given(desk, 1)
    id_ = await moved(desk, BEN)
    await desk.execute(tickets.resolve, number, by=BEN, solution="Restarted.")

    with pytest.raises(Refused, match="Nothing can be undone"):
        await desk.execute(bulk.undo_reassignment, id_, by=LENA)


@pytest.mark.parametrize("who", [BEN, EVA, LEO, OTTO, CLEO])
async def test_they_alone_take_it_back_too(desk: Desk, who: str) -> None:
    await given(desk, 1)
    id_ = await moved(desk, BEN)

    with pytest.raises(NotAllowed):
        await desk.execute(bulk.undo_reassignment, id_, by=who)
