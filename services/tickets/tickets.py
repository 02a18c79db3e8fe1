"""A ticket's way through the desk: filed, taken, worked on, resolved, reopened."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.errors import FieldError, Refused
from rules.intake.requests import TicketRequest, company_key_of, first_line_team, first_step_key, validate_request
from rules.model.tickets import DONE_STATUSES, Status, check_transition
from rules.model.timers import SlaTimer, TimerKind
from rules.people.permissions import Permission
from rules.text import is_blank
from services.assignment import assignments, routing
from services.escalations import escalations
from services.notifications.notifications import publish_event
from services.permissions import require
from services.sla import timers
from storage import events
from storage.events import EventKind
from storage.outbox import message_references, outbox
from storage.schema.tickets import Event, Ticket
from storage.sla.timers import add_timers as add_clocks
from storage.tickets.tickets import add_ticket, lock_ticket, next_number, ticket_from_source
from storage.transaction import Transaction

Files = Sequence[Mapping[str, str]]


class AlreadyTaken(Refused):
    """Two people took it at once; the second reads who was first."""

    def __init__(self, number: int, who: str) -> None:
        super().__init__(f"#{number} is already with <@{who}>.")


def create_ticket(tx: Transaction, request: TicketRequest) -> int:
    """A request becomes a ticket with its clocks running; the same source gives the ticket it gave before."""
    return create_and_route(tx, request)[0]


def create_and_route(tx: Transaction, request: TicketRequest) -> tuple[int, Sequence[SlaTimer], str | None]:
    """`file`, with the clocks that now run and whom it was given to; neither for a ticket that was there before."""
    request = validate_request(tx.policy, request)
    if request.source and (earlier := ticket_from_source(tx, request.source)):
        return earlier.number, (), None
    ticket = _ticket(tx, request)
    if request.assignee and request.assignee != request.registered_by:
        assignments.check_team_member(tx, ticket, request.assignee)
        routing.check_initial_assignee(tx, ticket, request.assignee)
    seq = events.record(tx, ticket, EventKind.CREATED, by=request.registered_by)
    add_ticket(tx, ticket)
    running = timers.new_ticket_timers(tx, ticket)
    add_clocks(tx, ticket.number, running)
    if request.channel and request.thread_ts:
        _save_source(tx, ticket, request.channel, request.thread_ts)
    outbox.post_first_card(tx, ticket)
    if request.assignee:
        assignments.offer_ticket(tx, lock_ticket(tx, ticket.number), to=request.assignee, by=request.registered_by)
        return ticket.number, running, request.assignee
    if seq and request.files:
        outbox.post_timeline_entry(tx, ticket, seq)
    to = (
        assignments.route_ticket(tx, lock_ticket(tx, ticket.number))
        if routing.is_routed_by_desk(tx.policy, ticket)
        else None
    )
    return ticket.number, running, to


def take(tx: Transaction, number: int, *, by: str) -> None:
    """The person takes the ticket and works on it; AlreadyTaken when someone else works on it already."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.TAKE_TICKET, ticket, by)
    if ticket.status is Status.IN_PROGRESS and ticket.assignee not in (None, by):
        raise AlreadyTaken(number, ticket.assignee or "")
    if ticket.status is Status.IN_PROGRESS:
        return
    if ticket.status is Status.ESCALATED:
        raise Refused(f"#{number} waits for the experts' answer; it can be taken again when they have decided.")
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{number} is resolved by <@{ticket.resolved_by}>; reopen it before you take it.")
    held_before = ticket.assignee
    ticket.status = check_transition(ticket.status, Status.IN_PROGRESS)
    assignments.set_assignee(tx, ticket, by)
    timers.follow_status(tx, ticket)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.TAKEN, by=by, before=held_before))


def wait_for_customer(tx: Transaction, number: int, *, by: str) -> None:
    """The next step is the customer's: the resolution clock pauses until they answer."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.WAIT_FOR_CUSTOMER, ticket, by)
    if ticket.status is Status.WAITING:
        first = _latest_event(tx, ticket, EventKind.WAITING)
        raise Refused(f"#{number} waits for the customer already: <@{first.by if first else by}> said so.")
    ticket.status = check_transition(ticket.status, Status.WAITING)
    assignments.set_assignee(tx, ticket, ticket.assignee or by)
    timers.follow_status(tx, ticket)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.WAITING, by=by))


def reply(
    tx: Transaction, number: int, *, by: str, text: str, files: Files = (), seen: bool = False, note: int | None = None
) -> None:
    """An answer to the customer: it reaches them in their own thread or DM and stops the first-response clock.

    `seen` when it was written in their own thread already; `note` is the internal note that it was before.
    """
    ticket = lock_ticket(tx, number)
    require(tx, Permission.REPLY_TO_REQUESTER, ticket, by)
    said = _message_data(text, files, "Write what the customer should read.")
    if ticket.first_reply_at is None:
        ticket.first_reply_at = tx.now
    timers.meet_timers(tx, ticket, TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE)
    if note is not None:
        said["note"] = note
    seq = events.record(tx, ticket, EventKind.REPLIED, by=by, **said)
    if not seen:
        outbox.send_reply(tx, ticket, seq)
    publish_event(tx, ticket, seq)
    escalations.resume_after_answer(tx, ticket, by=by, seq=seq)


def add_note(tx: Transaction, number: int, *, by: str, text: str, files: Files = (), seen_in: str | None = None) -> int:
    """An internal note: it stays among the team. `seen_in` is the channel in whose thread it was written already."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.ADD_NOTE, ticket, by)
    seq = events.record(tx, ticket, EventKind.NOTED, by=by, **_message_data(text, files, "Write the note."))
    publish_event(tx, ticket, seq, seen_in=seen_in)
    escalations.resume_after_answer(tx, ticket, by=by, seq=seq)
    return seq


def add_requester_message(tx: Transaction, number: int, *, by: str, text: str, files: Files = ()) -> None:
    """The customer writes in their own thread: the team reads it, and a ticket that waited for them goes on."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.WRITE_AS_REQUESTER, ticket, by)
    if ticket.status is Status.WAITING:
        ticket.status = check_transition(ticket.status, Status.IN_PROGRESS if ticket.assignee else Status.NEW)
        timers.follow_status(tx, ticket)
    if ticket.first_reply_at is not None and ticket.status not in DONE_STATUSES:
        timers.start_timer(tx, ticket, TimerKind.NEXT_RESPONSE)
    seq = events.record(
        tx, ticket, EventKind.REQUESTER_WROTE, by=by, **_message_data(text, files, "Write what the team should read.")
    )
    publish_event(tx, ticket, seq)
    escalations.resume_after_answer(tx, ticket, by=by, seq=seq)


def resolve(tx: Transaction, number: int, *, by: str, solution: str) -> None:
    """The work is done: the customer reads the solution, the clocks stop, an open escalation is withdrawn."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.RESOLVE_TICKET, ticket, by)
    check_resolvable(ticket)
    said = _message_data(solution, (), "Say what solved it: the customer reads this.", field="solution")
    ended = escalations.withdraw_on_resolve(tx, ticket, by=by)
    if ended is not None:
        said["withdrew"] = ended
    ticket.status = check_transition(ticket.status, Status.RESOLVED)
    ticket.assignee = ticket.assignee or by
    ticket.resolved_at, ticket.resolved_by, ticket.remind_at = tx.now, by, None
    if ticket.first_reply_at is None:
        ticket.first_reply_at = tx.now
    timers.meet_timers(tx, ticket, *timers.TICKET_TARGETS)
    seq = events.record(tx, ticket, EventKind.RESOLVED, by=by, **said)
    outbox.send_reply(tx, ticket, seq)
    publish_event(tx, ticket, seq)


def check_resolvable(ticket: Ticket) -> None:
    """Of two who resolve it at once, the second reads who was first."""
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{ticket.number} is already resolved by <@{ticket.resolved_by}>.")


def reopen(tx: Transaction, number: int, *, by: str, reason: str) -> None:
    """A resolved ticket is work again: its resolution clock goes on with what was left, and whoever had it is asked."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.REOPEN_TICKET, ticket, by)
    said = _message_data(reason, (), "Say why it is open again.", field="reason")
    if ticket.status not in DONE_STATUSES and (first := _latest_event(tx, ticket, EventKind.REOPENED)):
        raise Refused(f"#{number} is open already: <@{first.by}> reopened it.")
    check_reopenable(ticket)
    held_before = ticket.assignee
    ticket.status = check_transition(ticket.status, Status.NEW)
    assignments.clear_assignee(ticket)
    ticket.resolved_at = ticket.resolved_by = None
    ticket.reopened += 1
    timers.reopen_timers(tx, ticket)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.REOPENED, by=by, **said))
    if held_before and assignments.can_be_assigned(tx, ticket, held_before):
        assignments.offer_ticket(tx, ticket, to=held_before, by=by)


def check_reopenable(ticket: Ticket) -> None:
    """Only what is done can be opened again."""
    if ticket.status not in DONE_STATUSES:
        raise Refused(f"#{ticket.number} is open already.")


def _ticket(tx: Transaction, request: TicketRequest) -> Ticket:
    team = first_line_team(tx.policy, request.type)
    return Ticket(
        workspace_id=tx.workspace,
        number=next_number(tx),
        seq=0,
        title=request.title,
        description=request.description,
        status=Status.NEW,
        priority=request.priority,
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
        reopened=0,
    )


def _save_source(tx: Transaction, ticket: Ticket, channel: str, ts: str) -> None:
    message_references.save_reference(
        tx,
        kind=message_references.SOURCE_KIND,
        subject=str(ticket.number),
        lane=channel,
        channel=channel,
        ts=ts,
        number=ticket.number,
        digest=None,
    )


def _latest_event(tx: Transaction, ticket: Ticket, kind: EventKind) -> Event | None:
    return events.latest_event(tx, ticket.number, kind)


def _message_data(text: str, files: Files, remedy: str, *, field: str = "text") -> dict[str, Any]:
    text = text.strip()
    if is_blank(text) and not files:
        raise FieldError(field, remedy)
    return {"text": text, "files": [dict(one) for one in files]} if files else {"text": text}
