"""A lead applies a what-if action, exactly as simulated; later they read whether it helped."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rules.calendars.calendars import due_time
from rules.calendars.durations import Duration
from rules.errors import FieldError, Refused
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import TimerKind
from rules.people.permissions import Permission
from rules.reassignment import PlannedMove, ReassignmentCause
from rules.sla import timers
from services.forecasts.forecasts import refresh_risk_cards
from services.permissions import require_in_teams
from services.reassignment import transfer
from services.sla.extensions import record_extension
from storage import forecasts
from storage.json_values import to_json
from storage.outbox import outbox
from storage.reassignment import bulk
from storage.schema.forecasts import AppliedAction, Deferral
from storage.sla.timers import ticket_timers, timers_by_ticket
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

MAX_CHECK_DELAY = timedelta(days=14)
WORKING_DAY = Duration(days=1)


class ForecastOutdated(Refused):
    """The action belongs to an older forecast, or was applied already."""

    def __init__(self) -> None:
        super().__init__("Things have changed since then. Press *Look again*: it may need something else now.")


def apply_what_if_action(
    tx: Transaction, team: str, at: datetime, kind: WhatIfKind, *, by: str, helper: str = ""
) -> str:
    """What was done, as text. The expected effect is kept. `helper` is whom to ask where the action needs one more
    person."""
    check_may_apply(tx, team, by)
    forecast = forecasts.latest_forecast(tx, team)
    actions = forecasts.what_if_actions(forecast) if forecast else ()
    action = next((candidate for candidate in actions if candidate.kind is kind), None)
    if forecast is None or action is None or forecast.at != at:
        raise ForecastOutdated
    watched = [one.number for one in forecasts.forecast_of(forecast).chances if one.due_at is not None]
    text = _carry_out(tx, team, action, by=by, helper=helper)
    forecast.levers = []  # they belong to a forecast that is outdated now
    applied = AppliedAction(workspace_id=tx.workspace, team=team, at=tx.now, by=by, watched=watched)
    applied.lever, applied.check_at = to_json(action) | {"words": text}, _check_at(tx, watched)
    applied.before, applied.after = action.before, action.after
    tx.session.add(applied)
    refresh_risk_cards(tx, forecast)
    return text


def check_applied_actions(tx: Transaction) -> int:
    """Notifies the lead who applied an action, once its tickets' due times have passed; how many."""
    actions = forecasts.actions_to_check(tx)
    for action in actions:
        action.breached = forecasts.count_breached(tx, action.watched, at=tx.now)
        key = f"lever:{action.team}:{action.at.isoformat()}"
        outbox.notify_person(tx, action.by, text=_result_text(action), dedupe_key=key)
    return len(actions)


def check_may_apply(tx: Transaction, team: str, by: str) -> None:
    require_in_teams(tx.policy, Permission.APPLY_WHAT_IF_ACTION, by, [team])


def _carry_out(tx: Transaction, team: str, action: WhatIfAction, *, by: str, helper: str) -> str:
    if action.kind is WhatIfKind.MOVE:
        return _move_tickets(tx, team, action, by=by)
    if action.kind is WhatIfKind.HELP:
        return _ask_helper(tx, team, action, by=by, helper=helper)
    if action.kind is WhatIfKind.PAUSE:
        return _defer_priority(tx, team, action)
    return _extend_targets(tx, action, by=by)


def _move_tickets(tx: Transaction, team: str, action: WhatIfAction, *, by: str) -> str:
    receiver = action.taker or ""
    tickets = {
        number: ticket
        for number, ticket in bulk.lock_open_tickets(tx, action.tickets).items()
        if ticket.assignee == action.giver and ticket.team == team
    }
    if not tickets or receiver not in tx.policy.team(team).people:
        raise ForecastOutdated
    moves = [PlannedMove(number, ticket.seq, receiver) for number, ticket in tickets.items()]
    transfer.carry_out_moves(tx, action.giver or "", moves, tickets, by=by, why=ReassignmentCause.WHAT_IF)
    return f"{transfer.numbers_text(list(tickets))} from <@{action.giver}> to <@{action.taker}>"


def _ask_helper(tx: Transaction, team: str, action: WhatIfAction, *, by: str, helper: str) -> str:
    if not outbox.is_slack_id(helper):
        raise FieldError("helper", "Choose somebody to ask.")
    subject = transfer.numbers_text(action.tickets) or "whatever is open"
    name = tx.policy.team(team).name
    text = f"<@{by}> asks you to help {name} for two hours. What would help most: {subject}."
    outbox.notify_person(tx, helper, text=text)
    return f"<@{helper}> was asked to help for two hours with {subject}"


def _defer_priority(tx: Transaction, team: str, action: WhatIfAction) -> str:
    if action.priority is None:
        raise ForecastOutdated
    until = due_time(tx.policy.team_calendar(team), tx.now, WORKING_DAY)
    tx.session.merge(Deferral(workspace_id=tx.workspace, team=team, priority=action.priority, until=until))
    return f"{action.priority} priority waits for all others, for one working day"


def _extend_targets(tx: Transaction, action: WhatIfAction, *, by: str) -> str:
    extended = []
    for number, due_stamp in sorted(zip(action.tickets, action.due_at, strict=True)):  # all lock in the same order
        ticket = lock_ticket(tx, number)
        timer = ticket_timers(tx, number).get(TimerKind.RESOLUTION)
        if ticket.status in DONE_STATUSES or timer is None or not timer.is_running:
            continue
        due_at = datetime.fromtimestamp(due_stamp, UTC)
        after = timers.extend_timer_until(tx.policy, timer, due_at, tx.now, reason="too much to do at once")
        record_extension(tx, ticket, timer, after, by=by, more="a working day", text="Too much to do at once.")
        extended.append(number)
    if not extended:
        raise ForecastOutdated
    return f"{transfer.numbers_text(extended)} got one working day more"


def _check_at(tx: Transaction, watched: Sequence[int]) -> datetime:
    """When the last of the SLA targets is due, at most two weeks ahead."""
    by_ticket = timers_by_ticket(tx, watched).values()
    due_times = [timer.due_at for by_kind in by_ticket for timer in by_kind.values() if timer.is_running]
    return min(max([tx.now, *due_times]), tx.now + MAX_CHECK_DELAY)


def _result_text(action: AppliedAction) -> str:
    has_helped = (action.breached or 0) < action.before
    figures = (
        f"{action.before:.1f} promises were to break without it, {action.after:.1f} with it, and {action.breached} did"
    )
    result = "✓ It helped" if has_helped else "✗ It did not help"
    return f"{result}: {action.lever.get('words', '')}. Of {len(action.watched)} tickets {figures}."
