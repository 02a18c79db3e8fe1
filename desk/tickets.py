"""A ticket's way through the desk: filed, taken, worked on, resolved, reopened."""

from rules import sla
from rules.errors import DeskError, FieldError
from rules.intake import Request, checked, team_for
from rules.roles import Deed
from rules.sla import ClockKind
from rules.tickets import DONE, Priority, Status, move
from desk import assignments
from desk.authority import require
from desk.telling import told
from storage import clocks, events, outbox, posts
from storage.events import Happened
from storage.tables import Ticket
from storage.tickets import add, by_source, get, next_number
from storage.work import Work


class AlreadyTaken(DeskError):
    """Two people took it at once; the second reads who was first."""

    def __init__(self, number: int, who: str) -> None:
        super().__init__(f"#{number} is already with <@{who}>.")


def file(work: Work, request: Request) -> int:
    """A request becomes a ticket with its clocks running; the same source gives the ticket it gave before."""
    request = checked(work.policy, request)
    if request.source and (earlier := by_source(work.session, work.workspace, request.source)):
        return earlier.number
    ticket = _ticket(work, request)
    seq = events.record(work, ticket, Happened.FILED, by=request.registered_by)
    add(work, ticket)
    clocks.add(work, ticket.number, _started(work, ticket))
    if request.channel and request.thread_ts:
        _keep_source(work, ticket, request.channel, request.thread_ts)
    outbox.first_card(work, ticket)
    if request.assignee:
        assignments.offer(work, get(work, ticket.number), to=request.assignee, by=request.registered_by)
    elif seq and request.files:
        outbox.story(work, ticket, seq)
    return ticket.number


def take(work: Work, number: int, *, by: str) -> None:
    """The person takes the ticket and works on it; AlreadyTaken when someone else works on it already."""
    ticket = get(work, number)
    require(work, Deed.TAKE, ticket, by)
    if ticket.status is Status.IN_PROGRESS and ticket.assignee not in (None, by):
        raise AlreadyTaken(number, ticket.assignee or "")
    if ticket.status is Status.IN_PROGRESS:
        return
    if ticket.status is Status.ESCALATED:
        raise DeskError(f"#{number} waits for the experts' answer; it can be taken again when they have decided.")
    held_before = ticket.assignee
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    assignments.hold(ticket, by)
    resume(work, ticket)
    told(work, ticket, events.record(work, ticket, Happened.TAKEN, by=by, before=held_before))


def wait(work: Work, number: int, *, by: str) -> None:
    """The next step is the customer's: the resolution clock pauses until they answer."""
    ticket = get(work, number)
    require(work, Deed.WAIT, ticket, by)
    ticket.status = move(ticket.status, Status.WAITING)
    if ticket.assignee is None:
        assignments.hold(ticket, by)
    running = clocks.of(work.session, work.workspace, number).get(ClockKind.RESOLUTION)
    if running is not None:
        calendar = work.policy.calendar_of(ticket.first_line)
        clocks.keep(work, number, sla.pause(running, calendar, work.now))
    told(work, ticket, events.record(work, ticket, Happened.WAITING, by=by))


def reply(work: Work, number: int, *, by: str, text: str) -> None:
    """An answer to the customer: it reaches them in their own thread or DM and stops the first-response clock."""
    ticket = get(work, number)
    require(work, Deed.REPLY, ticket, by)
    text = _said(text, "text", "Write what the customer should read.")
    if ticket.first_reply_at is None:
        ticket.first_reply_at = work.now
        _close(work, ticket, ClockKind.FIRST_RESPONSE)
    seq = events.record(work, ticket, Happened.REPLIED, by=by, text=text)
    outbox.reply(work, ticket, seq)
    told(work, ticket, seq)


def note(work: Work, number: int, *, by: str, text: str, seen: bool = False) -> int:
    """An internal note: it stays among the team. `seen` when it was written in the team's thread already."""
    ticket = get(work, number)
    require(work, Deed.NOTE, ticket, by)
    text = _said(text, "text", "Write the note.")
    seq = events.record(work, ticket, Happened.NOTED, by=by, text=text)
    if not seen:
        outbox.story(work, ticket, seq)
    return seq


def write(work: Work, number: int, *, by: str, text: str) -> None:
    """The customer writes in their own thread: the team reads it, and a ticket that waited for them goes on."""
    ticket = get(work, number)
    require(work, Deed.WRITE, ticket, by)
    if ticket.status is Status.WAITING:
        ticket.status = move(ticket.status, Status.IN_PROGRESS if ticket.assignee else Status.NEW)
        resume(work, ticket)
    told(work, ticket, events.record(work, ticket, Happened.WROTE, by=by, text=text))


def change(
    work: Work, number: int, *, by: str, title: str, type_: str, priority: Priority, customer: str | None = None
) -> None:
    """Corrects what the ticket is; its running clocks are computed anew, and a new type may move it to another team."""
    ticket = get(work, number)
    require(work, Deed.CHANGE, ticket, by)
    request = checked(
        work.policy,
        Request(title=title, requester=ticket.requester, registered_by=by, type=type_, priority=priority),
    )
    before = {"title": ticket.title, "type": ticket.type, "priority": str(ticket.priority), "team": ticket.team}
    ticket.title, ticket.priority, ticket.customer = request.title, priority, customer
    if type_ != ticket.type:
        _retype(work, ticket, type_)
    after = {"title": ticket.title, "type": ticket.type, "priority": str(ticket.priority), "team": ticket.team}
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    _recalculate(work, ticket)
    told(work, ticket, events.record(work, ticket, Happened.CHANGED, by=by, changed=changed))


def resolve(work: Work, number: int, *, by: str, solution: str) -> None:
    """The work is done: the customer reads the solution, the clocks stop, an open escalation is withdrawn."""
    ticket = get(work, number)
    require(work, Deed.RESOLVE, ticket, by)
    solution = _said(solution, "solution", "Say what solved it: the customer reads this.")
    if ticket.status in DONE:
        raise DeskError(f"#{number} is already resolved by <@{ticket.resolved_by}>.")
    ticket.status = move(ticket.status, Status.RESOLVED)
    ticket.assignee = ticket.assignee or by
    ticket.resolved_at, ticket.resolved_by, ticket.remind_at = work.now, by, None
    if ticket.first_reply_at is None:
        ticket.first_reply_at = work.now
    for kind in ClockKind:
        _close(work, ticket, kind)
    seq = events.record(work, ticket, Happened.RESOLVED, by=by, text=solution)
    outbox.reply(work, ticket, seq)
    told(work, ticket, seq)


def reopen(work: Work, number: int, *, by: str, reason: str) -> None:
    """A resolved ticket is work again: its resolution clock goes on with what was left."""
    ticket = get(work, number)
    require(work, Deed.REOPEN, ticket, by)
    reason = _said(reason, "reason", "Say why it is open again.")
    if ticket.status not in DONE:
        raise DeskError(f"#{number} is open already.")
    ticket.status = move(ticket.status, Status.ASSIGNED if ticket.assignee else Status.NEW)
    ticket.resolved_at = ticket.resolved_by = None
    ticket.reopened += 1
    stopped = clocks.of(work.session, work.workspace, number).get(ClockKind.RESOLUTION)
    if stopped is not None:
        calendar = work.policy.calendar_of(ticket.first_line)
        clocks.keep(work, number, sla.reopen(work.policy, stopped, calendar, work.now))
    told(work, ticket, events.record(work, ticket, Happened.REOPENED, by=by, text=reason))
    if ticket.assignee:
        assignments.offer(work, ticket, to=ticket.assignee, by=by)


def resume(work: Work, ticket: Ticket) -> None:
    """A paused resolution clock runs on from now."""
    paused = clocks.of(work.session, work.workspace, ticket.number).get(ClockKind.RESOLUTION)
    if paused is not None:
        calendar = work.policy.calendar_of(ticket.first_line)
        clocks.keep(work, ticket.number, sla.resume(work.policy, paused, calendar, work.now))


def _ticket(work: Work, request: Request) -> Ticket:
    team = team_for(work.policy, request.type)
    return Ticket(
        workspace_id=work.workspace,
        number=next_number(work),
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
        reply_by=request.reply_by,
        source=request.source,
        permalink=request.permalink,
        files=request.files,
        created_at=work.now,
        reopened=0,
    )


def _started(work: Work, ticket: Ticket) -> list[sla.Clock]:
    facts = {"type": ticket.type, "priority": ticket.priority, "team": ticket.first_line}
    started = (sla.start(work.policy, kind, **facts, at=work.now) for kind in ClockKind)
    return [clock for clock in started if clock is not None]


def _keep_source(work: Work, ticket: Ticket, channel: str, ts: str) -> None:
    posts.stands(
        work,
        kind=posts.SOURCE,
        subject=str(ticket.number),
        lane=channel,
        channel=channel,
        ts=ts,
        number=ticket.number,
        digest=None,
    )


def _close(work: Work, ticket: Ticket, kind: ClockKind) -> None:
    clock = clocks.of(work.session, work.workspace, ticket.number).get(kind)
    if clock is not None:
        clocks.keep(work, ticket.number, sla.meet(clock, work.now))


def _retype(work: Work, ticket: Ticket, type_: str) -> None:
    ticket.type = type_
    team = team_for(work.policy, type_)
    if ticket.status is not Status.ESCALATED and team.key != ticket.first_line:
        ticket.first_line = ticket.team = team.key
        ticket.status = move(ticket.status, Status.NEW)
        ticket.assignee = ticket.offered_at = ticket.remind_at = None


def _recalculate(work: Work, ticket: Ticket) -> None:
    for clock in clocks.of(work.session, work.workspace, ticket.number).values():
        anew = sla.recalculate(
            work.policy,
            clock,
            type=ticket.type,
            priority=ticket.priority,
            team=ticket.first_line,
            now=work.now,
        )
        clocks.keep(work, ticket.number, anew)


def _said(text: str, field: str, remedy: str) -> str:
    text = text.strip()
    if not text:
        raise FieldError(field, remedy)
    return text
