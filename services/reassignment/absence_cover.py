"""No ticket waits for somebody who is away or has left: the desk hands their basket over; who is back takes it back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rules.calendars.calendars import next_opening
from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.people.permissions import Permission, is_allowed, roles_anywhere
from rules.presence.leave import leave_end_text
from rules.presence.presence import Presence, PresenceStatus
from rules.reassignment import (
    CompletedMove,
    PlannedMove,
    ReassignmentCause,
    needs_absence_cover,
    plan_reassignment,
    status_after_undo,
)
from services.desk import Desk
from services.notifications.recipients import absent_among, leads_to_notify
from services.reassignment import transfer
from storage import events
from storage.events import EventKind
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.presence.presence import last_at_work, presence_by_person
from storage.presence.shifts import working_hours
from storage.reassignment import bulk
from storage.reassignment.absence_cover import assigned_since, manually_kept, mark_covered
from storage.reassignment.bulk import LockedTicket, TicketChange
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Event, Ticket
from storage.skills import skills_of
from storage.transaction import Reader, Transaction

ABSENT_STATES = (PresenceStatus.AWAY, PresenceStatus.GONE)


async def cover_absences(desk: Desk) -> int:
    """The baskets of everybody who is away for too long, each in a transaction of its own; how many tickets moved.

    Right however often it runs, and by two processes: what one of them moved is the giver's no more for the other.
    """
    holders = await desk.read(bulk.people_with_open_tickets)
    here = await desk.read(presence_on_desk, holders, policy=desk.policy, at=desk.clock())
    moved = 0
    for who in holders:
        if here[who].status in ABSENT_STATES:
            moved += await desk.execute(cover_absence, who)
    return moved + await desk.execute(report_to_returned)


def cover_absence(tx: Transaction, giver: str) -> int:
    """What the person should not be waited for with goes to colleagues who are here; how many tickets did.

    Their deputy first, then the agents and experts of each ticket's team (its leads where there is nobody else). What
    was put back with them, or given to them, by hand while they are away stays until somebody touches it; whoever did
    that reads once a day that it is still there.
    """
    found = presence_on_desk(tx, [giver], policy=tx.policy, at=tx.now)[giver]
    tickets = _tickets_to_cover(tx, giver, found) if found.status in ABSENT_STATES else []
    stays = manually_kept(tx, {ticket.number: ticket.seq for ticket in tickets})
    if found.status is PresenceStatus.GONE:
        stays = {number: deed for number, deed in stays.items() if deed.kind == EventKind.REASSIGNED}
    _remind_of_kept(tx, giver, found, list(stays.values()))
    tickets = [ticket for ticket in tickets if ticket.number not in stays]
    if not tickets:
        return 0
    colleagues = _colleagues(tx.policy, giver, tickets)
    bulk.lock_people(tx, colleagues)
    held = bulk.lock_open_tickets(tx, [ticket.number for ticket in tickets])
    still = [one for one in tickets if one.number in held and _is_unchanged(held[one.number], one)]
    moves = _plan_moves(tx, giver, still, colleagues)
    mark_covered(tx, giver)
    if moves:
        why = (
            ReassignmentCause.AWAY
            if found.status is PresenceStatus.AWAY
            else ReassignmentCause.GONE
            if tx.policy.first_team_of(giver)
            else ReassignmentCause.LEFT
        )
        transfer.carry_out_moves(tx, giver, moves, held, by=events.DESK_ACTOR, why=why, until=found.until)
    return len(moves)


def report_to_returned(tx: Transaction) -> int:
    """Whoever is back reads, in one message in their own hours, what was handed over; how many people do."""
    waiting = bulk.unreported_covers(tx, by=events.DESK_ACTOR)
    givers = sorted({basket.giver for basket in waiting})
    here = presence_on_desk(tx, givers, policy=tx.policy, at=tx.now)
    hours = working_hours(tx, givers, policy=tx.policy, team="", at=tx.now)
    back = [who for who in givers if here[who].status not in ABSENT_STATES]
    for who in back:
        theirs = [basket for basket in waiting if basket.giver == who]
        for basket in theirs:
            basket.returned_at = tx.now
        if outbox.is_slack_id(who) and _has_open_ticket(tx, theirs):
            at = next_opening(hours[who], tx.now)
            outbox.queue_message(tx, MessageKind.REASSIGNMENT, destination=who, subject=f"{theirs[-1].id}.back", at=at)
    return len(back)


def take_back_tickets(tx: Transaction, id_: int, *, by: str) -> dict[str, list[int]]:
    """Who is back has their tickets again, but for those that somebody else has begun: which did (`back`), and which
    are still open and did not (`kept`). Whoever was offered some reads it."""
    basket = bulk.find_reassignment(tx, id_)
    theirs = (
        basket is not None
        and basket.giver == by
        and is_allowed(Permission.TAKE_BACK_TICKETS, roles_anywhere(tx.policy, by))
    )
    if basket is None or basket.returned_at is None or not theirs:
        raise Refused("These are not yours to take back.")
    moved = latest_moves(bulk.reported_together(tx, basket))
    held = bulk.lock_open_tickets(tx, list(moved))
    others = {number: now for number, now in held.items() if now.assignee != by}
    free = [number for number, now in others.items() if is_untouched(moved[number], now.status, now.seq)]
    if not free:
        raise Refused("There is nothing to take back: others have begun what is still open of it.")
    transfer.apply_changes(
        tx,
        [_returned_change(tx, moved[number], held[number], by) for number in free],
        by=by,
        event_data=lambda one: {"did": "back", "to": by, "from": one.before.assignee, "basket": str(id_)},
    )
    transfer.notify_previous_assignees(tx, [held[number] for number in free], by=by, whose=by)
    transfer.queue_messages(tx, id_, [(by, "back")])
    return {"back": free, "kept": sorted(set(others) - set(free))}


def is_untouched(moved: CompletedMove, status: Status, seq: int) -> bool:
    """Whether nobody else has begun it: it waits for an answer to its offer, or was not touched since it was moved."""
    return status in (Status.NEW, Status.ASSIGNED) or (status is not Status.IN_PROGRESS and seq == moved.seq)


def latest_moves(found: Sequence[BulkReassignment]) -> dict[int, CompletedMove]:
    """What became of each ticket of these baskets, at last."""
    return {one.number: one for basket in found for one in bulk.ticket_moves(basket)}


def presence_on_desk(reader: Reader, people: Sequence[str], *, policy: Policy, at: datetime) -> dict[str, Presence]:
    """Where each of them is; who has left the desk is waited for as little as who has left Slack."""
    found = presence_by_person(reader, people, policy=policy, team="", at=at)
    return {who: Presence(PresenceStatus.GONE) if has_left_desk(policy, who) else one for who, one in found.items()}


def has_left_desk(policy: Policy, who: str) -> bool:
    """Whether they are in no team any more; people of imported history, who are only names, never were.

    Nobody has, as long as Slack has still to tell who is in a user group that a team names.
    """
    told = all(feed.group.is_known for team in policy.teams.values() for feed in team.role_groups)
    return told and outbox.is_slack_id(who) and not policy.first_team_of(who)


def _remind_of_kept(tx: Transaction, giver: str, found: Presence, deeds: Sequence[Event]) -> None:
    """Whoever left tickets with somebody who is away reads it once a day, from the day after; where they are away
    themselves, whoever leads."""
    place = tx.policy.person_calendar(giver, "").timezone
    today = tx.now.astimezone(time_zone(place)).date()
    older = [deed for deed in deeds if deed.at.astimezone(time_zone(place)).date() < today]
    who_did = {deed.by for deed in older}
    absent = absent_among(tx, who_did) | {giver}
    told: dict[str, list[int]] = defaultdict(list)
    for deed in older:
        leads = leads_to_notify(tx, tx.policy.team(deed.team), excluding=giver) if deed.by in absent else [deed.by]
        for who in leads:
            told[who].append(deed.number)
    back = f" until {leave_end_text(found.until, tx.now, place)}" if found.until else ""
    for who, numbers in told.items():
        many = "is" if len(numbers) == 1 else "are"
        where = f"is away{back}" if found.status is PresenceStatus.AWAY else "has left"
        words = f"{transfer.numbers_text(sorted(numbers))} {many} still with <@{giver}>, who {where}."
        outbox.notify_person(
            tx,
            who,
            number=numbers[0] if len(numbers) == 1 else None,
            text=words,
            dedupe_key=f"still:{giver}:{who}:{today}",
        )


def _tickets_to_cover(tx: Transaction, giver: str, found: Presence) -> list[Ticket]:
    tickets = bulk.open_tickets_of(tx, [giver])
    left = last_at_work(tx, giver, policy=tx.policy, at=tx.now)
    came = assigned_since(tx, [ticket.number for ticket in tickets])
    return [
        ticket
        for ticket in tickets
        if needs_absence_cover(tx.policy, ticket.team, found, tx.now, since=max(left, came[ticket.number]))
    ]


def _colleagues(policy: Policy, giver: str, tickets: Sequence[Ticket]) -> list[str]:
    deputy = policy.people.get(giver, PersonProfile()).deputy
    teams = [policy.team(key) for key in dict.fromkeys(ticket.team for ticket in tickets)]
    working = [who for team in teams for who in (*team.agents, *team.experts) or team.leads]
    return [who for who in dict.fromkeys((deputy, *working)) if who and who != giver]


def _plan_moves(
    tx: Transaction, giver: str, tickets: Sequence[Ticket], colleagues: Sequence[str]
) -> tuple[PlannedMove, ...]:
    if not tickets:
        return ()
    policy, team = tx.policy, tickets[0].team
    theirs = bulk.open_tickets_of(tx, colleagues)
    left = bulk.minutes_left_by_ticket(tx, theirs, policy=policy, at=tx.now)
    here = presence_by_person(tx, colleagues, policy=policy, team=team, at=tx.now)
    deputy = policy.people.get(giver, PersonProfile()).deputy
    day = tx.now.astimezone(time_zone(policy.team_calendar(team).timezone)).date()
    items = bulk.build_items(tx, tickets, policy=policy, at=tx.now)
    receivers = bulk.build_receivers(policy, colleagues, held=theirs, left=left, presences=here, first=deputy)
    return plan_reassignment(items, receivers, skills_of(tx, colleagues, policy=policy, day=day)).moves


def _returned_change(tx: Transaction, moved: CompletedMove, now: LockedTicket, by: str) -> TicketChange:
    status = status_after_undo(moved.status, now.status, touched=now.seq != moved.seq)
    return transfer.new_change(tx, now, to=by, status=status, team=moved.team)


def _has_open_ticket(tx: Transaction, found: Sequence[BulkReassignment]) -> bool:
    return bool(bulk.lock_open_tickets(tx, list(latest_moves(found))))


def _is_unchanged(now: LockedTicket, ticket: Ticket) -> bool:
    return now.assignee == ticket.assignee and now.seq == ticket.seq
