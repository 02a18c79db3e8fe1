"""What a ticket was promised runs, stands still, is kept, or is computed anew."""

from collections.abc import Iterable, Mapping
from typing import Any

from rules import alerts
from rules.model.policy import Policy
from rules.model.tickets import STATUS_WORDS, Status
from rules.model.timers import Clock, ClockKind, ClockState
from rules.sla import timers
from rules.sla.targets import Case
from storage.escalations.escalations import undecided
from storage.schema.tickets import Ticket
from storage.sla.timers import keep, of, put, rows_of, value
from storage.transaction import Transaction

OF_TICKET = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.STEP, ClockKind.RESOLUTION)
AT_FILING = (ClockKind.FIRST_RESPONSE, ClockKind.STEP, ClockKind.RESOLUTION)


def started(tx: Transaction, ticket: Ticket) -> list[Clock]:
    """The clocks of a new ticket; what nothing is promised for has none."""
    kinds = (kind for kind in AT_FILING if kind is not ClockKind.STEP or ticket.step)
    clocks = (timers.start(tx.policy, kind, case_of(ticket), ticket.created_at) for kind in kinds)
    return [clock for clock in clocks if clock is not None]


def begin(tx: Transaction, ticket: Ticket, kind: ClockKind, *, experts: str = "") -> None:
    """This promise begins now; one of its kind that still waits goes on as it is."""
    running = of(tx, ticket.number).get(kind)
    if running is not None and running.is_open:
        return
    clock = timers.start(tx.policy, kind, case_of(ticket, experts=experts), tx.now)
    if clock is not None:
        keep(tx, ticket.number, clock)


def meet(tx: Transaction, ticket: Ticket, *kinds: ClockKind) -> None:
    """These promises are kept now, in time or late."""
    for clock in _those(tx, ticket, kinds):
        keep(tx, ticket.number, timers.meet(tx.policy, clock, tx.now))


def cancel(tx: Transaction, ticket: Ticket, *kinds: ClockKind, why: str) -> None:
    """These promises are not owed any more."""
    for clock in _those(tx, ticket, kinds):
        keep(tx, ticket.number, timers.cancel(tx.policy, clock, tx.now, why=why))


def pause(tx: Transaction, ticket: Ticket, kind: ClockKind, *, why: str) -> None:
    """This promise stands still, for a reason other than the ticket's state."""
    for clock in _those(tx, ticket, [kind]):
        keep(tx, ticket.number, timers.pause(tx.policy, clock, tx.now, why=why))


def resume(tx: Transaction, ticket: Ticket, kind: ClockKind) -> None:
    for clock in _those(tx, ticket, [kind]):
        keep(tx, ticket.number, timers.resume(tx.policy, clock, tx.now))


def follow(tx: Transaction, ticket: Ticket) -> None:
    """Every clock of the ticket stands still or runs on as its state says (`pause_while` in desk.yml)."""
    for clock in _those(tx, ticket, OF_TICKET):
        anew = _following(tx.policy, clock, ticket.status, tx)
        if anew != clock:
            keep(tx, ticket.number, anew)


def follow_many(tx: Transaction, statuses: Mapping[int, Status]) -> None:
    """`follow` for many tickets at once: each with the state in which it is now."""
    for row in rows_of(tx, list(statuses)):
        clock = value(row)
        anew = _following(tx.policy, clock, statuses[row.number], tx) if row.target in OF_TICKET else clock
        if anew != clock:
            put(row, anew)


def reopen(tx: Transaction, ticket: Ticket) -> None:
    """The time to resolve, and that of the step that was open, run on with what was left when it was resolved."""
    for clock in _those(tx, ticket, [ClockKind.RESOLUTION, *([ClockKind.STEP] if ticket.step else [])]):
        keep(tx, ticket.number, timers.reopen(tx.policy, clock, tx.now))


def recalculate(tx: Transaction, ticket: Ticket, *, why: str, before: Policy | None = None) -> dict[str, Any]:
    """New promises from the same start, for the ticket as it is now; which due times moved, from when to when.

    `before` is the description under which they were promised, where that is another one.
    """
    had = of(tx, ticket.number)
    question = undecided(tx, ticket.number) if ClockKind.EXPERT_ANSWER in had else None
    case = case_of(ticket, experts=question.team if question else "")
    moved = {}
    for kind in dict.fromkeys((*AT_FILING, *had)):
        clock, anew = had.get(kind), _anew(tx, ticket, case, kind, had.get(kind), why=why, before=before)
        anew = anew and _still_climbing(tx, ticket, anew, experts=case.experts)
        if anew is None or anew == clock:
            continue
        keep(tx, ticket.number, anew)
        was, now = _due(clock), _due(anew)
        if was != now:
            moved[str(kind)] = [was, now]
    if question is not None and ClockKind.EXPERT_ANSWER in moved:
        question.answer_due_at = of(tx, ticket.number)[ClockKind.EXPERT_ANSWER].due_at
    return moved


def case_of(ticket: Ticket, *, experts: str = "") -> Case:
    """What the ticket's promises depend on."""
    return Case(
        type=ticket.type,
        priority=ticket.priority,
        team=ticket.first_line,
        customer=ticket.customer or "",
        company=ticket.company or "",
        channel=ticket.channel or "",
        step=ticket.step or "",
        experts=experts,
    )


def _those(tx: Transaction, ticket: Ticket, kinds: Iterable[ClockKind]) -> list[Clock]:
    had = of(tx, ticket.number)
    return [had[kind] for kind in kinds if kind in had]


def _following(policy: Policy, clock: Clock, status: Status, tx: Transaction) -> Clock:
    if status in policy.pauses.get(clock.target, ()):
        return timers.pause(policy, clock, tx.now, why=STATUS_WORDS[status].lower())
    return timers.resume(policy, clock, tx.now)


def _anew(
    tx: Transaction,
    ticket: Ticket,
    case: Case,
    kind: ClockKind,
    clock: Clock | None,
    *,
    why: str,
    before: Policy | None,
) -> Clock | None:
    if clock is None or clock.state is ClockState.CANCELLED:
        return _newly_promised(tx, ticket, case, kind)
    if kind is ClockKind.STEP and not ticket.step:
        return timers.cancel(tx.policy, clock, tx.now, why=why)
    return timers.recalculate(tx.policy, clock, case, now=tx.now, why=why, before=before)


def _still_climbing(tx: Transaction, ticket: Ticket, clock: Clock, *, experts: str) -> Clock:
    """A breach that is told, and that nobody has acted on, still goes a step up."""
    team = experts if clock.target is ClockKind.EXPERT_ANSWER else ticket.team
    return alerts.waiting(tx.policy, clock, tx.policy.calendar_of(team))


def _newly_promised(tx: Transaction, ticket: Ticket, case: Case, kind: ClockKind) -> Clock | None:
    """What was not promised before; a reply that was given and what nobody waits for is not promised afterwards."""
    replied = kind is ClockKind.FIRST_RESPONSE and ticket.first_reply_at is not None
    if replied or kind not in AT_FILING or (kind is ClockKind.STEP and not ticket.step):
        return None
    since = tx.now if kind is ClockKind.STEP else ticket.created_at
    clock = timers.start(tx.policy, kind, case, since)
    return None if clock is None else _following(tx.policy, clock, ticket.status, tx)


def _due(clock: Clock | None) -> str | None:
    return clock.due_at.isoformat() if clock is not None and clock.is_open else None
