"""The desk warns before a promise breaks, says so when it has, and goes one step up when nobody acts."""

from datetime import datetime, timedelta

from rules import alerts
from rules.alerts import DEFAULT_SNOOZE, SNOOZE_CHOICES
from rules.calendars.calendars import Calendar
from rules.errors import FieldError, Refused
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from rules.people.permissions import Permission
from rules.sla import timers as sla
from rules.text import is_blank
from services.alerts.delivery import Alert, deliver_alerts
from services.escalations import approvals
from services.notifications.notifications import publish_event
from services.notifications.recipients import leads_to_notify
from services.permissions import require
from storage import events
from storage.alerts import DueAlerts, alerted_timers, has_activity_since, take_due_alerts
from storage.events import EventKind
from storage.forecasts import deferred_priorities
from storage.outbox import outbox
from storage.schema.tickets import Ticket
from storage.schema.tickets import TimerRow as Row
from storage.sla import timers as clocks
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

TICKETS_PER_SWEEP = 50  # other deeds wait while a sweep writes, so it writes little at a time


def send_due_alerts(tx: Transaction) -> int:
    """Gives every alert that is due, each once; how many tickets were looked at. AT_ONCE means there may be more.

    Approvers who let their time run out are passed over first: then nothing is late yet for those asked next.

    1. Each clock moves on, and says whether something is to be told. 2. A ticket's own card in the team's channel, or
    one message for all of them where they are many. 3. Who has to act hears of it, in their own hours.
    """
    approvals.pass_over_late_approvers(tx)
    taken = take_due_alerts(tx, limit=TICKETS_PER_SWEEP)
    given = [one for found in taken for row in found.timers if (one := _advance_timer(tx, found, row))]
    tx.flush()
    deliver_alerts(tx, given)
    return len(taken)


def snooze_alerts(tx: Transaction, number: int, *, by: str, span: timedelta = DEFAULT_SNOOZE) -> None:
    """The ticket's alerts are silent for so long; what falls due meanwhile is told after it."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.SNOOZE_ALERT, ticket, by)
    if span not in SNOOZE_CHOICES:
        raise Refused("An alert is snoozed for 30 minutes, an hour or two.")
    rows = alerted_timers(tx, number)
    if not rows:
        raise Refused(f"#{number} has no alert to snooze any more: its time is kept, paused or long enough again.")
    until = tx.now + span
    for row in rows:
        row.snoozed_until = until
        clocks.update_row(row, sla.schedule_next_alert(tx.policy, clocks.timer_of(row)))
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.SNOOZED, by=by, until=until.isoformat()))


def request_help(tx: Transaction, number: int, *, by: str, text: str) -> None:
    """Whoever has it cannot do it alone: the lead reads what is needed, and the alert is quiet until the risk grows."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.ASK_FOR_HELP, ticket, by)
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{number} is resolved; it needs no help any more.")
    if is_blank(text):
        raise FieldError("text", "Say what would help: somebody who knows the gateway, an hour of a colleague.")
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.HELP_REQUESTED, by=by, text=text.strip()))
    for lead in leads_to_notify(tx, tx.policy.team(ticket.team), excluding=by):
        outbox.notify_person(tx, lead, number=number, text=f"<@{by}> asks for help with #{number}.", quote=text.strip())


def _advance_timer(tx: Transaction, found: DueAlerts, row: Row) -> Alert | None:
    """Moves one clock on. None while it does not run, is snoozed, or whoever should act is off work."""
    clock, team = clocks.timer_of(row), _responsible_team(found, row)
    hours = tx.policy.team_calendar(team)
    if not clock.is_running:
        row.next_alert_at = None
        return None
    quiet = alerts.quiet_until(hours, tx.now)
    for until in (row.snoozed_until, _deferred_until(tx, found.ticket, clock)):
        if until is not None and until > tx.now:
            quiet = max(quiet or until, until)
    if quiet is not None:
        row.next_alert_at = quiet
        return None
    return _due_alert(tx, found, row, team)


def _deferred_until(tx: Transaction, ticket: Ticket, clock: SlaTimer) -> datetime | None:
    """What the lead lets wait is not warned of meanwhile; a breach is told in any case."""
    if clock.due_at <= tx.now:
        return None
    until = deferred_priorities(tx, ticket.team, at=tx.now).get(ticket.priority)
    return until and min(until, clock.due_at)


def _due_alert(tx: Transaction, found: DueAlerts, row: Row, team: str) -> Alert | None:
    hours = tx.policy.team_calendar(team)
    clock, alert = sla.advance_alert(tx.policy, clocks.timer_of(row), tx.now)
    again = False
    if alert is not None:
        clock = alerts.record_alert(tx.policy, clock, hours, tx.now)
    else:
        clock, again = _repeat_alert(tx, found, row, clock, hours)
    row.snoozed_until = None
    clocks.update_row(row, clock)
    row.next_alert_at = alerts.postpone_past(clock.next_alert_at, tx.now)
    return Alert(found.ticket, clock, team, found.escalation, again) if alert or again else None


def _repeat_alert(
    tx: Transaction, found: DueAlerts, row: Row, clock: SlaTimer, hours: Calendar
) -> tuple[SlaTimer, bool]:
    """A breach is told again when its snooze is over, and one step up when nobody has acted on it in time."""
    if clock.alert_level == BREACH_LEVEL and row.snoozed_until is not None:
        return alerts.record_alert(tx.policy, clock, hours, tx.now), True
    up = alerts.escalates_at(tx.policy, clock, hours)
    if up is None or up > tx.now or clock.alerted_at is None:
        return alerts.schedule_next_check(tx.policy, clock, hours), False
    asker, since = found.ticket.requester, clock.alerted_at
    if has_activity_since(tx, found.ticket.number, since=since, ignoring=asker):
        return alerts.schedule_next_check(tx.policy, alerts.acknowledge_alert(clock), hours), False
    return alerts.schedule_next_check(tx.policy, alerts.escalate_to_manager(clock, tx.now), hours), True


def _responsible_team(found: DueAlerts, row: Row) -> str:
    """The team that should act."""
    asked = found.escalation if row.target is TimerKind.EXPERT_ANSWER else None
    return asked.team if asked else found.ticket.team
