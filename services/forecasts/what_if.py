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
from rules.text import Person, Text, _, join_texts, join_tickets
from services.forecasts.forecasts import refresh_risk_cards
from services.permissions import require_in_teams
from services.reassignment import transfer
from services.sla.extensions import record_extension
from storage import forecasts
from storage.forecasts import applied_text
from storage.json_values import to_json
from storage.outbox import outbox
from storage.reassignment import bulk
from storage.schema.forecasts import AppliedAction, Deferral
from storage.sla.timers import ticket_timers, timers_by_ticket
from storage.texts import text_to_json
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

MAX_CHECK_DELAY = timedelta(days=14)
WORKING_DAY = Duration(days=1)
EXTENSION_LENGTH, EXTENSION_REASON = _("one working day"), _("Too many tickets at once")


class ForecastOutdated(Refused):
    """The action belongs to an older forecast, or was applied already."""

    def __init__(self) -> None:
        super().__init__(_("Nothing was applied: the forecast has changed since then. Press Refresh to see it."))


def apply_what_if_action(
    tx: Transaction, team: str, at: datetime, kind: WhatIfKind, *, by: str, helper: str = ""
) -> Text:
    """What was done. The expected effect is kept. `helper` is whom to ask where the action needs one more
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
    applied.lever, applied.check_at = to_json(action) | {"words": text_to_json(text)}, _check_at(tx, watched)
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


def _carry_out(tx: Transaction, team: str, action: WhatIfAction, *, by: str, helper: str) -> Text:
    if action.kind is WhatIfKind.MOVE:
        return _move_tickets(tx, team, action, by=by)
    if action.kind is WhatIfKind.HELP:
        return _ask_helper(tx, team, action, by=by, helper=helper)
    if action.kind is WhatIfKind.PAUSE:
        return _defer_priority(tx, team, action)
    return _extend_targets(tx, action, by=by)


def _move_tickets(tx: Transaction, team: str, action: WhatIfAction, *, by: str) -> Text:
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
    moved, giver, taker = join_tickets(list(tickets)), Person(action.giver or ""), Person(receiver)
    return _("{tickets} reassigned from {giver} to {taker}", tickets=moved, giver=giver, taker=taker)


def _ask_helper(tx: Transaction, team: str, action: WhatIfAction, *, by: str, helper: str) -> Text:
    if not outbox.is_slack_id(helper):
        raise FieldError("helper", _("Choose a person to ask."))
    asker, team_name, tickets = Person(by), tx.policy.team(team).name, join_tickets(action.tickets)
    outbox.notify_person(tx, helper, text=_help_request(asker, team_name, tickets if action.tickets else None))
    if not action.tickets:
        return _("{person} was asked to help for two hours", person=Person(helper))
    return _("{person} was asked to help for two hours with {tickets}", person=Person(helper), tickets=tickets)


def _help_request(asker: Person, team: str, tickets: Text | None) -> Text:
    if tickets is None:
        return _("{person} asks you to help {team} for two hours, with any open ticket.", person=asker, team=team)
    return _(
        "{person} asks you to help {team} for two hours. Help matters most with {tickets}.",
        person=asker,
        team=team,
        tickets=tickets,
    )


def _defer_priority(tx: Transaction, team: str, action: WhatIfAction) -> Text:
    if action.priority is None:
        raise ForecastOutdated
    until = due_time(tx.policy.team_calendar(team), tx.now, WORKING_DAY)
    tx.session.merge(Deferral(workspace_id=tx.workspace, team=team, priority=action.priority, until=until))
    return _("{priority} priority comes last for one working day", priority=action.priority.label)


def _extend_targets(tx: Transaction, action: WhatIfAction, *, by: str) -> Text:
    extended = []
    for number, due_stamp in sorted(zip(action.tickets, action.due_at, strict=True)):  # all lock in the same order
        ticket = lock_ticket(tx, number)
        timer = ticket_timers(tx, number).get(TimerKind.RESOLUTION)
        if ticket.status in DONE_STATUSES or timer is None or not timer.is_running:
            continue
        due_at = datetime.fromtimestamp(due_stamp, UTC)
        after = timers.extend_timer_until(tx.policy, timer, due_at, tx.now, reason=EXTENSION_REASON)
        record_extension(tx, ticket, timer, after, by=by, more=str(EXTENSION_LENGTH), text=str(EXTENSION_REASON))
        extended.append(number)
    if not extended:
        raise ForecastOutdated
    return _("SLA of {tickets} extended by one working day", tickets=join_tickets(extended))


def _check_at(tx: Transaction, watched: Sequence[int]) -> datetime:
    """When the last of the SLA targets is due, at most two weeks ahead."""
    by_ticket = timers_by_ticket(tx, watched).values()
    due_times = [timer.due_at for by_kind in by_ticket for timer in by_kind.values() if timer.is_running]
    return min(max([tx.now, *due_times]), tx.now + MAX_CHECK_DELAY)


def _result_text(action: AppliedAction) -> Text:
    breached, applied = action.breached or 0, applied_text(action)
    has_helped = breached < action.before
    figures = _(
        "SLA breaches: {breached} of {count} tickets (expected {before} without it, {after} with it).",
        breached=breached,
        count=len(action.watched),
        before=f"{action.before:.1f}",
        after=f"{action.after:.1f}",
    )
    result = (
        _("✓ It helped: {action}.", action=applied) if has_helped else _("✗ It did not help: {action}.", action=applied)
    )
    return join_texts([result, figures])
