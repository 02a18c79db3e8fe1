"""Somebody needs more time: they add it themselves up to a limit, beyond it the lead says yes or no."""

from rules.calendars.calendars import due, measure
from rules.calendars.durations import Duration, parse_duration
from rules.errors import DeskError, FieldError
from rules.model.tickets import DONE
from rules.model.timers import Clock, ClockKind
from rules.people.permissions import Deed, Role
from rules.sla import timers
from rules.text import blank
from services.notifications.notifications import told
from services.notifications.recipients import leads_called
from services.permissions import require
from storage import events
from storage.events import Happened
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.schema.sla import Extension
from storage.schema.tickets import Ticket
from storage.sla.extensions import decide, get, next_round, over, undecided
from storage.sla.timers import keep, of
from storage.tickets.tickets import get as ticket_of
from storage.transaction import Transaction

EXTENDABLE = (ClockKind.RESOLUTION, ClockKind.STEP)


class Answered(DeskError):
    """Someone was first; the second reads who and what."""

    def __init__(self, extension: Extension) -> None:
        did = "gave the time" if extension.granted else "refused it"
        super().__init__(f"That is decided for #{extension.number}: <@{extension.decided_by}> {did}.")


def extend(tx: Transaction, number: int, *, by: str, target: ClockKind, more: str, reason: str) -> bool:
    """So much more time, at once or after the lead's yes; whether it was given at once.

    Leads and managers give as much as they want; everybody else up to `extend_freely` over the whole ticket.
    """
    ticket = ticket_of(tx, number)
    held = require(tx, Deed.EXTEND, ticket, by)
    extendable(ticket)
    duration = _duration(more)
    if blank(reason):
        raise FieldError("reason", "Say why it needs more time: the lead reads this, and it stays in the story.")
    clock = _clock(tx, ticket, target)
    leads = bool(held & {Role.LEAD, Role.MANAGER})
    own = 0 if leads else _open_seconds(tx, clock, duration)
    if leads or _own_so_far(tx, ticket) + own <= _open_seconds(tx, clock, tx.policy.alerting.extend_freely):
        _give(tx, ticket, clock, duration, by=by, reason=reason.strip(), **({"own_s": own} if own else {}))
        return True
    _ask(tx, ticket, clock, duration, by=by, reason=reason.strip())
    return False


def answer(tx: Transaction, number: int, round_: int, *, by: str, yes: bool) -> None:
    """The lead's decision; Answered when another lead was first."""
    ticket = ticket_of(tx, number)
    require(tx, Deed.GRANT, ticket, by)
    extension = get(tx, number, round_)
    if extension is None:
        raise DeskError(f"Nobody asked for more time for #{number}.")
    if extension.decided_at is not None:
        raise Answered(extension)
    clock = _still_asked_for(tx, ticket, extension) if yes else None
    if not decide(tx, extension, by=by, granted=yes):
        raise Answered(extension)
    if clock is not None:
        duration = parse_duration(extension.duration)
        _give(tx, ticket, clock, duration, by=by, reason=extension.reason, asked_by=extension.asked_by)
    else:
        told(tx, ticket, events.record(tx, ticket, Happened.REFUSED_TIME, by=by, asked_by=extension.asked_by))
    said = f"gives #{number} {extension.duration} more" if yes else f"gives #{number} no more time"
    outbox.notice(tx, extension.asked_by, number=number, words=f"<@{by}> {said}.")


def extendable(ticket: Ticket) -> None:
    """What is done needs no time."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; it needs no more time.")


def _duration(words: str) -> Duration:
    try:
        return parse_duration(words)
    except DeskError as error:
        raise FieldError("more", str(error)) from None


def _clock(tx: Transaction, ticket: Ticket, target: ClockKind) -> Clock:
    clock = of(tx, ticket.number).get(target)
    if target not in EXTENDABLE or clock is None or not clock.is_open:
        raise FieldError("target", "That time does not run any more. Close this and look at the card again.")
    return clock


def _still_asked_for(tx: Transaction, ticket: Ticket, extension: Extension) -> Clock:
    """The clock that the time was asked for; a sentence when it is over."""
    extendable(ticket)
    clock = of(tx, ticket.number).get(extension.target)
    if over(extension, clock) or clock is None:
        raise DeskError(f"What #{ticket.number} needed more time for is done; it needs none any more.")
    return clock


def _open_seconds(tx: Transaction, clock: Clock, duration: Duration) -> int:
    """The open time of that span from now on, so that days and hours compare."""
    calendar = tx.policy.calendar(clock.calendar)
    return measure(calendar, tx.now, due(calendar, tx.now, duration))


def _own_so_far(tx: Transaction, ticket: Ticket) -> int:
    """What people added to this ticket without asking."""
    story = events.of_ticket(tx, ticket.number)
    return sum(event.data.get("own_s", 0) for event in story if event.kind == Happened.EXTENDED)


def _give(
    tx: Transaction, ticket: Ticket, clock: Clock, duration: Duration, *, by: str, reason: str, **told_too: object
) -> None:
    longer = timers.extend(tx.policy, clock, duration, tx.now, why=reason)
    keep(tx, ticket.number, longer)
    said = {"target": str(clock.target), "more": str(duration), "text": reason}
    moved = {"due": {str(clock.target): [clock.due_at.isoformat(), longer.due_at.isoformat()]}} if clock.runs else {}
    told(tx, ticket, events.record(tx, ticket, Happened.EXTENDED, by=by, **said, **moved, **told_too))


def _ask(tx: Transaction, ticket: Ticket, clock: Clock, duration: Duration, *, by: str, reason: str) -> None:
    waiting = undecided(tx, ticket.number)
    if waiting is not None and over(waiting, of(tx, ticket.number).get(waiting.target)):
        decide(tx, waiting, by=events.DESK, granted=False)
    elif waiting is not None:
        raise DeskError(
            f"<@{waiting.asked_by}> has asked for more time for #{ticket.number} already; the lead decides."
        )
    leads = leads_called(tx, tx.policy.team(ticket.team), but=by)
    round_ = next_round(tx, ticket.number)
    tx.session.add(
        Extension(
            workspace_id=tx.workspace,
            number=ticket.number,
            round=round_,
            target=clock.target,
            duration=str(duration),
            reason=reason,
            asked_by=by,
            asked_at=tx.now,
        )
    )
    seq = events.record(tx, ticket, Happened.ASKED_TIME, by=by, more=str(duration), text=reason)
    for lead in leads:
        subject = f"{ticket.number}.{round_}"
        outbox.queue(tx, Kind.EXTENSION, lane=lead, number=ticket.number, subject=subject)
    told(tx, ticket, seq)
