"""Offers left unanswered: a reminder, the next best candidate, or a message to the leads."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rules.calendars.calendars import due_time, is_open
from rules.model.tickets import Status, check_transition
from rules.presence.presence import REACHABLE_STATUSES, Presence
from rules.text import Person, Text, TicketNumber, _, ngettext
from services.assignment import routing
from services.assignment.assignments import clear_assignee, reminder_due_at, route_ticket
from services.desk import Desk
from services.notifications.notifications import notify_leads, record_and_publish
from storage import events
from storage.assignment.candidates import latest_assignments
from storage.assignment.routing import REASON_ABSENT, REASON_UNANSWERED, subtract_from_share
from storage.events import EventKind
from storage.outbox import outbox
from storage.presence.presence import next_working_moment, presence_by_person
from storage.schema.tickets import Event, Ticket
from storage.tickets.tickets import tickets_to_remind
from storage.transaction import Transaction

OFFERS_PER_SWEEP = 200  # other transactions wait while these are reminded of


async def remind_all_assignees(desk: Desk) -> int:
    return await desk.execute_in_batches(remind_assignees, size=OFFERS_PER_SWEEP)


def remind_assignees(tx: Transaction) -> int:
    """How many offers were reminded of, or routed to another person. Running again repeats nothing.

    People at work are reminded; for others it waits until they are back. What the desk offered it takes back the second
    time, or at once from a person who is absent for longer than the team's time. What a person assigned stays, and the
    leads read once that it is unanswered.
    """
    late = tickets_to_remind(tx, at=tx.now, limit=OFFERS_PER_SWEEP)
    tickets = [ticket for ticket in late if ticket.assignee and ticket.remind_at]
    people = sorted({str(ticket.assignee) for ticket in tickets})
    presences = presence_by_person(tx, people, policy=tx.policy, team="", at=tx.now)
    assignments = latest_assignments(tx, [ticket.number for ticket in tickets])
    late_offers: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    unanswered_twice, rerouted = [], 0
    for ticket in tickets:
        person, due_at, assignment = str(ticket.assignee), ticket.remind_at or tx.now, assignments[ticket.number]
        was_asked_twice = _was_reminded_twice(tx, ticket, assignment)
        if _should_reroute(tx, ticket, assignment, presences[person], was_asked_twice):
            _reroute(tx, ticket, person, absent=presences[person].status not in REACHABLE_STATUSES)
            rerouted += 1
        elif presences[person].status not in REACHABLE_STATUSES:
            ticket.remind_at = _next_reminder_at(tx, ticket, person, presences[person])
        else:
            late_offers[person, due_at].append(ticket.number)
            ticket.remind_at = reminder_due_at(tx, ticket)
            unanswered_twice += [assignment] if was_asked_twice else []
    for (person, due_at), numbers in late_offers.items():
        _send_reminder(tx, person, sorted(numbers), due_at)
    _notify_leads(tx, unanswered_twice)
    return sum(map(len, late_offers.values())) + rerouted


def _was_reminded_twice(tx: Transaction, ticket: Ticket, assignment: Event) -> bool:
    """Counted from when the person could first read the offer."""
    assignee, team = str(ticket.assignee), tx.policy.team(ticket.team)
    calendar = tx.policy.team_calendar(ticket.team)
    read_at = next_working_moment(tx, assignee, policy=tx.policy, team=ticket.team, at=assignment.at)
    return due_time(calendar, due_time(calendar, read_at, team.answer_within), team.answer_within) <= tx.now


def _should_reroute(
    tx: Transaction, ticket: Ticket, assignment: Event, presence: Presence, was_asked_twice: bool
) -> bool:
    """Only while the team works, because at night nobody else is there."""
    is_by_desk = assignment.by == events.DESK_ACTOR and routing.is_routed_by_desk(tx.policy, ticket)
    if not is_by_desk or not is_open(tx.policy.team_calendar(ticket.team), tx.now):
        return False
    if presence.status in REACHABLE_STATUSES:
        return was_asked_twice
    return presence.until is None or presence.until > reminder_due_at(tx, ticket)


def _reroute(tx: Transaction, ticket: Ticket, person: str, *, absent: bool) -> None:
    """An absence does not count as passing the ticket back, so the person may get it another time."""
    subtract_from_share(tx, ticket, person)
    ticket.status = check_transition(ticket.status, Status.NEW)
    clear_assignee(ticket)
    reason = REASON_UNANSWERED if not absent else REASON_ABSENT
    record_and_publish(tx, ticket, EventKind.PASSED, by=events.DESK_ACTOR, why=reason, **{"from": person})
    route_ticket(tx, ticket)


def _next_reminder_at(tx: Transaction, ticket: Ticket, person: str, presence: Presence) -> datetime:
    until = presence.until or tx.now
    at = next_working_moment(tx, person, policy=tx.policy, team=ticket.team, at=until)
    return at if at > tx.now else reminder_due_at(tx, ticket)


def _send_reminder(tx: Transaction, person: str, numbers: Sequence[int], due_at: datetime) -> None:
    number, others = numbers[0], len(numbers) - 1
    dedupe_key = f"offer:{number}:{person}:{due_at.isoformat()}"
    outbox.notify_person(
        tx, person, number=None if others else number, text=_reminder_text(number, others), dedupe_key=dedupe_key
    )


def _reminder_text(number: int, others: int) -> Text:
    ticket = TicketNumber(number)
    if not others:
        return _("{ticket} is waiting for you to start it. Press “Start” or “Decline…” on its card.", ticket=ticket)
    return ngettext(
        "{ticket} and {n} more ticket are waiting for you to start them. Press “Start” or “Decline…” on their cards.",
        "{ticket} and {n} more tickets are waiting for you to start them. Press “Start” or “Decline…” on their cards.",
        others,
        ticket=ticket,
    )


def _notify_leads(tx: Transaction, assignments: Sequence[Event]) -> None:
    """One message for tickets that were offered together; a lead is not notified about their own tickets."""
    offered_together: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for assignment in assignments:
        key = str(assignment.data.get("basket") or f"{assignment.number}.{assignment.seq}")
        offered_together[str(assignment.assignee), assignment.team, key].append(assignment.number)
    for (person, team, key), numbers in offered_together.items():
        number, others = min(numbers), len(numbers) - 1
        text = _unanswered_text(person, number, others)
        shown = None if others else number
        notify_leads(tx, team, number=shown, text=text, dedupe_key=f"unanswered:{key}:{team}", excluding=person)


def _unanswered_text(person: str, number: int, others: int) -> Text:
    assignee, ticket = Person(person), TicketNumber(number)
    if not others:
        return _(
            "{person} has not started {ticket} and was reminded again. To reassign it, press “Assign…” on its card.",
            person=assignee,
            ticket=ticket,
        )
    return ngettext(
        "{person} has not started {ticket} and {n} more ticket and was reminded again. "
        "To reassign them, press “Assign…” on their cards.",
        "{person} has not started {ticket} and {n} more tickets and was reminded again. "
        "To reassign them, press “Assign…” on their cards.",
        others,
        person=assignee,
        ticket=ticket,
    )
