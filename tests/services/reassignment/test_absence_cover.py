"""No ticket waits for somebody who is away: the desk hands it over, and on return it can be taken back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from rules.errors import Refused
from rules.model.tickets import Status
from rules.presence.leave import LeavePeriod
from services.config import apply_configuration, reload_configuration
from services.desk import Desk
from services.presence import presence
from services.reassignment import bulk
from services.tickets import tickets
from storage.people import people
from storage.reassignment.bulk import REASSIGNMENT_CARD
from storage.schema.tickets import Ticket
from tests.desks import HeldClock, opened_desk
from tests.services.leaves import (
    CARL,
    DAN,
    SKILLED,
    all_baskets,
    given,
    handed,
    holds,
    leave_of,
    on_leave,
    reads,
    swept,
)
from tests.services.vpn import ANA, BEN, LENA, LEO, MIA, queued, ticket

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_when_leave_begins_the_basket_goes_to_colleagues_who_know_it(desk: Desk) -> None:
    await handed(desk)

    assert [len(await holds(desk, who)) for who in (ANA, BEN, DAN, CARL)] == [0, 2, 2, 0]


async def test_however_many_tickets_somebody_has_each_run_moves_some(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reassignment.absence_cover.TICKETS_PER_COVER", 3)
    await given(desk, 4)
    await on_leave(desk)

    assert [await swept(desk) for _ in range(3)] == [3, 1, 0]


async def test_running_again_moves_nothing_and_tells_nobody_again(desk: Desk) -> None:
    await handed(desk)

    assert await swept(desk) == 0

    assert len(await all_baskets(desk)) == 1
    assert len(await reads(desk, LENA, "lead")) == 1


async def test_the_leave_is_marked_as_handed_over(desk: Desk, clock: HeldClock) -> None:
    await handed(desk)

    assert (await leave_of(desk)).handed_at == clock.now


async def test_the_lead_reads_once_what_went_where(desk: Desk) -> None:
    await handed(desk)

    (words,) = await reads(desk, LENA, "lead")
    assert words.startswith(f"Baton moved 4 tickets of <@{ANA}>: away until")
    assert words.endswith(f"2 to <@{BEN}>, 2 to <@{DAN}>")


async def test_the_one_who_is_away_is_left_in_peace(desk: Desk) -> None:
    await handed(desk)

    assert await queued(desk, REASSIGNMENT_CARD, to=ANA) == []


async def test_what_nobody_is_competent_for_goes_to_the_lead(desk: Desk) -> None:
    (number,) = await given(desk, 1, type_="access")
    await on_leave(desk)

    await swept(desk)

    assert (await ticket(desk, number)).status is Status.NEW
    assert "1 unassigned" in (await reads(desk, LENA, "lead"))[0]


async def test_leave_that_has_not_begun_moves_nothing(desk: Desk, clock: HeldClock) -> None:
    await given(desk, 1)
    await on_leave(desk, after=clock.now.replace(hour=9) - clock.now)

    assert await swept(desk) == 0


async def test_a_few_hours_off_are_waited_for(desk: Desk) -> None:
    await given(desk, 1)
    await on_leave(desk, days=3 / 24)

    assert await swept(desk) == 0


async def test_hours_that_are_added_to_hours_off_are_waited_for_as_one_leave(desk: Desk, clock: HeldClock) -> None:
    await given(desk, 2)
    await desk.execute(presence.enter_leave, ANA, LeavePeriod(clock.now, clock.now + timedelta(hours=2)), by=ANA)
    assert await swept(desk) == 0
    clock.forward(hours=2)
    (late,) = await given(desk, 1)
    await desk.execute(presence.enter_leave, ANA, LeavePeriod(clock.now, clock.now + timedelta(hours=4)), by=ANA)

    assert await swept(desk) == 2

    assert await holds(desk, ANA) == [late]


async def test_where_the_lead_is_away_the_manager_reads_what_is_with_nobody(desk: Desk) -> None:
    await given(desk, 1, type_="access")
    await on_leave(desk)
    await on_leave(desk, LENA)

    await swept(desk)

    assert "1 unassigned" in (await reads(desk, MIA, "lead"))[0]
    assert await reads(desk, LENA, "lead") == []


async def test_leave_that_begins_at_night_is_handed_over_in_the_morning(desk: Desk, clock: HeldClock) -> None:
    await given(desk, 2)
    clock.forward(hours=12)
    await on_leave(desk)

    assert await swept(desk) == 0
    clock.forward(hours=12)
    assert await swept(desk) == 2


async def test_somebody_who_left_slack_is_not_waited_for(desk: Desk) -> None:
    await given(desk, 2)
    await desk.execute(people.save_person, ANA, name="Ana", tz="Europe/Warsaw", gone=True)

    assert await swept(desk) == 2

    assert await holds(desk, ANA) == []
    assert "not in Slack any more" in (await reads(desk, LENA, "lead"))[0]


async def without_ana(desk: Desk) -> list[str]:
    """Ana is taken out of desk.yml; what whoever applies it reads."""
    support = SKILLED["teams"]["support"]
    plain = {**SKILLED, "teams": {**SKILLED["teams"], "support": {**support, "agents": [BEN, DAN, CARL]}}}
    said = await desk.execute(apply_configuration, plain)
    await reload_configuration(desk)
    return [str(sentence) for sentence in said]


async def test_what_somebody_holds_who_was_taken_out_of_the_team_goes_to_colleagues(desk: Desk) -> None:
    await given(desk, 2)
    await desk.execute(people.save_person, ANA, name="Ana Kowalska", tz="Europe/Warsaw", gone=False)
    said = await without_ana(desk)

    assert await swept(desk) == 2

    assert [len(await holds(desk, who)) for who in (ANA, BEN, DAN)] == [0, 1, 1]
    assert said[-1] == (
        "Ana Kowalska is no longer in a team; 2 open tickets are reassigned to colleagues during business hours"
    )
    assert "in no team here any more" in (await reads(desk, LENA, "lead"))[0]


async def test_who_was_taken_out_of_the_team_is_welcomed_back_only_when_they_are_in_it_again(desk: Desk) -> None:
    await given(desk, 2)
    await without_ana(desk)
    await swept(desk)
    await swept(desk)
    while_out = await reads(desk, ANA, "back")

    await desk.execute(apply_configuration, SKILLED)
    await reload_configuration(desk)
    await swept(desk)

    assert (while_out, len(await reads(desk, ANA, "back"))) == ([], 1)


async def test_people_of_imported_history_keep_what_they_had(desk: Desk) -> None:
    (number,) = await given(desk, 1)
    await desk.execute(lambda tx: tx.execute(update(Ticket).values(assignee="Resolver 17")).rowcount)

    assert await swept(desk) == 0
    assert await holds(desk, "Resolver 17") == [number]


async def test_days_away_of_the_description_count_as_leave(database_url: str, clock: HeldClock) -> None:
    plain: dict[str, Any] = {**SKILLED, "people": {**SKILLED["people"], ANA: {"away": ["2026-10-05..2026-10-09"]}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await given(desk, 2)

        assert await swept(desk) == 2


async def test_the_deputy_comes_first(database_url: str, clock: HeldClock) -> None:
    plain: dict[str, Any] = {**SKILLED, "people": {**SKILLED["people"], ANA: {"deputy": DAN}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await given(desk, 3)
        await on_leave(desk)

        await swept(desk)

        assert await holds(desk, DAN) == [1, 2, 3]


async def test_nothing_goes_to_a_colleague_who_is_away_too(desk: Desk) -> None:
    await given(desk, 2)
    await on_leave(desk)
    await on_leave(desk, BEN)

    await swept(desk)

    assert await holds(desk, DAN) == [1, 2]


async def test_a_ticket_reopened_with_somebody_on_leave_does_not_stay_there(desk: Desk) -> None:
    first, second = await handed(desk, 2)
    (number,) = await given(desk, 1)

    assert await swept(desk) == 1

    assert number not in await holds(desk, ANA)
    assert len(await reads(desk, LENA, "lead")) == 2
    assert (first, second) == (1, 2)


async def test_what_a_lead_took_back_to_them_by_hand_stays(desk: Desk) -> None:
    numbers = await handed(desk, 2)
    (basket,) = await all_baskets(desk)
    await desk.execute(bulk.undo_reassignment, basket.id, by=LENA)

    assert await swept(desk) == 0

    assert await holds(desk, ANA) == numbers


async def test_once_somebody_touches_it_it_is_handed_over_after_all(desk: Desk) -> None:
    first, second = await handed(desk, 2)
    (basket,) = await all_baskets(desk)
    await desk.execute(bulk.undo_reassignment, basket.id, by=LENA)
    await desk.execute(tickets.add_note, second, by=LENA, text="The customer called again.")

    assert await swept(desk) == 1

    assert await holds(desk, ANA) == [first]


async def test_a_hand_over_is_taken_back_for_a_day(desk: Desk, clock: HeldClock) -> None:
    await handed(desk, 2)
    (basket,) = await all_baskets(desk)
    clock.forward(days=1, seconds=1)

    with pytest.raises(Refused, match="too late"):
        await desk.execute(bulk.undo_reassignment, basket.id, by=LENA)


async def test_another_teams_lead_may_not_take_it_back(desk: Desk) -> None:
    await handed(desk, 2)
    (basket,) = await all_baskets(desk)

    with pytest.raises(Refused, match="leads of Support can"):
        await desk.execute(bulk.undo_reassignment, basket.id, by=LEO)


@on_postgresql
async def test_two_processes_hand_over_once(database_url: str, desk: Desk, clock: HeldClock) -> None:
    await given(desk, 6)
    await on_leave(desk)
    async with opened_desk(database_url, clock, plain=SKILLED) as other:
        moved = await asyncio.gather(swept(desk), swept(other))

    assert sorted(moved) == [0, 6]
    assert len(await all_baskets(desk)) == 1
    assert len(await reads(desk, LENA, "lead")) == 1
