"""The floor card: one for each team and working day, from the opening on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.presence.leave import LeavePeriod
from rules.presence.presence import PresenceAction
from services.desk import Desk
from services.presence import board, presence
from storage.outbox import message_references
from storage.presence.board import PRESENCE_BOARD
from storage.schema.tickets import MessageReference, OutboxMessage
from storage.transaction import Transaction
from tests.desks import MONDAY, OFFICE, HeldClock, opened_desk, render_message
from tests.services.vpn import ANA, queued

SUPPORT = {**OFFICE["teams"]["support"], "presence_board": True, "activities": ["Meeting"]}
WITH_FLOOR: dict[str, Any] = {**OFFICE, "teams": {**OFFICE["teams"], "support": SUPPORT}}


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """Support wants a floor card; Network does not."""
    async with opened_desk(database_url, clock, plain=WITH_FLOOR) as opened:
        yield opened


def sent(tx: Transaction, row: OutboxMessage) -> None:
    """As if it had been delivered."""
    kept = tx.session.get_one(OutboxMessage, (tx.workspace, row.id))
    kept.next_at = None
    at = MessageReference(kind=row.kind, subject=row.subject, lane=row.lane, channel=row.lane, ts=f"{row.id}.0")
    message_references.save_reference(tx, at)


async def cards(desk: Desk) -> list[tuple[str, str]]:
    return [(row.lane, row.subject) for row in await queued(desk, PRESENCE_BOARD)]


async def delivered(desk: Desk) -> None:
    for row in await queued(desk, PRESENCE_BOARD):
        if row.next_at is not None:
            await desk.execute(sent, row)


async def test_a_team_that_wants_one_has_a_card_from_its_opening_on(desk: Desk, clock: HeldClock) -> None:
    clock.now = MONDAY - timedelta(hours=2)
    early = await desk.execute(board.update_boards)
    clock.now = MONDAY

    assert (early, await desk.execute(board.update_boards)) == (0, 1)
    assert await cards(desk) == [("C0SUPPORT", "2026-10-05:support")]


async def test_nothing_changed_is_nothing_said(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(board.update_boards)
    await delivered(desk)
    clock.forward(minutes=10)

    assert await desk.execute(board.update_boards) == 0


async def test_a_press_and_leave_redraw_it_at_once(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(board.update_boards)
    await delivered(desk)

    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.BREAK)
    await delivered(desk)
    clock.forward(minutes=1)
    await desk.execute(presence.enter_leave, ANA, LeavePeriod(clock.now, clock.now + timedelta(hours=2)), by=ANA)

    assert await cards(desk) == [("C0SUPPORT", "2026-10-05:support")] * 3


async def test_what_changes_by_itself_is_redrawn_too(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(board.update_boards)
    await delivered(desk)
    clock.now = datetime(2026, 10, 5, 14, 31, tzinfo=UTC)  # the office has closed

    assert await desk.execute(board.update_boards) == 1


@pytest.mark.parametrize("now", [datetime(2026, 10, 4, 9, 0, tzinfo=UTC), datetime(2026, 11, 11, 9, 0, tzinfo=UTC)])
async def test_on_a_day_off_there_is_none_whatever_is_pressed(desk: Desk, clock: HeldClock, now: datetime) -> None:
    clock.now = now

    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.IN)
    await desk.execute(board.update_boards)

    assert await cards(desk) == []


async def test_the_next_day_yesterdays_card_loses_its_buttons(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(board.update_boards)
    await delivered(desk)
    clock.forward(days=1)

    await desk.execute(board.update_boards)

    drawn = {
        row.subject: await desk.read(render_message, desk.policy, clock.now, row)
        for row in await queued(desk, PRESENCE_BOARD)
    }
    has_buttons = {
        subject: draft is not None and any(block["type"] == "actions" for block in draft.message.blocks)
        for subject, draft in drawn.items()
    }
    assert has_buttons == {"2026-10-05:support": False, "2026-10-06:support": True}


async def test_a_desk_that_says_nothing_of_it_has_no_card(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, workspace="T0OTHER") as plain:
        assert await plain.execute(board.update_boards) == 0
