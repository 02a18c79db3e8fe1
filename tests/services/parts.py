"""Who is what at the desk, one person for each role, and tickets brought to where each deed can be tried."""

from dataclasses import replace
from typing import Any

from rules.model.timers import TimerKind
from rules.people.permissions import Role
from services.alerts import sweep
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.sla import extensions
from services.tickets import tickets
from tests.desks import OFFICE, HeldClock
from tests.services.alarms import VPN
from tests.services.vpn import BEN, CLEO, EMIL, EVA, LENA, LEO, MIA, OTTO, asked, filed

ADA, SAM, NOBODY = "U0ADMIN1", "U0EXPERT9", "U0STRANGE1"
ROLES = {
    Role.REQUESTER: CLEO,
    Role.AGENT: BEN,
    Role.EXPERT: EVA,
    Role.LEAD: LEO,
    Role.MANAGER: MIA,
    Role.OBSERVER: OTTO,
    Role.ADMIN: ADA,
}
SECURITY = {"name": "Security", "line": "expert", "channel": "C0SECURE", "calendar": "office", "experts": [SAM]}
MOVE = {"name": "Move", "team": "support", "steps": [{"name": "Order"}, {"name": "Connect", "within": "2h"}]}
WIDER: dict[str, Any] = {
    **OFFICE,
    "admins": [ADA],
    "teams": {**OFFICE["teams"], "security": SECURITY},
    "types": {**OFFICE["types"], "move": MOVE},
}


async def waiting_for_experts(desk: Desk, by: str) -> int:
    number = await filed(desk)
    await asked(desk, number)
    return number


async def in_hand(desk: Desk, by: str) -> int:
    """Network accepted it: then Support's agents, Network's experts and both leads have a part in it."""
    number = await waiting_for_experts(desk, by)
    await desk.execute(escalations.accept, number, 1, by=EMIL)
    return number


async def waiting_for_cleo(desk: Desk, by: str) -> int:
    number = await in_hand(desk, by)
    await desk.execute(tickets.wait_for_customer, number, by=EMIL)
    return number


async def offered(desk: Desk, by: str) -> int:
    """To the one who tries, where that person can hold a ticket at all."""
    number = await in_hand(desk, by)
    await desk.execute(assignments.assign_ticket, number, to=by if by in (BEN, EVA, LEO) else EMIL, by=LENA)
    return number


async def resolved(desk: Desk, by: str) -> int:
    number = await in_hand(desk, by)
    await desk.execute(tickets.resolve, number, by=EMIL, solution="Restarted the gateway.")
    return number


async def overdue(desk: Desk, by: str) -> int:
    number = await in_hand(desk, by)
    assert isinstance(desk.clock, HeldClock)
    desk.clock.forward(days=7)
    await desk.execute(sweep.send_due_alerts)
    return number


async def with_steps(desk: Desk, by: str) -> int:
    number = await desk.execute(tickets.create_ticket, replace(VPN, type="move"))
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await desk.execute(assignments.start_work, number, by=BEN)
    await desk.execute(escalations.escalate, number, by=BEN, team="network", why="Ports", tried="none")
    await desk.execute(escalations.accept, number, 1, by=EMIL)
    return number


async def asked_for_time(desk: Desk, by: str) -> int:
    number = await in_hand(desk, by)
    await more_time(desk, number, EMIL, more="20h")
    return number


async def more_time(desk: Desk, number: int, by: str, *, more: str = "1h") -> object:
    target = TimerKind.RESOLUTION
    return await desk.execute(
        extensions.extend_timer, number, by=by, target=target, more=more, reason="The part comes today."
    )
