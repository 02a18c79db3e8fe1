"""Bulk reassignment: previewed, done exactly as previewed, and undone for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rules.calendars.timezones import local_date
from rules.errors import FieldError, Refused
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_towards, teams_worked_in
from rules.presence.presence import Presence
from rules.reassignment import (
    DESK_UNDO_PERIOD,
    UNDO_PERIOD,
    MovableTicket,
    PlannedMove,
    ReassignmentCause,
    ReassignmentPlan,
    Receiver,
    TicketFilter,
    is_plan_valid,
    plan_reassignment,
)
from rules.skills import KnownSkills
from rules.text import Code, Person, Text, _, join_texts
from services.permissions import require_in_teams
from services.reassignment import transfer
from storage import events
from storage.people.people import names_of
from storage.presence.presence import presence_by_person
from storage.reassignment import bulk
from storage.reassignment.bulk import LockedTicket
from storage.schema.people import BulkReassignment
from storage.skills import skills_of
from storage.transaction import Reader, Transaction

MAX_RECEIVERS = 20  # people in one bulk reassignment


class PreviewOutdated(Refused):
    """The tickets have changed since the preview; nothing was moved."""

    def __init__(self, newer: BulkReassignment | None = None) -> None:
        super().__init__(
            join_texts([_("Nothing was moved: tickets have changed since this preview."), *_moved_by(newer)])
        )


def _moved_by(newer: BulkReassignment | None) -> list[Text]:
    if newer is None:
        return []
    count, giver = len(bulk.ticket_moves(newer)), Person(newer.giver)
    if newer.by == events.DESK_ACTOR:
        return [_("Baton moved {count} tickets of {giver} meanwhile.", count=count, giver=giver)]
    return [
        _("{person} moved {count} tickets of {giver} meanwhile.", person=Person(newer.by), count=count, giver=giver)
    ]


@dataclass(frozen=True, slots=True)
class ReassignmentRequest:
    """Whose tickets, to whom, which of them, and who asks."""

    giver: str
    receivers: tuple[str, ...]
    by: str
    wanted: TicketFilter = field(default_factory=TicketFilter)


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan and the state it was made from; `not_allowed_count` counts the giver's tickets that the asker may not
    move."""

    request: ReassignmentRequest
    at: datetime
    items: Mapping[int, MovableTicket]
    teams: Mapping[int, str]
    receivers: tuple[Receiver, ...]
    presences: Mapping[str, Presence]
    skills: KnownSkills
    plan: ReassignmentPlan
    not_allowed_count: int = 0


def preview_reassignment(
    reader: Reader, policy: Policy, request: ReassignmentRequest, *, at: datetime, now: datetime
) -> Preview:
    """Handling time is counted as of `at`, so that the same tickets are dealt out the same way later."""
    _check_request(policy, request)
    people = [request.giver, *request.receivers]
    tickets = bulk.open_tickets_of(reader, people)
    items = {movable.number: movable for movable in bulk.build_items(reader, tickets, policy=policy, at=at)}
    own = [ticket for ticket in tickets if ticket.assignee == request.giver]
    selected = [ticket for ticket in own if request.wanted.matches(items[ticket.number])]
    allowed = [ticket for ticket in selected if may_reassign(policy, request, (ticket.team, ticket.first_line))]
    if not selected:
        name = names_of(reader, [request.giver])[request.giver]
        raise FieldError("giver", _nothing_to_move(name, request.wanted))
    if not allowed:
        names = sorted({policy.team(ticket.team).name for ticket in selected})
        raise FieldError("giver", NotAllowed(Permission.REASSIGN_IN_BULK, names).text)
    presences = presence_by_person(reader, people, policy=policy, team=allowed[0].team, at=now)
    minutes_left = {number: item.minutes for number, item in items.items()}
    receivers = bulk.build_receivers(
        policy, request.receivers, tickets=tickets, minutes_left=minutes_left, presences=presences, by_hand=True
    )
    day = local_date(now, policy.team_calendar(allowed[0].team).timezone)
    skills = skills_of(reader, request.receivers, policy=policy, day=day)
    allowed_items = {ticket.number: items[ticket.number] for ticket in allowed}
    return Preview(
        request=request,
        at=at,
        items=allowed_items,
        teams={ticket.number: ticket.team for ticket in allowed},
        receivers=tuple(receivers),
        presences=presences,
        skills=skills,
        plan=plan_reassignment(allowed_items.values(), receivers, skills),
        not_allowed_count=len(selected) - len(allowed),
    )


def reassign_tickets(tx: Transaction, preview: Preview) -> int:
    """Exactly the previewed plan, in one transaction; returns the id of the reassignment.

    PreviewOutdated, and nothing is moved, when a ticket was touched since or a receiver can no longer take theirs.
    """
    request, moves = preview.request, preview.plan.moves
    bulk.lock_people(tx, request.receivers)
    locked = bulk.lock_open_tickets(tx, [move.number for move in moves])
    has_changed = any(_has_changed(locked.get(move.number), move, request.giver) for move in moves)
    if has_changed or not _still_fits(tx, preview):
        raise PreviewOutdated(bulk.latest_reassignment(tx, request.giver, since=preview.at))
    for ticket in locked.values():
        if not may_reassign(tx.policy, request, (ticket.team, ticket.first_line)):
            raise NotAllowed(Permission.REASSIGN_IN_BULK, [tx.policy.team(ticket.team).name])
    return transfer.carry_out_moves(tx, request.giver, moves, locked, by=request.by, why=ReassignmentCause.BY_HAND)


def undo_reassignment(tx: Transaction, id_: int, *, by: str) -> dict[str, list[int]]:
    """Returns every ticket that nobody has touched since: `back` are their numbers, `kept` those of the others.

    It works once, within ten minutes; for what the desk moved by itself, within a day.
    """
    reassignment = bulk.lock_reassignment(tx, id_)
    if reassignment is None:
        raise Refused(_("This reassignment no longer exists."))
    check_undoable(tx.policy, reassignment, by, tx.now)
    moves = {move.number: move for move in bulk.ticket_moves(reassignment)}
    locked = bulk.lock_open_tickets(tx, list(moves))
    returnable = [moves[number] for number, ticket in locked.items() if ticket.seq == moves[number].seq]
    if not returnable:
        raise Refused(_("Nothing can be undone: all of these tickets have been worked on since."))
    reassignment.undone_at, reassignment.undone_by = tx.now, by
    tx.flush()
    giver = reassignment.giver
    changes = [
        transfer.new_change(tx, locked[move.number], assignee=giver, status=move.status, team=move.team)
        for move in returnable
    ]
    undone = {"did": "undone", "to": giver, "basket": str(id_)}
    transfer.apply_changes(tx, changes, by=by, event_data=lambda change: undone | {"from": change.before.assignee})
    transfer.queue_messages(tx, id_, transfer.message_recipients(tx, id_))
    transfer.notify_previous_assignees(tx, [change.before for change in changes], by=by, owner=giver)
    returned = {move.number for move in returnable}
    return {"back": sorted(returned), "kept": sorted(set(moves) - returned)}


def check_undoable(policy: Policy, reassignment: BulkReassignment, by: str, now: datetime) -> None:
    teams = sorted({move.team for move in bulk.ticket_moves(reassignment)})
    if by != reassignment.by:
        require_in_teams(policy, Permission.REASSIGN_IN_BULK, by, teams)
    if reassignment.undone_at is not None:
        raise Refused(_("{person} has undone it already.", person=Person(reassignment.undone_by or "")))
    if now > reassignment.at + (DESK_UNDO_PERIOD if reassignment.by == events.DESK_ACTOR else UNDO_PERIOD):
        raise Refused(_("It is too late to undo. Move the tickets again with {command}.", command=Code("/desk move")))


def may_reassign(policy: Policy, request: ReassignmentRequest, teams: Sequence[str]) -> bool:
    """Leads and managers move tickets of their teams; everyone may move their own."""
    return request.by == request.giver or is_allowed(
        Permission.REASSIGN_IN_BULK, roles_towards(policy, request.by, teams=teams)
    )


def check_may_reassign(policy: Policy, by: str) -> None:
    if teams_worked_in(policy, by):
        return
    if not is_allowed(Permission.REASSIGN_IN_BULK, roles_towards(policy, by, teams=list(policy.teams))):
        raise NotAllowed(Permission.REASSIGN_IN_BULK)


def _check_request(policy: Policy, request: ReassignmentRequest) -> None:
    check_may_reassign(policy, request.by)
    staff = {person for team in policy.teams.values() for person in team.people}
    outsiders = [person for person in request.receivers if person not in staff]
    if not request.receivers:
        raise FieldError(
            "receivers", _("Name who gets them, one or several: {example}.", example=Code("/desk move @from @to"))
        )
    if request.giver in request.receivers:
        raise FieldError("receivers", _("The person whose tickets are moved cannot get them too."))
    if outsiders:
        raise FieldError("receivers", _("{person} works in no team here.", person=Person(outsiders[0])))
    if len(request.receivers) > MAX_RECEIVERS:
        raise FieldError("receivers", _("Tickets can be moved to at most {count} people at once.", count=MAX_RECEIVERS))


def _has_changed(ticket: LockedTicket | None, move: PlannedMove, giver: str) -> bool:
    return ticket is None or ticket.seq != move.seq or ticket.assignee != giver


def _still_fits(tx: Transaction, preview: Preview) -> bool:
    chosen = sorted({move.to for move in preview.plan.moves if move.to})
    team = next(iter(preview.teams.values()))
    tickets = bulk.open_tickets_of(tx, chosen)
    presences = presence_by_person(tx, chosen, policy=tx.policy, team=team, at=tx.now)
    receivers = bulk.build_receivers(
        tx.policy, chosen, tickets=tickets, minutes_left={}, presences=presences, by_hand=True
    )
    day = local_date(tx.now, tx.policy.team_calendar(team).timezone)
    skills = skills_of(tx, chosen, policy=tx.policy, day=day)
    return is_plan_valid(preview.plan, preview.items, receivers, skills)


def _nothing_to_move(name: str, wanted: TicketFilter) -> Text:
    if not wanted.typed_words:
        return _("{name} has no open tickets: there is nothing to move.", name=name)
    words = Code(" ".join(wanted.typed_words))
    return _("{name} has no open tickets of {words}: there is nothing to move.", name=name, words=words)
