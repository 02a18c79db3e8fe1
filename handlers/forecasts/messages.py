"""The lead's risk card; and the jobs that learn, forecast and check."""

from datetime import UTC, datetime, timedelta

from handlers.charts.charts import ROWS_DRAWN
from handlers.forecasts.cards import risk
from handlers.forecasts.cards.risk import ForecastView
from handlers.outbox import RenderContext, RenderedMessage
from handlers.registry import Registry
from rules.model.policy import Policy
from services.forecasts.forecasts import RISK_CARD
from services.forecasts.runs import choose_methods, learn_from_history, run_forecasts, settle_all_predictions
from services.forecasts.what_if import check_applied_actions
from storage import forecasts
from storage.schema.tickets import OutboxMessage
from storage.tickets import tickets
from storage.transaction import Reader

NEVER = datetime.min.replace(tzinfo=UTC)


def register(on: Registry) -> None:
    on.message(RISK_CARD)(render_risk_card)
    on.job("forecasts.learn", order=90, every=timedelta(hours=1))(learn_from_history)
    on.job("forecasts.choose", order=95, every=timedelta(days=1))(choose_methods)
    on.job("forecasts.look", order=100, every=timedelta(minutes=5))(run_forecasts)
    on.job("forecasts.judge", order=110, every=timedelta(minutes=10))(settle_all_predictions)
    on.job("levers.check", order=150, every=timedelta(minutes=10))(check_applied_actions)


def render_risk_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    view = forecast_view(context.reader, row.subject.rpartition(":")[0], policy=context.policy, now=context.now)
    if view.forecast is None:
        return None
    return RenderedMessage(risk.risk_card(view), charted=risk.charted_risk_card(view))


def forecast_view(reader: Reader, team: str, *, policy: Policy, now: datetime) -> ForecastView:
    """The newest forecast, with the actions for people who may apply them."""
    run = forecasts.latest_forecast(reader, team)
    if run is None:
        return ForecastView(team, policy, NEVER, None)
    forecast = forecasts.forecast_of(run)
    unlikely = [one.number for one in risk.least_likely_tickets(forecast, ROWS_DRAWN)]
    by_number = {ticket.number: ticket for ticket in tickets.tickets_by_number(reader, unlikely)}
    applied = tuple(forecasts.applied_actions(reader, team, since=now - timedelta(days=1)))
    return ForecastView(team, policy, run.at, forecast, forecasts.what_if_actions(run), by_number, applied)
