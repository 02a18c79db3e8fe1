"""An offer that nobody answers goes on: the desk's own to the next best, a person's to the leads' attention."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rules.model.tickets import Status
from rules.presence.leave import LeavePeriod
from rules.presence.presence import PresenceAction
from services.assignment import assignments, reminders
from services.desk import Desk
from services.presence import presence
from services.reassignment import bulk
from storage.outbox.outbox import TIMELINE_ENTRY
from tests.desks import HeldClock, opened_desk, render_message
from tests.services.assignment.test_routing import filed, holders, office
from tests.services.leaves import SKILLED, drawn, given
from tests.services.vpn import ANA, BEN, LENA, queued, ticket, told


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The desk gives Support's tickets itself: to Ben first, then to Ana."""
    async with opened_desk(database_url, clock, plain=office()) as opened:
        yield opened


async def left(desk: Desk, clock: HeldClock, **span: float) -> None:
    """So much time passes, and the desk looks at what was left unanswered."""
    clock.forward(**span)
    await desk.execute(reminders.remind_assignees)


async def story_of(desk: Desk, number: int) -> list[str]:
    rows = [row for row in await queued(desk, TIMELINE_ENTRY) if row.number == number]
    drafts = [await desk.read(render_message, desk.policy, desk.clock(), row) for row in rows]
    return [draft.message.text for draft in drafts if draft is not None]


async def test_what_ben_leaves_unanswered_twice_goes_to_ana(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)

    await left(desk, clock, minutes=31)
    after_once = await holders(desk, number)
    await left(desk, clock, minutes=31)

    assert (after_once, await holders(desk, number)) == ([BEN], [ANA])
    assert len(await told(desk, BEN)) == 1
    assert f"#{number}: Baton unassigned <@{BEN}>, who did not start in time" in await story_of(desk, number)


async def test_when_ana_does_not_answer_either_the_lead_is_told_and_nobody_is_asked_for_ever(
    desk: Desk, clock: HeldClock
) -> None:
    number = await filed(desk)

    for _ in range(8):
        await left(desk, clock, minutes=21)
        await desk.execute(assignments.route_unassigned)

    back = await ticket(desk, number)
    assert (back.status, back.assignee, back.remind_at) == (Status.NEW, None, None)
    assert (len(await told(desk, BEN)), len(await told(desk, ANA))) == (1, 1)
    (words,) = await told(desk, LENA)
    assert "everyone with the skill for Network has declined it." in words


async def test_two_sweeps_at_once_take_it_back_once(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await left(desk, clock, minutes=31)
    clock.forward(minutes=31)

    await asyncio.gather(desk.execute(reminders.remind_assignees), desk.execute(reminders.remind_assignees))

    assert await holders(desk, number) == [ANA]
    assert len([words for words in await story_of(desk, number) if "Baton unassigned" in words]) == 1


async def test_who_logged_out_is_not_asked_again_and_the_next_best_gets_it(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    clock.forward(minutes=5)
    await desk.execute(presence.set_presence, by=BEN, what=PresenceAction.OUT)

    await left(desk, clock, minutes=26)

    assert await holders(desk, number) == [ANA]
    assert await told(desk, BEN) == []
    assert f"#{number}: Baton unassigned <@{BEN}>, who is not here" in await story_of(desk, number)


async def test_who_was_not_here_may_get_it_another_day(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.OUT)
    clock.forward(minutes=5)
    await desk.execute(presence.set_presence, by=BEN, what=PresenceAction.OUT)

    await left(desk, clock, minutes=26)
    nobody = await holders(desk, number)
    clock.forward(days=1)
    await desk.execute(assignments.route_unassigned)

    assert (nobody, await holders(desk, number)) == ([None], [BEN])
    assert await told(desk, LENA) == []


async def test_who_is_away_for_less_than_the_teams_time_is_waited_for(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(presence.enter_leave, BEN, LeavePeriod(clock.now, clock.now + timedelta(minutes=45)), by=BEN)

    await left(desk, clock, minutes=31)
    on_leave = await told(desk, BEN)
    await left(desk, clock, minutes=15)

    assert (await holders(desk, number), on_leave, len(await told(desk, BEN))) == ([BEN], [], 1)


async def test_overnight_it_stays_with_whoever_was_asked(desk: Desk, clock: HeldClock) -> None:
    clock.forward(hours=7, minutes=10)
    number = await filed(desk)

    await left(desk, clock, minutes=30)

    assert await holders(desk, number) == [BEN]
    assert await told(desk, BEN) == []


async def test_what_a_lead_gave_stays_and_the_leads_hear_once(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk, type_="other")
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    for _ in range(5):
        await left(desk, clock, minutes=31)

    assert await holders(desk, number) == [BEN]
    assert await told(desk, LENA) == [
        f"<@{BEN}> has not started #{number} and was reminded again. To reassign it, press “Assign…” on its card."
    ]


async def test_nobody_is_reminded_on_leave_but_when_they_are_back(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk, type_="other")
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await desk.execute(presence.enter_leave, BEN, LeavePeriod(clock.now, clock.now + timedelta(hours=3)), by=BEN)

    for _ in range(5):
        await left(desk, clock, minutes=31)
    on_leave = await told(desk, BEN)
    await left(desk, clock, minutes=55)

    assert on_leave == []
    assert await told(desk, BEN) == [
        f"#{number} is waiting for you to start it. Press “Start” or “Decline…” on its card."
    ]


async def test_who_was_given_it_while_on_leave_has_the_whole_time_when_back(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.enter_leave, BEN, LeavePeriod(clock.now, clock.now + timedelta(hours=1)), by=BEN)
    number = await filed(desk, type_="other")
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA, reason="He asked for it.")

    for _ in range(3):
        await left(desk, clock, minutes=31)

    assert len([words for words in await told(desk, LENA) if "has not started" in words]) == 0


async def test_a_basket_that_is_left_unanswered_is_one_message_to_the_lead(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=SKILLED) as desk:
        await given(desk, 4)
        await desk.execute(bulk.reassign_tickets, await drawn(desk, BEN, by=ANA))

        for _ in range(4):
            await left(desk, clock, minutes=31)

        words = [words for words in await told(desk, LENA) if "has not started" in words]
        assert words == [
            f"<@{BEN}> has not started #1 and 3 more tickets and was reminded again. "
            "To reassign them, press “Assign…” on their cards."
        ]
