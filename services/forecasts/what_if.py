"""A lead does something about the risk: exactly what was simulated, and later it is said whether it helped."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rules.calendars.calendars import due
from rules.calendars.durations import Duration
from rules.errors import DeskError, FieldError
from rules.forecasts.forecasts import Outlook
from rules.forecasts.what_if import Lever, LeverKind
from rules.model.tickets import DONE
from rules.model.timers import ClockKind
from rules.people.permissions import Deed, NotAllowed, allowed, roles
from rules.reassignment import Move, Moving
from rules.sla import timers
from services.forecasts.forecasts import redraw
from services.notifications.notifications import told
from services.reassignment import transfer
from storage import events, forecasts
from storage.events import Happened
from storage.outbox import outbox
from storage.reassignment import bulk
from storage.schema.forecasts import Deferral, Intervention
from storage.sla.timers import keep as keep_clock
from storage.sla.timers import of as clocks_of
from storage.sla.timers import of_many
from storage.tickets.tickets import get
from storage.transaction import Transaction

LONGEST = timedelta(days=14)
A_DAY = Duration(days=1)


class OldOutlook(DeskError):
    """The lever belongs to an outlook that is not the newest any more, or was pulled already."""

    def __init__(self) -> None:
        super().__init__("Things have changed since then. Press *Look again*: it may need something else now.")


def pull(tx: Transaction, team: str, at: datetime, kind: LeverKind, *, by: str, helper: str = "") -> str:
    """Does exactly what was simulated, and keeps what was to be expected of it; what was done, in words.

    `helper` is whom to ask, where the lever brings one more person.
    """
    require(tx, team, by)
    look = forecasts.look_of(tx, team)
    lever = next((one for one in map(Lever.read, look.levers) if one.kind is kind), None) if look else None
    if look is None or lever is None or look.at != at:
        raise OldOutlook
    watched = [one.number for one in Outlook.read(look.outlook).chances if one.made is not None]
    words = _done(tx, team, lever, by=by, helper=helper)
    look.levers = []  # the outlook in which they were found is not this one any more
    tx.session.add(
        Intervention(
            workspace_id=tx.workspace,
            team=team,
            at=tx.now,
            by=by,
            lever=lever.plain() | {"words": words},
            watched=watched,
            before=lever.before,
            after=lever.after,
            check_at=_check_at(tx, watched),
        )
    )
    redraw(tx, look)
    return words


def check(tx: Transaction) -> int:
    """Whoever pulled a lever hears whether it helped, once its tickets' time has passed; how many were told."""
    found = forecasts.unchecked(tx)
    for one in found:
        one.breached = forecasts.broken(tx, one.watched, at=tx.now)
        outbox.notice(tx, one.by, number=None, words=_verdict(one), once=f"lever:{one.team}:{one.at.isoformat()}")
    return len(found)


def require(tx: Transaction, team: str, by: str) -> None:
    """NotAllowed unless they lead the team or manage the desk."""
    if not allowed(Deed.PULL, roles(tx.policy, by, teams=[team])):
        raise NotAllowed(Deed.PULL, [tx.policy.team(team).name])


def _done(tx: Transaction, team: str, lever: Lever, *, by: str, helper: str) -> str:
    if lever.kind is LeverKind.MOVE:
        return _move(tx, team, lever, by=by)
    if lever.kind is LeverKind.HELP:
        return _ask(tx, team, lever, by=by, helper=helper)
    if lever.kind is LeverKind.PAUSE:
        return _pause(tx, team, lever)
    return _extend(tx, lever, by=by)


def _move(tx: Transaction, team: str, lever: Lever, *, by: str) -> str:
    """Tickets that are not the giver's any more stay where they are; the taker reads all of them in one message."""
    taker = lever.taker or ""
    held = {
        number: was
        for number, was in bulk.locked(tx, lever.tickets).items()
        if was.assignee == lever.giver and was.team == team
    }
    if not held or taker not in tx.policy.team(team).people:
        raise OldOutlook
    moves = [Move(number, was.seq, taker) for number, was in held.items()]
    transfer.carry(tx, lever.giver or "", moves, held, by=by, why=Moving.LEVER)
    return f"{_listed(list(held))} from <@{lever.giver}> to <@{lever.taker}>"


def _ask(tx: Transaction, team: str, lever: Lever, *, by: str, helper: str) -> str:
    """Nobody is called in without being asked: they read what would help most."""
    if not outbox.is_person_or_place(helper):
        raise FieldError("helper", "Choose somebody to ask.")
    what = _listed(lever.tickets) or "whatever is open"
    name = tx.policy.team(team).name
    words = f"<@{by}> asks you to help {name} for two hours. What would help most: {what}."
    outbox.notice(tx, helper, number=None, words=words)
    return f"<@{helper}> was asked to help for two hours with {what}"


def _pause(tx: Transaction, team: str, lever: Lever) -> str:
    if lever.priority is None:
        raise OldOutlook
    until = due(tx.policy.calendar_of(team), tx.now, A_DAY)
    tx.session.merge(Deferral(workspace_id=tx.workspace, team=team, priority=lever.priority, until=until))
    return f"{lever.priority} priority waits for all others, for one working day"


def _extend(tx: Transaction, lever: Lever, *, by: str) -> str:
    extended = []
    for number, stamp in zip(lever.tickets, lever.due_at, strict=True):
        ticket = get(tx, number)
        clock = clocks_of(tx, number).get(ClockKind.RESOLUTION)
        if ticket.status in DONE or clock is None or not clock.runs:
            continue
        until = datetime.fromtimestamp(stamp, UTC)
        longer = timers.extend_to(tx.policy, clock, until, tx.now, why="too much to do at once")
        keep_clock(tx, number, longer)
        moved = {str(clock.target): [clock.due_at.isoformat(), longer.due_at.isoformat()]}
        said = {"target": str(clock.target), "more": "a working day", "text": "Too much to do at once.", "due": moved}
        told(tx, ticket, events.record(tx, ticket, Happened.EXTENDED, by=by, **said))
        extended.append(number)
    if not extended:
        raise OldOutlook
    return f"{_listed(extended)} got one working day more"


def _check_at(tx: Transaction, watched: Sequence[int]) -> datetime:
    """When the last of the promises is due, within two weeks."""
    promises = of_many(tx, watched).values()
    ahead = [clock.due_at for ticking in promises for clock in ticking.values() if clock.runs]
    return min(max([tx.now, *ahead]), tx.now + LONGEST)


def _verdict(one: Intervention) -> str:
    helped = (one.breached or 0) < one.before
    said = f"{one.before:.1f} promises were to break without it, {one.after:.1f} with it, and {one.breached} did"
    sign = "✓ It helped" if helped else "✗ It did not help"
    return f"{sign}: {one.lever.get('words', '')}. Of {len(one.watched)} tickets {said}."


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"#{number}" for number in numbers)
