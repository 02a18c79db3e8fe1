"""Many tickets change their assignee at once: rows, timers, events and cards, each in one statement or two."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rules.calendars.calendars import due_time
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.reassignment import CompletedMove, PlannedMove, ReassignmentCause, status_after_move
from rules.text import Person, Text, _, join_tickets
from services.notifications.recipients import leads_to_notify
from services.sla import timers
from storage import events
from storage.assignment.routing import move_shares
from storage.events import EventKind
from storage.outbox import outbox
from storage.reassignment import bulk
from storage.reassignment.bulk import REASSIGNMENT_CARD, LockedTicket, TicketChange
from storage.transaction import Transaction


def carry_out_moves(
    tx: Transaction,
    giver: str,
    moves: Sequence[PlannedMove],
    locked: Mapping[int, LockedTicket],
    *,
    by: str,
    why: ReassignmentCause,
    until: datetime | None = None,
) -> int:
    """Moves the tickets (locked as `held`) as planned; returns the id of the reassignment.

    A ticket in progress is offered to its receiver, who has not begun; one that waits for the customer or the experts
    goes on waiting. Each receiver gets one message and one reminder for all. The leads read of tickets without a
    receiver.
    """
    changes = [_change(tx, locked[move.number], move.to) for move in moves]
    completed = [_completed_move(move, locked[move.number]) for move in moves]
    back_at = {"until": until.isoformat()} if until else {}
    leads = _leads_to_notify(tx, giver, completed, by)
    id_ = bulk.save_reassignment(tx, giver, by=by, why=str(why), moves=completed, leads=leads, **back_at)
    reasons = {move.number: str(move.reason) for move in moves if move.reason is not None}

    common = {"did": "moved", "from": giver, "why": str(why), "basket": str(id_), **back_at}

    def event_data(move: TicketChange) -> dict[str, Any]:
        unassigned = {"left": reasons[move.before.number]} if move.before.number in reasons else {}
        return common | {"to": move.assignee} | unassigned

    apply_changes(tx, changes, by=by, event_data=event_data)
    if by == events.DESK_ACTOR:
        move_shares(tx, [(move.before, move.assignee) for move in changes])
    queue_messages(tx, id_, message_recipients(tx, id_))
    return id_


def apply_changes(
    tx: Transaction, changes: Sequence[TicketChange], *, by: str, event_data: Callable[[TicketChange], dict[str, Any]]
) -> None:
    bulk.write_changes(tx, changes)
    pausing = [change for change in changes if _pauses_change(tx.policy, change)]
    timers.follow_statuses(tx, {change.before.number: change.status for change in pausing})
    rows = [_event_row(change, event_data(change)) for change in changes]
    events.record_many(tx, rows, EventKind.REASSIGNED, by=by)
    channels = {
        change.before.number: outbox.team_channels(tx, change.before.first_line, change.team) for change in changes
    }
    outbox.refresh_many(tx, channels)
    outbox.post_timeline_entries(tx, [(row["number"], row["seq"], channels[row["number"]]) for row in rows])


def queue_messages(tx: Transaction, id_: int, people: Sequence[tuple[str, str]]) -> None:
    for person, role in people:
        if outbox.is_slack_id(person):
            outbox.queue_message(tx, REASSIGNMENT_CARD, destination=person, subject=f"{id_}.{role}")


def notify_previous_assignees(tx: Transaction, tickets: Sequence[LockedTicket], *, by: str, owner: str) -> None:
    for person in sorted({ticket.assignee for ticket in tickets if ticket.assignee} - {by}):
        numbers = [ticket.number for ticket in tickets if ticket.assignee == person]
        outbox.notify_person(tx, person, text=_returned_text(join_tickets(numbers), by=by, owner=owner))


def _returned_text(tickets: Text, *, by: str, owner: str) -> Text:
    if by == owner:
        return _("{person} is back and has {tickets} again.", person=Person(by), tickets=tickets)
    return _(
        "{person} undid the move: {owner} has {tickets} again.", person=Person(by), owner=Person(owner), tickets=tickets
    )


def message_recipients(tx: Transaction, id_: int) -> list[tuple[str, str]]:
    """Each receiver, the giver, and the leads of tickets without a receiver.

    The person who moved them reads the answer to their press instead. What the desk moved, or a person gave away of
    their own, the leads read in any case; an absent giver reads it when they are back.
    """
    reassignment = bulk.find_reassignment(tx, id_)
    if reassignment is None:
        return []
    giver, by, moves = reassignment.giver, reassignment.by, bulk.ticket_moves(reassignment)
    recipients = [(person, "receiver") for person in sorted({move.to for move in moves if move.to} - {by})]
    recipients += [(giver, "giver")] if by not in (giver, events.DESK_ACTOR) else []
    leads = reassignment.moves.get("leads") or _leads_to_notify(tx, giver, moves, by)
    return recipients + [(lead, "lead") for lead in leads]


def new_change(
    tx: Transaction, ticket: LockedTicket, *, assignee: str | None, status: Status, team: str
) -> TicketChange:
    is_offer = status is Status.ASSIGNED and assignee is not None
    allowed_time = tx.policy.team(team).answer_within
    ask_at = due_time(tx.policy.team_calendar(team), tx.now, allowed_time) if is_offer else None
    return TicketChange(ticket, assignee, status, team, ask_at)


def _leads_to_notify(tx: Transaction, giver: str, moves: Sequence[CompletedMove], by: str) -> list[str]:
    """The leads of its teams who are here, or their deputies; saved with the reassignment, so they stay the same."""
    is_own = by in (giver, events.DESK_ACTOR)
    teams = dict.fromkeys(move.team for move in moves if is_own or move.to is None)
    excluded = "" if by == events.DESK_ACTOR else giver  # an absent giver may have a deputy
    leads = [lead for team in teams for lead in leads_to_notify(tx, tx.policy.team(team), excluding=excluded)]
    return [lead for lead in dict.fromkeys(leads) if lead not in (by, giver)]


def _change(tx: Transaction, ticket: LockedTicket, assignee: str | None) -> TicketChange:
    team, first_line = tx.policy.team(ticket.team), tx.policy.team(ticket.first_line)
    joins_first_line = assignee is not None and assignee in first_line.people and assignee not in team.people
    status = status_after_move(ticket.status, held=assignee is not None)
    new_team = first_line.key if joins_first_line else ticket.team
    return new_change(tx, ticket, assignee=assignee, status=status, team=new_team)


def _completed_move(move: PlannedMove, ticket: LockedTicket) -> CompletedMove:
    return CompletedMove(move.number, move.seq + 1, move.to, move.reason, ticket.status, ticket.team)


def _event_row(change: TicketChange, data: dict[str, Any]) -> dict[str, Any]:
    state = {"status": change.status, "team": change.team, "assignee": change.assignee}
    return {"number": change.before.number, "seq": change.before.seq + 1, "data": data, **state}


def _pauses_change(policy: Policy, change: TicketChange) -> bool:
    return any(
        policy.pauses_timer(kind, change.before.status) != policy.pauses_timer(kind, change.status)
        for kind in policy.pausing_statuses
    )
