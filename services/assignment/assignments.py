"""Assignment: a ticket is offered to a person, started, or passed back."""

from datetime import datetime
from typing import Any

from rules.calendars.calendars import due_time
from rules.errors import FieldError, Refused
from rules.model.tickets import DONE_STATUSES, Status, check_transition
from rules.people.permissions import Permission
from rules.presence.presence import PresenceStatus
from rules.text import Person, Text, TicketNumber, _
from rules.typed_text import is_blank, required_text
from services.assignment import routing
from services.notifications.notifications import notify_leads, publish_event, record_and_publish
from services.permissions import lock_permitted
from services.sla import timers
from storage import events
from storage.assignment.candidates import latest_assignments
from storage.assignment.routing import AssignmentPool, numbers_to_route, people_who_passed, subtract_from_share
from storage.events import EventKind
from storage.outbox import outbox
from storage.schema.tickets import Escalation, Event, NewTicket, Ticket
from storage.texts import text_to_json
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

ASSIGNMENT_CARD = outbox.MessageKind("offer", refreshed=True)
MAX_TICKETS_ROUTED = 200  # the oldest tickets that one transaction looks at
ASSIGNEE_EVENTS = (EventKind.ASSIGNED, EventKind.TAKEN, EventKind.PASSED, EventKind.ACCEPTED, EventKind.REASSIGNED)


class NotAssignedToYou(Refused):
    """The ticket is no longer offered to the person who pressed."""

    def __init__(self, number: int, assignee: str | None) -> None:
        ticket = TicketNumber(number)
        if assignee:
            person = Person(assignee)
            super().__init__(_("{ticket} is now assigned to {person}, not to you.", ticket=ticket, person=person))
        else:
            super().__init__(_("{ticket} is no longer assigned to you; it is unassigned.", ticket=ticket))


class AssignedMeanwhile(Refused):
    """Two people assigned it at once; the second reads who was first."""

    def __init__(self, event: Event) -> None:
        ticket = TicketNumber(event.number)
        actor = _("Baton") if event.by == events.DESK_ACTOR else _("{person}", person=Person(event.by))
        if event.assignee:
            super().__init__(
                _(
                    "{actor} assigned {ticket} to {person} while you were choosing. Nothing was changed. "
                    "To assign it to someone else, press “Assign…” again.",
                    actor=actor,
                    ticket=ticket,
                    person=Person(event.assignee),
                )
            )
        else:
            super().__init__(
                _(
                    "{actor} unassigned {ticket} while you were choosing. Nothing was changed. "
                    "To assign it, press “Assign…” again.",
                    actor=actor,
                    ticket=ticket,
                )
            )


def assign_ticket(
    tx: Transaction, number: int, *, to: str, by: str, last_seen_seq: int | None = None, reason: str = ""
) -> None:
    """Offers the ticket to a member of its team.

    `last_seen_seq` is the newest event the person had seen: AssignedMeanwhile when the assignee changed after that.
    People without the skill, or who are away, need a `reason`, which is kept.
    """
    ticket = lock_permitted(tx, Permission.ASSIGN_TICKET, number, by)
    check_assignable(ticket)
    if last_seen_seq and (first := events.latest_event(tx, number, *ASSIGNEE_EVENTS, after=last_seen_seq)):
        raise AssignedMeanwhile(first)
    check_team_member(tx, ticket, to)
    if to != by and is_blank(reason):
        routing.check_no_reason_needed(tx, ticket, to)
    offer_ticket(tx, ticket, to=to, by=by, reason=reason.strip())


def route_ticket(tx: Transaction, ticket: Ticket, pools: dict[str, AssignmentPool] | None = None) -> str | None:
    """The desk offers the ticket to the best candidate; None when it waits. `pools` saves reading a team twice."""
    choice = routing.choose_assignee(tx, ticket, {} if pools is None else pools)
    if choice.person is not None:
        offer_ticket(tx, ticket, to=choice.person, by=events.DESK_ACTOR, reason=choice.reason)
    return choice.person


def route_unassigned(tx: Transaction) -> int:
    """The desk routes the oldest unassigned tickets; how many were assigned.

    Where nobody is available for a type in a team, its other tickets of that type are skipped. Two processes never
    assign one ticket twice: it is checked again once its row is locked.
    """
    assigned, exhausted, pools = 0, set[tuple[str, str]](), dict[str, AssignmentPool]()
    for number in numbers_to_route(tx, policy=tx.policy, limit=MAX_TICKETS_ROUTED):
        ticket = lock_ticket(tx, number)
        team_and_type = (ticket.team, ticket.type)
        if ticket.assignee or ticket.status is not Status.NEW or team_and_type in exhausted:
            continue
        if route_ticket(tx, ticket, pools):
            assigned += 1
        elif not people_who_passed(tx, ticket):
            exhausted.add(team_and_type)
    return assigned


def check_assignable(ticket: Ticket) -> None:
    if ticket.status in DONE_STATUSES:
        raise Refused(_("{ticket} is resolved. Reopen it to assign it.", ticket=TicketNumber(ticket.number)))
    if ticket.status is Status.ESCALATED:
        number = TicketNumber(ticket.number)
        raise Refused(_("{ticket} is escalated. Assign it when the experts have decided.", ticket=number))


def offer_ticket(tx: Transaction, ticket: Ticket, *, to: str, by: str, reason: Text | str = "") -> None:
    """Assigns the ticket; until the person starts it, they are reminded after the team's time.

    A ticket that a person gave with a reason to an absent colleague is left there by
    services/reassignment/absence_cover.py.
    """
    check_team_member(tx, ticket, to)
    if to == by:
        _take_own(tx, ticket, by)
        return
    move_to_status(tx, ticket, Status.ASSIGNED, assignee=to)
    ticket.remind_at = reminder_due_at(tx, ticket)
    data: dict[str, Any] = {}
    if reason:
        data["reason"] = text_to_json(reason) if isinstance(reason, Text) else reason
    if reason and by != events.DESK_ACTOR and routing.assignee_presence(tx, ticket, to).status is PresenceStatus.AWAY:
        data["away"] = True
    seq = events.record(tx, ticket, EventKind.ASSIGNED, by=by, to=to, **data)
    outbox.queue_message(tx, ASSIGNMENT_CARD, destination=to, number=ticket.number, subject=f"{ticket.number}.{seq}")
    publish_event(tx, ticket, seq)


def start_work(tx: Transaction, number: int, *, by: str) -> None:
    ticket = lock_permitted(tx, Permission.START_WORK, number, by)
    if ticket.assignee != by or ticket.status in DONE_STATUSES:
        raise NotAssignedToYou(number, ticket.assignee)
    if ticket.status is Status.ASSIGNED:
        ticket.remind_at = None
        move_to_status(tx, ticket, Status.IN_PROGRESS)
        record_and_publish(tx, ticket, EventKind.STARTED, by=by)


def pass_ticket_back(tx: Transaction, number: int, *, by: str, reason: str) -> None:
    """The ticket goes back to the team and the lead reads why; a ticket routed by the desk goes to the next best."""
    ticket = lock_permitted(tx, Permission.PASS_OFFER, number, by)
    check_passable(ticket, by)
    reason = required_text(reason, "reason", _("Enter a reason. The lead reads it."))
    assignment = latest_assignments(tx, [number]).get(number)
    if assignment is not None and assignment.by == events.DESK_ACTOR:
        subtract_from_share(tx, ticket, by)
    ticket.status = check_transition(ticket.status, Status.NEW)
    clear_assignee(ticket)
    record_and_publish(tx, ticket, EventKind.PASSED, by=by, text=reason)
    if routing.is_routed_by_desk(tx.policy, ticket):
        route_ticket(tx, ticket)
        return
    text = _("{person} declined {ticket}. It is unassigned.", person=Person(by), ticket=TicketNumber(number))
    notify_leads(tx, ticket.team, number=number, text=text, quote=reason, excluding=by)


def check_passable(ticket: Ticket, by: str) -> None:
    """Only an offer that is still open can be passed back; a started ticket is reassigned with Assign…."""
    if ticket.assignee == by and ticket.status is not Status.ASSIGNED and ticket.status not in DONE_STATUSES:
        number = TicketNumber(ticket.number)
        raise Refused(_("You already started {ticket}. To reassign it, press “Assign…” on its card.", ticket=number))
    if ticket.assignee != by or ticket.status is not Status.ASSIGNED:
        raise NotAssignedToYou(ticket.number, ticket.assignee)


def return_ticket(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    """The ticket goes on in the team that escalated it."""
    ticket.team = escalation.from_team
    move_to_status(tx, ticket, Status.IN_PROGRESS, assignee=ticket.assignee or escalation.asked_by)


def move_to_status(tx: Transaction, ticket: Ticket, status: Status, *, assignee: str | None = None) -> None:
    """The ticket's timers follow. None leaves the assignee as it is."""
    ticket.status = check_transition(ticket.status, status)
    if assignee is not None:
        set_assignee(tx, ticket, assignee)
    timers.follow_status(tx, ticket)


def set_assignee(tx: Transaction, ticket: Ticket, person: str) -> None:
    """Also moves the ticket back to its first line when the assignee works there."""
    ticket.assignee, ticket.remind_at = person, None
    first_line = tx.policy.team(ticket.first_line)
    if person in first_line.people and person not in tx.policy.team(ticket.team).people:
        ticket.team = first_line.key


def clear_assignee(ticket: Ticket) -> None:
    ticket.assignee = ticket.remind_at = None


def check_team_member(tx: Transaction, ticket: Ticket | NewTicket, person: str) -> None:
    if not can_be_assigned(tx, ticket, person):
        name = tx.policy.team(ticket.team).name
        sentence = _("That person is not in {team}. Choose someone in the team, or escalate.", team=name)
        raise FieldError("assignee", sentence)


def can_be_assigned(tx: Transaction, ticket: Ticket | NewTicket, person: str) -> bool:
    return any(person in tx.policy.team(key).people for key in (ticket.team, ticket.first_line))


def _take_own(tx: Transaction, ticket: Ticket, by: str) -> None:
    if ticket.status is Status.IN_PROGRESS and ticket.assignee == by:
        return
    previous = ticket.assignee
    move_to_status(tx, ticket, Status.IN_PROGRESS, assignee=by)
    record_and_publish(tx, ticket, EventKind.TAKEN, by=by, before=previous)


def reminder_due_at(tx: Transaction, ticket: Ticket) -> datetime:
    return due_time(tx.policy.team_calendar(ticket.team), tx.now, tx.policy.team(ticket.team).answer_within)
