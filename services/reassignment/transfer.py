"""Many tickets change hands at once: the rows, the clocks, the story and the cards, each in one statement or two."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rules.calendars.calendars import due
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.reassignment import Move, Moved, Moving, status_after
from services.notifications.recipients import leads_called
from services.sla import timers
from storage import events
from storage.assignment.routing import count_moved
from storage.events import Happened
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.reassignment import bulk
from storage.reassignment.bulk import Change, Held
from storage.transaction import Transaction


def carry(
    tx: Transaction,
    giver: str,
    moves: Sequence[Move],
    held: Mapping[int, Held],
    *,
    by: str,
    why: Moving,
    until: datetime | None = None,
) -> int:
    """The tickets (locked as `held`) go where the plan says; the basket's id is returned.

    A ticket that was in progress is offered to whoever gets it, since they have not begun; one that waits for the
    customer or for the experts goes on waiting, with its new holder. Those who get some read it in one message, and are
    asked once for all when they leave them unanswered. What goes to nobody is told to the leads.
    """
    changes = [_change(tx, held[one.number], one.to) for one in moves]
    moved = [
        Moved(one.number, one.seq + 1, one.to, one.why, held[one.number].status, held[one.number].team) for one in moves
    ]
    back_at = {"until": until.isoformat()} if until else {}
    leads = _leads_who_read(tx, giver, moved, by)
    id_ = bulk.keep(tx, giver, by=by, why=str(why), moves=moved, leads=leads, **back_at)
    reasons = {one.number: str(one.why) for one in moves if one.why is not None}

    def told(one: Change) -> dict[str, Any]:
        left = {"left": reasons[one.was.number]} if one.was.number in reasons else {}
        return {"did": "moved", "from": giver, "to": one.to, "why": str(why), "basket": str(id_), **left, **back_at}

    hand(tx, changes, by=by, told=told)
    if by == events.DESK:
        count_moved(tx, [(one.was, one.to) for one in changes])
    tell(tx, id_, people_of(tx, id_))
    return id_


def hand(tx: Transaction, changes: Sequence[Change], *, by: str, told: Callable[[Change], dict[str, Any]]) -> None:
    """Every change is written and its clocks follow; each ticket's story tells it, and its cards are redrawn."""
    bulk.give(tx, changes)
    timers.follow_many(tx, {one.was.number: one.status for one in changes if _pauses_differ(tx.policy, one)})
    rows = [_event(one, told(one)) for one in changes]
    events.record_many(tx, rows, Happened.HANDED, by=by)
    lanes = {one.was.number: outbox.channels_for(tx, one.was.first_line, one.team) for one in changes}
    outbox.refresh_many(tx, lanes)
    outbox.stories(tx, [(one.was.number, one.was.seq + 1, lanes[one.was.number]) for one in changes])


def tell(tx: Transaction, id_: int, people: Sequence[tuple[str, str]]) -> None:
    """The basket's message to each of them (a person, and what they are to it), edited in place when it stands."""
    for who, role in people:
        if outbox.is_person_or_place(who):
            outbox.queue(tx, Kind.BASKET, lane=who, subject=f"{id_}.{role}")


def took_back(tx: Transaction, taken: Sequence[Held], *, by: str, whose: str) -> None:
    """Whoever had some of them until now reads that they are with that person again: an edited card pings nobody."""
    for who in sorted({one.assignee for one in taken if one.assignee} - {by}):
        numbers = [one.number for one in taken if one.assignee == who]
        did = f"<@{by}> is back and has" if by == whose else f"<@{by}> took the move back: <@{whose}> has"
        outbox.notice(tx, who, number=None, words=f"{did} {listed(numbers)} again.")


def listed(numbers: Sequence[int], most: int = 20) -> str:
    """The tickets by number, a few of them."""
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(f"#{number}" for number in numbers[:most]) + more


def people_of(tx: Transaction, id_: int) -> list[tuple[str, str]]:
    """Who reads of a basket: everybody who gets some of it, the giver, and the leads of what nobody got.

    Whoever moved it reads the answer to their own press instead. What the desk moved by itself, or a person gave away
    of their own, the leads read in any case, or who stands in for them; the giver is left in peace until they are back.
    """
    basket = bulk.get(tx, id_)
    if basket is None:
        return []
    moved = bulk.moves_of(basket)
    found = [(who, "receiver") for who in sorted({one.to for one in moved if one.to} - {basket.by})]
    found += [(basket.giver, "giver")] if basket.by not in (basket.giver, events.DESK) else []
    leads = basket.moves.get("leads") or _leads_who_read(tx, basket.giver, moved, basket.by)
    return found + [(lead, "lead") for lead in leads]


def put(tx: Transaction, was: Held, *, to: str | None, status: Status, team: str) -> Change:
    """The ticket with that person in that state; who is offered it is asked again after the team's time."""
    asked = status is Status.ASSIGNED and to is not None
    patience = tx.policy.team(team).answer_within
    ask_at = due(tx.policy.calendar_of(team), tx.now, patience) if asked else None
    return Change(was, to, status, team, ask_at)


def _leads_who_read(tx: Transaction, giver: str, moved: Sequence[Moved], by: str) -> list[str]:
    """Those who lead its teams and are here, or who acts for them; once it is moved they stay the same."""
    of_itself = by in (giver, events.DESK)
    teams = dict.fromkeys(one.team for one in moved if of_itself or one.to is None)
    but = "" if by == events.DESK else giver  # whose basket the desk moves is away, and may have a deputy
    leads = dict.fromkeys(lead for team in teams for lead in leads_called(tx, tx.policy.team(team), but=but))
    return [lead for lead in leads if lead not in (by, giver)]


def _change(tx: Transaction, was: Held, to: str | None) -> Change:
    team, first = tx.policy.team(was.team), tx.policy.team(was.first_line)
    of_first = to is not None and to in first.people and to not in team.people
    return put(
        tx,
        was,
        to=to,
        status=status_after(was.status, held=to is not None),
        team=first.key if of_first else was.team,
    )


def _event(one: Change, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": one.was.number,
        "seq": one.was.seq + 1,
        "status": one.status,
        "team": one.team,
        "assignee": one.to,
        "data": data,
    }


def _pauses_differ(policy: Policy, one: Change) -> bool:
    return any((one.was.status in states) != (one.status in states) for states in policy.pauses.values())
