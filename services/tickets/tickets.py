"""The life of a ticket: created, taken, worked on, resolved, reopened."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.errors import FieldError, Refused
from rules.intake.requests import TicketRequest, company_key_of, first_line_team, first_step_key, validate_request
from rules.model.tickets import DONE_STATUSES, Status, check_transition
from rules.model.timers import SlaTimer, TimerKind
from rules.people.permissions import Permission
from rules.text import Person, Text, TicketNumber, _
from rules.typed_text import is_blank
from services.assignment import assignments, routing
from services.escalations import escalations
from services.notifications.notifications import publish_event, record_and_publish
from services.permissions import lock_permitted
from services.sla import timers
from storage import events
from storage.events import EventKind
from storage.outbox import message_references, outbox
from storage.schema.tickets import MessageReference, NewTicket, Ticket
from storage.sla.timers import add_timers
from storage.tickets.tickets import add_ticket, lock_ticket, next_number, ticket_from_source
from storage.transaction import Transaction

Files = Sequence[Mapping[str, str]]


class AlreadyTaken(Refused):
    """Two people took it at once; the second reads who was first."""

    def __init__(self, number: int, assignee: str) -> None:
        super().__init__(
            _("{ticket} is already assigned to {person}.", ticket=TicketNumber(number), person=Person(assignee))
        )


def create_ticket(tx: Transaction, request: TicketRequest) -> int:
    """A request with a known source gives the ticket that exists already."""
    return create_and_route(tx, request)[0]


def create_and_route(tx: Transaction, request: TicketRequest) -> tuple[int, Sequence[SlaTimer], str | None]:
    """Number, running timers and assignee; for an existing ticket no timers and None."""
    request = validate_request(tx.policy, request)
    if request.source and (earlier := ticket_from_source(tx, request.source)):
        return earlier.number, (), None
    ticket = _ticket(tx, request)
    if request.assignee and request.assignee != request.registered_by:
        assignments.check_team_member(tx, ticket, request.assignee)
        routing.check_initial_assignee(tx, ticket, request.assignee)
    seq = events.record(tx, ticket, EventKind.CREATED, by=request.registered_by)
    add_ticket(tx, ticket)
    new_timers = timers.new_ticket_timers(tx, ticket)
    add_timers(tx, ticket.number, new_timers)
    if request.channel and request.thread_ts:
        _save_source(tx, ticket, request.channel, request.thread_ts)
    outbox.post_first_card(tx, ticket)
    if request.assignee:
        assignments.offer_ticket(tx, lock_ticket(tx, ticket.number), to=request.assignee, by=request.registered_by)
        return ticket.number, new_timers, request.assignee
    if seq and request.files:
        outbox.post_timeline_entry(tx, ticket, seq)
    if not routing.is_routed_by_desk(tx.policy, ticket):
        return ticket.number, new_timers, None
    return ticket.number, new_timers, assignments.route_ticket(tx, lock_ticket(tx, ticket.number))


def take(tx: Transaction, number: int, *, by: str) -> None:
    ticket = lock_permitted(tx, Permission.TAKE_TICKET, number, by)
    if ticket.status is Status.IN_PROGRESS and ticket.assignee not in (None, by):
        raise AlreadyTaken(number, ticket.assignee or "")
    if ticket.status is Status.IN_PROGRESS:
        return
    if ticket.status is Status.ESCALATED:
        raise Refused(
            _("{ticket} is escalated: the experts decide first, then you can take it.", ticket=TicketNumber(number))
        )
    if ticket.status in DONE_STATUSES:
        raise Refused(
            _(
                "{ticket} was resolved by {person}. Reopen it first, then take it.",
                ticket=TicketNumber(number),
                person=Person(ticket.resolved_by or ""),
            )
        )
    previous = ticket.assignee
    assignments.move_to_status(tx, ticket, Status.IN_PROGRESS, assignee=by)
    record_and_publish(tx, ticket, EventKind.TAKEN, by=by, before=previous)


def wait_for_customer(tx: Transaction, number: int, *, by: str) -> None:
    ticket = lock_permitted(tx, Permission.WAIT_FOR_CUSTOMER, number, by)
    if ticket.status is Status.WAITING:
        newest = events.latest_event(tx, number, EventKind.WAITING)
        raise Refused(
            _(
                "{person} already set {ticket} to Waiting for customer.",
                person=Person(newest.by if newest else by),
                ticket=TicketNumber(number),
            )
        )
    assignments.move_to_status(tx, ticket, Status.WAITING, assignee=ticket.assignee or by)
    record_and_publish(tx, ticket, EventKind.WAITING, by=by)


def reply(
    tx: Transaction, number: int, *, by: str, text: str, files: Files = (), message: str = "", note: int | None = None
) -> None:
    """Sends the text to the requester, in the original thread or by direct message, and meets the reply targets.

    `message` is where it was written in the original thread; `note` is the event of the note that it was before.
    """
    ticket = lock_permitted(tx, Permission.REPLY_TO_REQUESTER, number, by)
    data = _message_data(text, files, _("Write your reply to the requester."), message=message)
    if ticket.first_reply_at is None:
        ticket.first_reply_at = tx.now
    timers.meet_timers(tx, ticket, TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE)
    if note is not None:
        data["note"] = note
    seq = events.record(tx, ticket, EventKind.REPLIED, by=by, **data)
    if not message:
        outbox.send_reply(tx, ticket, seq, by=by)
    publish_event(tx, ticket, seq)
    escalations.resume_after_answer(tx, ticket, by=by, seq=seq)


def add_note(
    tx: Transaction,
    number: int,
    *,
    by: str,
    text: str,
    files: Files = (),
    message: str = "",
    seen_in: str | None = None,
) -> int:
    """Returns the event's number. `message` is where it was written; `seen_in` that channel, if its card is there."""
    ticket = lock_permitted(tx, Permission.ADD_NOTE, number, by)
    data = _message_data(text, files, _("Write the note."), message=message)
    seq = events.record(tx, ticket, EventKind.NOTED, by=by, **data)
    publish_event(tx, ticket, seq, seen_in=seen_in)
    escalations.resume_after_answer(tx, ticket, by=by, seq=seq)
    return seq


def add_requester_message(
    tx: Transaction, number: int, *, by: str, text: str, files: Files = (), message: str = ""
) -> None:
    ticket = lock_permitted(tx, Permission.WRITE_AS_REQUESTER, number, by)
    if ticket.status is Status.WAITING:
        assignments.move_to_status(tx, ticket, Status.IN_PROGRESS if ticket.assignee else Status.NEW)
    if ticket.first_reply_at is not None and ticket.status not in DONE_STATUSES:
        timers.start_timer(tx, ticket, TimerKind.NEXT_RESPONSE)
    data = _message_data(text, files, _("Write your message to the team."), message=message)
    seq = record_and_publish(tx, ticket, EventKind.REQUESTER_WROTE, by=by, **data)
    escalations.resume_after_answer(tx, ticket, by=by, seq=seq)


def resolve(tx: Transaction, number: int, *, by: str, solution: str) -> None:
    ticket = lock_permitted(tx, Permission.RESOLVE_TICKET, number, by)
    check_resolvable(ticket)
    data = _message_data(solution, (), _("Describe the solution. The requester gets this text."), field="solution")
    withdrawn_round = escalations.withdraw_on_resolve(tx, ticket, by=by)
    if withdrawn_round is not None:
        data["withdrew"] = withdrawn_round
    ticket.status = check_transition(ticket.status, Status.RESOLVED)
    ticket.assignee = ticket.assignee or by
    ticket.resolved_at, ticket.resolved_by, ticket.remind_at = tx.now, by, None
    if ticket.first_reply_at is None:
        ticket.first_reply_at = tx.now
    timers.meet_timers(tx, ticket, *timers.TICKET_TARGETS)
    seq = events.record(tx, ticket, EventKind.RESOLVED, by=by, **data)
    outbox.send_reply(tx, ticket, seq, by=by)
    publish_event(tx, ticket, seq)


def check_resolvable(ticket: Ticket) -> None:
    if ticket.status in DONE_STATUSES:
        resolver = Person(ticket.resolved_by or "")
        raise Refused(
            _("{ticket} is already resolved by {person}.", ticket=TicketNumber(ticket.number), person=resolver)
        )


def reopen(tx: Transaction, number: int, *, by: str, reason: str) -> None:
    """The resolution timer goes on with what was left, and the previous assignee is offered the ticket."""
    ticket = lock_permitted(tx, Permission.REOPEN_TICKET, number, by)
    data = _message_data(reason, (), _("Say why it needs to be reopened."), field="reason")
    if ticket.status not in DONE_STATUSES and (newest := events.latest_event(tx, number, EventKind.REOPENED)):
        raise Refused(_("{person} already reopened {ticket}.", person=Person(newest.by), ticket=TicketNumber(number)))
    check_reopenable(ticket)
    previous = ticket.assignee
    ticket.status = check_transition(ticket.status, Status.NEW)
    assignments.clear_assignee(ticket)
    ticket.resolved_at = ticket.resolved_by = None
    ticket.reopened += 1
    timers.reopen_timers(tx, ticket)
    record_and_publish(tx, ticket, EventKind.REOPENED, by=by, **data)
    if previous and assignments.can_be_assigned(tx, ticket, previous):
        assignments.offer_ticket(tx, ticket, to=previous, by=by)


def check_reopenable(ticket: Ticket) -> None:
    if ticket.status not in DONE_STATUSES:
        raise Refused(_("{ticket} is already open.", ticket=TicketNumber(ticket.number)))


def _ticket(tx: Transaction, request: TicketRequest) -> NewTicket:
    team = first_line_team(tx.policy, request.type)
    return NewTicket(
        workspace_id=tx.workspace,
        number=next_number(tx),
        title=request.title,
        description=request.description,
        status=Status.NEW,
        priority=request.priority or tx.policy.type(request.type).priority,
        type=request.type,
        team=team.key,
        first_line=team.key,
        requester=request.requester,
        registered_by=request.registered_by,
        customer=request.customer or None,
        company=company_key_of(tx.policy, request.customer, request.requester, request.origin_channel),
        channel=request.origin_channel,
        step=first_step_key(tx.policy, request.type),
        promised_under=tx.policy_version,
        reply_by=request.reply_by,
        source=request.source,
        permalink=request.permalink,
        files=request.files,
        created_at=tx.now,
    )


def _save_source(tx: Transaction, ticket: NewTicket, channel: str, ts: str) -> None:
    kind, subject = message_references.SOURCE_KIND, str(ticket.number)
    source = MessageReference(kind=kind, subject=subject, lane=channel, channel=channel, ts=ts, number=ticket.number)
    message_references.save_reference(tx, source)


def _message_data(text: str, files: Files, remedy: Text, *, field: str = "text", message: str = "") -> dict[str, Any]:
    """`message` (`channel:ts`) is its place in Slack, by which an edit of it is found."""
    text = text.strip()
    if is_blank(text) and not files:
        raise FieldError(field, remedy)
    data: dict[str, Any] = {"text": text} | ({"files": [dict(file) for file in files]} if files else {})
    return data | ({"message": message} if message else {})
