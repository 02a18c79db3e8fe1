"""The desk warns before a promise breaks, says so when it has, and goes one step up when nobody acts."""

from datetime import datetime, timedelta

from rules import alerts
from rules.alerts import SNOOZE, SNOOZES
from rules.calendars.calendars import Calendar
from rules.errors import DeskError, FieldError
from rules.model.tickets import DONE
from rules.model.timers import BREACH, Clock, ClockKind
from rules.people.permissions import Deed
from rules.sla import timers as sla
from rules.text import blank
from services.alerts.delivery import Given, tell
from services.escalations import approvals
from services.notifications.notifications import told
from services.notifications.recipients import leads_called
from services.permissions import require
from storage import events
from storage.alerts import Taken, acted_since, alerted, due
from storage.events import Happened
from storage.forecasts import deferred
from storage.outbox import outbox
from storage.schema.tickets import Clock as Row
from storage.schema.tickets import Ticket
from storage.sla import timers as clocks
from storage.tickets.tickets import get
from storage.transaction import Transaction

AT_ONCE = 50  # other deeds wait while a sweep writes, so it writes little at a time


def warn_all(tx: Transaction) -> int:
    """Gives every alert that is due, each once; how many tickets were looked at. AT_ONCE means there may be more.

    Approvers who let their time run out are passed over first: then nothing is late yet for those asked next.

    1. Each clock moves on, and says whether something is to be told. 2. A ticket's own card in the team's channel, or
    one message for all of them where they are many. 3. Who has to act hears of it, in their own hours.
    """
    approvals.pass_on(tx)
    taken = due(tx, limit=AT_ONCE)
    given = [one for found in taken for row in found.clocks if (one := _moved_on(tx, found, row))]
    tx.flush()
    tell(tx, given)
    return len(taken)


def snooze(tx: Transaction, number: int, *, by: str, span: timedelta = SNOOZE) -> None:
    """The ticket's alerts are silent for so long; what falls due meanwhile is told after it."""
    ticket = get(tx, number)
    require(tx, Deed.SNOOZE, ticket, by)
    if span not in SNOOZES:
        raise DeskError("An alert is snoozed for 30 minutes, an hour or two.")
    rows = alerted(tx, number)
    if not rows:
        raise DeskError(f"#{number} has no alert to snooze any more: its time is kept, paused or long enough again.")
    until = tx.now + span
    for row in rows:
        row.snoozed_until = until
        clocks.put(row, sla.rearmed(tx.policy, clocks.value(row)))
    told(tx, ticket, events.record(tx, ticket, Happened.SNOOZED, by=by, until=until.isoformat()))


def ask_help(tx: Transaction, number: int, *, by: str, text: str) -> None:
    """Whoever has it cannot do it alone: the lead reads what is needed, and the alert is quiet until the risk grows."""
    ticket = get(tx, number)
    require(tx, Deed.ASK_HELP, ticket, by)
    if ticket.status in DONE:
        raise DeskError(f"#{number} is resolved; it needs no help any more.")
    if blank(text):
        raise FieldError("text", "Say what would help: somebody who knows the gateway, an hour of a colleague.")
    told(tx, ticket, events.record(tx, ticket, Happened.ASKED_HELP, by=by, text=text.strip()))
    for lead in leads_called(tx, tx.policy.team(ticket.team), but=by):
        outbox.notice(tx, lead, number=number, words=f"<@{by}> asks for help with #{number}.", quote=text.strip())


def _moved_on(tx: Transaction, found: Taken, row: Row) -> Given | None:
    """Moves one clock on. None while it does not run, is snoozed, or whoever should act is off work."""
    clock, team = clocks.value(row), _team(found, row)
    hours = tx.policy.calendar_of(team)
    if not clock.runs:
        row.next_alert_at = None
        return None
    quiet = alerts.not_before(hours, tx.now)
    for until in (row.snoozed_until, _deferred_until(tx, found.ticket, clock)):
        if until is not None and until > tx.now:
            quiet = max(quiet or until, until)
    if quiet is not None:
        row.next_alert_at = quiet
        return None
    return _given(tx, found, row, team)


def _deferred_until(tx: Transaction, ticket: Ticket, clock: Clock) -> datetime | None:
    """What the lead lets wait is not warned of meanwhile; a breach is told in any case."""
    if clock.due_at <= tx.now:
        return None
    until = deferred(tx, ticket.team, at=tx.now).get(ticket.priority)
    return until and min(until, clock.due_at)


def _given(tx: Transaction, found: Taken, row: Row, team: str) -> Given | None:
    hours = tx.policy.calendar_of(team)
    clock, alert = sla.advance(tx.policy, clocks.value(row), tx.now)
    again = False
    if alert is not None:
        clock = alerts.alerted(tx.policy, clock, hours, tx.now)
    else:
        clock, again = _again(tx, found, row, clock, hours)
    row.snoozed_until = None
    clocks.put(row, clock)
    row.next_alert_at = alerts.later_than(clock.next_alert_at, tx.now)
    return Given(found.ticket, clock, team, found.asked, again) if alert or again else None


def _again(tx: Transaction, found: Taken, row: Row, clock: Clock, hours: Calendar) -> tuple[Clock, bool]:
    """A breach is told again when its snooze is over, and one step up when nobody has acted on it in time."""
    if clock.level == BREACH and row.snoozed_until is not None:
        return alerts.alerted(tx.policy, clock, hours, tx.now), True
    up = alerts.climbs_at(tx.policy, clock, hours)
    if up is None or up > tx.now or clock.told_at is None:
        return alerts.waiting(tx.policy, clock, hours), False
    asker, since = found.ticket.requester, clock.told_at
    if acted_since(tx, found.ticket.number, since=since, but=asker):
        return alerts.waiting(tx.policy, alerts.acted_on(clock), hours), False
    return alerts.waiting(tx.policy, alerts.one_up(clock, tx.now), hours), True


def _team(found: Taken, row: Row) -> str:
    """The team that should act."""
    asked = found.asked if row.target is ClockKind.EXPERT_ANSWER else None
    return asked.team if asked else found.ticket.team
