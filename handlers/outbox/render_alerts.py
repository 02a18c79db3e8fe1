"""Outbox rows about time running out: alerts, storms, digests, extensions, forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.alerts.cards import alerts as alert_cards
from handlers.alerts.cards import digests as digest_cards
from handlers.charts.charts import ROWS_DRAWN
from handlers.forecasts import cards as forecast_cards
from handlers.outbox.messages import RenderContext, RenderedMessage
from handlers.sla.cards import extensions as extension_cards
from rules.alerts import has_alerted
from rules.forecasts.forecasts import Forecast
from rules.forecasts.what_if import WhatIfAction
from storage import forecasts
from storage.alerts import alert_context, tickets_in_group
from storage.outbox import message_references
from storage.presence.presence import absent_people
from storage.schema.tickets import OutboxMessage, Ticket
from storage.sla import extensions, timers
from storage.tickets import tickets


def render_alert(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    state = replace(
        alert_context(context.reader, ticket, at=context.now), assignee_away=_assignee_is_away(context, ticket)
    )
    return RenderedMessage(alert_cards.alert_card(ticket, ticket_timers, state, context.policy, context.now))


def _assignee_is_away(context: RenderContext, ticket: Ticket) -> bool:
    people = [ticket.assignee] if ticket.assignee else []
    absences = absent_people(context.reader, people, policy=context.policy, team=ticket.team, at=context.now)
    return bool(absences)


def render_storm(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    destination = row.data.get("lane", row.lane)  # the lead's direct message where the channel refuses it
    ticket_list = tickets_in_group(context.reader, destination=destination, subject=row.subject)
    return RenderedMessage(
        digest_cards.storm_card(_alarms_of_tickets(context, ticket_list), context.policy, context.now)
    )


def render_digest(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """The row is read again, because more alarms may have been added since it was claimed."""
    fresh = context.reader.session.get(OutboxMessage, (context.reader.workspace, row.id), populate_existing=True) or row
    message = digest_cards.personal_digest(
        _alarms_of_items(context, fresh.data["items"]), row.lane, context.policy, context.now
    )
    return None if message is None else RenderedMessage(message)


def render_nudge(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """A line below the posted card, for the alarms of it that still hold."""
    alarms = _alarms_of_items(context, row.data["items"])
    if not alarms:
        return None
    kind, subject = row.data["root"]
    root = message_references.find_card(context.reader, kind=kind, subject=subject, destination=row.lane)
    return RenderedMessage(
        digest_cards.alert_nudge(alarms, row.data["person"], context.policy, context.now),
        thread=root,
        waits_for_thread=True,
    )


def _alarms_of_items(context: RenderContext, items: Sequence[Mapping[str, Any]]) -> list[digest_cards.Alarm]:
    keys = {(item["number"], item["target"]) for item in items}
    ticket_list = tickets.tickets_by_number(context.reader, sorted({number for number, _ in keys}))
    return [
        one
        for one in _alarms_of_tickets(context, ticket_list, each=True)
        if (one.ticket.number, str(one.timer.target)) in keys
    ]


def _alarms_of_tickets(
    context: RenderContext, ticket_list: Sequence[Ticket], *, each: bool = False
) -> list[digest_cards.Alarm]:
    """Each ticket's most urgent alarm, or all of them with `each`; the most urgent first."""
    timers_by_ticket = timers.timers_by_ticket(context.reader, [ticket.number for ticket in ticket_list])
    alarms = []
    for ticket in ticket_list:
        alarming = sorted(
            (one for one in timers_by_ticket[ticket.number].values() if has_alerted(one)), key=lambda one: one.due_at
        )
        alarms += [digest_cards.Alarm(ticket, timer) for timer in (alarming if each else alarming[:1])]
    return sorted(alarms, key=lambda one: (one.timer.due_at, one.ticket.number))


def render_extension_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, _, round_ = row.subject.partition(".")
    request = extensions.find_extension(context.reader, int(number), int(round_))
    ticket = tickets.find_ticket(context.reader, int(number))
    if request is None or ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    return RenderedMessage(extension_cards.extension_card(request, ticket, ticket_timers, context.policy))


def render_risk_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    team = row.subject.rpartition(":")[0]
    run = forecasts.latest_forecast(context.reader, team)
    if run is None:
        return None
    forecast = Forecast.from_json(run.outlook)
    worst = tickets.tickets_by_number(
        context.reader, [one.number for one in forecast_cards.least_likely_tickets(forecast, ROWS_DRAWN)]
    )
    pulled = forecasts.applied_actions(context.reader, team, since=context.now - timedelta(days=1))
    actions = tuple(WhatIfAction.from_json(plain) for plain in run.levers)
    by_number = {ticket.number: ticket for ticket in worst}
    view = forecast_cards.ForecastView(team, context.policy, run.at, forecast, actions, by_number, tuple(pulled))
    return RenderedMessage(forecast_cards.risk_card(view), chart=forecast_cards.forecast_chart(view))
