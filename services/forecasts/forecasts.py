"""A forecast is saved, its predictions are settled, and the lead is notified when it is bad."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rules.calendars.calendars import next_opening
from rules.calendars.timezones import local_date
from rules.forecasts.chances import ChanceMethod
from rules.forecasts.forecasts import Forecast, ForecastInputs
from rules.forecasts.learning import TeamEstimates
from rules.forecasts.what_if import WhatIfAction
from rules.model.timers import TimerState
from rules.text import Code, _
from services.notifications.recipients import leads_to_notify
from storage import forecasts
from storage.json_values import to_json
from storage.outbox import outbox
from storage.schema.forecasts import LatestForecast, Prediction
from storage.transaction import Transaction, insert_absent

RISK_CARD = outbox.MessageKind("risk", refreshed=True)
PREDICTIONS_PER_TRANSACTION = 200  # other transactions wait while these are written
NOTIFY_FROM_BREACHES = 1.0  # expected breaches
NOTIFY_AGAIN_AFTER = 2.0  # expected breaches more than at the last notification


@dataclass(frozen=True, slots=True)
class ForecastRun:
    """The forecast of a team: `due_at` and `sla_seconds` (business time) by ticket number."""

    team: str
    outlook: Forecast
    actions: tuple[WhatIfAction, ...]
    due_at: Mapping[int, int]
    sla_seconds: Mapping[int, int]

    @classmethod
    def from_run(
        cls,
        team: str,
        inputs: ForecastInputs,
        simulated: tuple[Forecast, tuple[WhatIfAction, ...]],
        promised: Mapping[int, int],
    ) -> "ForecastRun":
        due_seconds = {
            task.number: task.due_at for task in inputs.tasks if task.due_at is not None and task.due_at >= inputs.now
        }
        return cls(team, *simulated, due_seconds, promised)


def save_estimates(tx: Transaction, team: str, learned: TeamEstimates) -> None:
    forecasts.save_team_estimates(tx, team, learned)


def save_chance_methods(tx: Transaction, methods: Mapping[str, ChanceMethod]) -> None:
    forecasts.save_chance_methods(tx, methods)


def save_forecast(tx: Transaction, run: ForecastRun) -> None:
    """Saves the latest forecast. The predictions of a day's first forecast are kept, and the lead is notified when it
    is bad."""
    day = local_date(tx.now, tx.policy.team_calendar(run.team).timezone)
    forecast = forecasts.latest_forecast(tx, run.team)
    if forecast is None:
        forecast = LatestForecast(workspace_id=tx.workspace, team=run.team)
        tx.session.add(forecast)
    forecast.at, forecast.outlook = tx.now, to_json(run.outlook)
    forecast.levers = [to_json(action) for action in run.actions]
    _save_predictions(tx, run, day)
    _notify_leads(tx, forecast, run.outlook.breaches, day)


def settle_predictions(tx: Transaction) -> int:
    """Settles a few predictions whose outcome is known; how many. PREDICTIONS_PER_TRANSACTION means there may be more.

    When the SLA target changed since then, the prediction is void: it says nothing about the forecast.
    """
    predictions = forecasts.predictions_to_settle(tx, limit=PREDICTIONS_PER_TRANSACTION)
    for prediction, timer in predictions:
        prediction.decided_at = tx.now
        is_void = timer.total_s != prediction.promised_s or timer.state is TimerState.CANCELLED
        prediction.came_true = None if is_void else timer.state is TimerState.MET
    return len(predictions)


def refresh_risk_cards(tx: Transaction, forecast: LatestForecast) -> None:
    subject = f"{forecast.team}:{forecast.told_on}"[:64]
    for lead in leads_to_notify(tx, tx.policy.team(forecast.team)) if forecast.told_on else ():
        if outbox.is_slack_id(lead):
            at = next_opening(tx.policy.person_calendar(lead, forecast.team), tx.now)
            outbox.queue_message(tx, RISK_CARD, destination=lead, subject=subject, at=at)


def _save_predictions(tx: Transaction, run: ForecastRun, day: date) -> None:
    """A ticket's first prediction of the day counts, also when it changes teams on that day."""
    predictions = [
        {
            "number": chance.number,
            "day": day.isoformat(),
            "team": run.team,
            "at": tx.now,
            "due_at": datetime.fromtimestamp(run.due_at[chance.number], UTC),
            "promised_s": run.sla_seconds[chance.number],
            "chance": chance.made,
            "elapsed": chance.elapsed,
            "is_waiting": chance.is_waiting,
        }
        for chance in run.outlook.chances
        if chance.made is not None and chance.number in run.due_at and chance.number in run.sla_seconds
    ]
    insert_absent(tx, Prediction, predictions)


def _notify_leads(tx: Transaction, forecast: LatestForecast, breaches: float, day: date) -> None:
    """One card a day for each lead, edited in place; a new message when the forecast has become much worse."""
    was_notified_today = forecast.told_on == day.isoformat()
    is_worse = was_notified_today and breaches >= (forecast.told_breaches or 0.0) + NOTIFY_AGAIN_AFTER
    if was_notified_today:
        refresh_risk_cards(tx, forecast)
    if breaches < NOTIFY_FROM_BREACHES or (was_notified_today and not is_worse):
        return
    forecast.told_on, forecast.told_breaches = day.isoformat(), breaches
    refresh_risk_cards(tx, forecast)
    if is_worse:
        _notify_again(tx, forecast, breaches, day)


def _notify_again(tx: Transaction, forecast: LatestForecast, breaches: float, day: date) -> None:
    name = tx.policy.team(forecast.team).name
    text = _(
        "⏳ {team}: the forecast got worse, about {count} tickets are expected to breach their SLA. Type {command}.",
        team=name,
        count=f"{breaches:.0f}",
        command=Code("/desk risk"),
    )
    for lead in leads_to_notify(tx, tx.policy.team(forecast.team)):
        at = next_opening(tx.policy.person_calendar(lead, forecast.team), tx.now)
        dedupe_key = f"risk:{forecast.team}:{day}:{breaches:.0f}:{lead}"
        outbox.notify_person(tx, lead, text=text, dedupe_key=dedupe_key, at=at)
