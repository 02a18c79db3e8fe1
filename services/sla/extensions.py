"""Somebody needs more time: they add it themselves up to a limit, beyond it the lead says yes or no."""

from rules.calendars.calendars import business_seconds_between, due_time
from rules.calendars.durations import Duration, parse_duration
from rules.errors import FieldError, Refused
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import SlaTimer, TimerKind
from rules.people.permissions import Permission, Role
from rules.sla import timers
from rules.text import is_blank
from services.notifications.notifications import publish_event
from services.notifications.recipients import leads_to_notify
from services.permissions import require
from storage import events
from storage.events import EventKind
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.schema.sla import Extension
from storage.schema.tickets import Ticket
from storage.sla.extensions import decide_extension, find_extension, is_moot, next_extension_round, undecided_extension
from storage.sla.timers import save_timer, ticket_timers
from storage.tickets.tickets import lock_ticket as ticket_of
from storage.transaction import Transaction

EXTENDABLE_TARGETS = (TimerKind.RESOLUTION, TimerKind.STEP)


class ExtensionDecided(Refused):
    """Someone was first; the second reads who and what."""

    def __init__(self, extension: Extension) -> None:
        did = "gave the time" if extension.granted else "refused it"
        super().__init__(f"That is decided for #{extension.number}: <@{extension.decided_by}> {did}.")


def extend_timer(tx: Transaction, number: int, *, by: str, target: TimerKind, more: str, reason: str) -> bool:
    """So much more time, at once or after the lead's yes; whether it was given at once.

    Leads and managers give as much as they want; everybody else up to `extend_freely` over the whole ticket.
    """
    ticket = ticket_of(tx, number)
    held = require(tx, Permission.EXTEND_TARGET, ticket, by)
    check_extendable(ticket)
    duration = _parse_extension(more)
    if is_blank(reason):
        raise FieldError("reason", "Say why it needs more time: the lead reads this, and it stays in the story.")
    clock = _extendable_timer(tx, ticket, target)
    leads = bool(held & {Role.LEAD, Role.MANAGER})
    own = 0 if leads else _business_seconds(tx, clock, duration)
    if leads or _self_granted_seconds(tx, ticket) + own <= _business_seconds(
        tx, clock, tx.policy.alert_settings.free_extension
    ):
        _grant(tx, ticket, clock, duration, by=by, reason=reason.strip(), **({"own_s": own} if own else {}))
        return True
    _request_extension(tx, ticket, clock, duration, by=by, reason=reason.strip())
    return False


def answer_extension(tx: Transaction, number: int, round_: int, *, by: str, granted: bool) -> None:
    """The lead's decision; Answered when another lead was first."""
    ticket = ticket_of(tx, number)
    require(tx, Permission.DECIDE_EXTENSION, ticket, by)
    extension = find_extension(tx, number, round_)
    if extension is None:
        raise Refused(f"Nobody asked for more time for #{number}.")
    if extension.decided_at is not None:
        raise ExtensionDecided(extension)
    clock = _timer_still_open(tx, ticket, extension) if granted else None
    if not decide_extension(tx, extension, by=by, granted=granted):
        raise ExtensionDecided(extension)
    if clock is not None:
        duration = parse_duration(extension.duration)
        _grant(tx, ticket, clock, duration, by=by, reason=extension.reason, asked_by=extension.asked_by)
    else:
        publish_event(
            tx, ticket, events.record(tx, ticket, EventKind.EXTENSION_DECLINED, by=by, asked_by=extension.asked_by)
        )
    said = f"gives #{number} {extension.duration} more" if granted else f"gives #{number} no more time"
    outbox.notify_person(tx, extension.asked_by, number=number, text=f"<@{by}> {said}.")


def check_extendable(ticket: Ticket) -> None:
    """What is done needs no time."""
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{ticket.number} is resolved; it needs no more time.")


def _parse_extension(words: str) -> Duration:
    try:
        return parse_duration(words)
    except Refused as error:
        raise FieldError("more", str(error)) from None


def _extendable_timer(tx: Transaction, ticket: Ticket, target: TimerKind) -> SlaTimer:
    clock = ticket_timers(tx, ticket.number).get(target)
    if target not in EXTENDABLE_TARGETS or clock is None or not clock.is_open:
        raise FieldError("target", "That time does not run any more. Close this and look at the card again.")
    return clock


def _timer_still_open(tx: Transaction, ticket: Ticket, extension: Extension) -> SlaTimer:
    """The clock that the time was asked for; a sentence when it is over."""
    check_extendable(ticket)
    clock = ticket_timers(tx, ticket.number).get(extension.target)
    if is_moot(extension, clock) or clock is None:
        raise Refused(f"What #{ticket.number} needed more time for is done; it needs none any more.")
    return clock


def _business_seconds(tx: Transaction, clock: SlaTimer, duration: Duration) -> int:
    """The open time of that span from now on, so that days and hours compare."""
    calendar = tx.policy.calendar(clock.calendar)
    return business_seconds_between(calendar, tx.now, due_time(calendar, tx.now, duration))


def _self_granted_seconds(tx: Transaction, ticket: Ticket) -> int:
    """What people added to this ticket without asking."""
    story = events.ticket_history(tx, ticket.number)
    return sum(event.data.get("own_s", 0) for event in story if event.kind == EventKind.EXTENDED)


def _grant(
    tx: Transaction, ticket: Ticket, clock: SlaTimer, duration: Duration, *, by: str, reason: str, **told_too: object
) -> None:
    longer = timers.extend_timer(tx.policy, clock, duration, tx.now, reason=reason)
    save_timer(tx, ticket.number, longer)
    said = {"target": str(clock.target), "more": str(duration), "text": reason}
    moved = (
        {"due": {str(clock.target): [clock.due_at.isoformat(), longer.due_at.isoformat()]}} if clock.is_running else {}
    )
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.EXTENDED, by=by, **said, **moved, **told_too))


def _request_extension(
    tx: Transaction, ticket: Ticket, clock: SlaTimer, duration: Duration, *, by: str, reason: str
) -> None:
    waiting = undecided_extension(tx, ticket.number)
    if waiting is not None and is_moot(waiting, ticket_timers(tx, ticket.number).get(waiting.target)):
        decide_extension(tx, waiting, by=events.DESK_ACTOR, granted=False)
    elif waiting is not None:
        raise Refused(f"<@{waiting.asked_by}> has asked for more time for #{ticket.number} already; the lead decides.")
    leads = leads_to_notify(tx, tx.policy.team(ticket.team), excluding=by)
    round_ = next_extension_round(tx, ticket.number)
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
    seq = events.record(tx, ticket, EventKind.EXTENSION_REQUESTED, by=by, more=str(duration), text=reason)
    for lead in leads:
        subject = f"{ticket.number}.{round_}"
        outbox.queue_message(tx, MessageKind.EXTENSION, destination=lead, number=ticket.number, subject=subject)
    publish_event(tx, ticket, seq)
