"""A ticket goes through the steps of its type, each under its own time."""

from rules.errors import DeskError
from rules.model.policy import Step
from rules.model.tickets import DONE, Status
from rules.model.timers import ClockKind, ClockState
from rules.people.permissions import Deed
from services.notifications.notifications import told
from services.permissions import require
from services.sla import timers
from storage import events
from storage.events import Happened
from storage.schema.tickets import Ticket
from storage.sla.timers import of
from storage.tickets.tickets import get
from storage.transaction import Transaction

UNTAKEN = frozenset({Status.NEW, Status.ASSIGNED})


def finish(tx: Transaction, number: int, place: int, *, by: str) -> None:
    """The step at that place (from 1) is done: its clock stops, and that of the next one begins.

    Whoever is second reads that it was done already, and the next step is not done with it.
    """
    ticket = get(tx, number)
    require(tx, Deed.STEP, ticket, by)
    step = _current(tx, ticket, place)
    timers.meet(tx, ticket, ClockKind.STEP)
    clock = of(tx, number).get(ClockKind.STEP)
    following = tx.policy.type(ticket.type).step_after(step.key)
    ticket.step = following.key if following else None
    if following is not None:
        timers.begin(tx, ticket, ClockKind.STEP)
        timers.follow(tx, ticket)
    said: dict[str, object] = {"step": step.name, "key": step.key, "next": following.name if following else None}
    if clock is not None and clock.closed_at == tx.now:
        said |= {"late": clock.state is ClockState.BREACHED, "since": clock.started_at.isoformat()}
    told(tx, ticket, events.record(tx, ticket, Happened.STEP_DONE, by=by, **said))


def _current(tx: Transaction, ticket: Ticket, place: int) -> Step:
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; reopen it before you go on with its steps.")
    if ticket.status in UNTAKEN:
        raise DeskError(f"Nobody works on #{ticket.number} yet: press *Take* first, then its steps are yours.")
    steps = tx.policy.type(ticket.type).steps
    step = steps[place - 1] if 0 < place <= len(steps) else None
    if step is None or step.key != ticket.step:
        first = events.newest(tx, ticket.number, Happened.STEP_DONE, Happened.CHANGED)
        who = f"<@{first.by}> was first" if first else "its type has other steps now"
        raise DeskError(f"That step of #{ticket.number} is not the open one any more: {who}.")
    return step
