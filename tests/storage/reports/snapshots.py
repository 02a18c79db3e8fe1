"""Tickets as they were at one moment, put straight into the database: a figure is counted from a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import insert

from rules.model.tickets import DONE_STATUSES, Priority, ReplyBy, Status
from rules.model.timers import SlaTimer, TimerState
from rules.reports.daily import DailyReport, ReportScope, TicketAction, build_daily_report, report_day
from services.desk import Desk
from storage.events import EventKind
from storage.reports.daily import daily_facts
from storage.reports.open_work import first_due_soon, first_overdue
from storage.schema.sla import SlaOutcome
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.sla.timers import timer_row
from storage.transaction import Transaction, insert_absent
from tests.rules.office import OFFICE, warsaw

MONDAY, TUESDAY, NOON = warsaw("16T09:00"), warsaw("17T09:00"), warsaw("17T12:00")
TODAY = report_day(OFFICE, None, NOON)
DESK_WIDE = ReportScope()
MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Snapshot:
    """One ticket at Tuesday noon."""

    number: int = 1
    type: str = "network"
    requester: str = "U0CLIENT1"
    created_at: datetime = TUESDAY
    status: Status = Status.IN_PROGRESS
    team: str = "support"
    assignee: str | None = "U0AGENT1"
    timers: tuple[SlaTimer, ...] = ()


VPN = Snapshot()
FILED = TicketAction(1, "U0AGENT1", "support")


async def counted(
    desk: Desk,
    *tickets: Snapshot,
    filed: Sequence[TicketAction] = (),
    resolved: Sequence[TicketAction] = (),
    scope: ReportScope = DESK_WIDE,
) -> DailyReport:
    """The report at noon; counted as that of an earlier day it must be the same."""
    await desk.execute(put_tickets, tickets, filed, resolved)
    today = await counted_again(desk, scope)
    assert await counted_again(desk, scope, is_today=False) == today
    return today


async def counted_again(desk: Desk, scope: ReportScope, *, is_today: bool = True) -> DailyReport:
    day = replace(TODAY, is_today=is_today)
    facts = await desk.read(daily_facts, day)
    overdue = await desk.read(first_overdue, day, scope, limit=9)
    due_soon = await desk.read(first_due_soon, day, scope, limit=9)
    return build_daily_report(facts, scope, overdue=overdue, due_soon=due_soon)


def put_tickets(
    tx: Transaction, tickets: Sequence[Snapshot], filed: Sequence[TicketAction], resolved: Sequence[TicketAction]
) -> None:
    """Each with its last event; before it those by which it was filed and resolved."""
    by_number = {ticket.number: ticket for ticket in tickets}
    actions = [(EventKind.CREATED, action) for action in filed] + [(EventKind.RESOLVED, action) for action in resolved]
    seq = 0
    for seq, (kind, action) in enumerate(actions, start=1):
        ticket = by_number.get(action.number, VPN)
        tx.execute(
            insert(Event), _event(tx, replace(ticket, number=action.number, team=action.team), seq, kind, action.by)
        )
    for ticket in tickets:
        tx.execute(insert(Ticket), _ticket(tx, ticket))
        tx.execute(insert(Event), _event(tx, ticket, seq + 1, EventKind.NOTED, "U0AGENT1"))
        for timer in ticket.timers:
            tx.execute(insert(TimerRow), timer_row(tx.workspace, ticket.number, timer))
            if timer.closed_at is not None and timer.state in (TimerState.MET, TimerState.BREACHED):
                ended = {"ended_at": timer.closed_at, "state": timer.state, "started_at": timer.started_at}
                about = {"number": ticket.number, "target": timer.target, "due_at": timer.due_at}
                insert_absent(tx, SlaOutcome, [about | ended | {"total_s": timer.total_s, "left_s": 0, "calendar": ""}])


def _event(tx: Transaction, ticket: Snapshot, seq: int, kind: EventKind, by: str) -> dict[str, object]:
    state = {"status": ticket.status, "team": ticket.team, "assignee": ticket.assignee}
    about = {"workspace_id": tx.workspace, "number": ticket.number, "seq": seq, "kind": str(kind), "by": by, "data": {}}
    return {
        **about,
        **state,
        "at": TUESDAY + seq * MOMENT if kind is not EventKind.NOTED else ticket.created_at + MOMENT,
    }


def _ticket(tx: Transaction, ticket: Snapshot) -> dict[str, object]:
    done = ticket.status in DONE_STATUSES
    people = {"requester": ticket.requester, "registered_by": "U0AGENT1", "assignee": ticket.assignee}
    return {
        **people,
        "workspace_id": tx.workspace,
        "number": ticket.number,
        "title": "VPN is down",
        "type": ticket.type,
        "team": ticket.team,
        "first_line": "support",
        "status": ticket.status,
        "priority": Priority.NORMAL,
        "reply_by": ReplyBy.SLACK,
        "files": [],
        "created_at": ticket.created_at,
        "resolved_at": NOON if done else None,
    }
