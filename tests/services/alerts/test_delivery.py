"""Who hears of an alert: each in their own hours and where they want to, one step up when nobody acts."""

from datetime import UTC, datetime

import pytest

from rules.alerts import AlertChannel
from rules.errors import Refused
from services import preferences
from services.alerts.delivery import ALERT_MENTION
from services.desk import Desk
from services.tickets import tickets
from storage.alerts import ALERT_DIGEST
from tests.desks import OFFICE, HeldClock
from tests.services.alarms import FIRE, VPN, alerts, office_with, sweep, told
from tests.services.vpn import ANA, CLEO, EVA, LENA, LEO, MIA, asked, filed, queued


async def test_a_breach_that_nobody_acts_on_goes_to_the_manager(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)
    await sweep(desk)
    clock.forward(minutes=29)
    await sweep(desk)
    before = await told(desk, MIA)
    clock.forward(minutes=1)

    await sweep(desk)

    assert before == []
    assert await told(desk, MIA) == ["⚠️ #1 · First reply SLA breached · Unassigned"]


async def test_what_somebody_acts_on_stays_with_them(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)
    await sweep(desk)
    clock.forward(minutes=10)
    await desk.execute(tickets.add_note, number, by=ANA, text="On my way.")

    for _ in range(30):
        clock.forward(minutes=10)
        await sweep(desk)

    assert await told(desk, MIA) == []


async def test_the_one_who_asked_writing_again_is_nobody_acting(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)
    await sweep(desk)
    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Anybody there?")
    clock.forward(minutes=31)

    await sweep(desk)

    assert len(await told(desk, MIA)) == 1


async def test_a_breach_climbs_in_open_hours_only(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 9, 13, 50, tzinfo=UTC)  # Friday 15:50; the office closes at 16:30
    await desk.execute(tickets.create_ticket, VPN)
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
        await desk.execute(tickets.create_ticket, VPN)
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
        await desk.execute(tickets.create_ticket, VPN)
        clock.forward(minutes=31)
        await sweep(desk)

        (row,) = await queued(desk, ALERT_DIGEST, to=LENA)
        assert row.next_at == datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


async def test_whoever_is_away_is_passed_over_and_the_lead_is_told(database_url: str, clock: HeldClock) -> None:
    async with office_with(database_url, clock, people={ANA: {"away": ["2026-10-06..2026-10-12"]}}) as desk:
        await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, FIRE), by=ANA)
        clock.now = datetime(2026, 10, 6, 7, 0, tzinfo=UTC)

        await sweep(desk)

        assert (await told(desk, ANA), len(await told(desk, LENA))) == ([], 1)


async def test_where_the_lead_is_away_the_manager_is_told(database_url: str, clock: HeldClock) -> None:
    async with office_with(database_url, clock, people={LENA: {"away": ["2026-10-05"]}}) as desk:
        await desk.execute(tickets.create_ticket, VPN)
        clock.forward(minutes=31)

        await sweep(desk)

        assert (await told(desk, LENA), len(await told(desk, MIA))) == ([], 1)


async def test_who_wants_the_channel_gets_a_line_below_the_alert_and_no_message(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(preferences.choose_alert_channel, by=ANA, channel=AlertChannel.CHANNEL)
    await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, VPN), by=ANA)
    clock.forward(minutes=15)
    await sweep(desk)
    at_first = await queued(desk, ALERT_MENTION)
    clock.forward(minutes=10)

    await sweep(desk)

    (row,) = await queued(desk, ALERT_MENTION)
    assert (at_first, row.data["person"], await told(desk, ANA)) == ([], ANA, [])
    assert row.data["root"] == ["alert", "1"]


async def test_an_experts_lead_who_wants_the_channel_is_called_below_the_question(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(preferences.choose_alert_channel, by=LEO, channel=AlertChannel.CHANNEL)
    await asked(desk, await filed(desk))
    clock.forward(minutes=31)

    await sweep(desk)

    (row,) = await queued(desk, ALERT_MENTION)
    assert (row.lane, row.data["person"], row.data["root"]) == ("C0NETWORK", LEO, ["approval", "1.1"])


async def test_whoever_is_in_no_team_has_no_channel_to_be_called_in(desk: Desk) -> None:
    with pytest.raises(Refused, match="You aren't in a team here"):
        await desk.execute(preferences.choose_alert_channel, by=MIA, channel=AlertChannel.CHANNEL)


async def test_experts_who_do_not_answer_are_told_of_once_to_their_lead_alone(desk: Desk, clock: HeldClock) -> None:
    await asked(desk, await filed(desk))
    clock.forward(minutes=29)
    await sweep(desk)

    assert [len(await told(desk, who)) for who in (EVA, LEO)] == [0, 1]
    assert (await told(desk, LEO))[0].startswith("⏳ #1 · Expert answer due in 1 min")
