"""No ticket waits for somebody who is away or has left: the desk hands their basket over; who is back takes it back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rules.calendars.calendars import next_opening
from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.people.permissions import Deed, allowed, desk_roles
from rules.presence.leave import end_words
from rules.presence.presence import Here, Presence
from rules.reassignment import Move, Moved, Moving, is_too_long, plan, status_again
from services.desk import Desk
from services.notifications.recipients import away_among, leads_called
from services.reassignment import transfer
from storage import events
from storage.events import Happened
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.presence.presence import left_at, presences
from storage.presence.shifts import hours_of
from storage.reassignment import bulk
from storage.reassignment.absence_cover import came_at, left_by_hand, mark_handed
from storage.reassignment.bulk import Change, Held
from storage.schema.people import Basket
from storage.schema.tickets import Event, Ticket
from storage.skills import competences
from storage.transaction import Reader, Transaction

AWAY = (Here.AWAY, Here.GONE)


async def hand_over_all(desk: Desk) -> int:
    """The baskets of everybody who is away for too long, each in a transaction of its own; how many tickets moved.

    Right however often it runs, and by two processes: what one of them moved is the giver's no more for the other.
    """
    holders = await desk.read(bulk.holders)
    here = await desk.read(stands, holders, policy=desk.policy, at=desk.clock())
    moved = 0
    for who in holders:
        if here[who].here in AWAY:
            moved += await desk.execute(hand_over, who)
    return moved + await desk.execute(welcome)


def hand_over(tx: Transaction, giver: str) -> int:
    """What the person should not be waited for with goes to colleagues who are here; how many tickets did.

    Their deputy first, then the agents and experts of each ticket's team (its leads where there is nobody else). What
    was put back with them, or given to them, by hand while they are away stays until somebody touches it; whoever did
    that reads once a day that it is still there.
    """
    found = stands(tx, [giver], policy=tx.policy, at=tx.now)[giver]
    tickets = _waiting_too_long(tx, giver, found) if found.here in AWAY else []
    stays = left_by_hand(tx, {ticket.number: ticket.seq for ticket in tickets})
    if found.here is Here.GONE:
        stays = {number: deed for number, deed in stays.items() if deed.kind == Happened.HANDED}
    _still_there(tx, giver, found, list(stays.values()))
    tickets = [ticket for ticket in tickets if ticket.number not in stays]
    if not tickets:
        return 0
    colleagues = _colleagues(tx.policy, giver, tickets)
    bulk.lock(tx, colleagues)
    held = bulk.locked(tx, [ticket.number for ticket in tickets])
    still = [one for one in tickets if one.number in held and _is_same(held[one.number], one)]
    moves = _planned(tx, giver, still, colleagues)
    mark_handed(tx, giver)
    if moves:
        why = Moving.AWAY if found.here is Here.AWAY else Moving.GONE if tx.policy.team_of(giver) else Moving.LEFT
        transfer.carry(tx, giver, moves, held, by=events.DESK, why=why, until=found.until)
    return len(moves)


def welcome(tx: Transaction) -> int:
    """Whoever is back reads, in one message in their own hours, what was handed over; how many people do."""
    waiting = bulk.unreturned(tx, by=events.DESK)
    givers = sorted({basket.giver for basket in waiting})
    here = stands(tx, givers, policy=tx.policy, at=tx.now)
    hours = hours_of(tx, givers, policy=tx.policy, team="", at=tx.now)
    back = [who for who in givers if here[who].here not in AWAY]
    for who in back:
        theirs = [basket for basket in waiting if basket.giver == who]
        for basket in theirs:
            basket.returned_at = tx.now
        if outbox.is_person_or_place(who) and _still_open(tx, theirs):
            at = next_opening(hours[who], tx.now)
            outbox.queue(tx, Kind.BASKET, lane=who, subject=f"{theirs[-1].id}.back", at=at)
    return len(back)


def take_back(tx: Transaction, id_: int, *, by: str) -> dict[str, list[int]]:
    """Who is back has their tickets again, but for those that somebody else has begun: which did (`back`), and which
    are still open and did not (`kept`). Whoever was offered some reads it."""
    basket = bulk.get(tx, id_)
    theirs = basket is not None and basket.giver == by and allowed(Deed.TAKE_BACK, desk_roles(tx.policy, by))
    if basket is None or basket.returned_at is None or not theirs:
        raise DeskError("These are not yours to take back.")
    moved = last_moves(bulk.told_together(tx, basket))
    held = bulk.locked(tx, list(moved))
    others = {number: now for number, now in held.items() if now.assignee != by}
    free = [number for number, now in others.items() if is_free(moved[number], now.status, now.seq)]
    if not free:
        raise DeskError("There is nothing to take back: others have begun what is still open of it.")
    transfer.hand(
        tx,
        [_again(tx, moved[number], held[number], by) for number in free],
        by=by,
        told=lambda one: {"did": "back", "to": by, "from": one.was.assignee, "basket": str(id_)},
    )
    transfer.took_back(tx, [held[number] for number in free], by=by, whose=by)
    transfer.tell(tx, id_, [(by, "back")])
    return {"back": free, "kept": sorted(set(others) - set(free))}


def is_free(moved: Moved, status: Status, seq: int) -> bool:
    """Whether nobody else has begun it: it waits for an answer to its offer, or was not touched since it was moved."""
    return status in (Status.NEW, Status.ASSIGNED) or (status is not Status.IN_PROGRESS and seq == moved.seq)


def last_moves(found: Sequence[Basket]) -> dict[int, Moved]:
    """What became of each ticket of these baskets, at last."""
    return {one.number: one for basket in found for one in bulk.moves_of(basket)}


def stands(reader: Reader, people: Sequence[str], *, policy: Policy, at: datetime) -> dict[str, Presence]:
    """Where each of them is; who has left the desk is waited for as little as who has left Slack."""
    found = presences(reader, people, policy=policy, team="", at=at)
    return {who: Presence(Here.GONE) if has_left(policy, who) else one for who, one in found.items()}


def has_left(policy: Policy, who: str) -> bool:
    """Whether they are in no team any more; people of imported history, who are only names, never were.

    Nobody has, as long as Slack has still to tell who is in a user group that a team names.
    """
    told = all(feed.group.is_known for team in policy.teams.values() for feed in team.feeds)
    return told and outbox.is_person_or_place(who) and not policy.team_of(who)


def _still_there(tx: Transaction, giver: str, found: Presence, deeds: Sequence[Event]) -> None:
    """Whoever left tickets with somebody who is away reads it once a day, from the day after; where they are away
    themselves, whoever leads."""
    place = tx.policy.calendar_for(giver, "").timezone
    today = tx.now.astimezone(zone(place)).date()
    older = [deed for deed in deeds if deed.at.astimezone(zone(place)).date() < today]
    who_did = {deed.by for deed in older}
    absent = away_among(tx, who_did) | {giver}
    told: dict[str, list[int]] = defaultdict(list)
    for deed in older:
        leads = leads_called(tx, tx.policy.team(deed.team), but=giver) if deed.by in absent else [deed.by]
        for who in leads:
            told[who].append(deed.number)
    back = f" until {end_words(found.until, tx.now, place)}" if found.until else ""
    for who, numbers in told.items():
        many = "is" if len(numbers) == 1 else "are"
        where = f"is away{back}" if found.here is Here.AWAY else "has left"
        words = f"{transfer.listed(sorted(numbers))} {many} still with <@{giver}>, who {where}."
        outbox.notice(
            tx,
            who,
            number=numbers[0] if len(numbers) == 1 else None,
            words=words,
            once=f"still:{giver}:{who}:{today}",
        )


def _waiting_too_long(tx: Transaction, giver: str, found: Presence) -> list[Ticket]:
    tickets = bulk.tickets_of(tx, [giver])
    left = left_at(tx, giver, policy=tx.policy, at=tx.now)
    came = came_at(tx, [ticket.number for ticket in tickets])
    return [
        ticket
        for ticket in tickets
        if is_too_long(tx.policy, ticket.team, found, tx.now, since=max(left, came[ticket.number]))
    ]


def _colleagues(policy: Policy, giver: str, tickets: Sequence[Ticket]) -> list[str]:
    deputy = policy.people.get(giver, Availability()).deputy
    teams = [policy.team(key) for key in dict.fromkeys(ticket.team for ticket in tickets)]
    working = [who for team in teams for who in (*team.agents, *team.experts) or team.leads]
    return [who for who in dict.fromkeys((deputy, *working)) if who and who != giver]


def _planned(tx: Transaction, giver: str, tickets: Sequence[Ticket], colleagues: Sequence[str]) -> tuple[Move, ...]:
    if not tickets:
        return ()
    policy, team = tx.policy, tickets[0].team
    theirs = bulk.tickets_of(tx, colleagues)
    left = bulk.minutes(tx, theirs, policy=policy, at=tx.now)
    here = presences(tx, colleagues, policy=policy, team=team, at=tx.now)
    deputy = policy.people.get(giver, Availability()).deputy
    day = tx.now.astimezone(zone(policy.calendar_of(team).timezone)).date()
    items = bulk.items(tx, tickets, policy=policy, at=tx.now)
    receivers = bulk.receivers(policy, colleagues, held=theirs, left=left, here=here, first=deputy)
    return plan(items, receivers, competences(tx, colleagues, policy=policy, day=day)).moves


def _again(tx: Transaction, moved: Moved, now: Held, by: str) -> Change:
    status = status_again(moved.status, now.status, touched=now.seq != moved.seq)
    return transfer.put(tx, now, to=by, status=status, team=moved.team)


def _still_open(tx: Transaction, found: Sequence[Basket]) -> bool:
    return bool(bulk.locked(tx, list(last_moves(found))))


def _is_same(now: Held, ticket: Ticket) -> bool:
    return now.assignee == ticket.assignee and now.seq == ticket.seq
