"""Extensions: people add time up to a limit; beyond it the lead decides."""

from rules.calendars.calendars import business_seconds_between, due_time
from rules.calendars.durations import Duration, duration_text, parse_duration
from rules.errors import FieldError, Refused
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import SlaTimer, TimerKind
from rules.people.permissions import Permission, Role
from rules.sla import timers
from rules.text import Person, Text, TicketNumber, _
from rules.typed_text import required_text
from services.notifications.notifications import record_and_publish
from services.notifications.recipients import leads_to_notify
from services.permissions import lock_permitted, require
from storage import events
from storage.events import EventKind
from storage.outbox import outbox
from storage.schema.sla import Extension
from storage.schema.tickets import Ticket
from storage.sla.extensions import decide_extension, find_extension, is_moot, next_extension_round, undecided_extension
from storage.sla.timers import save_timer, ticket_timers
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

EXTENSION_CARD = outbox.MessageKind("extension", refreshed=True)
EXTENDABLE_TARGETS = (TimerKind.RESOLUTION, TimerKind.STEP)


class ExtensionDecided(Refused):
    """Another lead decided first; the second reads how."""

    def __init__(self, extension: Extension) -> None:
        number, person = TicketNumber(extension.number), Person(extension.decided_by or "")
        if extension.granted:
            super().__init__(_("{person} already approved the extension of {ticket}.", person=person, ticket=number))
        else:
            super().__init__(_("{person} already declined the extension of {ticket}.", person=person, ticket=number))


def extend_timer(tx: Transaction, number: int, *, by: str, target: TimerKind, more: str, reason: str) -> bool:
    """True when the time was added at once, False when the lead was asked.

    Leads and managers add any time; others up to `extend_without_approval` over the whole ticket.
    """
    ticket = lock_ticket(tx, number)
    held_roles = require(tx, Permission.EXTEND_TARGET, ticket, by)
    check_extendable(ticket)
    duration = _parse_extension(more)
    remedy = _("Say why it needs more time: the lead reads this, and it stays in the timeline.")
    reason = required_text(reason, "reason", remedy)
    timer = _extendable_timer(tx, ticket, target)
    if held_roles & {Role.LEAD, Role.MANAGER}:
        _grant(tx, ticket, timer, duration, by=by, reason=reason)
        return True
    seconds = _business_seconds(tx, timer, duration)
    limit = _business_seconds(tx, timer, tx.policy.alert_settings.free_extension)
    if _self_granted_seconds(tx, ticket) + seconds > limit:
        _request_extension(tx, ticket, timer, duration, by=by, reason=reason)
        return False
    _grant(tx, ticket, timer, duration, by=by, reason=reason, **({"own_s": seconds} if seconds else {}))
    return True


def answer_extension(tx: Transaction, number: int, round_: int, *, by: str, granted: bool) -> None:
    ticket = lock_permitted(tx, Permission.DECIDE_EXTENSION, number, by)
    extension = find_extension(tx, number, round_)
    if extension is None:
        raise Refused(_("There is no extension request for {ticket}.", ticket=TicketNumber(number)))
    if extension.decided_at is not None:
        raise ExtensionDecided(extension)
    if granted:
        _check_not_own(tx, ticket, extension, by)
    timer = _timer_still_open(tx, ticket, extension) if granted else None
    if not decide_extension(tx, extension, by=by, granted=granted):
        raise ExtensionDecided(extension)
    if timer is not None:
        duration = parse_duration(extension.duration)
        _grant(tx, ticket, timer, duration, by=by, reason=extension.reason, asked_by=extension.asked_by)
    else:
        record_and_publish(tx, ticket, EventKind.EXTENSION_DECLINED, by=by, asked_by=extension.asked_by)
    outbox.notify_person(tx, extension.asked_by, number=number, text=_answer_text(extension, by=by, granted=granted))


def _answer_text(extension: Extension, *, by: str, granted: bool) -> Text:
    person, ticket = Person(by), TicketNumber(extension.number)
    if not granted:
        return _("{person} declined the extension of {ticket}.", person=person, ticket=ticket)
    time = duration_text(parse_duration(extension.duration))
    return _("{person} extended {ticket} by {time}.", person=person, ticket=ticket, time=time)


def _check_not_own(tx: Transaction, ticket: Ticket, extension: Extension, by: str) -> None:
    """Who asked for the time, and leads the team by now or stands in for its lead, does not grant it where another
    can."""
    others = leads_to_notify(tx, tx.policy.team(ticket.team), excluding=by) if by == extension.asked_by else []
    if others:
        text = _("You asked for this time yourself: {person} decides.", person=Person(others[0]))
        raise Refused(text)


def check_extendable(ticket: Ticket) -> None:
    if ticket.status in DONE_STATUSES:
        raise Refused(_("{ticket} is resolved and cannot be extended.", ticket=TicketNumber(ticket.number)))


def _parse_extension(typed_duration: str) -> Duration:
    try:
        return parse_duration(typed_duration)
    except Refused as error:
        raise FieldError("more", error.text) from None


def _extendable_timer(tx: Transaction, ticket: Ticket, target: TimerKind) -> SlaTimer:
    timer = ticket_timers(tx, ticket.number).get(target)
    if target not in EXTENDABLE_TARGETS or timer is None or not timer.is_open:
        raise FieldError("target", _("This is done or no longer due. Close the form and look at the ticket again."))
    return timer


def _timer_still_open(tx: Transaction, ticket: Ticket, extension: Extension) -> SlaTimer:
    check_extendable(ticket)
    timer = ticket_timers(tx, ticket.number).get(extension.target)
    if is_moot(extension, timer) or timer is None:
        about = TicketNumber(ticket.number)
        raise Refused(_("What {ticket} needed more time for is done: nothing to extend.", ticket=about))
    return timer


def _business_seconds(tx: Transaction, timer: SlaTimer, duration: Duration) -> int:
    """Business seconds from now on, so that days and hours compare."""
    calendar = tx.policy.calendar(timer.calendar)
    return business_seconds_between(calendar, tx.now, due_time(calendar, tx.now, duration))


def _self_granted_seconds(tx: Transaction, ticket: Ticket) -> int:
    """Seconds that people have added to this ticket without asking."""
    history = events.ticket_history(tx, ticket.number)
    return sum(event.data.get("own_s", 0) for event in history if event.kind == EventKind.EXTENDED)


def _grant(
    tx: Transaction, ticket: Ticket, timer: SlaTimer, duration: Duration, *, by: str, reason: str, **more_data: object
) -> None:
    extended = timers.extend_timer(tx.policy, timer, duration, tx.now, reason=reason)
    record_extension(tx, ticket, timer, extended, by=by, more=str(duration), text=reason, **more_data)


def record_extension(
    tx: Transaction, ticket: Ticket, timer: SlaTimer, extended: SlaTimer, *, by: str, **data: object
) -> None:
    """`data` has at least the time added (`more`) and why (`text`)."""
    save_timer(tx, ticket.number, extended)
    target, due = str(timer.target), [timer.due_at.isoformat(), extended.due_at.isoformat()]
    due_change = {"due": {target: due}} if timer.is_running else {}
    record_and_publish(tx, ticket, EventKind.EXTENDED, by=by, target=target, **data, **due_change)


def _request_extension(
    tx: Transaction, ticket: Ticket, timer: SlaTimer, duration: Duration, *, by: str, reason: str
) -> None:
    number, undecided = ticket.number, undecided_extension(tx, ticket.number)
    if undecided is not None and is_moot(undecided, ticket_timers(tx, number).get(undecided.target)):
        decide_extension(tx, undecided, by=events.DESK_ACTOR, granted=False)
    elif undecided is not None:
        asker, about = Person(undecided.asked_by), TicketNumber(number)
        raise Refused(_("{person} already asked to extend {ticket}: the lead decides.", person=asker, ticket=about))
    key = {"workspace_id": tx.workspace, "number": number, "round": next_extension_round(tx, number)}
    requested = {"target": timer.target, "duration": str(duration), "reason": reason}
    tx.session.add(Extension(**key, **requested, asked_by=by, asked_at=tx.now))
    for lead in leads_to_notify(tx, tx.policy.team(ticket.team), excluding=by):
        subject = f"{number}.{key['round']}"
        outbox.queue_message(tx, EXTENSION_CARD, destination=lead, number=number, subject=subject)
    record_and_publish(tx, ticket, EventKind.EXTENSION_REQUESTED, by=by, more=str(duration), text=reason)
