"""Somebody's tickets are moved to others: drawn first, done as it was drawn, and undone for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rules.calendars.timezones import zone
from rules.errors import DeskError, FieldError
from rules.model.policy import Policy
from rules.people.permissions import Deed, NotAllowed, allowed, roles, teams_of
from rules.presence.presence import Presence
from rules.reassignment import UNDO, UNDO_OF_DESK, Item, Move, Moving, Plan, Receiver, Wanted, plan, still_fits
from rules.skills import Competences
from services.reassignment import transfer
from storage import events
from storage.people.people import names
from storage.presence.presence import presences
from storage.reassignment import bulk
from storage.reassignment.bulk import Held
from storage.schema.people import Basket
from storage.schema.tickets import Ticket
from storage.skills import competences
from storage.transaction import Reader, Transaction

MOST = 20  # so many people share a basket


class Changed(DeskError):
    """What was drawn is not how things are any more; nothing was moved."""

    def __init__(self, first: Basket | None = None) -> None:
        who = "Baton" if first and first.by == events.DESK else f"<@{first.by}>" if first else ""
        many = len(bulk.moves_of(first)) if first else 0
        was = f" {who} moved {many} of <@{first.giver}>'s tickets meanwhile." if first else ""
        super().__init__(f"Nothing was moved: things have changed since this was drawn.{was}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose tickets, to whom, which of them, and who asks."""

    giver: str
    receivers: tuple[str, ...]
    by: str
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be moved, drawn from how things were at that moment; `elsewhere` are tickets of the giver that the
    asker may not move."""

    asked: Asked
    at: datetime
    items: Mapping[int, Item]
    teams: Mapping[int, str]
    receivers: tuple[Receiver, ...]
    here: Mapping[str, Presence]
    known: Competences
    plan: Plan
    elsewhere: int = 0


def preview(reader: Reader, policy: Policy, asked: Asked, *, at: datetime, now: datetime) -> Preview:
    """Who would get what. Effort is counted as of `at`, so that the same tickets are dealt out the same way later."""
    _checked(policy, asked)
    people = [asked.giver, *asked.receivers]
    held = bulk.tickets_of(reader, people)
    items = {one.number: one for one in bulk.items(reader, held, policy=policy, at=at)}
    wanted = [ticket for ticket in held if ticket.assignee == asked.giver and asked.wanted.has(items[ticket.number])]
    mine = [ticket for ticket in wanted if may_move(policy, asked, (ticket.team, ticket.first_line))]
    if not wanted:
        who = names(reader, [asked.giver])[asked.giver]
        raise FieldError("giver", f"{who} has no open tickets{_of_these(asked.wanted)}: there is nothing to move.")
    if not mine:
        raise FieldError("giver", str(NotAllowed(Deed.MOVE_BASKET, _names(policy, wanted))))
    here = presences(reader, people, policy=policy, team=mine[0].team, at=now)
    left = {number: item.minutes for number, item in items.items()}
    receivers = bulk.receivers(policy, asked.receivers, held=held, left=left, here=here, by_hand=True)
    known = competences(reader, asked.receivers, policy=policy, day=_day(policy, mine[0].team, now))
    mine_items = {ticket.number: items[ticket.number] for ticket in mine}
    return Preview(
        asked=asked,
        at=at,
        items=mine_items,
        teams={ticket.number: ticket.team for ticket in mine},
        receivers=tuple(receivers),
        here=here,
        known=known,
        plan=plan(mine_items.values(), receivers, known),
        elsewhere=len(wanted) - len(mine),
    )


def move(tx: Transaction, drawn: Preview) -> int:
    """Exactly what was drawn, in one transaction; the basket's id is returned.

    Changed, and nothing is moved, when any of the tickets was touched since, or somebody can no longer take theirs.
    """
    asked, moves = drawn.asked, drawn.plan.moves
    bulk.lock(tx, asked.receivers)
    held = bulk.locked(tx, [one.number for one in moves])
    if any(_is_other(held.get(one.number), one, asked.giver) for one in moves) or not _still_fits(tx, drawn):
        raise Changed(bulk.newest_of(tx, asked.giver, since=drawn.at))
    for was in held.values():
        if not may_move(tx.policy, asked, (was.team, was.first_line)):
            raise NotAllowed(Deed.MOVE_BASKET, [tx.policy.team(was.team).name])
    return transfer.carry(tx, asked.giver, moves, held, by=asked.by, why=Moving.BY_HAND)


def undo(tx: Transaction, id_: int, *, by: str) -> dict[str, list[int]]:
    """Every ticket of the basket that nobody touched since goes back to how it was: which did (`back`), and which did
    not (`kept`). Once, and for ten minutes; what the desk moved by itself, for a day."""
    basket = bulk.held_back(tx, id_)
    if basket is None:
        raise DeskError("This basket is not known here any more.")
    undoable(tx.policy, basket, by, tx.now)
    moved = {one.number: one for one in bulk.moves_of(basket)}
    held = bulk.locked(tx, list(moved))
    back = [moved[number] for number, now in held.items() if now.seq == moved[number].seq]
    if not back:
        raise DeskError("Nothing can be taken back: somebody has worked on every one of these tickets since then.")
    basket.undone_at, basket.undone_by = tx.now, by
    tx.flush()
    transfer.hand(
        tx,
        [transfer.put(tx, held[one.number], to=basket.giver, status=one.status, team=one.team) for one in back],
        by=by,
        told=lambda one: {"did": "undone", "to": basket.giver, "from": one.was.assignee, "basket": str(id_)},
    )
    transfer.tell(tx, id_, transfer.people_of(tx, id_))
    transfer.took_back(tx, [held[one.number] for one in back], by=by, whose=basket.giver)
    done = {one.number for one in back}
    return {"back": sorted(done), "kept": sorted(set(moved) - done)}


def undoable(policy: Policy, basket: Basket, by: str, now: datetime) -> None:
    """Whoever moved it, and leads of its teams; a sentence where it is too late, or done already."""
    teams = sorted({one.team for one in bulk.moves_of(basket)})
    if by != basket.by and not allowed(Deed.MOVE_BASKET, roles(policy, by, teams=teams)):
        raise NotAllowed(Deed.MOVE_BASKET, [policy.team(team).name for team in teams])
    if basket.undone_at is not None:
        raise DeskError(f"<@{basket.undone_by}> took it back already.")
    if now > basket.at + (UNDO_OF_DESK if basket.by == events.DESK else UNDO):
        raise DeskError("It is too late to take it back at once. Move the tickets again with `/desk move`.")


def may_move(policy: Policy, asked: Asked, teams: Sequence[str]) -> bool:
    """Leads and managers move anybody's tickets of their teams; everyone gives away their own, and leads read it."""
    return asked.by == asked.giver or allowed(Deed.MOVE_BASKET, roles(policy, asked.by, teams=teams))


def may_ask(policy: Policy, by: str) -> None:
    """Said before anybody chooses people: who works nowhere here moves nothing."""
    if teams_of(policy, by):
        return
    if not allowed(Deed.MOVE_BASKET, roles(policy, by, teams=list(policy.teams))):
        raise NotAllowed(Deed.MOVE_BASKET)


def _checked(policy: Policy, asked: Asked) -> None:
    may_ask(policy, asked.by)
    working = {who for team in policy.teams.values() for who in team.people}
    strangers = [who for who in asked.receivers if who not in working]
    if not asked.receivers:
        raise FieldError("receivers", "Say to whom: `/desk move @from @to`, one or several.")
    if asked.giver in asked.receivers:
        raise FieldError("receivers", "Whoever gives tickets away cannot get them too.")
    if strangers:
        raise FieldError("receivers", f"<@{strangers[0]}> works in no team here.")
    if len(asked.receivers) > MOST:
        raise FieldError("receivers", f"A basket goes to at most {MOST} people.")


def _is_other(now: Held | None, one: Move, giver: str) -> bool:
    return now is None or now.seq != one.seq or now.assignee != giver


def _still_fits(tx: Transaction, drawn: Preview) -> bool:
    """Whether whoever gets some is still here, competent, and has the room."""
    takers = sorted({one.to for one in drawn.plan.moves if one.to})
    team = next(iter(drawn.teams.values()))
    held = bulk.tickets_of(tx, takers)
    here = presences(tx, takers, policy=tx.policy, team=team, at=tx.now)
    receivers = bulk.receivers(tx.policy, takers, held=held, left={}, here=here, by_hand=True)
    day = _day(tx.policy, team, tx.now)
    known = competences(tx, takers, policy=tx.policy, day=day)
    return still_fits(drawn.plan.moves, drawn.items, receivers, known)


def _names(policy: Policy, held: Sequence[Ticket]) -> list[str]:
    return sorted({policy.team(ticket.team).name for ticket in held})


def _of_these(wanted: Wanted) -> str:
    return f" of `{' '.join(wanted.words)}`" if wanted.words else ""


def _day(policy: Policy, team: str, now: datetime) -> date:
    return now.astimezone(zone(policy.calendar_of(team).timezone)).date()
