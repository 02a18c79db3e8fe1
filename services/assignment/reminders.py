"""What was given and left unanswered: asked again, given to the next best, told to the leads."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rules.calendars.calendars import due_time, is_open
from rules.model.tickets import Status, check_transition
from rules.presence.presence import REACHABLE_STATUSES, Presence
from services.assignment import routing
from services.assignment.assignments import clear_assignee, reminder_due_at, route_ticket
from services.notifications.notifications import publish_event
from services.notifications.recipients import leads_to_notify
from storage import events
from storage.assignment.candidates import latest_assignments
from storage.assignment.routing import REASON_ABSENT, REASON_UNANSWERED, subtract_from_share
from storage.events import EventKind
from storage.outbox import outbox
from storage.presence.presence import next_working_moment, presence_by_person
from storage.schema.tickets import Event, Ticket
from storage.tickets.tickets import tickets_to_remind
from storage.transaction import Transaction


def remind_assignees(tx: Transaction) -> int:
    """What was left unanswered for the team's time; how many were asked again, or given to somebody else.

    1. Whoever is here is asked again: nobody is at night, on leave or logged out, that waits until they are back.
    2. What the desk gave it takes back the second time, or at once from somebody who is off or away for longer than
    the team's time, and gives it to the next best. 3. What a person gave stays, and the leads read once that it has not
    been answered twice. Running again, or twice at once, says nothing twice.
    """
    found = [ticket for ticket in tickets_to_remind(tx, at=tx.now) if ticket.assignee and ticket.remind_at]
    people = sorted({str(ticket.assignee) for ticket in found})
    here = presence_by_person(tx, people, policy=tx.policy, team="", at=tx.now)
    offers = latest_assignments(tx, [ticket.number for ticket in found])
    late: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    twice, given_on = [], 0
    for ticket in found:
        who, ran_out, offer_ = str(ticket.assignee), ticket.remind_at or tx.now, offers[ticket.number]
        was_asked_twice = _was_reminded_twice(tx, ticket, offer_)
        if _should_reroute(tx, ticket, offer_, here[who], was_asked_twice):
            _reroute(tx, ticket, who, absent=here[who].status not in REACHABLE_STATUSES)
            given_on += 1
        elif here[who].status not in REACHABLE_STATUSES:
            ticket.remind_at = _next_reminder_at(tx, ticket, who, here[who])
        else:
            late[who, ran_out].append(ticket.number)
            ticket.remind_at = reminder_due_at(tx, ticket)
            twice += [offer_] if was_asked_twice else []
    for (who, ran_out), numbers in late.items():
        _send_reminder(tx, who, sorted(numbers), ran_out)
    _notify_leads(tx, twice)
    return sum(map(len, late.values())) + given_on


def _was_reminded_twice(tx: Transaction, ticket: Ticket, offer_: Event) -> bool:
    """Whether the team's time has run out twice, counted from when they could first read it."""
    who, team = str(ticket.assignee), tx.policy.team(ticket.team)
    calendar = tx.policy.team_calendar(ticket.team)
    read_at = next_working_moment(tx, who, policy=tx.policy, team=ticket.team, at=offer_.at)
    return due_time(calendar, due_time(calendar, read_at, team.answer_within), team.answer_within) <= tx.now


def _should_reroute(tx: Transaction, ticket: Ticket, offer_: Event, stands: Presence, was_asked_twice: bool) -> bool:
    """Whether the desk takes back what it gave: only while the team works, since at night nobody else is there."""
    calendar = tx.policy.team_calendar(ticket.team)
    if (
        offer_.by != events.DESK_ACTOR
        or not routing.is_routed_by_desk(tx.policy, ticket)
        or not is_open(calendar, tx.now)
    ):
        return False
    if stands.status in REACHABLE_STATUSES:
        return was_asked_twice
    return stands.until is None or stands.until > reminder_due_at(tx, ticket)


def _reroute(tx: Transaction, ticket: Ticket, who: str, *, absent: bool) -> None:
    """Left unanswered counts as passed; who was not here may get it another time."""
    subtract_from_share(tx, ticket, who)
    ticket.status = check_transition(ticket.status, Status.NEW)
    clear_assignee(ticket)
    why = REASON_UNANSWERED if not absent else REASON_ABSENT
    publish_event(
        tx, ticket, events.record(tx, ticket, EventKind.PASSED, by=events.DESK_ACTOR, why=why, **{"from": who})
    )
    route_ticket(tx, ticket)


def _next_reminder_at(tx: Transaction, ticket: Ticket, who: str, stands: Presence) -> datetime:
    """When they work again, as far as is known; else they are looked for after the team's time."""
    until = stands.until or tx.now
    at = next_working_moment(tx, who, policy=tx.policy, team=ticket.team, at=until)
    return at if at > tx.now else reminder_due_at(tx, ticket)


def _send_reminder(tx: Transaction, who: str, numbers: Sequence[int], ran_out: datetime) -> None:
    """What was given together, and left together, is one message."""
    first, more = numbers[0], len(numbers) - 1
    if more:
        words = f"#{first} and {more} more still wait for you: *Take* them on their cards, or give them on."
    else:
        words = f"#{first} still waits for you: *Start* it or *Pass…* it on, on its card above."
    once = f"offer:{first}:{who}:{ran_out.isoformat()}"
    outbox.notify_person(tx, who, number=None if more else first, text=words, dedupe_key=once)


def _notify_leads(tx: Transaction, unanswered: Sequence[Event]) -> None:
    """What was given together and left together is one message; whoever holds it does not read of themselves."""
    together: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for offer_ in unanswered:
        given = str(offer_.data.get("basket") or f"{offer_.number}.{offer_.seq}")
        together[str(offer_.assignee), offer_.team, given].append(offer_)
    for (who, team, given), offers in together.items():
        number, more = min(one.number for one in offers), len(offers) - 1
        which = f"#{number} and {more} more" if more else f"#{number}"
        words = f"<@{who}> has not answered {which} and was asked again. *Assign…* gives it to somebody else."
        for lead in leads_to_notify(tx, tx.policy.team(team), excluding=who):
            outbox.notify_person(
                tx, lead, number=None if more else number, text=words, dedupe_key=f"unanswered:{given}:{team}:{lead}"
            )
