"""Many alerts at once are one message in the channel and one for each person, whoever sweeps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from rules.alerts import AlertChannel
from services import cleanup, preferences
from services.alerts import sweep as sla
from services.alerts.delivery import ALERT_MENTION
from services.config import reload_configuration
from services.desk import Desk
from services.notifications import undeliverable
from services.tickets import tickets
from storage.alerts import ALERT_CARD, ALERT_DIGEST, tickets_in_group
from storage.database import Database
from storage.outbox.outbox import ALERT_GROUP
from tests.desks import HeldClock, opened_desk
from tests.services.alarms import VPN, alerts, described, drawn_now, office_with, sweep, told
from tests.services.vpn import ANA, BEN, LENA, queued

FRIDAY = datetime(2026, 10, 9, 9, 0, tzinfo=UTC)


async def thirty(desk: Desk, *, held_by: tuple[str, ...] = ()) -> list[int]:
    """Thirty tickets of a Friday; the first ones have somebody, a few each."""
    numbers = [await desk.execute(tickets.create_ticket, VPN) for _ in range(30)]
    for number, who in zip(numbers, [*held_by] * 5, strict=False):
        await desk.execute(tickets.take, number, by=who)
    return numbers


async def storms(desk: Desk) -> list[str]:
    return [row.subject for row in await queued(desk, ALERT_GROUP)]


async def test_after_a_weekend_thirty_breaches_are_one_message_in_the_channel_and_one_for_each_person(
    desk: Desk, clock: HeldClock
) -> None:
    clock.now = FRIDAY
    await thirty(desk, held_by=(ANA, BEN))
    clock.now = datetime(2026, 10, 12, 6, 30, tzinfo=UTC)

    await sweep(desk)

    assert [len(await alerts(desk)), len(set(await storms(desk)))] == [0, 1]
    assert [len(await told(desk, who)) for who in (ANA, BEN, LENA)] == [1, 1, 1]
    assert (await told(desk, LENA))[0].startswith("30 tickets need you: 30 breached. #1 VPN is down;")


async def test_what_a_storm_tells_goes_on_as_its_tickets_are_dealt_with(desk: Desk, clock: HeldClock) -> None:
    numbers = await thirty(desk)
    clock.forward(minutes=15)
    await sweep(desk)

    for number in numbers[:28]:
        await desk.execute(tickets.reply, number, by=ANA, text="We are looking.")

    row = (await queued(desk, ALERT_GROUP))[0]
    assert (await drawn_now(desk, row)).startswith("2 tickets at risk: 2 due soon. #29 VPN is down; #30 VPN is down.")


async def test_more_than_one_sweep_of_tickets_is_still_one_message(desk: Desk, clock: HeldClock) -> None:
    for _ in range(sla.TICKETS_PER_SWEEP + 2):
        await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)

    await sweep(desk)

    assert await alerts(desk) == []
    assert len({row.subject for row in await queued(desk, ALERT_GROUP)}) == 1
    assert len(await told(desk, LENA)) == 1


async def test_a_few_at_once_are_a_card_each(desk: Desk, clock: HeldClock) -> None:
    for _ in range(5):
        await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)

    await sweep(desk)

    assert await alerts(desk) == [("C0SUPPORT", number) for number in range(1, 6)]


async def test_how_many_at_once_are_too_many_is_the_desks_own(database_url: str, clock: HeldClock) -> None:
    async with office_with(database_url, clock, alerts={"group_above": 1}) as desk:
        await desk.execute(tickets.create_ticket, VPN)
        await desk.execute(tickets.create_ticket, VPN)
        clock.forward(minutes=15)

        await sweep(desk)

        assert (await alerts(desk), len(await storms(desk))) == ([], 1)


async def test_the_thirteenth_alert_of_an_hour_goes_to_the_message_of_many(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 5, 7, 45, tzinfo=UTC)
    for _ in range(14):
        await desk.execute(tickets.create_ticket, VPN)
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
        await desk.execute(tickets.create_ticket, VPN)
        clock.forward(minutes=6)
        await desk.execute(tickets.create_ticket, VPN)
        for _ in range(2):
            clock.forward(minutes=9)
            await sweep(desk)
            clock.forward(minutes=3)

        await sweep(desk)

        assert (len(await alerts(desk)), len(await storms(desk))) == (1, 1)


async def test_in_a_storm_who_wants_the_channel_gets_one_line(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(preferences.choose_alert_channel, by=LENA, channel=AlertChannel.CHANNEL)
    await thirty(desk)
    clock.forward(minutes=15)
    await sweep(desk)
    clock.forward(minutes=16)

    await sweep(desk)

    (row,) = await queued(desk, ALERT_MENTION, to="C0SUPPORT")
    assert (row.data["person"], row.data["root"][0], len(row.data["items"])) == (LENA, "storm", 30)
    assert (await drawn_now(desk, row)).startswith("<@U0LEAD1> 30 of these need you: #1, #2,")


@asynccontextmanager
async def another_process(desk: Desk, database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """A second process on the same database."""
    database = Database(database_url)
    database.start()
    other = Desk(database, workspace=desk.workspace, clock=clock)
    await reload_configuration(other)
    yield other
    await database.stop()


@pytest.mark.parametrize("many", [3, 30])
async def test_of_two_processes_that_sweep_at_once_each_alert_is_told_once(
    desk: Desk, database_url: str, clock: HeldClock, many: int
) -> None:
    for _ in range(many):
        await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)

    async with another_process(desk, database_url, clock) as other:
        taken = await asyncio.gather(desk.execute(sla.send_due_alerts), other.execute(sla.send_due_alerts))

    assert sorted(taken) == [0, many]
    assert len(await queued(desk, ALERT_DIGEST)) == 1
    assert len((await queued(desk, ALERT_DIGEST))[0].data["items"]) == many
    assert len(await queued(desk, ALERT_CARD)) + len(await queued(desk, ALERT_GROUP)) == (3 if many == 3 else 1)


async def test_an_alert_a_minute_after_a_storm_has_a_card_of_its_own(desk: Desk, clock: HeldClock) -> None:
    await thirty(desk)
    clock.forward(minutes=1)
    late = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=14)
    await sweep(desk)
    clock.forward(minutes=1)

    await sweep(desk)

    assert await alerts(desk) == [("C0SUPPORT", late)]


async def test_where_the_channel_cannot_be_reached_the_lead_reads_the_storm(desk: Desk, clock: HeldClock) -> None:
    await thirty(desk)
    clock.forward(minutes=15)
    await sweep(desk)
    (row,) = await queued(desk, ALERT_GROUP)

    await desk.execute(undeliverable.give_up_message, row, ALERT_GROUP, error="is_archived")

    (instead,) = await queued(desk, ALERT_GROUP, to=LENA)
    assert (await drawn_now(desk, instead)).startswith("30 tickets at risk: 30 due soon.")


async def test_a_week_after_the_last_is_resolved_a_storm_is_forgotten(desk: Desk, clock: HeldClock) -> None:
    numbers = await thirty(desk)
    clock.forward(minutes=15)
    await sweep(desk)
    for number in numbers[:29]:
        await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    (row,) = {one.subject: one for one in await queued(desk, ALERT_GROUP)}.values()
    clock.forward(days=8)

    await desk.execute(cleanup.delete_old_rows)

    left = await desk.read(tickets_in_group, destination="C0SUPPORT", subject=row.subject)
    assert [ticket.number for ticket in left] == [numbers[29]]
