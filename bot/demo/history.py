"""Four weeks of plausible history, made by the operations that people use, with the desk's clock set to the past."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.demo.stories import ALREADY_TRIED, ESCALATION_REASON, SAMPLE_NOTES, THANKS_REPLY, SampleTicket, sample_tickets
from rules.escalations.escalations import RejectionReason
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.escalations.escalations import ESCALATION_CARD, undecided_escalation
from storage.outbox import outbox
from storage.outbox.deliveries import delete_waiting
from storage.tickets.tickets import get_ticket, open_numbers
from storage.transaction import Transaction

SEED = 2026
WEEKS = 4
TICKETS_PER_WORKDAY = 14
SATURDAY = 5
OPEN_TICKETS = 11  # a visitor finds work to do on any day of the week
PAUSE_LOG_MINUTES, BRISK_LOG_MINUTES = 4.1, 1.8  # mean of the logarithm of the minutes between two steps
AGENT_FILES_CHANCE, NOTE_CHANCE, ESCALATE_CHANCE, REJECT_CHANCE = 0.6, 0.3, 0.5, 0.2
UNSEEN_FOR = timedelta(minutes=6, seconds=30)
AGENTS = ("U0ANA", "U0BEN")
EXPERTS = {"network": ("U0EVA", "U0EMIL"), "apps": ("U0IRIS",)}
REQUESTERS = ("U0CLEO", "U0MIA", "U0IRIS", "U0EMIL")

Call = tuple[Callable[..., Any], dict[str, Any]]  # an operation and its arguments


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One operation on a ticket, and when it runs; `order` decides between steps at the same time."""

    at: datetime
    order: int
    operation: Callable[..., Any]
    ticket: int
    arguments: dict[str, Any]


async def write_history(desk: Desk, *, until: datetime, on_progress: Callable[[float], None]) -> int:
    """Fills an empty desk and returns the number of its tickets; `on_progress` gets the share done, 0 to 1."""
    dice = random.Random(SEED)
    steps = sorted(_planned_steps(dice, until), key=lambda step: (step.at, step.order))
    numbers: dict[int, int] = {}
    real_clock = desk.clock
    try:
        for done, step in enumerate(steps):
            desk.clock = lambda at=step.at: at  # type: ignore[misc]
            await _run_step(desk, step, numbers)
            on_progress((done + 1) / len(steps))
    finally:
        desk.clock = real_clock
    await desk.execute(_queue_open_cards)
    return len(numbers)


async def _run_step(desk: Desk, step: HistoryStep, numbers: dict[int, int]) -> None:
    if step.operation is tickets.create_ticket:
        numbers[step.ticket] = await desk.execute(step.operation, **step.arguments)
    else:
        await desk.execute(step.operation, numbers[step.ticket], **step.arguments)


def _planned_steps(dice: random.Random, until: datetime) -> Iterator[HistoryStep]:
    ticket = 0
    first = until - timedelta(weeks=WEEKS)
    for day in range(WEEKS * 7):
        date = first + timedelta(days=day)
        busy = TICKETS_PER_WORKDAY if date.weekday() < SATURDAY else TICKETS_PER_WORKDAY // 3
        for _ in range(max(1, round(dice.gauss(busy, 2)))):
            ticket += 1
            at = date + timedelta(minutes=dice.randint(0, 24 * 60 - 1))
            yield from _ticket_life(dice, ticket, min(at, until - timedelta(minutes=4)), until)
    for _ in range(OPEN_TICKETS):
        ticket += 1
        yield from _ticket_life(dice, ticket, until - timedelta(minutes=dice.randint(10, 8 * 60)), until, ends=False)
    yield from _pending_escalation(ticket + 1, until)
    yield _untouched_ticket(ticket + 2, until - UNSEEN_FOR)


def _pending_escalation(ticket: int, until: datetime) -> Iterator[HistoryStep]:
    sample = next(one for one in sample_tickets() if one.experts == "network")
    filing = {"request": _ticket_request(sample, requester="U0CLEO", registered_by="U0BEN")}
    escalation = {"by": "U0BEN", "team": sample.experts, "why": ESCALATION_REASON, "tried": ALREADY_TRIED}
    yield HistoryStep(until - timedelta(minutes=25), 0, tickets.create_ticket, ticket, filing)
    yield HistoryStep(until - timedelta(minutes=22), 1, tickets.take, ticket, {"by": "U0BEN"})
    yield HistoryStep(until - timedelta(minutes=21), 2, tickets.reply, ticket, {"by": "U0BEN", "text": THANKS_REPLY})
    yield HistoryStep(until - timedelta(minutes=8), 3, escalations.escalate, ticket, escalation)


def _untouched_ticket(ticket: int, at: datetime) -> HistoryStep:
    """Filed minutes ago and unassigned: its first alert comes while the visitor is looking."""
    request = TicketRequest(
        title="Web shop is down for customers in Prague",
        description="They see an error page since a few minutes ago. Orders are lost.",
        type="crm",
        priority=Priority.CRITICAL,
        requester="U0CLEO",
        registered_by="U0CLEO",
    )
    return HistoryStep(at, 0, tickets.create_ticket, ticket, {"request": request})


def _ticket_life(
    dice: random.Random, ticket: int, filed: datetime, until: datetime, *, ends: bool = True
) -> Iterator[HistoryStep]:
    """From filing to resolution; steps after `until` are left out, and without `ends` the last ones."""
    sample = dice.choice(sample_tickets())
    agent = dice.choice(AGENTS)
    requester = dice.choice(REQUESTERS)
    by_agent = dice.random() < AGENT_FILES_CHANCE
    moments = _step_times(dice, filed, pause=PAUSE_LOG_MINUTES if ends else BRISK_LOG_MINUTES)
    request = _ticket_request(sample, requester=requester, registered_by=agent if by_agent else requester)
    life: list[Call] = [
        (tickets.create_ticket, {"request": request}),
        (tickets.take, {"by": agent}),
        (tickets.reply, {"by": agent, "text": THANKS_REPLY}),
    ]
    if dice.random() < NOTE_CHANCE:
        life.append((tickets.add_note, {"by": agent, "text": dice.choice(SAMPLE_NOTES)}))
    assignee = agent
    if sample.experts and dice.random() < ESCALATE_CHANCE:
        escalation, assignee = _escalation_steps(dice, sample, agent)
        life += escalation
    life.append((tickets.resolve, {"by": assignee, "solution": sample.solution}))
    if not ends:
        life = life[: dice.randint(2, len(life) - 1)]
    for order, (operation, arguments) in enumerate(life):
        at = next(moments)
        if at >= until:
            return
        yield HistoryStep(at, order, operation, ticket, arguments)


def _ticket_request(sample: SampleTicket, *, requester: str, registered_by: str) -> TicketRequest:
    return TicketRequest(
        title=sample.title,
        description=sample.description,
        type=sample.type,
        priority=sample.priority,
        requester=requester,
        registered_by=registered_by,
    )


def _escalation_steps(dice: random.Random, sample: SampleTicket, agent: str) -> tuple[list[Call], str]:
    """The steps, and the ticket's assignee after them."""
    expert = dice.choice(EXPERTS[sample.experts or ""])
    asking = {"by": agent, "team": sample.experts, "why": ESCALATION_REASON, "tried": ALREADY_TRIED}
    escalate = (escalations.escalate, asking)
    if sample.rejection_reason is not None or dice.random() < REJECT_CHANCE:
        advice = sample.rejection_reason or RejectionReason.INFORMATION_MISSING
        comment = sample.comment or "Send the log first, please."
        reject = (escalations.reject, {"round_": 1, "by": expert, "reason": advice, "comment": comment})
        return [escalate, reject], agent
    return [escalate, (escalations.accept, {"round_": 1, "by": expert})], expert


def _step_times(dice: random.Random, filed: datetime, *, pause: float) -> Iterator[datetime]:
    """Log-normal pauses: most steps are quick and some far too late. `pause` is the mean log of their minutes."""
    at = filed
    while True:
        yield at
        at += timedelta(minutes=min(4000, 3 + dice.lognormvariate(pause, 1.4)))


def _queue_open_cards(tx: Transaction) -> None:
    """Messages of the past are dropped; open tickets and undecided escalations get their cards."""
    delete_waiting(tx)
    for number in open_numbers(tx):
        outbox.refresh(tx, get_ticket(tx, number))
        escalation = undecided_escalation(tx, number)
        if escalation is not None:
            channel, subject = tx.policy.team(escalation.team).channel or "", f"{number}.{escalation.round}"
            outbox.queue_message(tx, ESCALATION_CARD, destination=channel, number=number, subject=subject)
