"""The backtest: what would have been told on earlier mornings, from what was known then, and what came of it.

Runs in the worker: it simulates (`rules.forecasts.simulation`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from rules.forecasts.chances import PastChance
from rules.forecasts.forecasts import ForecastInputs, Worker, is_overdue
from rules.forecasts.history import TicketHistory, history_at, outcome_of
from rules.forecasts.inputs import TeamAvailability, build_forecast_inputs
from rules.forecasts.learning import HISTORY_SPAN, learn_team_estimates
from rules.forecasts.simulation import candidate_chances
from rules.model.policy import Policy

MIN_RESOLVED = 30  # tickets; a morning that knew fewer says nothing of what is told later
REPLAY_RUNS = 200


def replay(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], mornings: Iterable[datetime], now: datetime
) -> list[PastChance]:
    """Of each morning the tickets that were open and not overdue, and are decided by now."""
    return [chance for at in mornings for chance in _replay_morning(policy, team, tickets, at, now)]


def _replay_morning(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], at: datetime, now: datetime
) -> Iterator[PastChance]:
    known = {one.number: one for ticket in tickets if (one := _known_at(policy, ticket, at)) is not None}
    if sum(ticket.is_done for ticket in known.values()) < MIN_RESOLVED:
        return
    inputs = _inputs_at(policy, team, list(known.values()), at)
    chances, timers = candidate_chances(inputs), {ticket.number: ticket.timer for ticket in tickets}
    for task in inputs.tasks:
        then, timer = known[task.number].timer, timers[task.number]
        if task.number in chances and not is_overdue(task, inputs.now) and then is not None and timer is not None:
            outcome = outcome_of(then, timer, now)
            if outcome is not None:
                yield PastChance(task.number, at, task.is_waiting, chances[task.number], outcome.met, outcome.at)


def _known_at(policy: Policy, ticket: TicketHistory, at: datetime) -> TicketHistory | None:
    known = history_at(policy, ticket, at)
    is_old = known is not None and known.resolved_at is not None and known.resolved_at < at - HISTORY_SPAN
    return None if is_old else known


def _inputs_at(policy: Policy, team: str, known: Sequence[TicketHistory], at: datetime) -> ForecastInputs:
    """Everybody who had a ticket works the team's hours: who was away then is not known any more."""
    still_open = [ticket for ticket in known if not ticket.is_done]
    estimates = learn_team_estimates(policy, team, known, at)
    inputs = build_forecast_inputs(policy, team, still_open, estimates, at, availability=TeamAvailability())
    present = {worker.person for worker in inputs.workers}
    others = sorted({task.assignee for task in inputs.tasks if task.assignee} - present)
    more = (Worker(person, inputs.team_hours, frozenset()) for person in others)
    return replace(inputs, runs=REPLAY_RUNS, workers=(*inputs.workers, *more))
