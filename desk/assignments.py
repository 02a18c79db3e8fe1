"""A ticket goes to a person: offered, started, passed back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from desk import clocks, routing
from desk.authority import require
from desk.deputies import leads_called
from desk.telling import told
from rules.alerts import reachable_at
from rules.calendars import due
from rules.errors import DeskError, FieldError
from rules.roles import Deed
from rules.tickets import DONE, Status, move
from rules.words import blank
from storage import events, outbox
from storage.events import Happened
from storage.outbox import Kind
from storage.routing import waiting, who_passed
from storage.tables import Event, Ticket
from storage.tickets import get, remind_due
from storage.work import Work

AT_ONCE = 200  # so many of the oldest are looked at in one transaction
CHANGES_HANDS = (Happened.ASSIGNED, Happened.TAKEN, Happened.PASSED, Happened.ACCEPTED, Happened.HANDED)


class NotYours(DeskError):
    """The ticket is no longer offered to the person who pressed."""

    def __init__(self, number: int, who: str | None) -> None:
        now_with = f"it is with <@{who}> now" if who else "nobody holds it now"
        super().__init__(f"#{number} is no longer offered to you: {now_with}.")


class GivenMeanwhile(DeskError):
    """Two people gave it away at once; the second reads who was first."""

    def __init__(self, event: Event) -> None:
        now_with = f"it is with <@{event.assignee}>" if event.assignee else "nobody holds it"
        who = "Baton" if event.by == events.DESK else f"<@{event.by}>"
        super().__init__(
            f"While you were choosing, {who} was first: {now_with} now. "
            f"Press *Assign…* on #{event.number} again if it should be someone else."
        )


def assign(work: Work, number: int, *, to: str, by: str, since: int | None = None, reason: str = "") -> None:
    """Somebody gives the ticket to a member of its team, who is asked by direct message to start or pass.

    `since` is the newest event the person had seen: GivenMeanwhile when it changed hands after that. Whoever is not
    competent or not here gets it with a `reason`, which is kept.
    """
    ticket = get(work, number)
    require(work, Deed.ASSIGN, ticket, by)
    assignable(ticket)
    if since and (first := events.newest(work.session, work.workspace, number, *CHANGES_HANDS, after=since)):
        raise GivenMeanwhile(first)
    if to != by and blank(reason) and may_hold(work, ticket, to):
        routing.needs_no_reason(work, ticket, to)
    offer(work, ticket, to=to, by=by, reason=reason.strip())


def route(work: Work, ticket: Ticket) -> str | None:
    """The desk gives it to whoever is best for it now; None when it waits."""
    choice = routing.choose(work, ticket)
    if choice.person is not None:
        offer(work, ticket, to=choice.person, by=events.DESK, reason=choice.reason)
    return choice.person


def give_waiting(work: Work) -> int:
    """What the desk gives, and nobody had room or was here for, is given now, the oldest first; how many were.

    Where nobody is free for a type in a team, the others of that type wait too. Two processes never give one ticket
    twice: it is looked at again once its row is held.
    """
    given, stuck = 0, set[tuple[str, str]]()
    for number in waiting(work.session, work.workspace, policy=work.policy, limit=AT_ONCE):
        ticket = get(work, number)
        kind = (ticket.team, ticket.type)
        if ticket.assignee or ticket.status is not Status.NEW or kind in stuck:
            continue
        if route(work, ticket):
            given += 1
        elif not who_passed(work.session, work.workspace, ticket):
            stuck.add(kind)
    return given


def assignable(ticket: Ticket) -> None:
    """A ticket that is resolved, or that the experts are asked about, is given to nobody."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; reopen it before it is assigned.")
    if ticket.status is Status.ESCALATED:
        raise DeskError(f"#{ticket.number} waits for the experts' answer; assign it when they have decided.")


def offer(work: Work, ticket: Ticket, *, to: str, by: str, reason: str = "") -> None:
    """The ticket is this person's; until they start it, they are asked again after the team's time."""
    if not may_hold(work, ticket, to):
        name = work.policy.team(ticket.team).name
        raise FieldError("assignee", f"That person is not in {name}. Choose someone of the team, or escalate.")
    if to == by:
        _start_own(work, ticket, by)
        return
    ticket.status = move(ticket.status, Status.ASSIGNED)
    hold(work, ticket, to)
    ticket.remind_at = _patience(work, ticket)
    clocks.follow(work, ticket)
    seq = events.record(work, ticket, Happened.ASSIGNED, by=by, to=to, **({"reason": reason} if reason else {}))
    outbox.queue(work, Kind.OFFER, lane=to, number=ticket.number, subject=f"{ticket.number}.{seq}")
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
        clocks.follow(work, ticket)
        told(work, ticket, events.record(work, ticket, Happened.STARTED, by=by))


def pass_back(work: Work, number: int, *, by: str, reason: str) -> None:
    """The one it was given to passes: it goes back to the team, and the lead is told why.

    Where the desk gives, it goes to the next best at once, and the lead hears when nobody is left.
    """
    ticket = get(work, number)
    require(work, Deed.PASS, ticket, by)
    passable(ticket, by)
    reason = reason.strip()
    if blank(reason):
        raise FieldError("reason", "Say why you pass it on: the lead reads this.")
    ticket.status = move(ticket.status, Status.NEW)
    let_go(ticket)
    told(work, ticket, events.record(work, ticket, Happened.PASSED, by=by, text=reason))
    if routing.by_desk(work.policy, ticket):
        route(work, ticket)
        return
    for lead in leads_called(work, work.policy.team(ticket.team), but=by):
        words = f"<@{by}> passed #{ticket.number} back; it needs someone else."
        outbox.notice(work, lead, number=ticket.number, words=words, quote=reason)


def passable(ticket: Ticket, by: str) -> None:
    """Only an offer that is still open can be passed; what was started is given on with Assign…."""
    if ticket.assignee == by and ticket.status is not Status.ASSIGNED and ticket.status not in DONE:
        raise DeskError(f"You have #{ticket.number} in hand already; give it on with *Assign…* on its card.")
    if ticket.assignee != by or ticket.status is not Status.ASSIGNED:
        raise NotYours(ticket.number, ticket.assignee)


def remind(work: Work) -> int:
    """Everyone who left an assignment unanswered for the team's time is asked again; how many were asked.

    Nobody is asked at night or on leave: that waits until they work. Running twice, or twice at once, asks once: the
    notice is keyed by the time that ran out.
    """
    late: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    for ticket in remind_due(work.session, work.workspace, at=work.now):
        if ticket.assignee and ticket.remind_at and _works_now(work, ticket):
            late[ticket.assignee, ticket.remind_at].append(ticket.number)
            ticket.remind_at = _patience(work, ticket)
    for (who, ran_out), numbers in late.items():
        _ask_again(work, who, sorted(numbers), ran_out)
    return sum(map(len, late.values()))


def _works_now(work: Work, ticket: Ticket) -> bool:
    """Whether whoever was asked works just now; if not, it waits until they do."""
    at = reachable_at(work.policy, ticket.assignee or "", ticket.team, work.now)
    if at > work.now:
        ticket.remind_at = at
    return at <= work.now


def _ask_again(work: Work, who: str, numbers: Sequence[int], ran_out: datetime) -> None:
    """What was given together, and left together, is one message."""
    first, more = numbers[0], len(numbers) - 1
    if more:
        words = f"#{first} and {more} more still wait for you: *Take* them on their cards, or give them on."
    else:
        words = f"#{first} still waits for you: *Start* it or *Pass…* it on, on its card above."
    once = f"offer:{first}:{who}:{ran_out.isoformat()}"
    outbox.notice(work, who, number=None if more else first, words=words, once=once)


def hold(work: Work, ticket: Ticket, who: str) -> None:
    """The person has it and is asked nothing more; with somebody of the first line it is the first line's again."""
    ticket.assignee, ticket.remind_at = who, None
    first = work.policy.team(ticket.first_line)
    if who in first.people and who not in work.policy.team(ticket.team).people:
        ticket.team = first.key


def let_go(ticket: Ticket) -> None:
    """Nobody has it, and nobody is asked."""
    ticket.assignee = ticket.remind_at = None


def may_hold(work: Work, ticket: Ticket, who: str) -> bool:
    """Whether they are of the team that has the ticket, or of its first line."""
    return any(who in work.policy.team(key).people for key in (ticket.team, ticket.first_line))


def _start_own(work: Work, ticket: Ticket, by: str) -> None:
    if ticket.status is Status.IN_PROGRESS and ticket.assignee == by:
        return
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    held_before = ticket.assignee
    hold(work, ticket, by)
    clocks.follow(work, ticket)
    told(work, ticket, events.record(work, ticket, Happened.TAKEN, by=by, before=held_before))


def _patience(work: Work, ticket: Ticket) -> datetime:
    return due(work.policy.calendar_of(ticket.team), work.now, work.policy.team(ticket.team).answer_within)
