"""A ticket goes to a person: offered, started, passed back."""

from rules.calendars import due
from rules.errors import DeskError, FieldError
from rules.roles import Deed
from rules.tickets import DONE, Status, move
from desk.authority import require
from desk.telling import told
from storage import events, outbox
from storage.events import Happened
from storage.outbox import Kind
from storage.tables import Ticket
from storage.tickets import get, remind_due
from storage.work import Work


class NotYours(DeskError):
    """The ticket is no longer offered to the person who pressed."""

    def __init__(self, number: int, who: str | None) -> None:
        now_with = f"it is with <@{who}> now" if who else "nobody holds it now"
        super().__init__(f"#{number} is no longer offered to you: {now_with}.")


def assign(work: Work, number: int, *, to: str, by: str) -> None:
    """Somebody gives the ticket to a member of its team, who is asked by direct message to start or pass."""
    ticket = get(work, number)
    require(work, Deed.ASSIGN, ticket, by)
    if ticket.status in DONE:
        raise DeskError(f"#{number} is resolved; reopen it before it is assigned.")
    if ticket.status is Status.ESCALATED:
        raise DeskError(f"#{number} waits for the experts' answer; assign it when they have decided.")
    offer(work, ticket, to=to, by=by)


def offer(work: Work, ticket: Ticket, *, to: str, by: str) -> None:
    """The ticket is this person's; until they start it, they are asked again after the team's time."""
    team = work.policy.team(ticket.team)
    first = work.policy.team(ticket.first_line)
    if to not in team.people and to not in first.people:
        raise FieldError("assignee", f"<@{to}> is not in {team.name}. Choose someone of the team, or escalate.")
    if to == by:
        _start_own(work, ticket, by)
        return
    ticket.status = move(ticket.status, Status.ASSIGNED)
    ticket.assignee, ticket.offered_at = to, work.now
    ticket.remind_at = due(work.policy.calendar_of(ticket.team), work.now, team.answer_within)
    seq = events.record(work, ticket, Happened.ASSIGNED, by=by, to=to)
    _ask(work, ticket, to)
    told(work, ticket, seq)


def start(work: Work, number: int, *, by: str) -> None:
    """The one it was given to begins."""
    ticket = get(work, number)
    require(work, Deed.START, ticket, by)
    if ticket.assignee != by or ticket.status in DONE:
        raise NotYours(number, ticket.assignee)
    if ticket.status is Status.ASSIGNED:
        ticket.status = move(ticket.status, Status.IN_PROGRESS)
        ticket.remind_at = None
        told(work, ticket, events.record(work, ticket, Happened.STARTED, by=by))


def pass_back(work: Work, number: int, *, by: str, reason: str) -> None:
    """The one it was given to passes: it goes back to the team, and the lead is told why."""
    ticket = get(work, number)
    require(work, Deed.PASS, ticket, by)
    if ticket.assignee != by or ticket.status is not Status.ASSIGNED:
        raise NotYours(number, ticket.assignee)
    if not reason.strip():
        raise FieldError("reason", "Say why you pass it on: the lead reads this.")
    ticket.status = move(ticket.status, Status.NEW)
    ticket.assignee = ticket.offered_at = ticket.remind_at = None
    told(work, ticket, events.record(work, ticket, Happened.PASSED, by=by, text=reason.strip()))
    for lead in work.policy.team(ticket.team).leads:
        if lead != by:
            words = f"<@{by}> passed #{ticket.number} back; it needs someone else."
            outbox.notice(work, lead, number=ticket.number, words=words, quote=reason.strip())


def remind(work: Work) -> int:
    """Everyone who left an assignment unanswered for the team's time is asked again; how many were asked."""
    late = remind_due(work.session, work.workspace, at=work.now)
    for ticket in late:
        team = work.policy.team(ticket.team)
        ticket.remind_at = due(work.policy.calendar_of(ticket.team), work.now, team.answer_within)
        if ticket.assignee:
            _ask(work, ticket, ticket.assignee, again=True)
    return len(late)


def hold(ticket: Ticket, who: str) -> None:
    """The person has it and has begun: nothing is left to ask them."""
    ticket.assignee, ticket.remind_at = who, None


def _start_own(work: Work, ticket: Ticket, by: str) -> None:
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    hold(ticket, by)
    told(work, ticket, events.record(work, ticket, Happened.TAKEN, by=by))


def _ask(work: Work, ticket: Ticket, person: str, *, again: bool = False) -> None:
    outbox.queue(work, Kind.OFFER, lane=person, number=ticket.number, subject=str(ticket.number))
    if again:
        said = f"#{ticket.number} still waits for you: *Start* it or *Pass…* it on."
        outbox.notice(work, person, number=ticket.number, words=said)
