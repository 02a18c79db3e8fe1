"""Two leads, or two processes, move at the same moment: one does, the other reads who, and nobody is overfilled."""

import asyncio

import pytest

from services.desk import Desk
from services.reassignment import bulk
from services.reassignment.bulk import PreviewOutdated
from tests.desks import HeldClock, opened_desk
from tests.services.leaves import DAN, SKILLED, drawn, given, holds, on_leave, swept
from tests.services.vpn import ANA, BEN, MIA, story

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_of_two_leads_at_once_one_moves_and_the_other_reads_who(desk: Desk) -> None:
    await given(desk, 2)
    first, second = await drawn(desk, BEN), await drawn(desk, DAN, by=MIA)

    outcomes = await asyncio.gather(
        desk.execute(bulk.reassign_tickets, first), desk.execute(bulk.reassign_tickets, second), return_exceptions=True
    )

    (refused,) = [one for one in outcomes if isinstance(one, PreviewOutdated)]
    assert f"moved 2 tickets of {ANA} meanwhile" in str(refused)
    assert sorted([len(await holds(desk, BEN)), len(await holds(desk, DAN))]) == [0, 2]


async def test_who_comes_after_baton_itself_reads_that(desk: Desk) -> None:
    await given(desk, 2)
    shown = await drawn(desk, BEN)
    await on_leave(desk)
    await swept(desk)

    with pytest.raises(PreviewOutdated, match=f"Baton moved 2 tickets of {ANA} meanwhile"):
        await desk.execute(bulk.reassign_tickets, shown)


@on_postgresql
async def test_of_two_processes_at_once_one_moves(database_url: str, desk: Desk, clock: HeldClock) -> None:
    await given(desk, 6)
    async with opened_desk(database_url, clock, plain=SKILLED) as other:
        first, second = await drawn(desk, BEN), await drawn(other, DAN, by=MIA)

        outcomes = await asyncio.gather(
            desk.execute(bulk.reassign_tickets, first),
            other.execute(bulk.reassign_tickets, second),
            return_exceptions=True,
        )

    assert [type(one) for one in outcomes].count(PreviewOutdated) == 1
    assert sorted([len(await holds(desk, BEN)), len(await holds(desk, DAN))]) == [0, 6]
    assert await story(desk, 1) == ["filed", "assigned", "started", "handed"]


@on_postgresql
async def test_two_processes_together_do_not_fill_somebody_beyond_their_room(
    database_url: str, clock: HeldClock
) -> None:
    plain = {**SKILLED, "people": {**SKILLED["people"], BEN: {"skills": {"network": "can"}, "capacity": 3}}}
    async with opened_desk(database_url, clock, plain=plain) as desk, opened_desk(database_url, clock) as other:
        other.policy = desk.policy
        await given(desk, 2)
        await given(desk, 2, to=DAN)
        first, second = await drawn(desk, BEN), await drawn(other, BEN, giver=DAN, by=MIA)

        outcomes = await asyncio.gather(
            desk.execute(bulk.reassign_tickets, first),
            other.execute(bulk.reassign_tickets, second),
            return_exceptions=True,
        )

        assert [type(one) for one in outcomes].count(PreviewOutdated) == 1
        assert len(await holds(desk, BEN)) == 2
