"""Some weeks of plausible history, made by the same deeds that people use, on a clock that runs through those weeks."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.demo.stories import NOTES, THANKS, TRIED, TROUBLES, WHY, Trouble
from rules.escalations.escalations import Advice
from rules.intake.requests import Request
from rules.model.tickets import Priority
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.escalations.escalations import undecided
from storage.outbox import outbox
from storage.outbox.deliveries import forget_waiting
from storage.tickets.tickets import open_numbers, seen
from storage.transaction import Transaction

SEED = 2026
WEEKS = 4
A_DAY = 14
SATURDAY = 5
ON_THE_TABLE = 11  # a newcomer finds work to do, whatever the day
PAUSE, BRISK = 4.1, 1.8
BY_AGENT, NOTED, ESCALATED, REJECTED = 0.6, 0.3, 0.5, 0.2
UNSEEN = timedelta(minutes=6, seconds=30)
AGENTS = ("U0ANA", "U0BEN")
EXPERTS = {"network": ("U0EVA", "U0EMIL"), "apps": ("U0IRIS",)}
ASKERS = ("U0CLEO", "U0MIA", "U0IRIS", "U0EMIL")


@dataclass(frozen=True, slots=True)
class Step:
    """One deed, at its moment."""

    at: datetime
    order: int
    deed: Callable[..., Any]
    ticket: int
    named: dict[str, Any]


async def live_through(desk: Desk, *, until: datetime, told: Callable[[float], None]) -> int:
    """Fills an empty desk with the weeks before `until`; how many tickets there are now. `told` hears how far it is."""
    dice = random.Random(SEED)
    steps = sorted(_weeks(dice, until), key=lambda step: (step.at, step.order))
    numbers: dict[int, int] = {}
    real_clock = desk.clock
    try:
        for done, step in enumerate(steps):
            desk.clock = lambda at=step.at: at  # type: ignore[misc]
            await _take_step(desk, step, numbers)
            told((done + 1) / len(steps))
    finally:
        desk.clock = real_clock
    await desk.execute(_say_only_what_is_open)
    return len(numbers)


async def _take_step(desk: Desk, step: Step, numbers: dict[int, int]) -> None:
    if step.deed is tickets.file:
        numbers[step.ticket] = await desk.execute(step.deed, **step.named)
    else:
        await desk.execute(step.deed, numbers[step.ticket], **step.named)


def _weeks(dice: random.Random, until: datetime) -> Iterator[Step]:
    ticket = 0
    first = until - timedelta(weeks=WEEKS)
    for day in range(WEEKS * 7):
        date = first + timedelta(days=day)
        busy = A_DAY if date.weekday() < SATURDAY else A_DAY // 3
        for _ in range(max(1, round(dice.gauss(busy, 2)))):
            ticket += 1
            at = date + timedelta(minutes=dice.randint(0, 24 * 60 - 1))
            yield from _life(dice, ticket, min(at, until - timedelta(minutes=4)), until)
    for _ in range(ON_THE_TABLE):
        ticket += 1
        yield from _life(dice, ticket, until - timedelta(minutes=dice.randint(10, 8 * 60)), until, ends=False)
    yield from _asked(ticket + 1, until)
    yield _left_alone(ticket + 2, until - UNSEEN)


def _asked(ticket: int, until: datetime) -> Iterator[Step]:
    """Escalated minutes ago: the network experts have something to decide."""
    trouble = next(one for one in TROUBLES if one.experts == "network")
    filed = {"request": _request(trouble, asker="U0CLEO", registered_by="U0BEN")}
    question = {"by": "U0BEN", "team": trouble.experts, "why": WHY, "tried": TRIED}
    yield Step(until - timedelta(minutes=25), 0, tickets.file, ticket, filed)
    yield Step(until - timedelta(minutes=22), 1, tickets.take, ticket, {"by": "U0BEN"})
    yield Step(until - timedelta(minutes=21), 2, tickets.reply, ticket, {"by": "U0BEN", "text": THANKS})
    yield Step(until - timedelta(minutes=8), 3, escalations.escalate, ticket, question)


def _left_alone(ticket: int, at: datetime) -> Step:
    """Filed minutes ago and seen by nobody: its first warning comes while the newcomer looks on."""
    request = Request(
        title="Web shop is down for customers in Prague",
        description="They see an error page since a few minutes ago. Orders are lost.",
        type="crm",
        priority=Priority.CRITICAL,
        requester="U0CLEO",
        registered_by="U0CLEO",
    )
    return Step(at, 0, tickets.file, ticket, {"request": request})


def _life(dice: random.Random, ticket: int, filed: datetime, until: datetime, *, ends: bool = True) -> Iterator[Step]:
    """Filed, taken, answered, perhaps escalated, resolved; what lies after `until` or has no end is left open."""
    trouble = dice.choice(TROUBLES)
    agent = dice.choice(AGENTS)
    asker = dice.choice(ASKERS)
    by_agent = dice.random() < BY_AGENT
    moments = _moments(dice, filed, pause=PAUSE if ends else BRISK)
    request = _request(trouble, asker=asker, registered_by=agent if by_agent else asker)
    life: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (tickets.file, {"request": request}),
        (tickets.take, {"by": agent}),
    ]
    life.append((tickets.reply, {"by": agent, "text": THANKS}))
    if dice.random() < NOTED:
        life.append((tickets.note, {"by": agent, "text": dice.choice(NOTES)}))
    holder = agent
    if trouble.experts and dice.random() < ESCALATED:
        escalation, holder = _escalation(dice, trouble, agent)
        life += escalation
    life.append((tickets.resolve, {"by": holder, "solution": trouble.answer}))
    if not ends:
        life = life[: dice.randint(2, len(life) - 1)]
    for order, (deed, named) in enumerate(life):
        at = next(moments)
        if at >= until:
            return
        yield Step(at, order, deed, ticket, named)


def _request(trouble: Trouble, *, asker: str, registered_by: str) -> Request:
    return Request(
        title=trouble.title,
        description=trouble.description,
        type=trouble.type,
        priority=trouble.priority,
        requester=asker,
        registered_by=registered_by,
    )


def _escalation(
    dice: random.Random, trouble: Trouble, agent: str
) -> tuple[list[tuple[Callable[..., Any], dict[str, Any]]], str]:
    expert = dice.choice(EXPERTS[trouble.experts or ""])
    asked = (escalations.escalate, {"by": agent, "team": trouble.experts, "why": WHY, "tried": TRIED})
    if trouble.advice is not None or dice.random() < REJECTED:
        advice = trouble.advice or Advice.INFORMATION_MISSING
        comment = trouble.comment or "Send the log first, please."
        return [asked, (escalations.reject, {"round_": 1, "by": expert, "advice": advice, "comment": comment})], agent
    return [asked, (escalations.accept, {"round_": 1, "by": expert})], expert


def _moments(dice: random.Random, filed: datetime, *, pause: float) -> Iterator[datetime]:
    """Mostly quick, sometimes far too late: a log-normal pause before each step, by the logarithm of its minutes."""
    at = filed
    while True:
        yield at
        at += timedelta(minutes=min(4000, 3 + dice.lognormvariate(pause, 1.4)))


def _say_only_what_is_open(tx: Transaction) -> None:
    """The past is not told again: only open tickets get their cards, and open questions theirs."""
    forget_waiting(tx)
    for number in open_numbers(tx):
        outbox.refresh(tx, seen(tx, number))
        asked = undecided(tx, number)
        if asked is not None:
            lane, subject = tx.policy.team(asked.team).channel or "", f"{number}.{asked.round}"
            outbox.queue(tx, outbox.Kind.APPROVAL, lane=lane, number=number, subject=subject)
