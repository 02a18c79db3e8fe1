"""What the outbox says of time that runs out: alerts, storms, digests, more time, and what lies ahead."""

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
    ticking = timers.ticket_timers(context.reader, ticket.number)
    stands = replace(
        alert_context(context.reader, ticket, at=context.now), assignee_away=_assignee_is_away(context, ticket)
    )
    return RenderedMessage(alert_cards.alert_card(ticket, ticking, stands, context.policy, context.now))


def _assignee_is_away(context: RenderContext, ticket: Ticket) -> bool:
    holder = [ticket.assignee] if ticket.assignee else []
    found = absent_people(context.reader, holder, policy=context.policy, team=ticket.team, at=context.now)
    return bool(found)


def render_storm(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    """The tickets that alarm together in a channel, as they are now."""
    lane = row.data.get("lane", row.lane)  # where it could not be posted, the lead reads it instead
    found = tickets_in_group(context.reader, destination=lane, subject=row.subject)
    return RenderedMessage(digest_cards.storm_card(_alarms_of_tickets(context, found), context.policy, context.now))


def render_digest(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """What still alarms of all that was kept for this person; read anew, since more may have come meanwhile."""
    kept = context.reader.session.get(OutboxMessage, (context.reader.workspace, row.id), populate_existing=True) or row
    said = digest_cards.personal_digest(
        _alarms_of_items(context, kept.data["items"]), row.lane, context.policy, context.now
    )
    return None if said is None else RenderedMessage(said)


def render_nudge(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """A line below the alert, the message or the question that stands already, for what still alarms of it."""
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
    """What still alarms of these clocks."""
    wanted = {(item["number"], item["target"]) for item in items}
    found = tickets.tickets_by_number(context.reader, sorted({number for number, _ in wanted}))
    return [
        one
        for one in _alarms_of_tickets(context, found, each=True)
        if (one.ticket.number, str(one.timer.target)) in wanted
    ]


def _alarms_of_tickets(
    context: RenderContext, found: Sequence[Ticket], *, each: bool = False
) -> list[digest_cards.Alarm]:
    """Each ticket's most urgent clock that alarms, or `each` of them, the most urgent first."""
    ticking = timers.timers_by_ticket(context.reader, [ticket.number for ticket in found])
    alarms = []
    for ticket in found:
        alarming = sorted(
            (one for one in ticking[ticket.number].values() if has_alerted(one)), key=lambda one: one.due_at
        )
        alarms += [digest_cards.Alarm(ticket, clock) for clock in (alarming if each else alarming[:1])]
    return sorted(alarms, key=lambda one: (one.timer.due_at, one.ticket.number))


def render_extension_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, _, round_ = row.subject.partition(".")
    asked = extensions.find_extension(context.reader, int(number), int(round_))
    ticket = tickets.find_ticket(context.reader, int(number))
    if asked is None or ticket is None:
        return None
    ticking = timers.ticket_timers(context.reader, ticket.number)
    return RenderedMessage(extension_cards.extension_card(asked, ticket, ticking, context.policy))


def render_risk_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """The lead's card: the team's newest outlook, and what would help."""
    team = row.subject.rpartition(":")[0]
    look = forecasts.latest_forecast(context.reader, team)
    if look is None:
        return None
    outlook = Forecast.from_json(look.outlook)
    worst = tickets.tickets_by_number(
        context.reader, [one.number for one in forecast_cards.least_likely_tickets(outlook, ROWS_DRAWN)]
    )
    pulled = forecasts.applied_actions(context.reader, team, since=context.now - timedelta(days=1))
    levers = tuple(WhatIfAction.from_json(plain) for plain in look.levers)
    known = {ticket.number: ticket for ticket in worst}
    view = forecast_cards.ForecastView(team, context.policy, look.at, outlook, levers, known, tuple(pulled))
    return RenderedMessage(forecast_cards.risk_card(view), chart=forecast_cards.forecast_chart(view))
