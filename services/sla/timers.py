"""What a ticket was promised runs, stands still, is kept, or is computed anew."""

from collections.abc import Iterable, Mapping
from typing import Any

from rules import alerts
from rules.model.policy import Policy
from rules.model.tickets import STATUS_LABELS, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla import timers
from rules.sla.targets import SlaCase
from storage.escalations.escalations import undecided_escalation
from storage.schema.tickets import Ticket
from storage.sla.timers import open_timer_rows, save_timer, ticket_timers, timer_of, update_row
from storage.transaction import Transaction

TICKET_TARGETS = (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE, TimerKind.STEP, TimerKind.RESOLUTION)
INITIAL_TARGETS = (TimerKind.FIRST_RESPONSE, TimerKind.STEP, TimerKind.RESOLUTION)


def new_ticket_timers(tx: Transaction, ticket: Ticket) -> list[SlaTimer]:
    """The clocks of a new ticket; what nothing is promised for has none."""
    kinds = (kind for kind in INITIAL_TARGETS if kind is not TimerKind.STEP or ticket.step)
    clocks = (timers.start_timer(tx.policy, kind, sla_case(ticket), ticket.created_at) for kind in kinds)
    return [clock for clock in clocks if clock is not None]


def start_timer(tx: Transaction, ticket: Ticket, kind: TimerKind, *, experts: str = "") -> None:
    """This promise begins now; one of its kind that still waits goes on as it is."""
    running = ticket_timers(tx, ticket.number).get(kind)
    if running is not None and running.is_open:
        return
    clock = timers.start_timer(tx.policy, kind, sla_case(ticket, experts=experts), tx.now)
    if clock is not None:
        save_timer(tx, ticket.number, clock)


def meet_timers(tx: Transaction, ticket: Ticket, *kinds: TimerKind) -> None:
    """These promises are kept now, in time or late."""
    for clock in _existing_timers(tx, ticket, kinds):
        save_timer(tx, ticket.number, timers.close_timer(tx.policy, clock, tx.now))


def cancel_timers(tx: Transaction, ticket: Ticket, *kinds: TimerKind, why: str) -> None:
    """These promises are not owed any more."""
    for clock in _existing_timers(tx, ticket, kinds):
        save_timer(tx, ticket.number, timers.cancel_timer(tx.policy, clock, tx.now, reason=why))


def pause_timer(tx: Transaction, ticket: Ticket, kind: TimerKind, *, why: str) -> None:
    """This promise stands still, for a reason other than the ticket's state."""
    for clock in _existing_timers(tx, ticket, [kind]):
        save_timer(tx, ticket.number, timers.pause_timer(tx.policy, clock, tx.now, reason=why))


def resume_timer(tx: Transaction, ticket: Ticket, kind: TimerKind) -> None:
    for clock in _existing_timers(tx, ticket, [kind]):
        save_timer(tx, ticket.number, timers.resume_timer(tx.policy, clock, tx.now))


def follow_status(tx: Transaction, ticket: Ticket) -> None:
    """Every clock of the ticket stands still or runs on as its state says (`pause_while` in desk.yml)."""
    for clock in _existing_timers(tx, ticket, TICKET_TARGETS):
        anew = _following_status(tx.policy, clock, ticket.status, tx)
        if anew != clock:
            save_timer(tx, ticket.number, anew)


def follow_statuses(tx: Transaction, statuses: Mapping[int, Status]) -> None:
    """`follow` for many tickets at once: each with the state in which it is now."""
    for row in open_timer_rows(tx, list(statuses)):
        clock = timer_of(row)
        anew = _following_status(tx.policy, clock, statuses[row.number], tx) if row.target in TICKET_TARGETS else clock
        if anew != clock:
            update_row(row, anew)


def reopen_timers(tx: Transaction, ticket: Ticket) -> None:
    """The time to resolve, and that of the step that was open, run on with what was left when it was resolved."""
    for clock in _existing_timers(tx, ticket, [TimerKind.RESOLUTION, *([TimerKind.STEP] if ticket.step else [])]):
        save_timer(tx, ticket.number, timers.reopen_timer(tx.policy, clock, tx.now))


def recalculate_timers(tx: Transaction, ticket: Ticket, *, why: str, before: Policy | None = None) -> dict[str, Any]:
    """New promises from the same start, for the ticket as it is now; which due times moved, from when to when.

    `before` is the description under which they were promised, where that is another one.
    """
    had = ticket_timers(tx, ticket.number)
    question = undecided_escalation(tx, ticket.number) if TimerKind.EXPERT_ANSWER in had else None
    case = sla_case(ticket, experts=question.team if question else "")
    moved = {}
    for kind in dict.fromkeys((*INITIAL_TARGETS, *had)):
        clock, anew = had.get(kind), _recalculated(tx, ticket, case, kind, had.get(kind), why=why, before=before)
        anew = anew and _with_next_alert(tx, ticket, anew, experts=case.expert_team)
        if anew is None or anew == clock:
            continue
        save_timer(tx, ticket.number, anew)
        was, now = _due_text(clock), _due_text(anew)
        if was != now:
            moved[str(kind)] = [was, now]
    if question is not None and TimerKind.EXPERT_ANSWER in moved:
        question.answer_due_at = ticket_timers(tx, ticket.number)[TimerKind.EXPERT_ANSWER].due_at
    return moved


def sla_case(ticket: Ticket, *, experts: str = "") -> SlaCase:
    """What the ticket's promises depend on."""
    return SlaCase(
        type=ticket.type,
        priority=ticket.priority,
        team=ticket.first_line,
        customer=ticket.customer or "",
        company=ticket.company or "",
        channel=ticket.channel or "",
        step=ticket.step or "",
        expert_team=experts,
    )


def _existing_timers(tx: Transaction, ticket: Ticket, kinds: Iterable[TimerKind]) -> list[SlaTimer]:
    had = ticket_timers(tx, ticket.number)
    return [had[kind] for kind in kinds if kind in had]


def _following_status(policy: Policy, clock: SlaTimer, status: Status, tx: Transaction) -> SlaTimer:
    if policy.pauses_timer(clock.target, status):
        return timers.pause_timer(policy, clock, tx.now, reason=STATUS_LABELS[status].lower())
    return timers.resume_timer(policy, clock, tx.now)


def _recalculated(
    tx: Transaction,
    ticket: Ticket,
    case: SlaCase,
    kind: TimerKind,
    clock: SlaTimer | None,
    *,
    why: str,
    before: Policy | None,
) -> SlaTimer | None:
    if clock is None or clock.state is TimerState.CANCELLED:
        return _new_timer(tx, ticket, case, kind)
    if kind is TimerKind.STEP and not ticket.step:
        return timers.cancel_timer(tx.policy, clock, tx.now, reason=why)
    return timers.recalculate_timer(tx.policy, clock, case, now=tx.now, reason=why, before=before)


def _with_next_alert(tx: Transaction, ticket: Ticket, clock: SlaTimer, *, experts: str) -> SlaTimer:
    """A breach that is told, and that nobody has acted on, still goes a step up."""
    team = experts if clock.target is TimerKind.EXPERT_ANSWER else ticket.team
    return alerts.schedule_next_check(tx.policy, clock, tx.policy.team_calendar(team))


def _new_timer(tx: Transaction, ticket: Ticket, case: SlaCase, kind: TimerKind) -> SlaTimer | None:
    """What was not promised before; a reply that was given and what nobody waits for is not promised afterwards."""
    replied = kind is TimerKind.FIRST_RESPONSE and ticket.first_reply_at is not None
    if replied or kind not in INITIAL_TARGETS or (kind is TimerKind.STEP and not ticket.step):
        return None
    since = tx.now if kind is TimerKind.STEP else ticket.created_at
    clock = timers.start_timer(tx.policy, kind, case, since)
    return None if clock is None else _following_status(tx.policy, clock, ticket.status, tx)


def _due_text(clock: SlaTimer | None) -> str | None:
    return clock.due_at.isoformat() if clock is not None and clock.is_open else None
