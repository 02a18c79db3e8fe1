"""A ticket's way through the desk: filed, taken, worked on, resolved, reopened."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.errors import DeskError, FieldError
from rules.intake.requests import Request, checked, company_of, first_step, team_for
from rules.model.tickets import DONE, Status, move
from rules.model.timers import Clock, ClockKind
from rules.people.permissions import Deed
from rules.text import blank
from services.assignment import assignments, routing
from services.escalations import escalations
from services.notifications.notifications import told
from services.permissions import require
from services.sla import timers
from storage import events
from storage.events import Happened
from storage.outbox import message_references, outbox
from storage.schema.tickets import Event, Ticket
from storage.sla.timers import add as add_clocks
from storage.tickets.tickets import add, by_source, get, next_number
from storage.transaction import Transaction

Files = Sequence[Mapping[str, str]]


class AlreadyTaken(DeskError):
    """Two people took it at once; the second reads who was first."""

    def __init__(self, number: int, who: str) -> None:
        super().__init__(f"#{number} is already with <@{who}>.")


def file(tx: Transaction, request: Request) -> int:
    """A request becomes a ticket with its clocks running; the same source gives the ticket it gave before."""
    return promised(tx, request)[0]


def promised(tx: Transaction, request: Request) -> tuple[int, Sequence[Clock], str | None]:
    """`file`, with the clocks that now run and whom it was given to; neither for a ticket that was there before."""
    request = checked(tx.policy, request)
    if request.source and (earlier := by_source(tx, request.source)):
        return earlier.number, (), None
    ticket = _ticket(tx, request)
    if request.assignee and request.assignee != request.registered_by:
        assignments.of_the_team(tx, ticket, request.assignee)
        routing.may_be_filed_for(tx, ticket, request.assignee)
    seq = events.record(tx, ticket, Happened.FILED, by=request.registered_by)
    add(tx, ticket)
    running = timers.started(tx, ticket)
    add_clocks(tx, ticket.number, running)
    if request.channel and request.thread_ts:
        _keep_source(tx, ticket, request.channel, request.thread_ts)
    outbox.first_card(tx, ticket)
    if request.assignee:
        assignments.offer(tx, get(tx, ticket.number), to=request.assignee, by=request.registered_by)
        return ticket.number, running, request.assignee
    if seq and request.files:
        outbox.story(tx, ticket, seq)
    to = assignments.route(tx, get(tx, ticket.number)) if routing.by_desk(tx.policy, ticket) else None
    return ticket.number, running, to


def take(tx: Transaction, number: int, *, by: str) -> None:
    """The person takes the ticket and works on it; AlreadyTaken when someone else works on it already."""
    ticket = get(tx, number)
    require(tx, Deed.TAKE, ticket, by)
    if ticket.status is Status.IN_PROGRESS and ticket.assignee not in (None, by):
        raise AlreadyTaken(number, ticket.assignee or "")
    if ticket.status is Status.IN_PROGRESS:
        return
    if ticket.status is Status.ESCALATED:
        raise DeskError(f"#{number} waits for the experts' answer; it can be taken again when they have decided.")
    if ticket.status in DONE:
        raise DeskError(f"#{number} is resolved by <@{ticket.resolved_by}>; reopen it before you take it.")
    held_before = ticket.assignee
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    assignments.hold(tx, ticket, by)
    timers.follow(tx, ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.TAKEN, by=by, before=held_before))


def wait(tx: Transaction, number: int, *, by: str) -> None:
    """The next step is the customer's: the resolution clock pauses until they answer."""
    ticket = get(tx, number)
    require(tx, Deed.WAIT, ticket, by)
    if ticket.status is Status.WAITING:
        first = _newest(tx, ticket, Happened.WAITING)
        raise DeskError(f"#{number} waits for the customer already: <@{first.by if first else by}> said so.")
    ticket.status = move(ticket.status, Status.WAITING)
    assignments.hold(tx, ticket, ticket.assignee or by)
    timers.follow(tx, ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.WAITING, by=by))


def reply(
    tx: Transaction, number: int, *, by: str, text: str, files: Files = (), seen: bool = False, note: int | None = None
) -> None:
    """An answer to the customer: it reaches them in their own thread or DM and stops the first-response clock.

    `seen` when it was written in their own thread already; `note` is the internal note that it was before.
    """
    ticket = get(tx, number)
    require(tx, Deed.REPLY, ticket, by)
    said = _said(text, files, "Write what the customer should read.")
    if ticket.first_reply_at is None:
        ticket.first_reply_at = tx.now
    timers.meet(tx, ticket, ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)
    if note is not None:
        said["note"] = note
    seq = events.record(tx, ticket, Happened.REPLIED, by=by, **said)
    if not seen:
        outbox.reply(tx, ticket, seq)
    told(tx, ticket, seq)
    escalations.answered(tx, ticket, by=by, seq=seq)


def note(tx: Transaction, number: int, *, by: str, text: str, files: Files = (), seen_in: str | None = None) -> int:
    """An internal note: it stays among the team. `seen_in` is the channel in whose thread it was written already."""
    ticket = get(tx, number)
    require(tx, Deed.NOTE, ticket, by)
    seq = events.record(tx, ticket, Happened.NOTED, by=by, **_said(text, files, "Write the note."))
    told(tx, ticket, seq, seen_in=seen_in)
    escalations.answered(tx, ticket, by=by, seq=seq)
    return seq


def write(tx: Transaction, number: int, *, by: str, text: str, files: Files = ()) -> None:
    """The customer writes in their own thread: the team reads it, and a ticket that waited for them goes on."""
    ticket = get(tx, number)
    require(tx, Deed.WRITE, ticket, by)
    if ticket.status is Status.WAITING:
        ticket.status = move(ticket.status, Status.IN_PROGRESS if ticket.assignee else Status.NEW)
        timers.follow(tx, ticket)
    if ticket.first_reply_at is not None and ticket.status not in DONE:
        timers.begin(tx, ticket, ClockKind.NEXT_RESPONSE)
    seq = events.record(tx, ticket, Happened.WROTE, by=by, **_said(text, files, "Write what the team should read."))
    told(tx, ticket, seq)
    escalations.answered(tx, ticket, by=by, seq=seq)


def resolve(tx: Transaction, number: int, *, by: str, solution: str) -> None:
    """The work is done: the customer reads the solution, the clocks stop, an open escalation is withdrawn."""
    ticket = get(tx, number)
    require(tx, Deed.RESOLVE, ticket, by)
    resolvable(ticket)
    said = _said(solution, (), "Say what solved it: the customer reads this.", field="solution")
    ended = escalations.withdraw(tx, ticket, by=by)
    if ended is not None:
        said["withdrew"] = ended
    ticket.status = move(ticket.status, Status.RESOLVED)
    ticket.assignee = ticket.assignee or by
    ticket.resolved_at, ticket.resolved_by, ticket.remind_at = tx.now, by, None
    if ticket.first_reply_at is None:
        ticket.first_reply_at = tx.now
    timers.meet(tx, ticket, *timers.OF_TICKET)
    seq = events.record(tx, ticket, Happened.RESOLVED, by=by, **said)
    outbox.reply(tx, ticket, seq)
    told(tx, ticket, seq)


def resolvable(ticket: Ticket) -> None:
    """Of two who resolve it at once, the second reads who was first."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is already resolved by <@{ticket.resolved_by}>.")


def reopen(tx: Transaction, number: int, *, by: str, reason: str) -> None:
    """A resolved ticket is work again: its resolution clock goes on with what was left, and whoever had it is asked."""
    ticket = get(tx, number)
    require(tx, Deed.REOPEN, ticket, by)
    said = _said(reason, (), "Say why it is open again.", field="reason")
    if ticket.status not in DONE and (first := _newest(tx, ticket, Happened.REOPENED)):
        raise DeskError(f"#{number} is open already: <@{first.by}> reopened it.")
    reopenable(ticket)
    held_before = ticket.assignee
    ticket.status = move(ticket.status, Status.NEW)
    assignments.let_go(ticket)
    ticket.resolved_at = ticket.resolved_by = None
    ticket.reopened += 1
    timers.reopen(tx, ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.REOPENED, by=by, **said))
    if held_before and assignments.may_hold(tx, ticket, held_before):
        assignments.offer(tx, ticket, to=held_before, by=by)


def reopenable(ticket: Ticket) -> None:
    """Only what is done can be opened again."""
    if ticket.status not in DONE:
        raise DeskError(f"#{ticket.number} is open already.")


def _ticket(tx: Transaction, request: Request) -> Ticket:
    team = team_for(tx.policy, request.type)
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
        company=company_of(tx.policy, request.customer, request.requester, request.filed_in),
        channel=request.filed_in,
        step=first_step(tx.policy, request.type),
        promised_under=tx.policy_version,
        reply_by=request.reply_by,
        source=request.source,
        permalink=request.permalink,
        files=request.files,
        created_at=tx.now,
        reopened=0,
    )


def _keep_source(tx: Transaction, ticket: Ticket, channel: str, ts: str) -> None:
    message_references.stands(
        tx,
        kind=message_references.SOURCE,
        subject=str(ticket.number),
        lane=channel,
        channel=channel,
        ts=ts,
        number=ticket.number,
        digest=None,
    )


def _newest(tx: Transaction, ticket: Ticket, kind: Happened) -> Event | None:
    return events.newest(tx, ticket.number, kind)


def _said(text: str, files: Files, remedy: str, *, field: str = "text") -> dict[str, Any]:
    text = text.strip()
    if blank(text) and not files:
        raise FieldError(field, remedy)
    return {"text": text, "files": [dict(one) for one in files]} if files else {"text": text}
