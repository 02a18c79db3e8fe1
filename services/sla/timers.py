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
from storage.transaction import Work

OF_TICKET = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.STEP, ClockKind.RESOLUTION)
AT_FILING = (ClockKind.FIRST_RESPONSE, ClockKind.STEP, ClockKind.RESOLUTION)


def started(work: Work, ticket: Ticket) -> list[Clock]:
    """The clocks of a new ticket; what nothing is promised for has none."""
    kinds = (kind for kind in AT_FILING if kind is not ClockKind.STEP or ticket.step)
    clocks = (timers.start(work.policy, kind, case_of(ticket), ticket.created_at) for kind in kinds)
    return [clock for clock in clocks if clock is not None]


def begin(work: Work, ticket: Ticket, kind: ClockKind, *, experts: str = "") -> None:
    """This promise begins now; one of its kind that still waits goes on as it is."""
    running = of(work.session, work.workspace, ticket.number).get(kind)
    if running is not None and running.is_open:
        return
    clock = timers.start(work.policy, kind, case_of(ticket, experts=experts), work.now)
    if clock is not None:
        keep(work, ticket.number, clock)


def meet(work: Work, ticket: Ticket, *kinds: ClockKind) -> None:
    """These promises are kept now, in time or late."""
    for clock in _those(work, ticket, kinds):
        keep(work, ticket.number, timers.meet(work.policy, clock, work.now))


def cancel(work: Work, ticket: Ticket, *kinds: ClockKind, why: str) -> None:
    """These promises are not owed any more."""
    for clock in _those(work, ticket, kinds):
        keep(work, ticket.number, timers.cancel(work.policy, clock, work.now, why=why))


def pause(work: Work, ticket: Ticket, kind: ClockKind, *, why: str) -> None:
    """This promise stands still, for a reason other than the ticket's state."""
    for clock in _those(work, ticket, [kind]):
        keep(work, ticket.number, timers.pause(work.policy, clock, work.now, why=why))


def resume(work: Work, ticket: Ticket, kind: ClockKind) -> None:
    for clock in _those(work, ticket, [kind]):
        keep(work, ticket.number, timers.resume(work.policy, clock, work.now))


def follow(work: Work, ticket: Ticket) -> None:
    """Every clock of the ticket stands still or runs on as its state says (`pause_while` in desk.yml)."""
    for clock in _those(work, ticket, OF_TICKET):
        anew = _following(work.policy, clock, ticket.status, work)
        if anew != clock:
            keep(work, ticket.number, anew)


def follow_many(work: Work, statuses: Mapping[int, Status]) -> None:
    """`follow` for many tickets at once: each with the state in which it is now."""
    for row in rows_of(work, list(statuses)):
        clock = value(row)
        anew = _following(work.policy, clock, statuses[row.number], work) if row.target in OF_TICKET else clock
        if anew != clock:
            put(row, anew)


def reopen(work: Work, ticket: Ticket) -> None:
    """The time to resolve, and that of the step that was open, run on with what was left when it was resolved."""
    for clock in _those(work, ticket, [ClockKind.RESOLUTION, *([ClockKind.STEP] if ticket.step else [])]):
        keep(work, ticket.number, timers.reopen(work.policy, clock, work.now))


def recalculate(work: Work, ticket: Ticket, *, why: str, before: Policy | None = None) -> dict[str, Any]:
    """New promises from the same start, for the ticket as it is now; which due times moved, from when to when.

    `before` is the description under which they were promised, where that is another one.
    """
    had = of(work.session, work.workspace, ticket.number)
    question = undecided(work.session, work.workspace, ticket.number) if ClockKind.EXPERT_ANSWER in had else None
    case = case_of(ticket, experts=question.team if question else "")
    moved = {}
    for kind in dict.fromkeys((*AT_FILING, *had)):
        clock, anew = had.get(kind), _anew(work, ticket, case, kind, had.get(kind), why=why, before=before)
        anew = anew and _still_climbing(work, ticket, anew, experts=case.experts)
        if anew is None or anew == clock:
            continue
        keep(work, ticket.number, anew)
        was, now = _due(clock), _due(anew)
        if was != now:
            moved[str(kind)] = [was, now]
    if question is not None and ClockKind.EXPERT_ANSWER in moved:
        question.answer_due_at = of(work.session, work.workspace, ticket.number)[ClockKind.EXPERT_ANSWER].due_at
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


def _those(work: Work, ticket: Ticket, kinds: Iterable[ClockKind]) -> list[Clock]:
    had = of(work.session, work.workspace, ticket.number)
    return [had[kind] for kind in kinds if kind in had]


def _following(policy: Policy, clock: Clock, status: Status, work: Work) -> Clock:
    if status in policy.pauses.get(clock.target, ()):
        return timers.pause(policy, clock, work.now, why=STATUS_WORDS[status].lower())
    return timers.resume(policy, clock, work.now)


def _anew(
    work: Work, ticket: Ticket, case: Case, kind: ClockKind, clock: Clock | None, *, why: str, before: Policy | None
) -> Clock | None:
    if clock is None or clock.state is ClockState.CANCELLED:
        return _newly_promised(work, ticket, case, kind)
    if kind is ClockKind.STEP and not ticket.step:
        return timers.cancel(work.policy, clock, work.now, why=why)
    return timers.recalculate(work.policy, clock, case, now=work.now, why=why, before=before)


def _still_climbing(work: Work, ticket: Ticket, clock: Clock, *, experts: str) -> Clock:
    """A breach that is told, and that nobody has acted on, still goes a step up."""
    team = experts if clock.target is ClockKind.EXPERT_ANSWER else ticket.team
    return alerts.waiting(work.policy, clock, work.policy.calendar_of(team))


def _newly_promised(work: Work, ticket: Ticket, case: Case, kind: ClockKind) -> Clock | None:
    """What was not promised before; a reply that was given and what nobody waits for is not promised afterwards."""
    replied = kind is ClockKind.FIRST_RESPONSE and ticket.first_reply_at is not None
    if replied or kind not in AT_FILING or (kind is ClockKind.STEP and not ticket.step):
        return None
    since = work.now if kind is ClockKind.STEP else ticket.created_at
    clock = timers.start(work.policy, kind, case, since)
    return None if clock is None else _following(work.policy, clock, ticket.status, work)


def _due(clock: Clock | None) -> str | None:
    return clock.due_at.isoformat() if clock is not None and clock.is_open else None
