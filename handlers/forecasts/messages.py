"""The lead's risk card; and the jobs that learn, forecast and check."""

from datetime import timedelta

from handlers.charts.charts import ROWS_DRAWN
from handlers.forecasts import cards
from handlers.outbox import RenderContext, RenderedMessage
from handlers.registry import Registry
from services.forecasts.forecasts import RISK_CARD
from services.forecasts.runs import learn_from_history, run_forecasts, settle_all_predictions
from services.forecasts.what_if import check_applied_actions
from storage import forecasts
from storage.schema.tickets import OutboxMessage
from storage.tickets import tickets


def register(on: Registry) -> None:
    on.message(RISK_CARD)(render_risk_card)
    on.job("forecasts.learn", order=90, every=timedelta(hours=1))(learn_from_history)
    on.job("forecasts.look", order=100, every=timedelta(minutes=5))(run_forecasts)
    on.job("forecasts.judge", order=110, every=timedelta(minutes=10))(settle_all_predictions)
    on.job("levers.check", order=150, every=timedelta(minutes=10))(check_applied_actions)


def render_risk_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    team = row.subject.rpartition(":")[0]
    run = forecasts.latest_forecast(context.reader, team)
    if run is None:
        return None
    forecast = forecasts.forecast_of(run)
    unlikely = [one.number for one in cards.least_likely_tickets(forecast, ROWS_DRAWN)]
    worst = tickets.tickets_by_number(context.reader, unlikely)
    pulled = forecasts.applied_actions(context.reader, team, since=context.now - timedelta(days=1))
    actions = forecasts.what_if_actions(run)
    by_number = {ticket.number: ticket for ticket in worst}
    view = cards.ForecastView(team, context.policy, run.at, forecast, actions, by_number, tuple(pulled))
    return RenderedMessage(cards.risk_card(view), chart=cards.forecast_chart(view))
