"""The SLA timers of a ticket start, pause, resume, end, or are recalculated."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rules import alerts
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla import timers
from rules.sla.targets import SlaCase
from rules.text import Text
from storage.escalations.escalations import undecided_escalation
from storage.imports import is_imported
from storage.schema.tickets import NewTicket, Ticket
from storage.sla.timers import open_timer_rows, save_timer, ticket_timers, timer_of, update_row
from storage.transaction import Transaction

TICKET_TARGETS = (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE, TimerKind.STEP, TimerKind.RESOLUTION)
INITIAL_TARGETS = (TimerKind.FIRST_RESPONSE, TimerKind.STEP, TimerKind.RESOLUTION)


def new_ticket_timers(tx: Transaction, ticket: NewTicket) -> list[SlaTimer]:
    case = sla_case(ticket)
    kinds = (kind for kind in INITIAL_TARGETS if kind is not TimerKind.STEP or ticket.step)
    started = (timers.start_timer(tx.policy, kind, case, ticket.created_at) for kind in kinds)
    return [timer for timer in started if timer is not None]


def start_timer(tx: Transaction, ticket: Ticket, kind: TimerKind, *, experts: str = "") -> None:
    """An open timer of the same kind goes on as it is."""
    running = ticket_timers(tx, ticket.number).get(kind)
    if running is not None and running.is_open:
        return
    timer = timers.start_timer(tx.policy, kind, sla_case(ticket, experts=experts), tx.now)
    if timer is not None:
        save_timer(tx, ticket.number, timer)


def meet_timers(tx: Transaction, ticket: Ticket, *kinds: TimerKind) -> None:
    for timer in _existing_timers(tx, ticket, kinds):
        save_timer(tx, ticket.number, timers.close_timer(tx.policy, timer, tx.now))


def take_back_reply(tx: Transaction, ticket: Ticket, lost_at: datetime, *, replied_at: datetime | None) -> None:
    """The reply at `lost_at` reached nobody: what it met runs on, or was met by the next one at `replied_at`."""
    for timer in _existing_timers(tx, ticket, (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE)):
        if timer.closed_at == lost_at and timer.state is not TimerState.CANCELLED:
            again = timers.take_back_close(tx.policy, timer)
            if replied_at is None:
                again = _following_status(tx.policy, again, ticket.status, tx)
            else:
                again = timers.close_timer(tx.policy, again, replied_at)
            save_timer(tx, ticket.number, again)


def cancel_timers(tx: Transaction, ticket: Ticket, *kinds: TimerKind, why: Text) -> None:
    for timer in _existing_timers(tx, ticket, kinds):
        save_timer(tx, ticket.number, timers.cancel_timer(tx.policy, timer, tx.now, reason=why))


def pause_timer(tx: Transaction, ticket: Ticket, kind: TimerKind, *, why: Text) -> None:
    for timer in _existing_timers(tx, ticket, [kind]):
        save_timer(tx, ticket.number, timers.pause_timer(tx.policy, timer, tx.now, reason=why))


def resume_timer(tx: Transaction, ticket: Ticket, kind: TimerKind) -> None:
    for timer in _existing_timers(tx, ticket, [kind]):
        save_timer(tx, ticket.number, timers.resume_timer(tx.policy, timer, tx.now))


def follow_status(tx: Transaction, ticket: Ticket) -> None:
    """Every timer of the ticket pauses or resumes as its status says (`pause_while` in desk.yml)."""
    for timer in _existing_timers(tx, ticket, TICKET_TARGETS):
        updated = _following_status(tx.policy, timer, ticket.status, tx)
        if updated != timer:
            save_timer(tx, ticket.number, updated)


def follow_statuses(tx: Transaction, statuses: Mapping[int, Status]) -> None:
    for row in open_timer_rows(tx, list(statuses)):
        timer = timer_of(row)
        updated = _following_status(tx.policy, timer, statuses[row.number], tx)
        if row.target in TICKET_TARGETS and updated != timer:
            update_row(tx, row, updated)


def reopen_timers(tx: Transaction, ticket: Ticket) -> None:
    """The resolution timer, and that of the open step, run on with what was left when the ticket was resolved."""
    for timer in _existing_timers(tx, ticket, [TimerKind.RESOLUTION, *([TimerKind.STEP] if ticket.step else [])]):
        save_timer(tx, ticket.number, timers.reopen_timer(tx.policy, timer, tx.now))


def recalculate_timers(tx: Transaction, ticket: Ticket, *, why: Text, before: Policy | None = None) -> dict[str, Any]:
    """New SLA targets from the same start, for the ticket as it is now; old and new due time of each that changed.

    `before` is the configuration under which they were set, where that is another one.
    """
    existing = ticket_timers(tx, ticket.number)
    escalation = undecided_escalation(tx, ticket.number) if TimerKind.EXPERT_ANSWER in existing else None
    case = sla_case(ticket, experts=escalation.team if escalation else "")
    moved = {}
    for kind in dict.fromkeys((*INITIAL_TARGETS, *existing)):
        timer = existing.get(kind)
        updated = _recalculated(tx, ticket, case, kind, timer, why=why, before=before)
        updated = updated and _with_next_alert(tx, ticket, updated, experts=case.expert_team)
        if updated is None or updated == timer:
            continue
        save_timer(tx, ticket.number, updated)
        old_due, new_due = _due_text(timer), _due_text(updated)
        if old_due != new_due:
            moved[str(kind)] = [old_due, new_due]
    if escalation is not None and TimerKind.EXPERT_ANSWER in moved:
        escalation.answer_due_at = ticket_timers(tx, ticket.number)[TimerKind.EXPERT_ANSWER].due_at
    return moved


def sla_case(ticket: Ticket | NewTicket, *, experts: str = "") -> SlaCase:
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
    existing = ticket_timers(tx, ticket.number)
    return [existing[kind] for kind in kinds if kind in existing]


def _following_status(policy: Policy, timer: SlaTimer, status: Status, tx: Transaction) -> SlaTimer:
    if policy.pauses_timer(timer.target, status):
        return timers.pause_timer(policy, timer, tx.now, reason=status.label)
    return timers.resume_timer(policy, timer, tx.now)


def _recalculated(
    tx: Transaction,
    ticket: Ticket,
    case: SlaCase,
    kind: TimerKind,
    timer: SlaTimer | None,
    *,
    why: Text,
    before: Policy | None,
) -> SlaTimer | None:
    if timer is None or timer.state is TimerState.CANCELLED:
        return _new_timer(tx, ticket, case, kind)
    if kind is TimerKind.STEP and not ticket.step:
        return timers.cancel_timer(tx.policy, timer, tx.now, reason=why)
    return timers.recalculate_timer(tx.policy, timer, case, now=tx.now, reason=why, before=before)


def _with_next_alert(tx: Transaction, ticket: Ticket, timer: SlaTimer, *, experts: str) -> SlaTimer:
    """A breach that nobody has acted on still goes an escalation step up."""
    team = experts if timer.target is TimerKind.EXPERT_ANSWER else ticket.team
    return alerts.schedule_next_check(tx.policy, timer, tx.policy.team_calendar(team))


def _new_timer(tx: Transaction, ticket: Ticket, case: SlaCase, kind: TimerKind) -> SlaTimer | None:
    """None for a first reply that was given, or that an imported log does not tell of, and for targets that begin only
    later."""
    if kind not in INITIAL_TARGETS or (kind is TimerKind.STEP and not ticket.step):
        return None
    if kind is TimerKind.FIRST_RESPONSE and (ticket.first_reply_at is not None or is_imported(tx, ticket.number)):
        return None
    since = tx.now if kind is TimerKind.STEP else ticket.created_at
    timer = timers.start_timer(tx.policy, kind, case, since)
    if timer is not None and since < tx.now and is_imported(tx, ticket.number):
        timer = timers.skip_passed_alerts(tx.policy, timer, tx.now)
    return None if timer is None else _following_status(tx.policy, timer, ticket.status, tx)


def _due_text(timer: SlaTimer | None) -> str | None:
    return timer.due_at.isoformat() if timer is not None and timer.is_open else None
