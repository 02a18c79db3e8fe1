"""What a forecast leads to: it is kept, held against what comes, and told to the lead when it is bad."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rules.calendars.calendars import next_opening
from rules.calendars.timezones import time_zone
from rules.forecasts.forecasts import Forecast, ForecastInputs
from rules.forecasts.inputs import TeamEstimates
from rules.forecasts.what_if import WhatIfAction
from rules.model.timers import TimerState
from services.notifications.recipients import leads_to_notify
from storage import forecasts
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.schema.forecasts import LatestForecast, Prediction
from storage.transaction import Transaction

PREDICTIONS_PER_TRANSACTION = 200  # other deeds wait while these are written
NOTIFY_FROM_BREACHES = 1.0  # breaches to be expected before the lead is told
NOTIFY_AGAIN_AFTER = 2.0  # so many more, and the lead is told again


@dataclass(frozen=True, slots=True)
class ForecastRun:
    """A team as it was looked at: `due` and `promised` are the due moment and the promised open seconds by ticket."""

    team: str
    outlook: Forecast
    actions: tuple[WhatIfAction, ...]
    due_at: Mapping[int, int]
    sla_seconds: Mapping[int, int]

    @classmethod
    def from_run(
        cls,
        team: str,
        at: ForecastInputs,
        ahead: tuple[Forecast, tuple[WhatIfAction, ...]],
        promised: Mapping[int, int],
    ) -> "ForecastRun":
        due = {task.number: task.due_at for task in at.tasks if task.due_at is not None and task.due_at >= at.now}
        return cls(team, *ahead, due, promised)


def save_estimates(tx: Transaction, team: str, learned: TeamEstimates) -> None:
    """What history teaches of the team's tickets counts from now on."""
    forecasts.save_team_estimates(tx, team, learned)


def save_forecast(tx: Transaction, seen: ForecastRun) -> None:
    """The newest outlook; the first of the day is held against what comes, and the lead is told when it is bad."""
    day = _today(tx, seen.team)
    look = forecasts.latest_forecast(tx, seen.team)
    if look is None:
        look = LatestForecast(workspace_id=tx.workspace, team=seen.team)
        tx.session.add(look)
    look.at, look.outlook = tx.now, seen.outlook.to_json()
    look.levers = [lever.to_json() for lever in seen.actions]
    _save_predictions(tx, seen, day)
    _notify_leads(tx, look, seen.outlook.breaches, day)


def settle_predictions(tx: Transaction) -> int:
    """A few chances whose fate is known are held against it; how many were. JUDGED means there may be more.

    A promise that moved since then says nothing of the forecast: it is void.
    """
    found = forecasts.predictions_to_settle(tx, limit=PREDICTIONS_PER_TRANSACTION)
    for prediction, clock in found:
        prediction.decided_at = tx.now
        void = clock.total_s != prediction.promised_s or clock.state is TimerState.CANCELLED
        prediction.came_true = None if void else clock.state is TimerState.MET
    return len(found)


def refresh_risk_cards(tx: Transaction, look: LatestForecast) -> None:
    """The card of each lead who is told today, or of who stands in for them, is brought up to date."""
    for lead in leads_to_notify(tx, tx.policy.team(look.team)) if look.told_on else ():
        if outbox.is_slack_id(lead):
            at = next_opening(tx.policy.person_calendar(lead, look.team), tx.now)
            outbox.queue_message(
                tx, MessageKind.RISK, destination=lead, subject=f"{look.team}:{look.told_on}"[:64], at=at
            )


def _today(tx: Transaction, team: str) -> date:
    return tx.now.astimezone(time_zone(tx.policy.team_calendar(team).timezone)).date()


def _save_predictions(tx: Transaction, seen: ForecastRun, day: date) -> None:
    known = forecasts.tickets_predicted_on(tx, seen.team, day=day.isoformat())
    for one in seen.outlook.chances:
        if (
            one.made is None
            or one.number not in seen.due_at
            or one.number not in seen.sla_seconds
            or one.number in known
        ):
            continue
        tx.session.add(
            Prediction(
                workspace_id=tx.workspace,
                number=one.number,
                day=day.isoformat(),
                team=seen.team,
                at=tx.now,
                due_at=datetime.fromtimestamp(seen.due_at[one.number], UTC),
                promised_s=seen.sla_seconds[one.number],
                chance=one.made,
            )
        )


def _notify_leads(tx: Transaction, look: LatestForecast, breaches: float, day: date) -> None:
    """One card a day for each lead, edited in place; told again when it has grown much worse."""
    today = look.told_on == day.isoformat()
    grown = today and breaches >= (look.told_breaches or 0.0) + NOTIFY_AGAIN_AFTER
    if today:
        refresh_risk_cards(tx, look)
    if breaches < NOTIFY_FROM_BREACHES or (today and not grown):
        return
    look.told_on, look.told_breaches = day.isoformat(), breaches
    refresh_risk_cards(tx, look)
    if grown:
        _notify_again(tx, look, breaches, day)


def _notify_again(tx: Transaction, look: LatestForecast, breaches: float, day: date) -> None:
    """An edited card pings nobody."""
    name = tx.policy.team(look.team).name
    words = f"⏳ {name}: it has grown worse, about {breaches:.0f} promises will break. Type `/desk risk`."
    for lead in leads_to_notify(tx, tx.policy.team(look.team)):
        at = next_opening(tx.policy.person_calendar(lead, look.team), tx.now)
        once = f"risk:{look.team}:{day}:{breaches:.0f}:{lead}"
        outbox.notify_person(tx, lead, number=None, text=words, dedupe_key=once, at=at)
