"""How the sweep finds what is due, and what an alert's card tells of the ticket besides its clocks."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from rules.intake.requests import TicketRequest
from rules.model.timers import TimerKind, TimerState
from services.alerts import sweep
from services.desk import Desk
from services.tickets import tickets
from storage.alerts import AlertContext, alert_context, take_due_alerts
from storage.events import EventKind
from storage.schema.tickets import TimerRow
from storage.tickets.tickets import get_ticket
from storage.transaction import Transaction
from tests.desks import MONDAY, HeldClock

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def of_vpn(desk: Desk) -> AlertContext:
    ticket = await desk.read(get_ticket, 1)
    return await desk.read(alert_context, ticket, at=desk.clock())


async def taken_at_ten_past(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    clock.forward(minutes=10)
    await desk.execute(tickets.take, 1, by="U0AGENT1")
    clock.forward(minutes=5)


async def test_it_is_with_whoever_has_it_since_they_took_it(desk: Desk, clock: HeldClock) -> None:
    await taken_at_ten_past(desk, clock)
    await desk.execute(tickets.add_note, 1, by="U0AGENT2", text="Try the other gateway.")

    assert (await of_vpn(desk)).assigned_since == MONDAY + timedelta(minutes=10)


async def test_a_snooze_is_no_step_on_the_ticket(desk: Desk, clock: HeldClock) -> None:
    await taken_at_ten_past(desk, clock)
    await desk.execute(sweep.send_due_alerts)

    await desk.execute(sweep.snooze_alerts, 1, by="U0AGENT2")

    told = await of_vpn(desk)
    assert told.last_event is not None
    assert told.last_event.kind == EventKind.TAKEN
    assert (told.snoozed_by, told.snoozed_until) == ("U0AGENT2", clock.now + timedelta(minutes=30))


def one_in_fifty_is_still_to_be_warned_of(tx: Transaction) -> None:
    for number in range(1, 2001):
        still = {"state": TimerState.RUNNING, "next_alert_at": tx.now + timedelta(minutes=number - 100)}
        state = still if number % 50 == 0 else {"state": TimerState.MET}
        moments = {"started_at": tx.now, "due_at": tx.now, "total_s": 3600}
        ours = {"workspace_id": tx.workspace, "number": number, "target": TimerKind.RESOLUTION}
        tx.session.add(TimerRow(**ours, **state, **moments))
    tx.execute(text("ANALYZE"))


def planned(tx: Transaction) -> str:
    """How the database goes about the sweep's first question."""
    asked: list[tuple[str, Any]] = []
    event.listen(tx.connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    take_due_alerts(tx, limit=50)
    statement, values = asked[0]
    how = "EXPLAIN QUERY PLAN" if tx.connection.dialect.name == "sqlite" else "EXPLAIN"
    return str(tx.connection.exec_driver_sql(f"{how} {statement}", values).all())


async def test_what_is_due_is_found_in_the_index_of_what_is_still_to_come_alone(desk: Desk) -> None:
    await desk.execute(one_in_fifty_is_still_to_be_warned_of)

    plan = await desk.execute(planned)

    assert "ix_clocks_alert" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
