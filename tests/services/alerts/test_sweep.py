"""The desk warns before a promise breaks: once for each due time, those who can act, within open hours."""

from datetime import UTC, datetime

from rules.model.timers import BREACH_LEVEL, TimerKind
from services import config
from services.alerts import sweep
from services.desk import Desk
from services.tickets import tickets
from storage.schema.tickets import TimerRow
from storage.sla import timers
from storage.transaction import Transaction
from storage.workspaces import enrol_workspace
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.alarms import FIRE, MAIL, VPN, alerts, held_by_experts, told

FIRST = TimerKind.FIRST_RESPONSE


async def test_at_half_the_time_the_team_is_warned_and_the_lead_is_left_alone(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)  # its first reply is promised in 30 minutes
    clock.forward(minutes=15)

    await desk.execute(sweep.send_due_alerts)

    assert await alerts(desk) == [("C0SUPPORT", number)]
    assert await told(desk, "U0LEAD1") == []


async def test_a_minute_before_half_the_time_nothing_is_said(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=14)

    assert await desk.execute(sweep.send_due_alerts) == 0
    assert await alerts(desk) == []


async def test_at_the_last_warning_the_lead_is_told_too(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)
    await desk.execute(sweep.send_due_alerts)
    clock.forward(minutes=9)

    await desk.execute(sweep.send_due_alerts)

    assert await told(desk, "U0LEAD1") == ["⏳ #1 · First reply due in 6 min · Unassigned"]


async def test_at_breach_the_lead_reads_who_has_it(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.take, number, by="U0AGENT1")
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)

    assert await told(desk, "U0LEAD1") == ["⚠️ #1 · First reply SLA breached · Assignee <@U0AGENT1>"]


async def test_at_the_due_moment_itself_nothing_is_late_yet(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=30)

    taken = [await desk.execute(sweep.send_due_alerts), await desk.execute(sweep.send_due_alerts)]

    assert (await desk.read(timers.ticket_timers, number))[FIRST].alert_level < BREACH_LEVEL
    assert taken == [1, 0]


async def test_however_often_the_sweep_runs_nothing_is_said_twice(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)

    for _ in range(80):
        clock.forward(seconds=30)
        await desk.execute(sweep.send_due_alerts)

    assert len(await told(desk, "U0LEAD1")) == 1  # what the last warning began, the breach adds to
    assert await alerts(desk) == [("C0SUPPORT", 1)]


async def test_a_desk_that_starts_again_does_not_repeat_itself(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock) as desk:
        await desk.execute(tickets.create_ticket, VPN)
        clock.forward(minutes=25)
        await desk.execute(sweep.send_due_alerts)

    async with opened_desk(database_url, clock) as desk:
        clock.forward(minutes=1)
        taken = await desk.execute(sweep.send_due_alerts)
        clock.forward(minutes=10)
        await desk.execute(sweep.send_due_alerts)

        assert taken == 0
        assert len(await told(desk, "U0LEAD1")) == 1


async def test_after_a_long_sleep_only_the_newest_alert_is_given(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(hours=2)

    await desk.execute(sweep.send_due_alerts)

    assert [words for words in await told(desk, "U0LEAD1") if "breached" not in words] == []
    assert len(await told(desk, "U0LEAD1")) == 1


async def test_a_ticket_that_waits_for_the_customer_alarms_nobody(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, FIRE)  # done in 4 open hours
    await desk.execute(tickets.reply, number, by="U0AGENT1", text="Which rack?")
    await desk.execute(tickets.wait_for_customer, number, by="U0AGENT1")
    clock.forward(days=3)

    assert await desk.execute(sweep.send_due_alerts) == 0


async def test_a_resolved_ticket_alarms_nobody(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Gateway restarted.")
    clock.forward(days=3)

    assert await desk.execute(sweep.send_due_alerts) == 0


async def test_over_a_weekend_the_clock_stands_still(desk: Desk, clock: HeldClock) -> None:
    clock.now = datetime(2026, 10, 9, 14, 20, tzinfo=UTC)  # Friday 16:20 in Warsaw, ten minutes before closing
    await desk.execute(tickets.create_ticket, VPN)

    clock.now = datetime(2026, 10, 11, 12, 0, tzinfo=UTC)
    on_sunday = await desk.execute(sweep.send_due_alerts)
    clock.now = datetime(2026, 10, 12, 6, 5, tzinfo=UTC)  # Monday 8:05: half of the 30 minutes is used
    on_monday = await desk.execute(sweep.send_due_alerts)

    assert (on_sunday, on_monday) == (0, 1)


async def test_an_alert_goes_to_the_channel_of_those_who_hold_the_ticket(desk: Desk, clock: HeldClock) -> None:
    number = await held_by_experts(desk)
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)

    assert await alerts(desk) == [("C0NETWORK", number)]
    assert await told(desk, "U0LEAD2") != []
    assert await told(desk, "U0LEAD1") == []


async def test_a_new_due_time_is_a_new_alert(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, MAIL)  # its first reply is promised in 2 hours
    clock.forward(hours=3)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Queue emptied.")
    await desk.execute(tickets.reopen, number, by="U0CLIENT1", reason="Slow again.")
    clock.now = datetime(2026, 10, 9, 9, 0, tzinfo=UTC)

    await desk.execute(sweep.send_due_alerts)

    words = await told(desk, "U0LEAD1")
    assert [("First reply" in line, "Resolution" in line) for line in words] == [(False, True)]


async def test_a_new_description_does_not_forget_a_breach_on_which_nobody_acts(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=31)
    await desk.execute(sweep.send_due_alerts)
    await desk.execute(config.apply_configuration, OFFICE | {"observers": ["U0OBSERVER2"]})
    await config.reload_configuration(desk)
    await desk.execute(config.recalculate_sla_targets)
    clock.forward(minutes=31)

    await desk.execute(sweep.send_due_alerts)

    assert await told(desk, "U0MANAGER1") == ["⚠️ #1 · First reply SLA breached · Unassigned"]


async def test_many_due_at_once_are_taken_a_few_at_a_time(desk: Desk, clock: HeldClock) -> None:
    for _ in range(sweep.TICKETS_PER_SWEEP + 3):
        await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=15)

    sweeps = [await desk.execute(sweep.send_due_alerts) for _ in range(3)]

    assert sweeps == [sweep.TICKETS_PER_SWEEP, 3, 0]


async def test_tickets_with_three_promises_due_at_once_are_all_taken_by_one_sweep(desk: Desk, clock: HeldClock) -> None:
    steps = {"other": {"name": "Other", "team": "support", "steps": [{"name": "Look", "within": "2h"}]}}
    promises = [{"first_response": "2h", "resolution": "2h"}]
    await desk.execute(config.apply_configuration, OFFICE | {"types": OFFICE["types"] | steps, "sla": promises})
    await config.reload_configuration(desk)
    for _ in range(sweep.TICKETS_PER_SWEEP + 3):
        await desk.execute(tickets.create_ticket, MAIL)
    clock.forward(hours=1)

    assert [await desk.execute(sweep.send_due_alerts) for _ in range(3)] == [sweep.TICKETS_PER_SWEEP, 3, 0]


async def test_a_clock_that_stopped_with_its_alert_still_set_is_put_right(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(tickets.reply, number, by="U0AGENT1", text="We are looking.")

    def left_set(tx: Transaction) -> None:
        row = tx.session.get(TimerRow, (tx.workspace, number, FIRST))
        assert row is not None
        row.next_alert_at = tx.now

    await desk.execute(left_set)

    first = await desk.execute(sweep.send_due_alerts)
    clock.forward(minutes=1)

    assert (first, await desk.execute(sweep.send_due_alerts)) == (1, 0)
    assert await alerts(desk) == []


async def test_the_same_number_in_another_workspace_is_left_alone(desk: Desk, clock: HeldClock) -> None:
    elsewhere = Desk(desk.database, workspace="T0ABROAD", policy=desk.policy, clock=clock)
    await elsewhere.execute(enrol_workspace)
    await desk.execute(tickets.create_ticket, VPN)
    await held_by_experts(elsewhere)
    clock.forward(minutes=15)

    await desk.execute(sweep.send_due_alerts)

    assert (await alerts(desk), await alerts(elsewhere)) == ([("C0SUPPORT", 1)], [])
