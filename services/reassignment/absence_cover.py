"""Absence cover: the tickets of a person who is away go to colleagues, and come back on request."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rules.calendars.calendars import next_opening
from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.people.permissions import Permission, is_allowed, roles_anywhere
from rules.presence.leave import leave_end_text
from rules.presence.presence import ABSENT_STATUSES, Presence, PresenceStatus
from rules.reassignment import (
    CompletedMove,
    PlannedMove,
    ReassignmentCause,
    needs_absence_cover,
    plan_reassignment,
    status_after_undo,
)
from rules.text import Person, Text, _, join_tickets
from services.desk import Desk
from services.notifications.recipients import absent_among, leads_to_notify
from services.reassignment import transfer
from storage import events
from storage.events import EventKind
from storage.outbox import outbox
from storage.presence.presence import last_at_work, presence_by_person
from storage.presence.time_entries import working_hours
from storage.reassignment import bulk
from storage.reassignment.absence_cover import assigned_since, manually_kept, mark_covered
from storage.reassignment.bulk import REASSIGNMENT_CARD, LockedTicket, TicketChange
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Event, Ticket
from storage.skills import skills_of
from storage.transaction import Reader, Transaction

TICKETS_PER_COVER = 1000  # of one person; the next run moves the rest


async def cover_absences(desk: Desk) -> int:
    """Covers everyone who is absent for too long, each in a transaction of its own; how many tickets moved.

    Right however often it runs, and in two processes at once: what one of them moved is no longer the person's.
    """
    people = await desk.read_in_worker(bulk.people_with_open_tickets)
    presences = await desk.read(presence_on_desk, people, policy=desk.policy, at=desk.clock())
    moved = 0
    for person in people:
        if presences[person].status in ABSENT_STATUSES:
            moved += await desk.execute(cover_absence, person)
    return moved + await desk.execute(report_to_returned)


def cover_absence(tx: Transaction, giver: str) -> int:
    """Moves the person's waiting tickets to colleagues who are here; how many.

    The deputy comes first, then the agents and experts of each ticket's team (its leads where there are none). Tickets
    that a person gave back or assigned to them on purpose during the absence stay; that person is reminded once a day.
    """
    presence = presence_on_desk(tx, [giver], policy=tx.policy, at=tx.now)[giver]
    tickets = _tickets_to_cover(tx, giver, presence) if presence.status in ABSENT_STATUSES else []
    manually_kept_events = manually_kept(tx, {ticket.number: ticket.seq for ticket in tickets})
    if presence.status is PresenceStatus.GONE:
        manually_kept_events = {
            number: event for number, event in manually_kept_events.items() if event.kind == EventKind.REASSIGNED
        }
    _remind_of_kept(tx, giver, presence, list(manually_kept_events.values()))
    tickets = [ticket for ticket in tickets if ticket.number not in manually_kept_events][:TICKETS_PER_COVER]
    if not tickets:
        return 0
    colleagues = _colleagues(tx.policy, giver, tickets)
    bulk.lock_people(tx, colleagues)
    locked = bulk.lock_open_tickets(tx, [ticket.number for ticket in tickets])
    unchanged = [ticket for ticket in tickets if _is_unchanged(locked.get(ticket.number), ticket)]
    moves = _plan_moves(tx, giver, unchanged, colleagues)
    mark_covered(tx, giver)
    if moves:
        cause = _cause(tx.policy, giver, presence)
        transfer.carry_out_moves(tx, giver, moves, locked, by=events.DESK_ACTOR, why=cause, until=presence.until)
    return len(moves)


def report_to_returned(tx: Transaction) -> int:
    """Each returned person reads in one message, in their own hours, what was moved; how many people."""
    covers = bulk.unreported_covers(tx, by=events.DESK_ACTOR)
    givers = sorted({cover.giver for cover in covers})
    presences = presence_on_desk(tx, givers, policy=tx.policy, at=tx.now)
    hours = working_hours(tx, givers, policy=tx.policy, team="", at=tx.now)
    returned = [person for person in givers if presences[person].status not in ABSENT_STATUSES]
    for person in returned:
        own_covers = [cover for cover in covers if cover.giver == person]
        for cover in own_covers:
            cover.returned_at = tx.now
        if outbox.is_slack_id(person) and _has_open_ticket(tx, own_covers):
            at = next_opening(hours[person], tx.now)
            outbox.queue_message(tx, REASSIGNMENT_CARD, destination=person, subject=f"{own_covers[-1].id}.back", at=at)
    return len(returned)


def take_back_tickets(tx: Transaction, id_: int, *, by: str) -> dict[str, list[int]]:
    """A returned person gets their tickets back, except those that another person has begun.

    `back` are the numbers of those returned, `kept` of those that are still open and were not. People who were offered
    one are notified.
    """
    cover = bulk.find_reassignment(tx, id_)
    may_take_back = is_allowed(Permission.TAKE_BACK_TICKETS, roles_anywhere(tx.policy, by))
    if cover is None or cover.returned_at is None or cover.giver != by or not may_take_back:
        raise Refused(
            _("Only the person whose tickets these were can take them back, and their lead can undo the move.")
        )
    moves = latest_moves(bulk.reported_together(tx, cover))
    locked = bulk.lock_open_tickets(tx, list(moves))
    not_returned = {number: now for number, now in locked.items() if now.assignee != by}
    untouched = [number for number, now in not_returned.items() if is_untouched(moves[number], now.status, now.seq)]
    if not untouched:
        raise Refused(_("There is nothing to take back: others have started the tickets that are still open."))
    changes = [_returned_change(tx, moves[number], locked[number], by) for number in untouched]
    data = {"did": "back", "to": by, "basket": str(id_)}
    transfer.apply_changes(tx, changes, by=by, event_data=lambda change: data | {"from": change.before.assignee})
    transfer.notify_previous_assignees(tx, [locked[number] for number in untouched], by=by, owner=by)
    transfer.queue_messages(tx, id_, [(by, "back")])
    return {"back": untouched, "kept": sorted(set(not_returned) - set(untouched))}


def is_untouched(moved: CompletedMove, status: Status, seq: int) -> bool:
    """True for an unanswered offer, or a ticket that nobody has touched since it was moved."""
    return status in (Status.NEW, Status.ASSIGNED) or (status is not Status.IN_PROGRESS and seq == moved.seq)


def latest_moves(reassignments: Sequence[BulkReassignment]) -> dict[int, CompletedMove]:
    return {move.number: move for reassignment in reassignments for move in bulk.ticket_moves(reassignment)}


def presence_on_desk(reader: Reader, people: Sequence[str], *, policy: Policy, at: datetime) -> dict[str, Presence]:
    """A person who has left the desk counts as one who has left Slack."""
    presences = presence_by_person(reader, people, policy=policy, team="", at=at)
    return {
        person: Presence(PresenceStatus.GONE) if has_left_desk(policy, person) else presence
        for person, presence in presences.items()
    }


def has_left_desk(policy: Policy, person: str) -> bool:
    """True for a person in no team; people of imported history, who are only names, never count.

    False as long as a user group of a team has still to be read from Slack.
    """
    role_groups = (role_group for team in policy.teams.values() for role_group in team.role_groups)
    are_groups_known = all(role_group.group.is_known for role_group in role_groups)
    return are_groups_known and outbox.is_slack_id(person) and not policy.first_team_of(person)


def _remind_of_kept(tx: Transaction, giver: str, presence: Presence, kept_events: Sequence[Event]) -> None:
    """Reminds people once a day, from the next day on, of tickets they left with an absent person; their leads where
    they are absent too."""
    timezone = tx.policy.person_calendar(giver, "").timezone
    today = local_date(tx.now, timezone)
    overdue_events = [event for event in kept_events if local_date(event.at, timezone) < today]
    actors = {event.by for event in overdue_events}
    absent_people = absent_among(tx, actors) | {giver}
    numbers_of: dict[str, list[int]] = defaultdict(list)
    for event in overdue_events:
        team, is_absent = tx.policy.team(event.team), event.by in absent_people
        for person in leads_to_notify(tx, team, excluding=giver) if is_absent else [event.by]:
            numbers_of[person].append(event.number)
    for person, numbers in numbers_of.items():
        number = numbers[0] if len(numbers) == 1 else None
        text = _still_assigned_text(join_tickets(sorted(numbers)), giver, presence, now=tx.now, timezone=timezone)
        outbox.notify_person(tx, person, number=number, text=text, dedupe_key=f"still:{giver}:{person}:{today}")


def _still_assigned_text(tickets: Text, giver: str, presence: Presence, *, now: datetime, timezone: str) -> Text:
    person = Person(giver)
    if presence.status is not PresenceStatus.AWAY:
        return _("Still assigned to {person}, who has left: {tickets}.", person=person, tickets=tickets)
    if not presence.until:
        return _("Still assigned to {person}, who is away: {tickets}.", person=person, tickets=tickets)
    end = leave_end_text(presence.until, now, timezone)
    return _("Still assigned to {person}, who is away until {end}: {tickets}.", person=person, end=end, tickets=tickets)


def _tickets_to_cover(tx: Transaction, giver: str, presence: Presence) -> list[Ticket]:
    tickets = bulk.open_tickets_of(tx, [giver])
    absent_since = last_at_work(tx, giver, policy=tx.policy, at=tx.now)
    assigned_at = assigned_since(tx, [ticket.number for ticket in tickets])
    since = {number: max(absent_since, at) for number, at in assigned_at.items()}
    return [
        ticket
        for ticket in tickets
        if needs_absence_cover(tx.policy, ticket.team, presence, tx.now, since=since[ticket.number])
    ]


def _colleagues(policy: Policy, giver: str, tickets: Sequence[Ticket]) -> list[str]:
    deputy = policy.people.get(giver, PersonProfile()).deputy
    teams = [policy.team(key) for key in dict.fromkeys(ticket.team for ticket in tickets)]
    staff = [person for team in teams for person in (*team.agents, *team.experts) or team.leads]
    return [person for person in dict.fromkeys((deputy, *staff)) if person and person != giver]


def _plan_moves(
    tx: Transaction, giver: str, tickets: Sequence[Ticket], colleagues: Sequence[str]
) -> tuple[PlannedMove, ...]:
    if not tickets:
        return ()
    policy, team = tx.policy, tickets[0].team
    colleagues_tickets = bulk.open_tickets_of(tx, colleagues)
    minutes_left = bulk.minutes_left_by_ticket(tx, colleagues_tickets, policy=policy, at=tx.now)
    presences = presence_by_person(tx, colleagues, policy=policy, team=team, at=tx.now)
    deputy = policy.people.get(giver, PersonProfile()).deputy
    day = local_date(tx.now, policy.team_calendar(team).timezone)
    items = bulk.build_items(tx, tickets, policy=policy, at=tx.now)
    receivers = bulk.build_receivers(
        policy, colleagues, tickets=colleagues_tickets, minutes_left=minutes_left, presences=presences, first=deputy
    )
    return plan_reassignment(items, receivers, skills_of(tx, colleagues, policy=policy, day=day)).moves


def _returned_change(tx: Transaction, move: CompletedMove, ticket: LockedTicket, by: str) -> TicketChange:
    status = status_after_undo(move.status, ticket.status, touched=ticket.seq != move.seq)
    return transfer.new_change(tx, ticket, assignee=by, status=status, team=move.team)


def _cause(policy: Policy, giver: str, presence: Presence) -> ReassignmentCause:
    if presence.status is PresenceStatus.AWAY:
        return ReassignmentCause.AWAY
    return ReassignmentCause.GONE if policy.first_team_of(giver) else ReassignmentCause.LEFT


def _has_open_ticket(tx: Transaction, covers: Sequence[BulkReassignment]) -> bool:
    return bool(bulk.lock_open_tickets(tx, list(latest_moves(covers))))


def _is_unchanged(locked: LockedTicket | None, ticket: Ticket) -> bool:
    return locked is not None and (locked.assignee, locked.seq) == (ticket.assignee, ticket.seq)
