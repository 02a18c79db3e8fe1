"""Cleo's VPN is down: the ticket that the desk's tests are about, and what was said and kept of it."""

from collections.abc import Sequence

from sqlalchemy import select

from handlers.text.slack import render
from rules.intake.requests import TicketRequest
from rules.model.timers import SlaTimer, TimerKind
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage import events
from storage.alerts import ALERT_DIGEST
from storage.outbox.outbox import NOTICE, MessageKind
from storage.schema.tickets import Event, OutboxMessage, Ticket
from storage.sla import timers
from storage.texts import text_from_json
from storage.tickets.tickets import get_ticket
from storage.transaction import Reader
from tests.desks import render_message

ANA, BEN, LENA = "U0AGENT1", "U0AGENT2", "U0LEAD1"
EVA, EMIL, LEO = "U0EXPERT1", "U0EXPERT2", "U0LEAD2"
MIA, OTTO, CLEO = "U0MANAGER1", "U0OBSERVER1", "U0CLIENT1"


async def filed(desk: Desk, *, type_: str = "network", by: str = ANA) -> int:
    return await desk.execute(
        tickets.create_ticket, TicketRequest(title="VPN is down", requester=CLEO, registered_by=by, type=type_)
    )


async def escalated(desk: Desk, *, by: str = ANA) -> int:
    """Ana asks Network; the question waits for its experts."""
    number = await filed(desk)
    await asked(desk, number, by=by)
    return number


async def asked(desk: Desk, number: int, *, by: str = ANA) -> None:
    await desk.execute(
        escalations.escalate, number, by=by, team="network", why="Tunnel flaps", tried="restarted client"
    )


async def ticket(desk: Desk, number: int) -> Ticket:
    return await desk.read(get_ticket, number)


async def story(desk: Desk, number: int) -> list[str]:
    """What happened, oldest first, in the words of the history."""
    return [event.kind for event in await history(desk, number)]


async def history(desk: Desk, number: int) -> Sequence[Event]:
    return await desk.read(events.ticket_history, number)


async def promise(desk: Desk, number: int, kind: TimerKind = TimerKind.RESOLUTION) -> SlaTimer:
    return (await desk.read(timers.ticket_timers, number))[kind]


async def queued(desk: Desk, kind: MessageKind, *, to: str | None = None) -> list[OutboxMessage]:
    """What Slack is still to hear of this kind, in the order in which it was queued."""
    rows = await desk.read(_queued, kind)
    return [row for row in rows if to in (None, row.lane)]


async def told(desk: Desk, person: str) -> list[str]:
    """The sentences that wait for this person."""
    alarms = [
        await desk.read(render_message, desk.policy, desk.clock(), row)
        for row in await queued(desk, ALERT_DIGEST, to=person)
    ]
    words = [row.data["words"] for row in await queued(desk, NOTICE, to=person)]
    notices = [render(one if isinstance(one, str) else text_from_json(one)) for one in words]
    return notices + [draft.message.text for draft in alarms if draft is not None]


def _queued(reader: Reader, kind: MessageKind) -> Sequence[OutboxMessage]:
    mine = select(OutboxMessage).where(OutboxMessage.workspace_id == reader.workspace, OutboxMessage.kind == str(kind))
    return reader.session.scalars(mine.order_by(OutboxMessage.id)).all()
