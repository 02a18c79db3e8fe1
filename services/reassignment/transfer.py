"""Many tickets change hands at once: the rows, the clocks, the story and the cards, each in one statement or two."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rules.calendars.calendars import due_time
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.reassignment import CompletedMove, PlannedMove, ReassignmentCause, status_after_move
from services.notifications.recipients import leads_to_notify
from services.sla import timers
from storage import events
from storage.assignment.routing import move_shares
from storage.events import EventKind
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.reassignment import bulk
from storage.reassignment.bulk import LockedTicket, TicketChange
from storage.transaction import Transaction


def carry_out_moves(
    tx: Transaction,
    giver: str,
    moves: Sequence[PlannedMove],
    held: Mapping[int, LockedTicket],
    *,
    by: str,
    why: ReassignmentCause,
    until: datetime | None = None,
) -> int:
    """The tickets (locked as `held`) go where the plan says; the basket's id is returned.

    A ticket that was in progress is offered to whoever gets it, since they have not begun; one that waits for the
    customer or for the experts goes on waiting, with its new holder. Those who get some read it in one message, and are
    asked once for all when they leave them unanswered. What goes to nobody is told to the leads.
    """
    changes = [_change(tx, held[one.number], one.to) for one in moves]
    moved = [
        CompletedMove(one.number, one.seq + 1, one.to, one.reason, held[one.number].status, held[one.number].team)
        for one in moves
    ]
    back_at = {"until": until.isoformat()} if until else {}
    leads = _leads_to_notify(tx, giver, moved, by)
    id_ = bulk.save_reassignment(tx, giver, by=by, why=str(why), moves=moved, leads=leads, **back_at)
    reasons = {one.number: str(one.reason) for one in moves if one.reason is not None}

    def told(one: TicketChange) -> dict[str, Any]:
        left = {"left": reasons[one.before.number]} if one.before.number in reasons else {}
        return {
            "did": "moved",
            "from": giver,
            "to": one.assignee,
            "why": str(why),
            "basket": str(id_),
            **left,
            **back_at,
        }

    apply_changes(tx, changes, by=by, event_data=told)
    if by == events.DESK_ACTOR:
        move_shares(tx, [(one.before, one.assignee) for one in changes])
    queue_messages(tx, id_, message_recipients(tx, id_))
    return id_


def apply_changes(
    tx: Transaction, changes: Sequence[TicketChange], *, by: str, event_data: Callable[[TicketChange], dict[str, Any]]
) -> None:
    """Every change is written and its clocks follow; each ticket's story tells it, and its cards are redrawn."""
    bulk.write_changes(tx, changes)
    timers.follow_statuses(tx, {one.before.number: one.status for one in changes if _pauses_change(tx.policy, one)})
    rows = [_event_row(one, event_data(one)) for one in changes]
    events.record_many(tx, rows, EventKind.REASSIGNED, by=by)
    lanes = {one.before.number: outbox.team_channels(tx, one.before.first_line, one.team) for one in changes}
    outbox.refresh_many(tx, lanes)
    outbox.post_timeline_entries(
        tx, [(one.before.number, one.before.seq + 1, lanes[one.before.number]) for one in changes]
    )


def queue_messages(tx: Transaction, id_: int, people: Sequence[tuple[str, str]]) -> None:
    """The basket's message to each of them (a person, and what they are to it), edited in place when it stands."""
    for who, role in people:
        if outbox.is_slack_id(who):
            outbox.queue_message(tx, MessageKind.REASSIGNMENT, destination=who, subject=f"{id_}.{role}")


def notify_previous_assignees(tx: Transaction, taken: Sequence[LockedTicket], *, by: str, whose: str) -> None:
    """Whoever had some of them until now reads that they are with that person again: an edited card pings nobody."""
    for who in sorted({one.assignee for one in taken if one.assignee} - {by}):
        numbers = [one.number for one in taken if one.assignee == who]
        did = f"<@{by}> is back and has" if by == whose else f"<@{by}> took the move back: <@{whose}> has"
        outbox.notify_person(tx, who, number=None, text=f"{did} {numbers_text(numbers)} again.")


def numbers_text(numbers: Sequence[int], most: int = 20) -> str:
    """The tickets by number, a few of them."""
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(f"#{number}" for number in numbers[:most]) + more


def message_recipients(tx: Transaction, id_: int) -> list[tuple[str, str]]:
    """Who reads of a basket: everybody who gets some of it, the giver, and the leads of what nobody got.

    Whoever moved it reads the answer to their own press instead. What the desk moved by itself, or a person gave away
    of their own, the leads read in any case, or who stands in for them; the giver is left in peace until they are back.
    """
    basket = bulk.find_reassignment(tx, id_)
    if basket is None:
        return []
    moved = bulk.ticket_moves(basket)
    found = [(who, "receiver") for who in sorted({one.to for one in moved if one.to} - {basket.by})]
    found += [(basket.giver, "giver")] if basket.by not in (basket.giver, events.DESK_ACTOR) else []
    leads = basket.moves.get("leads") or _leads_to_notify(tx, basket.giver, moved, basket.by)
    return found + [(lead, "lead") for lead in leads]


def new_change(tx: Transaction, was: LockedTicket, *, to: str | None, status: Status, team: str) -> TicketChange:
    """The ticket with that person in that state; who is offered it is asked again after the team's time."""
    asked = status is Status.ASSIGNED and to is not None
    patience = tx.policy.team(team).answer_within
    ask_at = due_time(tx.policy.team_calendar(team), tx.now, patience) if asked else None
    return TicketChange(was, to, status, team, ask_at)


def _leads_to_notify(tx: Transaction, giver: str, moved: Sequence[CompletedMove], by: str) -> list[str]:
    """Those who lead its teams and are here, or who acts for them; once it is moved they stay the same."""
    of_itself = by in (giver, events.DESK_ACTOR)
    teams = dict.fromkeys(one.team for one in moved if of_itself or one.to is None)
    but = "" if by == events.DESK_ACTOR else giver  # whose basket the desk moves is away, and may have a deputy
    leads = dict.fromkeys(lead for team in teams for lead in leads_to_notify(tx, tx.policy.team(team), excluding=but))
    return [lead for lead in leads if lead not in (by, giver)]


def _change(tx: Transaction, was: LockedTicket, to: str | None) -> TicketChange:
    team, first = tx.policy.team(was.team), tx.policy.team(was.first_line)
    of_first = to is not None and to in first.people and to not in team.people
    return new_change(
        tx,
        was,
        to=to,
        status=status_after_move(was.status, held=to is not None),
        team=first.key if of_first else was.team,
    )


def _event_row(one: TicketChange, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": one.before.number,
        "seq": one.before.seq + 1,
        "status": one.status,
        "team": one.team,
        "assignee": one.assignee,
        "data": data,
    }


def _pauses_change(policy: Policy, one: TicketChange) -> bool:
    return any(
        policy.pauses_timer(kind, one.before.status) != policy.pauses_timer(kind, one.status)
        for kind in policy.pausing_statuses
    )
