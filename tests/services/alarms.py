"""Tickets whose promises come near, and what waits to be said of them."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from handlers.text.slack import render
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority
from services.alerts import sweep as sla
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.alerts import DIGEST_DELAY
from storage.outbox.deliveries import due_messages
from storage.schema.tickets import OutboxMessage
from storage.texts import text_from_json
from tests.desks import OFFICE, HeldClock, opened_desk, render_message

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
MAIL = TicketRequest(title="Mail is slow", requester="U0CLIENT1", registered_by="U0AGENT1", type="other")
FIRE = TicketRequest(
    title="Server room is hot",
    requester="U0CLIENT1",
    registered_by="U0AGENT1",
    type="other",
    priority=Priority.CRITICAL,
)


async def waiting(desk: Desk, kind: str) -> list[OutboxMessage]:
    return [row for row in await desk.read(due_messages, at=desk.clock()) if row.kind == kind]


async def alerts(desk: Desk) -> list[tuple[str, int | None]]:
    """Which cards wait to be sent, and where."""
    return [(row.lane, row.number) for row in await waiting(desk, "alert")]


async def told(desk: Desk, person: str) -> list[str]:
    """What this person would read now, by direct message; a digest of several is one line for each."""
    words = [row.data["words"] for row in await waiting(desk, "notice") if row.lane == person]
    notices: list[str] = [render(one if isinstance(one, str) else text_from_json(one)) for one in words]
    digests = [row for row in await desk.read(due_messages, at=desk.clock() + DIGEST_DELAY) if row.kind == "digest"]
    drawn = [await drawn_now(desk, row) for row in digests if row.lane == person]
    return notices + [text for text in drawn if text]


async def drawn_now(desk: Desk, row: OutboxMessage) -> str:
    draft = await desk.read(render_message, desk.policy, desk.clock(), row)
    return draft.message.text if draft else ""


async def held_by_experts(desk: Desk) -> int:
    """Ana escalates the ticket, Eva accepts it."""
    number = await desk.execute(tickets.create_ticket, VPN)
    await desk.execute(
        escalations.escalate, number, by="U0AGENT1", team="network", why="Tunnel flaps", tried="restarted"
    )
    await desk.execute(escalations.accept, number, 1, by="U0EXPERT1")
    return number


def described(**more: Any) -> dict[str, Any]:
    """The office's description with some sections of its own."""
    return copy.deepcopy(OFFICE) | more


@asynccontextmanager
async def office_with(database_url: str, clock: HeldClock, **more: Any) -> AsyncIterator[Desk]:
    async with opened_desk(database_url, clock, plain=described(**more)) as desk:
        yield desk


async def sweep(desk: Desk) -> None:
    while await desk.execute(sla.send_due_alerts) >= sla.TICKETS_PER_SWEEP:
        pass
