"""Alerts as they are sent: cards, groups, digests and mentions; and the job that sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.alerts.cards import alerts as alert_cards
from handlers.alerts.cards import digests
from handlers.outbox import RenderContext, RenderedMessage
from handlers.registry import Registry
from rules.alerts import has_alerted
from services.alerts.delivery import ALERT_MENTION
from services.alerts.sweep import correct_future_alerts, send_all_alerts
from storage.alerts import ALERT_CARD, ALERT_DIGEST, alert_context, tickets_in_group
from storage.outbox import message_references
from storage.outbox.deliveries import is_waiting
from storage.outbox.outbox import ALERT_GROUP
from storage.presence.presence import absent_people
from storage.schema.tickets import OutboxMessage, Ticket
from storage.sla import timers
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(ALERT_CARD)(render_alert)
    on.message(ALERT_GROUP)(render_alert_group)
    on.message(ALERT_DIGEST)(render_digest)
    on.message(ALERT_MENTION)(render_mention)
    on.job("sla.warn", order=10, every=on.sweep_interval)(send_all_alerts)
    on.job("alerts.correct", order=195, every=timedelta(hours=24))(correct_future_alerts)  # and when the clock is set


def render_alert(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    if not any(map(has_alerted, ticket_timers.values())) and not _is_posted(context, row):
        return None  # it came to an end while the alert waited
    is_away = _assignee_is_away(context, ticket)
    state = replace(alert_context(context.reader, ticket, at=context.now), assignee_away=is_away)
    return RenderedMessage(alert_cards.alert_card(ticket, ticket_timers, state, context.policy, context.now))


def _is_posted(context: RenderContext, row: OutboxMessage) -> bool:
    find = message_references.find_card
    return find(context.reader, kind=row.kind, subject=row.subject, destination=row.lane) is not None


def _assignee_is_away(context: RenderContext, ticket: Ticket) -> bool:
    people = [ticket.assignee] if ticket.assignee else []
    absences = absent_people(context.reader, people, policy=context.policy, team=ticket.team, at=context.now)
    return bool(absences)


def render_alert_group(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    destination = row.data.get("lane", row.lane)  # the lead's direct message where the channel refuses it
    ticket_list = tickets_in_group(context.reader, destination=destination, subject=row.subject)
    alarms = _alarms_of_tickets(context, ticket_list)
    if not alarms and not _is_posted(context, row):
        return None
    return RenderedMessage(digests.storm_card(alarms, context.policy, context.now))


def render_digest(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """The row is read again, because more alarms may have been added since it was claimed."""
    fresh = context.reader.session.get(OutboxMessage, (context.reader.workspace, row.id), populate_existing=True) or row
    alarms = _alarms_of_items(context, fresh.data["items"])
    message = digests.personal_digest(alarms, row.lane, context.policy, context.now)
    return None if message is None else RenderedMessage(message)


def render_mention(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    alarms = _alarms_of_items(context, row.data["items"])
    if not alarms:
        return None
    kind, subject = row.data["root"]
    root = message_references.find_card(context.reader, kind=kind, subject=subject, destination=row.lane)
    nudge = digests.alert_nudge(alarms, row.data["person"], context.policy, context.now)
    waits = root is None and is_waiting(context.reader, kind, subject=subject, destination=row.lane)
    return RenderedMessage(nudge, thread=root, waits_for_thread=waits)


def _alarms_of_items(context: RenderContext, items: Sequence[Mapping[str, Any]]) -> list[digests.Alarm]:
    keys = {(item["number"], item["target"]) for item in items}
    ticket_list = tickets.tickets_by_number(context.reader, sorted({number for number, _ in keys}))
    alarms = _alarms_of_tickets(context, ticket_list, each=True)
    return [one for one in alarms if (one.ticket.number, str(one.timer.target)) in keys]


def _alarms_of_tickets(
    context: RenderContext, ticket_list: Sequence[Ticket], *, each: bool = False
) -> list[digests.Alarm]:
    """Each ticket's most urgent alarm, or all of them with `each`; the most urgent first."""
    timers_by_ticket = timers.timers_by_ticket(context.reader, [ticket.number for ticket in ticket_list])
    alarms = []
    for ticket in ticket_list:
        alarming = [timer for timer in timers_by_ticket[ticket.number].values() if has_alerted(timer)]
        alarming.sort(key=lambda timer: timer.due_at)
        alarms += [digests.Alarm(ticket, timer) for timer in (alarming if each else alarming[:1])]
    return sorted(alarms, key=lambda one: (one.timer.due_at, one.ticket.number))
