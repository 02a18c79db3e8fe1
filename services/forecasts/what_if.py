"""A lead does something about the risk: exactly what was simulated, and later it is said whether it helped."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rules.calendars.calendars import due_time
from rules.calendars.durations import Duration
from rules.errors import FieldError, Refused
from rules.forecasts.forecasts import Forecast
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import TimerKind
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_towards
from rules.reassignment import PlannedMove, ReassignmentCause
from rules.sla import timers
from services.forecasts.forecasts import refresh_risk_cards
from services.notifications.notifications import publish_event
from services.reassignment import transfer
from storage import events, forecasts
from storage.events import EventKind
from storage.outbox import outbox
from storage.reassignment import bulk
from storage.schema.forecasts import AppliedAction, Deferral
from storage.sla.timers import save_timer as keep_clock
from storage.sla.timers import ticket_timers as clocks_of
from storage.sla.timers import timers_by_ticket
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

MAX_CHECK_DELAY = timedelta(days=14)
WORKING_DAY = Duration(days=1)


class ForecastOutdated(Refused):
    """The lever belongs to an outlook that is not the newest any more, or was pulled already."""

    def __init__(self) -> None:
        super().__init__("Things have changed since then. Press *Look again*: it may need something else now.")


def apply_what_if_action(
    tx: Transaction, team: str, at: datetime, kind: WhatIfKind, *, by: str, helper: str = ""
) -> str:
    """Does exactly what was simulated, and keeps what was to be expected of it; what was done, in words.

    `helper` is whom to ask, where the lever brings one more person.
    """
    check_may_apply(tx, team, by)
    look = forecasts.latest_forecast(tx, team)
    lever = next((one for one in map(WhatIfAction.from_json, look.levers) if one.kind is kind), None) if look else None
    if look is None or lever is None or look.at != at:
        raise ForecastOutdated
    watched = [one.number for one in Forecast.from_json(look.outlook).chances if one.made is not None]
    words = _carry_out(tx, team, lever, by=by, helper=helper)
    look.levers = []  # the outlook in which they were found is not this one any more
    tx.session.add(
        AppliedAction(
            workspace_id=tx.workspace,
            team=team,
            at=tx.now,
            by=by,
            lever=lever.to_json() | {"words": words},
            watched=watched,
            before=lever.before,
            after=lever.after,
            check_at=_check_at(tx, watched),
        )
    )
    refresh_risk_cards(tx, look)
    return words


def check_applied_actions(tx: Transaction) -> int:
    """Whoever pulled a lever hears whether it helped, once its tickets' time has passed; how many were told."""
    found = forecasts.actions_to_check(tx)
    for one in found:
        one.breached = forecasts.count_breached(tx, one.watched, at=tx.now)
        outbox.notify_person(
            tx, one.by, number=None, text=_result_text(one), dedupe_key=f"lever:{one.team}:{one.at.isoformat()}"
        )
    return len(found)


def check_may_apply(tx: Transaction, team: str, by: str) -> None:
    """NotAllowed unless they lead the team or manage the desk."""
    if not is_allowed(Permission.APPLY_WHAT_IF_ACTION, roles_towards(tx.policy, by, teams=[team])):
        raise NotAllowed(Permission.APPLY_WHAT_IF_ACTION, [tx.policy.team(team).name])


def _carry_out(tx: Transaction, team: str, lever: WhatIfAction, *, by: str, helper: str) -> str:
    if lever.kind is WhatIfKind.MOVE:
        return _move_tickets(tx, team, lever, by=by)
    if lever.kind is WhatIfKind.HELP:
        return _ask_helper(tx, team, lever, by=by, helper=helper)
    if lever.kind is WhatIfKind.PAUSE:
        return _defer_priority(tx, team, lever)
    return _extend_targets(tx, lever, by=by)


def _move_tickets(tx: Transaction, team: str, lever: WhatIfAction, *, by: str) -> str:
    """Tickets that are not the giver's any more stay where they are; the taker reads all of them in one message."""
    taker = lever.taker or ""
    held = {
        number: was
        for number, was in bulk.lock_open_tickets(tx, lever.tickets).items()
        if was.assignee == lever.giver and was.team == team
    }
    if not held or taker not in tx.policy.team(team).people:
        raise ForecastOutdated
    moves = [PlannedMove(number, was.seq, taker) for number, was in held.items()]
    transfer.carry_out_moves(tx, lever.giver or "", moves, held, by=by, why=ReassignmentCause.WHAT_IF)
    return f"{_numbers_text(list(held))} from <@{lever.giver}> to <@{lever.taker}>"


def _ask_helper(tx: Transaction, team: str, lever: WhatIfAction, *, by: str, helper: str) -> str:
    """Nobody is called in without being asked: they read what would help most."""
    if not outbox.is_slack_id(helper):
        raise FieldError("helper", "Choose somebody to ask.")
    what = _numbers_text(lever.tickets) or "whatever is open"
    name = tx.policy.team(team).name
    words = f"<@{by}> asks you to help {name} for two hours. What would help most: {what}."
    outbox.notify_person(tx, helper, number=None, text=words)
    return f"<@{helper}> was asked to help for two hours with {what}"


def _defer_priority(tx: Transaction, team: str, lever: WhatIfAction) -> str:
    if lever.priority is None:
        raise ForecastOutdated
    until = due_time(tx.policy.team_calendar(team), tx.now, WORKING_DAY)
    tx.session.merge(Deferral(workspace_id=tx.workspace, team=team, priority=lever.priority, until=until))
    return f"{lever.priority} priority waits for all others, for one working day"


def _extend_targets(tx: Transaction, lever: WhatIfAction, *, by: str) -> str:
    extended = []
    for number, stamp in zip(lever.tickets, lever.due_at, strict=True):
        ticket = lock_ticket(tx, number)
        clock = clocks_of(tx, number).get(TimerKind.RESOLUTION)
        if ticket.status in DONE_STATUSES or clock is None or not clock.is_running:
            continue
        until = datetime.fromtimestamp(stamp, UTC)
        longer = timers.extend_timer_until(tx.policy, clock, until, tx.now, reason="too much to do at once")
        keep_clock(tx, number, longer)
        moved = {str(clock.target): [clock.due_at.isoformat(), longer.due_at.isoformat()]}
        said = {"target": str(clock.target), "more": "a working day", "text": "Too much to do at once.", "due": moved}
        publish_event(tx, ticket, events.record(tx, ticket, EventKind.EXTENDED, by=by, **said))
        extended.append(number)
    if not extended:
        raise ForecastOutdated
    return f"{_numbers_text(extended)} got one working day more"


def _check_at(tx: Transaction, watched: Sequence[int]) -> datetime:
    """When the last of the promises is due, within two weeks."""
    promises = timers_by_ticket(tx, watched).values()
    ahead = [clock.due_at for ticking in promises for clock in ticking.values() if clock.is_running]
    return min(max([tx.now, *ahead]), tx.now + MAX_CHECK_DELAY)


def _result_text(one: AppliedAction) -> str:
    helped = (one.breached or 0) < one.before
    said = f"{one.before:.1f} promises were to break without it, {one.after:.1f} with it, and {one.breached} did"
    sign = "✓ It helped" if helped else "✗ It did not help"
    return f"{sign}: {one.lever.get('words', '')}. Of {len(one.watched)} tickets {said}."


def _numbers_text(numbers: Sequence[int]) -> str:
    return ", ".join(f"#{number}" for number in numbers)
