"""Who hears of an alert: as few messages as there are people, in their own hours, one step up when nobody acts."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from desk import preferences, sla, tickets
from desk.desk import Desk
from desk.policy import reload
from rules.alerts import HearBy
from rules.errors import DeskError
from storage.database import Database
from storage.outbox import Kind
from tests.desk.alarms import FIRE, VPN, alerts, drawn_now, told
from tests.desk.vpn import ANA, BEN, CLEO, EVA, LENA, LEO, MIA, asked, filed, queued
from tests.desks import OFFICE, HeldClock, opened_desk

MONDAY_EIGHT = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 10, 9, 9, 0, tzinfo=UTC)


def described(**more: Any) -> dict[str, Any]:
    """The office's description with some sections of its own."""
    return copy.deepcopy(OFFICE) | more


@asynccontextmanager
async def office_with(database_url: str, clock: HeldClock, **more: Any) -> AsyncIterator[Desk]:
    async with opened_desk(database_url, clock, plain=described(**more)) as desk:
        yield desk


async def sweep(desk: Desk) -> None:
    while await desk.do(sla.warn_all) >= sla.AT_ONCE:
        pass


async def thirty(desk: Desk, *, held_by: tuple[str, ...] = ()) -> list[int]:
    """Thirty tickets of a Friday; the first ones have somebody, a few each."""
    numbers = [await desk.do(tickets.file, VPN) for _ in range(30)]
    for number, who in zip(numbers, [*held_by] * 5, strict=False):
        await desk.do(tickets.take, number, by=who)
    return numbers


async def storms(desk: Desk) -> list[str]:
    return [row.subject for row in await queued(desk, Kind.STORM)]


async def test_after_a_weekend_thirty_breaches_are_one_message_in_the_channel_and_one_for_each_person(
    desk: Desk, clock: HeldClock
) -> None:
    clock.now = FRIDAY
    await thirty(desk, held_by=(ANA, BEN))
    clock.now = datetime(2026, 10, 12, 6, 30, tzinfo=UTC)

    await sweep(desk)

    assert [len(await alerts(desk)), len(set(await storms(desk)))] == [0, 1]
    assert [len(await told(desk, who)) for who in (ANA, BEN, LENA)] == [1, 1, 1]
    assert (await told(desk, LENA))[0].startswith("30 tickets need you: 30 overdue. #1 VPN is down;")


async def test_what_a_storm_tells_goes_on_as_its_tickets_are_dealt_with(desk: Desk, clock: HeldClock) -> None:
    numbers = await thirty(desk)
    clock.forward(minutes=15)
    await sweep(desk)

    for number in numbers[:28]:
        await desk.do(tickets.reply, number, by=ANA, text="We are looking.")

    row = (await queued(desk, Kind.STORM))[0]
    assert (await drawn_now(desk, row)).startswith("2 tickets need somebody: 2 near. #29 VPN is down; #30 VPN is down.")


async def test_more_than_one_sweep_of_tickets_is_still_one_message(desk: Desk, clock: HeldClock) -> None:
    for _ in range(sla.AT_ONCE + 2):
        await desk.do(tickets.file, VPN)
    clock.forward(minutes=31)

    await sweep(desk)

    assert await alerts(desk) == []
    assert len({row.subject for row in await queued(desk, Kind.STORM)}) == 1
    assert len(await told(desk, LENA)) == 1


async def test_a_few_at_once_are_a_card_each(desk: Desk, clock: HeldClock) -> None:
    for _ in range(5):
        await desk.do(tickets.file, VPN)
    clock.forward(minutes=15)

    await sweep(desk)

    assert await alerts(desk) == [("C0SUPPORT", number) for number in range(1, 6)]


async def test_how_many_at_once_are_too_many_is_the_desks_own(database_url: str, clock: HeldClock) -> None:
    async with office_with(database_url, clock, alerts={"at_once": 1}) as desk:
        await desk.do(tickets.file, VPN)
        await desk.do(tickets.file, VPN)
        clock.forward(minutes=15)

        await sweep(desk)

        assert (await alerts(desk), len(await storms(desk))) == ([], 1)


async def test_the_thirteenth_alert_of_an_hour_goes_to_the_message_of_many(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 5, 7, 45, tzinfo=UTC)
    for _ in range(14):
        await desk.do(tickets.file, VPN)
        clock.forward(minutes=1)
    for _ in range(16):
        clock.forward(minutes=1)
        await sweep(desk)

    assert [number for _, number in await alerts(desk)] == list(range(1, 13))
    assert len(set(await storms(desk))) == 1


async def test_a_team_may_have_a_budget_of_its_own(database_url: str, clock: HeldClock) -> None:
    plain = described()
    plain["teams"]["support"]["alerts_per_hour"] = 1
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await desk.do(tickets.file, VPN)
        clock.forward(minutes=6)
        await desk.do(tickets.file, VPN)
        for _ in range(2):
            clock.forward(minutes=9)
            await sweep(desk)
            clock.forward(minutes=3)

        await sweep(desk)

        assert (len(await alerts(desk)), len(await storms(desk))) == (1, 1)


async def test_a_breach_that_nobody_acts_on_goes_to_the_manager(desk: Desk, clock: HeldClock) -> None:
    await desk.do(tickets.file, VPN)
    clock.forward(minutes=31)
    await sweep(desk)
    clock.forward(minutes=29)
    await sweep(desk)
    before = await told(desk, MIA)
    clock.forward(minutes=1)

    await sweep(desk)

    assert before == []
    assert await told(desk, MIA) == ["⚠️ #1 is overdue: its first reply was promised by now, and nobody here has it."]


async def test_what_somebody_acts_on_stays_with_them(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    clock.forward(minutes=31)
    await sweep(desk)
    clock.forward(minutes=10)
    await desk.do(tickets.note, number, by=ANA, text="On my way.")

    for _ in range(30):
        clock.forward(minutes=10)
        await sweep(desk)

    assert await told(desk, MIA) == []


async def test_the_one_who_asked_writing_again_is_nobody_acting(desk: Desk, clock: HeldClock) -> None:
    number = await desk.do(tickets.file, VPN)
    clock.forward(minutes=31)
    await sweep(desk)
    await desk.do(tickets.write, number, by=CLEO, text="Anybody there?")
    clock.forward(minutes=31)

    await sweep(desk)

    assert len(await told(desk, MIA)) == 1


async def test_a_breach_climbs_in_open_hours_only(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 9, 13, 50, tzinfo=UTC)  # Friday 15:50; the office closes at 16:30
    await desk.do(tickets.file, VPN)
    clock.forward(minutes=31)
    await sweep(desk)

    clock.now = datetime(2026, 10, 11, 12, 0, tzinfo=UTC)
    await sweep(desk)
    on_sunday = await told(desk, MIA)
    clock.now = datetime(2026, 10, 12, 6, 25, tzinfo=UTC)
    await sweep(desk)

    assert (on_sunday, len(await told(desk, MIA))) == ([], 1)


async def test_the_channel_hears_at_the_opening_of_what_fell_due_in_the_night(
    database_url: str, clock: HeldClock
) -> None:
    rows = [{"calendar": "always", "first_response": "2h", "resolution": "3d"}]
    calendars = OFFICE["calendars"] | {"always": {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}}
    async with office_with(database_url, clock, sla=rows, calendars=calendars) as desk:
        clock.now = datetime(2026, 10, 5, 20, 0, tzinfo=UTC)
        await desk.do(tickets.file, VPN)
        clock.now = datetime(2026, 10, 5, 23, 0, tzinfo=UTC)
        await sweep(desk)
        at_night = await alerts(desk)
        clock.now = datetime(2026, 10, 6, 6, 0, tzinfo=UTC)

        await sweep(desk)

        assert (at_night, await alerts(desk)) == ([], [("C0SUPPORT", 1)])


async def test_a_person_is_told_in_hours_of_their_own(database_url: str, clock: HeldClock) -> None:
    late = {"timezone": "Europe/Warsaw", "hours": {"mon-fri": ["11:00-19:00"]}}
    people = {LENA: {"calendar": "late"}}
    async with office_with(database_url, clock, calendars=OFFICE["calendars"] | {"late": late}, people=people) as desk:
        await desk.do(tickets.file, VPN)
        clock.forward(minutes=31)
        await sweep(desk)

        (row,) = await queued(desk, Kind.DIGEST, to=LENA)
        assert row.next_at == datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


async def test_whoever_is_away_is_passed_over_and_the_lead_is_told(database_url: str, clock: HeldClock) -> None:
    async with office_with(database_url, clock, people={ANA: {"away": ["2026-10-06..2026-10-12"]}}) as desk:
        await desk.do(tickets.take, await desk.do(tickets.file, FIRE), by=ANA)
        clock.now = datetime(2026, 10, 6, 7, 0, tzinfo=UTC)

        await sweep(desk)

        assert (await told(desk, ANA), len(await told(desk, LENA))) == ([], 1)


async def test_where_the_lead_is_away_the_manager_is_told(database_url: str, clock: HeldClock) -> None:
    async with office_with(database_url, clock, people={LENA: {"away": ["2026-10-05"]}}) as desk:
        await desk.do(tickets.file, VPN)
        clock.forward(minutes=31)

        await sweep(desk)

        assert (await told(desk, LENA), len(await told(desk, MIA))) == ([], 1)


async def test_who_wants_the_channel_gets_a_line_below_the_alert_and_no_message(desk: Desk, clock: HeldClock) -> None:
    await desk.do(preferences.choose, by=ANA, how=HearBy.CHANNEL)
    await desk.do(tickets.take, await desk.do(tickets.file, VPN), by=ANA)
    clock.forward(minutes=15)
    await sweep(desk)
    at_first = await queued(desk, Kind.NUDGE)
    clock.forward(minutes=10)

    await sweep(desk)

    (row,) = await queued(desk, Kind.NUDGE)
    assert (at_first, row.data["person"], await told(desk, ANA)) == ([], ANA, [])
    assert row.data["root"] == ["alert", "1"]


async def test_in_a_storm_who_wants_the_channel_gets_one_line(desk: Desk, clock: HeldClock) -> None:
    await desk.do(preferences.choose, by=LENA, how=HearBy.CHANNEL)
    await thirty(desk)
    clock.forward(minutes=15)
    await sweep(desk)
    clock.forward(minutes=16)

    await sweep(desk)

    (row,) = await queued(desk, Kind.NUDGE, to="C0SUPPORT")
    assert (row.data["person"], row.data["root"][0], len(row.data["items"])) == (LENA, "storm", 30)
    assert (await drawn_now(desk, row)).startswith("<@U0LEAD1> 30 of these need you: #1, #2,")


async def test_an_experts_lead_who_wants_the_channel_is_called_below_the_question(desk: Desk, clock: HeldClock) -> None:
    await desk.do(preferences.choose, by=LEO, how=HearBy.CHANNEL)
    await asked(desk, await filed(desk))
    clock.forward(minutes=31)

    await sweep(desk)

    (row,) = await queued(desk, Kind.NUDGE)
    assert (row.lane, row.data["person"], row.data["root"]) == ("C0NETWORK", LEO, ["approval", "1.1"])


async def test_whoever_is_in_no_team_has_no_channel_to_be_called_in(desk: Desk) -> None:
    with pytest.raises(DeskError, match="You are in no team here"):
        await desk.do(preferences.choose, by=MIA, how=HearBy.CHANNEL)


async def test_experts_who_do_not_answer_are_told_of_once_to_their_lead_alone(desk: Desk, clock: HeldClock) -> None:
    await asked(desk, await filed(desk))
    clock.forward(minutes=29)
    await sweep(desk)

    assert [len(await told(desk, who)) for who in (EVA, LEO)] == [0, 1]
    assert (await told(desk, LEO))[0].startswith("⏳ #1 needs the experts' answer in 1 min")


@asynccontextmanager
async def another_process(desk: Desk, database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """A second process on the same database."""
    database = Database(database_url)
    database.start()
    other = Desk(database, workspace=desk.workspace, clock=clock)
    await reload(other)
    yield other
    await database.stop()


@pytest.mark.parametrize("many", [3, 30])
async def test_of_two_processes_that_sweep_at_once_each_alert_is_told_once(
    desk: Desk, database_url: str, clock: HeldClock, many: int
) -> None:
    for _ in range(many):
        await desk.do(tickets.file, VPN)
    clock.forward(minutes=31)

    async with another_process(desk, database_url, clock) as other:
        taken = await asyncio.gather(desk.do(sla.warn_all), other.do(sla.warn_all))

    assert sorted(taken) == [0, many]
    assert len(await queued(desk, Kind.DIGEST)) == 1
    assert len((await queued(desk, Kind.DIGEST))[0].data["items"]) == many
    assert len(await queued(desk, Kind.ALERT)) + len(await queued(desk, Kind.STORM)) == (3 if many == 3 else 1)
