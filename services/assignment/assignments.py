"""A ticket goes to a person: offered, started, passed back."""

from datetime import datetime
from typing import Any

from rules.calendars.calendars import due_time
from rules.errors import FieldError, Refused
from rules.model.tickets import DONE_STATUSES, Status, check_transition
from rules.people.permissions import Permission
from rules.presence.presence import PresenceStatus
from rules.text import is_blank
from services.assignment import routing
from services.notifications.notifications import publish_event
from services.notifications.recipients import leads_to_notify
from services.permissions import require
from services.sla import timers
from storage import events
from storage.assignment.candidates import latest_assignments
from storage.assignment.routing import AssignmentPool, numbers_to_route, people_who_passed, subtract_from_share
from storage.events import EventKind
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.schema.tickets import Event, Ticket
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

MAX_TICKETS_ROUTED = 200  # so many of the oldest are looked at in one transaction
ASSIGNEE_EVENTS = (EventKind.ASSIGNED, EventKind.TAKEN, EventKind.PASSED, EventKind.ACCEPTED, EventKind.REASSIGNED)


class NotAssignedToYou(Refused):
    """The ticket is no longer offered to the person who pressed."""

    def __init__(self, number: int, who: str | None) -> None:
        now_with = f"it is with <@{who}> now" if who else "nobody holds it now"
        super().__init__(f"#{number} is no longer offered to you: {now_with}.")


class AssignedMeanwhile(Refused):
    """Two people gave it away at once; the second reads who was first."""

    def __init__(self, event: Event) -> None:
        now_with = f"it is with <@{event.assignee}>" if event.assignee else "nobody holds it"
        who = "Baton" if event.by == events.DESK_ACTOR else f"<@{event.by}>"
        super().__init__(
            f"While you were choosing, {who} was first: {now_with} now. "
            f"Press *Assign…* on #{event.number} again if it should be someone else."
        )


def assign_ticket(
    tx: Transaction, number: int, *, to: str, by: str, last_seen_seq: int | None = None, reason: str = ""
) -> None:
    """Somebody gives the ticket to a member of its team, who is asked by direct message to start or pass.

    `since` is the newest event the person had seen: GivenMeanwhile when it changed hands after that. Whoever is not
    competent or not here gets it with a `reason`, which is kept.
    """
    ticket = lock_ticket(tx, number)
    require(tx, Permission.ASSIGN_TICKET, ticket, by)
    check_assignable(ticket)
    if last_seen_seq and (first := events.latest_event(tx, number, *ASSIGNEE_EVENTS, after=last_seen_seq)):
        raise AssignedMeanwhile(first)
    check_team_member(tx, ticket, to)
    if to != by and is_blank(reason):
        routing.check_no_reason_needed(tx, ticket, to)
    offer_ticket(tx, ticket, to=to, by=by, reason=reason.strip())


def route_ticket(tx: Transaction, ticket: Ticket, pools: dict[str, AssignmentPool] | None = None) -> str | None:
    """The desk gives it to whoever is best for it now; None when it waits. `pools` saves looking at a team twice."""
    choice = routing.choose_assignee(tx, ticket, {} if pools is None else pools)
    if choice.person is not None:
        offer_ticket(tx, ticket, to=choice.person, by=events.DESK_ACTOR, reason=choice.reason)
    return choice.person


def route_unassigned(tx: Transaction) -> int:
    """What the desk gives, and nobody had room or was here for, is given now, the oldest first; how many were.

    Where nobody is free for a type in a team, the others of that type wait too. Two processes never give one ticket
    twice: it is looked at again once its row is held.
    """
    given, stuck, pools = 0, set[tuple[str, str]](), dict[str, AssignmentPool]()
    for number in numbers_to_route(tx, policy=tx.policy, limit=MAX_TICKETS_ROUTED):
        ticket = lock_ticket(tx, number)
        kind = (ticket.team, ticket.type)
        if ticket.assignee or ticket.status is not Status.NEW or kind in stuck:
            continue
        if route_ticket(tx, ticket, pools):
            given += 1
        elif not people_who_passed(tx, ticket):
            stuck.add(kind)
    return given


def check_assignable(ticket: Ticket) -> None:
    """A ticket that is resolved, or that the experts are asked about, is given to nobody."""
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{ticket.number} is resolved; reopen it before it is assigned.")
    if ticket.status is Status.ESCALATED:
        raise Refused(f"#{ticket.number} waits for the experts' answer; assign it when they have decided.")


def offer_ticket(tx: Transaction, ticket: Ticket, *, to: str, by: str, reason: str = "") -> None:
    """The ticket is this person's; until they start it, they are asked again after the team's time.

    What a person gave to somebody who is away, and said why, is no hand-over's business:
    services/reassignment/absence_cover.py leaves it.
    """
    check_team_member(tx, ticket, to)
    if to == by:
        _take_own(tx, ticket, by)
        return
    ticket.status = check_transition(ticket.status, Status.ASSIGNED)
    set_assignee(tx, ticket, to)
    ticket.remind_at = reminder_due_at(tx, ticket)
    timers.follow_status(tx, ticket)
    said: dict[str, Any] = {"reason": reason} if reason else {}
    if reason and by != events.DESK_ACTOR and routing.assignee_presence(tx, ticket, to).status is PresenceStatus.AWAY:
        said["away"] = True
    seq = events.record(tx, ticket, EventKind.ASSIGNED, by=by, to=to, **said)
    outbox.queue_message(tx, MessageKind.OFFER, destination=to, number=ticket.number, subject=f"{ticket.number}.{seq}")
    publish_event(tx, ticket, seq)


def start_work(tx: Transaction, number: int, *, by: str) -> None:
    """The one it was given to begins."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.START_WORK, ticket, by)
    if ticket.assignee != by or ticket.status in DONE_STATUSES:
        raise NotAssignedToYou(number, ticket.assignee)
    if ticket.status is Status.ASSIGNED:
        ticket.status = check_transition(ticket.status, Status.IN_PROGRESS)
        ticket.remind_at = None
        timers.follow_status(tx, ticket)
        publish_event(tx, ticket, events.record(tx, ticket, EventKind.STARTED, by=by))


def pass_ticket_back(tx: Transaction, number: int, *, by: str, reason: str) -> None:
    """The one it was given to passes: it goes back to the team, and the lead is told why.

    Where the desk gives, it goes to the next best at once, and the lead hears when nobody is left.
    """
    ticket = lock_ticket(tx, number)
    require(tx, Permission.PASS_OFFER, ticket, by)
    check_passable(ticket, by)
    reason = reason.strip()
    if is_blank(reason):
        raise FieldError("reason", "Say why you pass it on: the lead reads this.")
    offer_ = latest_assignments(tx, [number]).get(number)
    if offer_ is not None and offer_.by == events.DESK_ACTOR:
        subtract_from_share(tx, ticket, by)
    ticket.status = check_transition(ticket.status, Status.NEW)
    clear_assignee(ticket)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.PASSED, by=by, text=reason))
    if routing.is_routed_by_desk(tx.policy, ticket):
        route_ticket(tx, ticket)
        return
    for lead in leads_to_notify(tx, tx.policy.team(ticket.team), excluding=by):
        words = f"<@{by}> passed #{ticket.number} back; it needs someone else."
        outbox.notify_person(tx, lead, number=ticket.number, text=words, quote=reason)


def check_passable(ticket: Ticket, by: str) -> None:
    """Only an offer that is still open can be passed; what was started is given on with Assign…."""
    if ticket.assignee == by and ticket.status is not Status.ASSIGNED and ticket.status not in DONE_STATUSES:
        raise Refused(f"You have #{ticket.number} in hand already; give it on with *Assign…* on its card.")
    if ticket.assignee != by or ticket.status is not Status.ASSIGNED:
        raise NotAssignedToYou(ticket.number, ticket.assignee)


def set_assignee(tx: Transaction, ticket: Ticket, who: str) -> None:
    """The person has it and is asked nothing more; with somebody of the first line it is the first line's again."""
    ticket.assignee, ticket.remind_at = who, None
    first = tx.policy.team(ticket.first_line)
    if who in first.people and who not in tx.policy.team(ticket.team).people:
        ticket.team = first.key


def clear_assignee(ticket: Ticket) -> None:
    """Nobody has it, and nobody is asked."""
    ticket.assignee = ticket.remind_at = None


def check_team_member(tx: Transaction, ticket: Ticket, who: str) -> None:
    """FieldError when the person may not hold it."""
    if not can_be_assigned(tx, ticket, who):
        name = tx.policy.team(ticket.team).name
        raise FieldError("assignee", f"That person is not in {name}. Choose someone of the team, or escalate.")


def can_be_assigned(tx: Transaction, ticket: Ticket, who: str) -> bool:
    """Whether they are of the team that has the ticket, or of its first line."""
    return any(who in tx.policy.team(key).people for key in (ticket.team, ticket.first_line))


def _take_own(tx: Transaction, ticket: Ticket, by: str) -> None:
    if ticket.status is Status.IN_PROGRESS and ticket.assignee == by:
        return
    ticket.status = check_transition(ticket.status, Status.IN_PROGRESS)
    held_before = ticket.assignee
    set_assignee(tx, ticket, by)
    timers.follow_status(tx, ticket)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.TAKEN, by=by, before=held_before))


def reminder_due_at(tx: Transaction, ticket: Ticket) -> datetime:
    """By when whoever is given it now should have answered."""
    return due_time(tx.policy.team_calendar(ticket.team), tx.now, tx.policy.team(ticket.team).answer_within)
