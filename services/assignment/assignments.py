"""A ticket goes to a person: offered, started, passed back."""

from datetime import datetime
from typing import Any

from rules.calendars.calendars import due
from rules.errors import DeskError, FieldError
from rules.model.tickets import DONE, Status, move
from rules.people.permissions import Deed
from rules.presence.presence import Here
from rules.text import blank
from services.assignment import routing
from services.notifications.notifications import told
from services.notifications.recipients import leads_called
from services.permissions import require
from services.sla import timers
from storage import events
from storage.assignment.candidates import given_last
from storage.assignment.routing import Pool, give_turn_back, waiting, who_passed
from storage.events import Happened
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.schema.tickets import Event, Ticket
from storage.tickets.tickets import get
from storage.transaction import Transaction

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


def assign(tx: Transaction, number: int, *, to: str, by: str, since: int | None = None, reason: str = "") -> None:
    """Somebody gives the ticket to a member of its team, who is asked by direct message to start or pass.

    `since` is the newest event the person had seen: GivenMeanwhile when it changed hands after that. Whoever is not
    competent or not here gets it with a `reason`, which is kept.
    """
    ticket = get(tx, number)
    require(tx, Deed.ASSIGN, ticket, by)
    assignable(ticket)
    if since and (first := events.newest(tx, number, *CHANGES_HANDS, after=since)):
        raise GivenMeanwhile(first)
    of_the_team(tx, ticket, to)
    if to != by and blank(reason):
        routing.needs_no_reason(tx, ticket, to)
    offer(tx, ticket, to=to, by=by, reason=reason.strip())


def route(tx: Transaction, ticket: Ticket, pools: dict[str, Pool] | None = None) -> str | None:
    """The desk gives it to whoever is best for it now; None when it waits. `pools` saves looking at a team twice."""
    choice = routing.choose(tx, ticket, {} if pools is None else pools)
    if choice.person is not None:
        offer(tx, ticket, to=choice.person, by=events.DESK, reason=choice.reason)
    return choice.person


def give_waiting(tx: Transaction) -> int:
    """What the desk gives, and nobody had room or was here for, is given now, the oldest first; how many were.

    Where nobody is free for a type in a team, the others of that type wait too. Two processes never give one ticket
    twice: it is looked at again once its row is held.
    """
    given, stuck, pools = 0, set[tuple[str, str]](), dict[str, Pool]()
    for number in waiting(tx, policy=tx.policy, limit=AT_ONCE):
        ticket = get(tx, number)
        kind = (ticket.team, ticket.type)
        if ticket.assignee or ticket.status is not Status.NEW or kind in stuck:
            continue
        if route(tx, ticket, pools):
            given += 1
        elif not who_passed(tx, ticket):
            stuck.add(kind)
    return given


def assignable(ticket: Ticket) -> None:
    """A ticket that is resolved, or that the experts are asked about, is given to nobody."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; reopen it before it is assigned.")
    if ticket.status is Status.ESCALATED:
        raise DeskError(f"#{ticket.number} waits for the experts' answer; assign it when they have decided.")


def offer(tx: Transaction, ticket: Ticket, *, to: str, by: str, reason: str = "") -> None:
    """The ticket is this person's; until they start it, they are asked again after the team's time.

    What a person gave to somebody who is away, and said why, is no hand-over's business:
    services/reassignment/absence_cover.py leaves it.
    """
    of_the_team(tx, ticket, to)
    if to == by:
        _start_own(tx, ticket, by)
        return
    ticket.status = move(ticket.status, Status.ASSIGNED)
    hold(tx, ticket, to)
    ticket.remind_at = patience(tx, ticket)
    timers.follow(tx, ticket)
    said: dict[str, Any] = {"reason": reason} if reason else {}
    if reason and by != events.DESK and routing.stands(tx, ticket, to).here is Here.AWAY:
        said["away"] = True
    seq = events.record(tx, ticket, Happened.ASSIGNED, by=by, to=to, **said)
    outbox.queue(tx, Kind.OFFER, lane=to, number=ticket.number, subject=f"{ticket.number}.{seq}")
    told(tx, ticket, seq)


def start(tx: Transaction, number: int, *, by: str) -> None:
    """The one it was given to begins."""
    ticket = get(tx, number)
    require(tx, Deed.START, ticket, by)
    if ticket.assignee != by or ticket.status in DONE:
        raise NotYours(number, ticket.assignee)
    if ticket.status is Status.ASSIGNED:
        ticket.status = move(ticket.status, Status.IN_PROGRESS)
        ticket.remind_at = None
        timers.follow(tx, ticket)
        told(tx, ticket, events.record(tx, ticket, Happened.STARTED, by=by))


def pass_back(tx: Transaction, number: int, *, by: str, reason: str) -> None:
    """The one it was given to passes: it goes back to the team, and the lead is told why.

    Where the desk gives, it goes to the next best at once, and the lead hears when nobody is left.
    """
    ticket = get(tx, number)
    require(tx, Deed.PASS, ticket, by)
    passable(ticket, by)
    reason = reason.strip()
    if blank(reason):
        raise FieldError("reason", "Say why you pass it on: the lead reads this.")
    offer_ = given_last(tx, [number]).get(number)
    if offer_ is not None and offer_.by == events.DESK:
        give_turn_back(tx, ticket, by)
    ticket.status = move(ticket.status, Status.NEW)
    let_go(ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.PASSED, by=by, text=reason))
    if routing.by_desk(tx.policy, ticket):
        route(tx, ticket)
        return
    for lead in leads_called(tx, tx.policy.team(ticket.team), but=by):
        words = f"<@{by}> passed #{ticket.number} back; it needs someone else."
        outbox.notice(tx, lead, number=ticket.number, words=words, quote=reason)


def passable(ticket: Ticket, by: str) -> None:
    """Only an offer that is still open can be passed; what was started is given on with Assign…."""
    if ticket.assignee == by and ticket.status is not Status.ASSIGNED and ticket.status not in DONE:
        raise DeskError(f"You have #{ticket.number} in hand already; give it on with *Assign…* on its card.")
    if ticket.assignee != by or ticket.status is not Status.ASSIGNED:
        raise NotYours(ticket.number, ticket.assignee)


def hold(tx: Transaction, ticket: Ticket, who: str) -> None:
    """The person has it and is asked nothing more; with somebody of the first line it is the first line's again."""
    ticket.assignee, ticket.remind_at = who, None
    first = tx.policy.team(ticket.first_line)
    if who in first.people and who not in tx.policy.team(ticket.team).people:
        ticket.team = first.key


def let_go(ticket: Ticket) -> None:
    """Nobody has it, and nobody is asked."""
    ticket.assignee = ticket.remind_at = None


def of_the_team(tx: Transaction, ticket: Ticket, who: str) -> None:
    """FieldError when the person may not hold it."""
    if not may_hold(tx, ticket, who):
        name = tx.policy.team(ticket.team).name
        raise FieldError("assignee", f"That person is not in {name}. Choose someone of the team, or escalate.")


def may_hold(tx: Transaction, ticket: Ticket, who: str) -> bool:
    """Whether they are of the team that has the ticket, or of its first line."""
    return any(who in tx.policy.team(key).people for key in (ticket.team, ticket.first_line))


def _start_own(tx: Transaction, ticket: Ticket, by: str) -> None:
    if ticket.status is Status.IN_PROGRESS and ticket.assignee == by:
        return
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    held_before = ticket.assignee
    hold(tx, ticket, by)
    timers.follow(tx, ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.TAKEN, by=by, before=held_before))


def patience(tx: Transaction, ticket: Ticket) -> datetime:
    """By when whoever is given it now should have answered."""
    return due(tx.policy.calendar_of(ticket.team), tx.now, tx.policy.team(ticket.team).answer_within)
