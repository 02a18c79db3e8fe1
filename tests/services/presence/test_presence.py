"""People say where they are, and leads say it for their people."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from handlers.text.slack import render
from rules.errors import Refused
from rules.people.permissions import PERMISSION_MATRIX, NotAllowed, Permission, Role
from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.presence import Presence, PresenceAction, PresenceStatus
from rules.text import Text
from services.desk import Desk
from services.presence import presence
from services.tickets import tickets
from storage.outbox.outbox import NOTICE
from storage.presence.presence import presence_of
from storage.presence.time_entries import all_entries, find_entry
from storage.schema.people import LeaveEntry
from storage.texts import text_from_json
from tests.desks import MONDAY, OFFICE, HeldClock, opened_desk
from tests.services.parts import ADA, NOBODY, ROLES, WIDER
from tests.services.vpn import ANA, BEN, CLEO, EVA, LENA, LEO, MIA, OTTO, filed, queued

THURSDAY = datetime(2026, 10, 7, 22, 0, tzinfo=UTC)  # midnight in Warsaw
LATER = LeavePeriod(THURSDAY, THURSDAY + timedelta(days=2), LeaveKind.HOLIDAY, "Skiing")
NOW = LeavePeriod(MONDAY, THURSDAY)


async def stands(desk: Desk, who: str) -> Presence:
    team = desk.policy.first_team_of(who)
    return await desk.read(presence_of, who, policy=desk.policy, at=desk.clock(), team=team)


async def told(desk: Desk, who: str) -> list[str]:
    return [render(text_from_json(row.data["words"])) for row in await queued(desk, NOTICE, to=who)]


@pytest.fixture
async def busy(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """Support describes what people are busy with."""
    support = {**OFFICE["teams"]["support"], "activities": ["Meeting", "Back office"]}
    teams = {**OFFICE["teams"], "support": support}
    async with opened_desk(database_url, clock, plain={**OFFICE, "teams": teams}) as opened:
        yield opened


async def test_a_break_lasts_until_they_log_in_again(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.BREAK)
    on_break = await stands(desk, ANA)
    clock.forward(minutes=15)

    words = await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.IN)

    assert (on_break.status, on_break.since) == (PresenceStatus.BREAK, MONDAY)
    assert ((await stands(desk, ANA)).is_at_work, words) == (True, Text("You are here now."))


async def test_pressing_what_one_is_already_says_so_and_changes_nothing(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.BREAK)
    clock.forward(minutes=15)

    with pytest.raises(Refused, match="You are already on a break, since 09:00"):
        await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.BREAK)

    assert (await stands(desk, ANA)).since == MONDAY


async def test_who_forgot_to_log_out_is_off_work_when_their_hours_are_over(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.IN)
    clock.forward(hours=11)

    assert (await stands(desk, ANA)).status is PresenceStatus.OFF


async def test_an_activity_is_one_of_the_teams_own(busy: Desk) -> None:
    words = await busy.execute(presence.set_presence, by=ANA, what=PresenceAction.ACTIVITY, activity="back OFFICE")

    assert (str(words), (await stands(busy, ANA)).activity) == ("You are busy with Back office now.", "Back office")
    with pytest.raises(Refused, match=r"`meting` isn't an activity here. Did you mean `Meeting`?"):
        await busy.execute(presence.set_presence, by=BEN, what=PresenceAction.ACTIVITY, activity="meting")
    with pytest.raises(Refused, match=r"Busy with what\? Activities: Meeting, Back office."):
        await busy.execute(presence.set_presence, by=BEN, what=PresenceAction.ACTIVITY)


async def test_where_none_are_described_any_words_will_do(desk: Desk) -> None:
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.ACTIVITY, activity="x" * 300)

    assert len((await stands(desk, ANA)).activity) == presence.MAX_ACTIVITY_LENGTH


async def test_leave_that_is_entered_counts_from_its_first_day(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)
    before = await stands(desk, ANA)
    clock.now = THURSDAY

    assert (before.status, (await stands(desk, ANA)).status) == (PresenceStatus.AT_WORK, PresenceStatus.AWAY)


async def test_the_lead_reads_who_will_be_away_and_what_they_hold(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await filed(desk), by=ANA)
    await desk.execute(tickets.take, await filed(desk), by=ANA)

    await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)

    (row,) = await queued(desk, NOTICE, to=LENA)
    assert render(text_from_json(row.data["words"])) == (
        f"<@{ANA}> will be away from Thu 8 Oct until Fri 9 Oct (Holiday, entered by <@{ANA}>). "
        "2 open tickets are assigned to them."
    )
    assert row.data["quote"] == "Skiing"
    assert await told(desk, LEO) == []


async def test_what_is_overdue_is_said_too(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await filed(desk), by=ANA)
    clock.forward(hours=48)

    await desk.execute(presence.enter_leave, ANA, LeavePeriod(clock.now, clock.now + timedelta(hours=3)), by=ANA)

    assert "1 open ticket is assigned to them (1 breached)." in (await told(desk, LENA))[0]


async def test_who_leads_alone_is_missed_by_the_manager(desk: Desk) -> None:
    await desk.execute(presence.enter_leave, LENA, LATER, by=LENA)

    assert len(await told(desk, MIA)) == 1
    assert await told(desk, LENA) == []


async def test_a_lead_enters_it_for_their_people_who_read_it(desk: Desk) -> None:
    await desk.execute(presence.enter_leave, BEN, LATER, by=LENA)

    assert await told(desk, BEN) == [f"<@{LENA}> entered leave for you: from Thu 8 Oct until Fri 9 Oct (Holiday)."]
    assert await told(desk, LENA) == []


async def test_leave_over_leave_is_refused_and_names_it(desk: Desk) -> None:
    await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)
    over = LeavePeriod(THURSDAY + timedelta(days=1), THURSDAY + timedelta(days=9))

    with pytest.raises(Refused, match="You are already away from Thu 8 Oct until Fri 9 Oct \\(Holiday\\)"):
        await desk.execute(presence.enter_leave, ANA, over, by=ANA)
    with pytest.raises(Refused, match=f"{ANA} is already away"):
        await desk.execute(presence.enter_leave, ANA, over, by=LENA)

    await desk.execute(
        presence.enter_leave, ANA, LeavePeriod(THURSDAY + timedelta(days=2), THURSDAY + timedelta(days=3)), by=ANA
    )
    assert len(await desk.read(all_entries, LeaveEntry, ANA)) == 2


async def test_leave_in_the_past_is_refused(desk: Desk, clock: HeldClock) -> None:
    clock.forward(days=7)

    with pytest.raises(Refused, match=r"Thu 8 Oct is in the past. Enter leave for today or later"):
        await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)


async def test_back_ends_the_leave_and_the_lead_reads_it(desk: Desk, clock: HeldClock) -> None:
    id_ = await desk.execute(presence.enter_leave, ANA, NOW, by=ANA)
    clock.forward(hours=1)

    words = await desk.execute(presence.return_to_work, ANA, by=ANA)

    row = await desk.read(find_entry, LeaveEntry, ANA, id_)
    assert row is not None
    assert (str(words), row.ends, row.cancelled_at) == ("You are here now.", clock.now, None)
    assert (await stands(desk, ANA)).is_at_work
    assert (await told(desk, LENA))[-1] == f"<@{ANA}> is back. No open tickets are assigned to them."


async def test_back_from_a_break_is_here(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.BREAK)
    clock.forward(minutes=5)

    await desk.execute(presence.return_to_work, ANA, by=ANA)

    assert (await stands(desk, ANA)).is_at_work


async def test_back_of_somebody_who_is_here_names_the_leave_that_stands(desk: Desk) -> None:
    await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)

    with pytest.raises(Refused, match=r"You are already here. The leave from Thu 8 Oct until Fri 9 Oct stays"):
        await desk.execute(presence.return_to_work, ANA, by=ANA)


async def test_a_day_off_of_the_description_is_ended_there(database_url: str, clock: HeldClock) -> None:
    plain = OFFICE | {"people": {ANA: {"away": ["2026-10-05"]}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        with pytest.raises(Refused, match=r"desk.yml lists today as a day off"):
            await desk.execute(presence.return_to_work, ANA, by=ANA)


async def test_leave_that_is_taken_back_never_was(desk: Desk, clock: HeldClock) -> None:
    id_ = await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)

    words = await desk.execute(presence.cancel_leave, ANA, id_, by=ANA)
    clock.now = THURSDAY + timedelta(hours=10)

    assert str(words) == "Leave canceled: from Thu 8 Oct until Fri 9 Oct."
    assert (await stands(desk, ANA)).is_at_work
    assert (await told(desk, LENA))[1:] == [
        f"<@{ANA}> is not away from Thu 8 Oct until Fri 9 Oct after all: leave canceled by <@{ANA}>. "
        "No open tickets are assigned to them."
    ]
    with pytest.raises(presence.LeaveOver):
        await desk.execute(presence.cancel_leave, ANA, id_, by=ANA)


async def test_leave_that_has_begun_and_is_taken_back_ends_now(desk: Desk, clock: HeldClock) -> None:
    id_ = await desk.execute(presence.enter_leave, ANA, NOW, by=ANA)
    clock.forward(hours=1)

    await desk.execute(presence.cancel_leave, ANA, id_, by=LENA)

    row = await desk.read(find_entry, LeaveEntry, ANA, id_)
    assert row is not None
    assert (row.ends, row.cancelled_at) == (clock.now, None)


async def test_leave_that_is_not_there_cannot_be_taken_back(desk: Desk) -> None:
    with pytest.raises(presence.LeaveOver):
        await desk.execute(presence.cancel_leave, ANA, 7, by=ANA)


@pytest.mark.parametrize("role", Role)
async def test_each_role_says_of_themselves_what_the_matrix_lets_them(
    database_url: str, clock: HeldClock, role: Role
) -> None:
    async with opened_desk(database_url, clock, plain=WIDER) as desk:
        may = role in PERMISSION_MATRIX[Permission.SET_PRESENCE]

        assert await done(desk, presence.set_presence, by=ROLES[role], what=PresenceAction.BREAK) == may
        assert await done(desk, presence.enter_leave, ROLES[role], LATER, by=ROLES[role]) == may


@pytest.mark.parametrize(("by", "may"), [(LENA, True), (MIA, True), (ADA, True), (LEO, False), (BEN, False)])
async def test_leave_of_others_is_for_who_leads_them(database_url: str, clock: HeldClock, by: str, may: bool) -> None:
    async with opened_desk(database_url, clock, plain=WIDER) as desk:
        assert await done(desk, presence.enter_leave, ANA, LATER, by=by) == may
        id_ = (
            (await desk.read(all_entries, LeaveEntry, ANA))[0].id
            if may
            else await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)
        )
        assert await done(desk, presence.cancel_leave, ANA, id_, by=by) == may


async def test_a_refusal_says_who_can(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="leads of Support can, and so can managers and admins"):
        await desk.execute(presence.enter_leave, ANA, LATER, by=EVA)


@pytest.mark.parametrize("person", [CLEO, OTTO, NOBODY])
async def test_leave_is_kept_for_people_of_the_desk_alone(desk: Desk, person: str) -> None:
    with pytest.raises(Refused, match="is in no team of this desk"):
        await desk.execute(presence.enter_leave, person, LATER, by=MIA)


async def done(desk: Desk, deed: Callable[..., object], *args: object, **named: object) -> bool:
    """Whether it was done; a refusal for lack of authority is the only other way."""
    try:
        await desk.execute(deed, *args, **named)
    except NotAllowed:
        return False
    return True
