"""A ticket goes through the steps of its type, each with its own timer."""

from rules.errors import Refused
from rules.model.policy import ProcessStep
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import TimerKind, TimerState
from rules.people.permissions import Permission
from rules.text import Person, TicketNumber, _
from services.notifications.notifications import record_and_publish
from services.permissions import lock_permitted
from services.sla import timers
from storage import events
from storage.events import EventKind
from storage.schema.tickets import Ticket
from storage.sla.timers import ticket_timers
from storage.transaction import Transaction

UNSTARTED = frozenset({Status.NEW, Status.ASSIGNED})


def finish_step(tx: Transaction, number: int, position: int, *, by: str) -> None:
    """Completes the step at `position` (from 1) and starts the timer of the next one.

    The second of two people reads that it was done, and the next step is not completed with it.
    """
    ticket = lock_permitted(tx, Permission.COMPLETE_STEP, number, by)
    step = _open_step(tx, ticket, position)
    timers.meet_timers(tx, ticket, TimerKind.STEP)
    timer = ticket_timers(tx, number).get(TimerKind.STEP)
    next_step = tx.policy.type(ticket.type).next_step(step.key)
    ticket.step = next_step.key if next_step else None
    if next_step is not None:
        timers.start_timer(tx, ticket, TimerKind.STEP)
        timers.follow_status(tx, ticket)
    data: dict[str, object] = {"step": step.name, "key": step.key, "next": next_step.name if next_step else None}
    if timer is not None and timer.closed_at == tx.now:
        data |= {"late": timer.state is TimerState.BREACHED, "since": timer.started_at.isoformat()}
    record_and_publish(tx, ticket, EventKind.STEP_DONE, by=by, **data)


def _open_step(tx: Transaction, ticket: Ticket, place: int) -> ProcessStep:
    number = TicketNumber(ticket.number)
    if ticket.status in DONE_STATUSES:
        raise Refused(_("{ticket} is resolved. Reopen it first, then complete its steps.", ticket=number))
    if ticket.status in UNSTARTED:
        raise Refused(_("{ticket} is not in progress yet. Take it first, then complete its steps.", ticket=number))
    steps = tx.policy.type(ticket.type).steps
    step = steps[place - 1] if 0 < place <= len(steps) else None
    if step is None or step.key != ticket.step:
        newest = events.latest_event(tx, ticket.number, EventKind.STEP_DONE, EventKind.CHANGED)
        if newest is None:
            raise Refused(_("The type of {ticket} has other steps now. Open the ticket to see them.", ticket=number))
        raise Refused(
            _(
                "{person} was first: that step of {ticket} is not the current one any more.",
                person=Person(newest.by),
                ticket=number,
            )
        )
    return step
