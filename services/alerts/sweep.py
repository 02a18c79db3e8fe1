"""The sweep: an alert before an SLA target is breached, one at the breach, and one step up when nobody acts."""

from datetime import datetime, timedelta

from rules import alerts
from rules.alerts import DEFAULT_SNOOZE, SNOOZE_CHOICES
from rules.calendars.calendars import Calendar
from rules.errors import Refused
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from rules.people.permissions import Permission
from rules.sla import timers as timer_rules
from rules.text import Person, TicketNumber, _
from rules.typed_text import required_text
from services.alerts.delivery import Alert, deliver_alerts
from services.desk import Desk
from services.escalations import approvals
from services.notifications.notifications import notify_leads, record_and_publish
from services.permissions import lock_permitted
from storage.alerts import (
    DIGEST_DELAY,
    DueAlerts,
    alerted_timers,
    digests_from_the_future,
    has_activity_since,
    snoozes_from_the_future,
    take_due_alerts,
)
from storage.events import EventKind
from storage.forecasts import deferred_priorities
from storage.schema.tickets import Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Transaction

TICKETS_PER_SWEEP = 50  # other transactions wait while a sweep writes


def send_due_alerts(tx: Transaction) -> int:
    """Sends each due alert once; returns how many tickets were looked at. TICKETS_PER_SWEEP means there may be more.

    Approvers whose time has run out are passed over first, so that those asked next are not late at once.
    """
    approvals.pass_over_late_approvers(tx)
    due_tickets = take_due_alerts(tx, limit=TICKETS_PER_SWEEP)
    due_alerts = [
        alert
        for due_ticket in due_tickets
        for row in due_ticket.timers
        if (alert := _advance_timer(tx, due_ticket, row))
    ]
    tx.flush()
    deliver_alerts(tx, due_alerts)
    return len(due_tickets)


async def send_all_alerts(desk: Desk) -> int:
    return await desk.execute_in_batches(send_due_alerts, size=TICKETS_PER_SWEEP)


def snooze_alerts(tx: Transaction, number: int, *, by: str, span: timedelta = DEFAULT_SNOOZE) -> None:
    """What becomes due meanwhile is sent when the snooze ends."""
    ticket = lock_permitted(tx, Permission.SNOOZE_ALERT, number, by)
    if span not in SNOOZE_CHOICES:
        raise Refused(_("An alert can be snoozed for 30 minutes, 1 hour or 2 hours."))
    rows = alerted_timers(tx, number)
    if not rows:
        raise Refused(
            _(
                "{ticket} has no alert to snooze any more: it was answered, is on hold, or is back within SLA.",
                ticket=TicketNumber(number),
            )
        )
    until = tx.now + span
    for row in rows:
        row.snoozed_until = until
        timers.update_row(tx, row, timer_rules.schedule_next_alert(tx.policy, timers.timer_of(row)))
    record_and_publish(tx, ticket, EventKind.SNOOZED, by=by, until=until.isoformat())


def correct_future_alerts(tx: Transaction) -> int:
    """What was written by a clock that was ahead lasts its own span from now, not until the clock is there again."""
    snoozes, digests = snoozes_from_the_future(tx), digests_from_the_future(tx)
    for row, span in snoozes:
        row.snoozed_until = row.next_alert_at = tx.now + span
    for message in digests:
        message.next_at = tx.now + DIGEST_DELAY
    return len(snoozes) + len(digests)


def request_help(tx: Transaction, number: int, *, by: str, text: str) -> None:
    ticket = lock_permitted(tx, Permission.ASK_FOR_HELP, number, by)
    if ticket.status in DONE_STATUSES:
        raise Refused(_("{ticket} is resolved: it needs no help any more.", ticket=TicketNumber(number)))
    remedy = _("Say what would help, such as a colleague who knows the gateway, for an hour.")
    quote = required_text(text, "text", remedy)
    record_and_publish(tx, ticket, EventKind.HELP_REQUESTED, by=by, text=quote)
    notice = _("{person} asks for help with {ticket}.", person=Person(by), ticket=TicketNumber(number))
    notify_leads(tx, ticket.team, number=number, text=notice, quote=quote, excluding=by)


def _advance_timer(tx: Transaction, due: DueAlerts, row: TimerRow) -> Alert | None:
    """None while the timer does not run, is snoozed, or the responsible team is closed."""
    timer, team = timers.timer_of(row), _responsible_team(due, row)
    hours = tx.policy.team_calendar(team)
    if not timer.is_running:
        row.next_alert_at = None
        return None
    silent_until = alerts.quiet_until(hours, tx.now)
    for until in (row.snoozed_until, _deferred_until(tx, due.ticket, timer)):
        if until is not None and until > tx.now:
            silent_until = max(silent_until or until, until)
    if silent_until is not None:
        row.next_alert_at = silent_until
        return None
    return _due_alert(tx, due, row, team)


def _deferred_until(tx: Transaction, ticket: Ticket, timer: SlaTimer) -> datetime | None:
    """A priority on hold has no warnings, but a breach is sent in any case."""
    if timer.due_at <= tx.now:
        return None
    until = deferred_priorities(tx, ticket.team, at=tx.now).get(ticket.priority)
    return until and min(until, timer.due_at)


def _due_alert(tx: Transaction, due: DueAlerts, row: TimerRow, team: str) -> Alert | None:
    hours = tx.policy.team_calendar(team)
    timer, alert = timer_rules.advance_alert(tx.policy, timers.timer_of(row), tx.now)
    is_repeated = False
    if alert is not None:
        timer = alerts.record_alert(tx.policy, timer, hours, tx.now)
    else:
        timer, is_repeated = _repeat_alert(tx, due, row, timer, hours)
    row.snoozed_until = None
    timers.update_row(tx, row, timer)
    row.next_alert_at = alerts.postpone_past(timer.next_alert_at, tx.now)
    return Alert(due.ticket, timer, team, due.escalation, is_repeated) if alert or is_repeated else None


def _repeat_alert(
    tx: Transaction, due: DueAlerts, row: TimerRow, timer: SlaTimer, hours: Calendar
) -> tuple[SlaTimer, bool]:
    """A breach is repeated when its snooze is over, and one step up when nobody acted in time."""
    if timer.alert_level == BREACH_LEVEL and row.snoozed_until is not None:
        return alerts.record_alert(tx.policy, timer, hours, tx.now), True
    escalates_at = alerts.escalates_at(tx.policy, timer, hours)
    if escalates_at is None or escalates_at > tx.now or timer.alerted_at is None:
        return alerts.schedule_next_check(tx.policy, timer, hours), False
    asker, since = due.ticket.requester, timer.alerted_at
    if has_activity_since(tx, due.ticket.number, since=since, ignoring=asker):
        return alerts.schedule_next_check(tx.policy, alerts.acknowledge_alert(timer), hours), False
    return alerts.schedule_next_check(tx.policy, alerts.escalate_to_manager(timer, tx.now), hours), True


def _responsible_team(due: DueAlerts, row: TimerRow) -> str:
    escalation = due.escalation if row.target is TimerKind.EXPERT_ANSWER else None
    return escalation.team if escalation else due.ticket.team
