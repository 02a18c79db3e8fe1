"""Ana's tickets, her leave, and a desk on which her colleagues know different things."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from rules.intake.requests import TicketRequest
from rules.reassignment import TicketFilter
from services.assignment import assignments
from services.desk import Desk
from services.reassignment import absence_cover, bulk
from services.reassignment.bulk import Preview, ReassignmentRequest
from services.tickets import tickets
from storage.presence.time_entries import find_entry
from storage.reassignment.bulk import REASSIGNMENT_CARD
from storage.schema.people import BulkReassignment, LeaveEntry
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction
from tests.desks import MONDAY, OFFICE, render_message
from tests.services.vpn import ANA, BEN, CLEO, LENA, queued

DAN, CARL = "U0AGENT3", "U0AGENT4"
SKILLED: dict[str, Any] = deepcopy(OFFICE)
SKILLED["teams"]["support"]["agents"] = [ANA, BEN, DAN, CARL]
SKILLED["types"]["network"]["needs"] = "can"
SKILLED["types"]["access"] = {"name": "Access", "team": "support", "needs": "expert"}
SKILLED["people"] = {BEN: {"skills": {"network": "expert"}}, DAN: {"skills": {"network": "can"}}}


async def given(desk: Desk, many: int, *, to: str = ANA, type_: str = "network", begun: bool = True) -> list[int]:
    """So many tickets in the hands of this person."""
    numbers = []
    for _ in range(many):
        request = TicketRequest(title="VPN is down", requester=CLEO, registered_by=LENA, type=type_)
        numbers.append(await desk.execute(tickets.create_ticket, request))
        await desk.execute(assignments.assign_ticket, numbers[-1], to=to, by=LENA, reason="There is nobody else.")
        if begun:
            await desk.execute(assignments.start_work, numbers[-1], by=to)
    return numbers


async def drawn(
    desk: Desk,
    *receivers: str,
    giver: str = ANA,
    by: str = LENA,
    wanted: TicketFilter | None = None,
    at: datetime = MONDAY,
) -> Preview:
    asked = ReassignmentRequest(giver, receivers, by, wanted or TicketFilter())
    return await desk.read_in_worker(bulk.preview_reassignment, desk.policy, asked, at=at, now=desk.clock())


async def moved(desk: Desk, *receivers: str, by: str = LENA) -> int:
    """Ana's basket goes to these people; its id."""
    return await desk.execute(bulk.reassign_tickets, await drawn(desk, *receivers, by=by))


async def holds(desk: Desk, person: str | None) -> list[int]:
    return await desk.read(_holds, person)


async def basket(desk: Desk, id_: int) -> BulkReassignment:
    return await desk.read(lambda reader: reader.session.get_one(BulkReassignment, (reader.workspace, id_)))


async def all_baskets(desk: Desk) -> Sequence[BulkReassignment]:
    return await desk.read(
        lambda reader: reader.session.scalars(select(BulkReassignment).order_by(BulkReassignment.id)).all()
    )


async def on_leave(desk: Desk, person: str = ANA, *, days: float | None = 5, after: timedelta = timedelta(0)) -> None:
    """Away from then on, for so many days; None says that nobody knows for how long."""
    begins = desk.clock() + after
    await desk.execute(_leave, person, begins, None if days is None else begins + timedelta(days=days))


async def leave_of(desk: Desk, person: str = ANA) -> LeaveEntry:
    row = await desk.read(find_entry, LeaveEntry, person, 1)
    assert row is not None
    return row


async def is_back(desk: Desk, person: str = ANA) -> None:
    await desk.execute(
        lambda tx: tx.execute(update(LeaveEntry).where(LeaveEntry.person == person).values(ends=tx.now)).rowcount
    )


async def last_of(desk: Desk, number: int) -> Event:
    found = select(Event).where(Event.number == number).order_by(Event.seq.desc()).limit(1)
    return await desk.read(lambda reader: reader.session.scalars(found).one())


async def swept(desk: Desk) -> int:
    """The job's run; how many tickets and returns there were."""
    return await absence_cover.cover_absences(desk)


async def reads(desk: Desk, person: str, role: str) -> list[str]:
    """What this person reads of baskets, in that role."""
    rows = [row for row in await queued(desk, REASSIGNMENT_CARD, to=person) if row.subject.endswith(role)]
    drafts = [await desk.read(render_message, desk.policy, desk.clock(), row) for row in rows]
    return [draft.message.text for draft in drafts if draft is not None]


async def handed(desk: Desk, many: int = 4) -> list[int]:
    """Ana goes on leave, and her tickets go to Ben and Dan."""
    numbers = await given(desk, many)
    await on_leave(desk)
    assert await swept(desk) == many
    return numbers


def _leave(tx: Transaction, person: str, begins: datetime, ends: datetime | None) -> None:
    tx.session.add(
        LeaveEntry(
            workspace_id=tx.workspace,
            person=person,
            id=1,
            begins=begins,
            ends=ends,
            kind="holiday",
            by=person,
            at=tx.now,
        )
    )


def _holds(reader: Reader, person: str | None) -> list[int]:
    mine = select(Ticket.number).where(
        Ticket.workspace_id == reader.workspace, Ticket.assignee == person, Ticket.resolved_at.is_(None)
    )
    return list(reader.session.scalars(mine.order_by(Ticket.number)))
