"""Somebody's tickets are moved to others: drawn first, done as it was drawn, and undone for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rules.calendars.timezones import time_zone
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
from services.reassignment import transfer
from storage import events
from storage.people.people import names_of
from storage.presence.presence import presence_by_person
from storage.reassignment import bulk
from storage.reassignment.bulk import LockedTicket
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Ticket
from storage.skills import skills_of
from storage.transaction import Reader, Transaction

MAX_RECEIVERS = 20  # so many people share a basket


class PreviewOutdated(Refused):
    """What was drawn is not how things are any more; nothing was moved."""

    def __init__(self, first: BulkReassignment | None = None) -> None:
        who = "Baton" if first and first.by == events.DESK_ACTOR else f"<@{first.by}>" if first else ""
        many = len(bulk.ticket_moves(first)) if first else 0
        was = f" {who} moved {many} of <@{first.giver}>'s tickets meanwhile." if first else ""
        super().__init__(f"Nothing was moved: things have changed since this was drawn.{was}")


@dataclass(frozen=True, slots=True)
class ReassignmentRequest:
    """Whose tickets, to whom, which of them, and who asks."""

    giver: str
    receivers: tuple[str, ...]
    by: str
    wanted: TicketFilter = field(default_factory=TicketFilter)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be moved, drawn from how things were at that moment; `elsewhere` are tickets of the giver that the
    asker may not move."""

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
    """Who would get what. Effort is counted as of `at`, so that the same tickets are dealt out the same way later."""
    _check_request(policy, request)
    people = [request.giver, *request.receivers]
    held = bulk.open_tickets_of(reader, people)
    items = {one.number: one for one in bulk.build_items(reader, held, policy=policy, at=at)}
    wanted = [
        ticket for ticket in held if ticket.assignee == request.giver and request.wanted.matches(items[ticket.number])
    ]
    mine = [ticket for ticket in wanted if may_reassign(policy, request, (ticket.team, ticket.first_line))]
    if not wanted:
        who = names_of(reader, [request.giver])[request.giver]
        raise FieldError("giver", f"{who} has no open tickets{_filter_text(request.wanted)}: there is nothing to move.")
    if not mine:
        raise FieldError("giver", str(NotAllowed(Permission.REASSIGN_IN_BULK, _team_names(policy, wanted))))
    here = presence_by_person(reader, people, policy=policy, team=mine[0].team, at=now)
    left = {number: item.minutes for number, item in items.items()}
    receivers = bulk.build_receivers(policy, request.receivers, held=held, left=left, presences=here, by_hand=True)
    known = skills_of(reader, request.receivers, policy=policy, day=_team_today(policy, mine[0].team, now))
    mine_items = {ticket.number: items[ticket.number] for ticket in mine}
    return Preview(
        request=request,
        at=at,
        items=mine_items,
        teams={ticket.number: ticket.team for ticket in mine},
        receivers=tuple(receivers),
        presences=here,
        skills=known,
        plan=plan_reassignment(mine_items.values(), receivers, known),
        not_allowed_count=len(wanted) - len(mine),
    )


def reassign_tickets(tx: Transaction, preview: Preview) -> int:
    """Exactly what was drawn, in one transaction; the basket's id is returned.

    Changed, and nothing is moved, when any of the tickets was touched since, or somebody can no longer take theirs.
    """
    asked, moves = preview.request, preview.plan.moves
    bulk.lock_people(tx, asked.receivers)
    held = bulk.lock_open_tickets(tx, [one.number for one in moves])
    if any(_has_changed(held.get(one.number), one, asked.giver) for one in moves) or not _still_fits(tx, preview):
        raise PreviewOutdated(bulk.latest_reassignment(tx, asked.giver, since=preview.at))
    for was in held.values():
        if not may_reassign(tx.policy, asked, (was.team, was.first_line)):
            raise NotAllowed(Permission.REASSIGN_IN_BULK, [tx.policy.team(was.team).name])
    return transfer.carry_out_moves(tx, asked.giver, moves, held, by=asked.by, why=ReassignmentCause.BY_HAND)


def undo_reassignment(tx: Transaction, id_: int, *, by: str) -> dict[str, list[int]]:
    """Every ticket of the basket that nobody touched since goes back to how it was: which did (`back`), and which did
    not (`kept`). Once, and for ten minutes; what the desk moved by itself, for a day."""
    basket = bulk.lock_reassignment(tx, id_)
    if basket is None:
        raise Refused("This basket is not known here any more.")
    check_undoable(tx.policy, basket, by, tx.now)
    moved = {one.number: one for one in bulk.ticket_moves(basket)}
    held = bulk.lock_open_tickets(tx, list(moved))
    back = [moved[number] for number, now in held.items() if now.seq == moved[number].seq]
    if not back:
        raise Refused("Nothing can be taken back: somebody has worked on every one of these tickets since then.")
    basket.undone_at, basket.undone_by = tx.now, by
    tx.flush()
    transfer.apply_changes(
        tx,
        [transfer.new_change(tx, held[one.number], to=basket.giver, status=one.status, team=one.team) for one in back],
        by=by,
        event_data=lambda one: {"did": "undone", "to": basket.giver, "from": one.before.assignee, "basket": str(id_)},
    )
    transfer.queue_messages(tx, id_, transfer.message_recipients(tx, id_))
    transfer.notify_previous_assignees(tx, [held[one.number] for one in back], by=by, whose=basket.giver)
    done = {one.number for one in back}
    return {"back": sorted(done), "kept": sorted(set(moved) - done)}


def check_undoable(policy: Policy, basket: BulkReassignment, by: str, now: datetime) -> None:
    """Whoever moved it, and leads of its teams; a sentence where it is too late, or done already."""
    teams = sorted({one.team for one in bulk.ticket_moves(basket)})
    if by != basket.by and not is_allowed(Permission.REASSIGN_IN_BULK, roles_towards(policy, by, teams=teams)):
        raise NotAllowed(Permission.REASSIGN_IN_BULK, [policy.team(team).name for team in teams])
    if basket.undone_at is not None:
        raise Refused(f"<@{basket.undone_by}> took it back already.")
    if now > basket.at + (DESK_UNDO_PERIOD if basket.by == events.DESK_ACTOR else UNDO_PERIOD):
        raise Refused("It is too late to take it back at once. Move the tickets again with `/desk move`.")


def may_reassign(policy: Policy, asked: ReassignmentRequest, teams: Sequence[str]) -> bool:
    """Leads and managers move anybody's tickets of their teams; everyone gives away their own, and leads read it."""
    return asked.by == asked.giver or is_allowed(
        Permission.REASSIGN_IN_BULK, roles_towards(policy, asked.by, teams=teams)
    )


def check_may_reassign(policy: Policy, by: str) -> None:
    """Said before anybody chooses people: who works nowhere here moves nothing."""
    if teams_worked_in(policy, by):
        return
    if not is_allowed(Permission.REASSIGN_IN_BULK, roles_towards(policy, by, teams=list(policy.teams))):
        raise NotAllowed(Permission.REASSIGN_IN_BULK)


def _check_request(policy: Policy, asked: ReassignmentRequest) -> None:
    check_may_reassign(policy, asked.by)
    working = {who for team in policy.teams.values() for who in team.people}
    strangers = [who for who in asked.receivers if who not in working]
    if not asked.receivers:
        raise FieldError("receivers", "Say to whom: `/desk move @from @to`, one or several.")
    if asked.giver in asked.receivers:
        raise FieldError("receivers", "Whoever gives tickets away cannot get them too.")
    if strangers:
        raise FieldError("receivers", f"<@{strangers[0]}> works in no team here.")
    if len(asked.receivers) > MAX_RECEIVERS:
        raise FieldError("receivers", f"A basket goes to at most {MAX_RECEIVERS} people.")


def _has_changed(now: LockedTicket | None, one: PlannedMove, giver: str) -> bool:
    return now is None or now.seq != one.seq or now.assignee != giver


def _still_fits(tx: Transaction, drawn: Preview) -> bool:
    """Whether whoever gets some is still here, competent, and has the room."""
    takers = sorted({one.to for one in drawn.plan.moves if one.to})
    team = next(iter(drawn.teams.values()))
    held = bulk.open_tickets_of(tx, takers)
    here = presence_by_person(tx, takers, policy=tx.policy, team=team, at=tx.now)
    receivers = bulk.build_receivers(tx.policy, takers, held=held, left={}, presences=here, by_hand=True)
    day = _team_today(tx.policy, team, tx.now)
    known = skills_of(tx, takers, policy=tx.policy, day=day)
    return is_plan_valid(drawn.plan.moves, drawn.items, receivers, known)


def _team_names(policy: Policy, held: Sequence[Ticket]) -> list[str]:
    return sorted({policy.team(ticket.team).name for ticket in held})


def _filter_text(wanted: TicketFilter) -> str:
    return f" of `{' '.join(wanted.typed_words)}`" if wanted.typed_words else ""


def _team_today(policy: Policy, team: str, now: datetime) -> date:
    return now.astimezone(time_zone(policy.team_calendar(team).timezone)).date()
