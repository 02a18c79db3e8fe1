"""A desk where anything may have happened: people, the desk's own jobs and its configuration at random."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import deepcopy
from functools import partial
from typing import Any

from rules.errors import Refused
from rules.escalations.escalations import RejectionReason
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority, ReplyBy
from rules.model.timers import TimerKind
from rules.reports.daily import ReportScope
from services.alerts import sweep
from services.assignment import assignments
from services.config import apply_configuration, recalculate_all_sla_targets, reload_configuration
from services.desk import Desk
from services.escalations import escalations
from services.sla import extensions
from services.tickets import corrections, tickets
from services.tickets.corrections import Correction
from storage.transaction import Transaction
from tests.desks import OFFICE, HeldClock

AGENTS, EXPERTS, LEAD = ("U0AGENT1", "U0AGENT2"), ("U0EXPERT1", "U0EXPERT2"), "U0LEAD1"
PEOPLE = (*AGENTS, *EXPERTS, LEAD)
EVERYTHING = 1000
SCOPES = (
    ReportScope(),
    ReportScope(teams=frozenset({"support"})),
    ReportScope(person=AGENTS[0]),
    ReportScope(person=EXPERTS[0]),
)
Operation = Callable[[Transaction], object]


async def live(
    desk: Desk,
    clock: HeldClock,
    draw: random.Random,
    *,
    steps: int,
    before_each: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """So many things that people do, most of them allowed, over some days."""
    last = 0
    for _ in range(steps):
        clock.forward(minutes=draw.choice([1, 20, 90, 300]))
        if before_each is not None:
            await before_each()
        if last == 0 or draw.random() < 0.25:
            last = await desk.execute(tickets.create_ticket, drawn_request(draw))
        elif draw.random() < 0.3:
            await sweep.send_all_alerts(desk)
        else:
            with suppress(Refused):
                await desk.execute(drawn_operation(draw, draw.randint(1, last)))


def drawn_request(draw: random.Random) -> TicketRequest:
    kind, priority = draw.choice(["network", "other"]), draw.choice(list(Priority))
    asker = draw.choice([*PEOPLE, "U0CLIENT1"])
    return TicketRequest(title="VPN is down", requester=asker, registered_by=asker, type=kind, priority=priority)


def drawn_operation(draw: random.Random, number: int) -> Operation:
    agent, expert = draw.choice(AGENTS), draw.choice(EXPERTS)
    reject = partial(escalations.reject, reason=RejectionReason.INFORMATION_MISSING, comment="Which of them?")
    type_, priority = draw.choice(["network", "other"]), draw.choice(list(Priority))
    corrected = Correction("VPN is down", type_, priority, customer=None, reply_by=ReplyBy.SLACK)
    extend = partial(extensions.extend_timer, target=TimerKind.RESOLUTION, reason="A part comes tomorrow.")
    operations: list[Operation] = [
        partial(tickets.take, number=number, by=agent),
        partial(tickets.take, number=number, by=LEAD),
        partial(assignments.assign_ticket, number=number, to=agent, by=LEAD),
        partial(assignments.start_work, number=number, by=agent),
        partial(assignments.pass_ticket_back, number=number, by=agent, reason="Not mine."),
        partial(tickets.wait_for_customer, number=number, by=agent),
        partial(tickets.add_requester_message, number=number, by="U0CLIENT1", text="And now?"),
        partial(tickets.reply, number=number, by=agent, text="We are on it."),
        partial(tickets.resolve, number=number, by=draw.choice([agent, expert]), solution="Restarted."),
        partial(tickets.reopen, number=number, by=agent, reason="Again."),
        partial(escalations.escalate, number=number, by=agent, team="network", why="Down", tried="Restarted"),
        partial(escalations.accept, number=number, round_=1, by=expert),
        partial(reject, number=number, round_=1, by=expert),
        partial(extend, number=number, by=draw.choice([agent, LEAD]), more=draw.choice(["30m", "9h"])),
        partial(corrections.correct_ticket, number=number, by=agent, to=corrected),
        partial(sweep.snooze_alerts, number=number, by=agent),
    ]
    return draw.choice(operations)


async def change_rules(desk: Desk, draw: random.Random) -> None:
    """Other targets, other warnings and other opening hours; what is open is recalculated."""
    plain: dict[str, Any] = deepcopy(OFFICE)
    plain["warn_at"] = draw.choice([["50%"], ["25%", "80%"], ["1h"]])
    plain["sla"] = draw.sample(plain["sla"], draw.choice([1, 2, 3]))
    plain["calendars"]["office"]["hours"] = {"mon-fri": [draw.choice(["08:00-12:00", "07:00-18:00"])]}
    await desk.execute(apply_configuration, plain)
    await reload_configuration(desk)
    await recalculate_all_sla_targets(desk)
