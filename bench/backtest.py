"""Compares forecasts with outcomes: every morning of a real log, for each open incident, from what was known then.

Nothing is fitted to the outcomes: the estimates are learned again each morning, the constants are those of `rules`.
One of them was chosen with this log in view, the hour after which a ticket is put aside
(`rules.forecasts.simulation.TURN_S`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

from rich.progress import Progress

from bench.tables import table_lines
from bot.cli.import_log import load_mapping, read_ticket_log
from rules.calendars.calendars import Calendar, business_seconds_between, day_bounds, due_time, is_open, open_windows_on
from rules.calendars.durations import parse_duration
from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker, WorkPeriod
from rules.forecasts.simulation import forecast_team
from rules.imports.history import ImportedEvent, ImportedEventKind, ImportedTicket
from rules.model.tickets import DONE_STATUSES, Priority, Status
from rules.statistics import BandScore, ForecastResult, brier_score, brier_skill_score, reliability_bands
from rules.workload.handling_time import (
    DEFAULT_HANDLING_TIME,
    DEFAULT_RESOLUTION_TIME,
    DurationSample,
    Estimates,
    WorkInterval,
    learn_estimates,
    measure_handling_times,
)

LOG = Path(__file__).parents[1].parent / "shared" / "data" / "servicenow_incidents.csv"
HOUR_SECONDS = 3600
OFFICE_HOURS = ((8 * HOUR_SECONDS, 18 * HOUR_SECONDS),)  # the log names no hours; most of its steps are within these
OFFICE = Calendar("UTC", (*[OFFICE_HOURS] * 5, (), ()))
RESOLUTION_TARGETS = {
    Priority.CRITICAL: parse_duration("4h"),
    Priority.HIGH: parse_duration("1d"),
    Priority.NORMAL: parse_duration("3d"),
    Priority.LOW: parse_duration("5d"),
}
MORNING = time(8, tzinfo=UTC)
FORECAST_DAYS = 28
SIMULATION_RUNS = 1_000
ONE_DAY = timedelta(days=1)
ALL_TYPES = ""
EPOCH = datetime(2016, 1, 1, tzinfo=UTC)
RELIABILITY_HEADS = ("told", "n", "mean told", "came true", "95 % of the true share")


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """One incident as it was known at that moment."""

    number: int
    steps: tuple[ImportedEvent, ...]
    at: datetime

    @property
    def last_step(self) -> ImportedEvent:
        return self.steps[-1]

    @property
    def due_at(self) -> datetime:
        return due_time(OFFICE, self.steps[0].at, RESOLUTION_TARGETS[self.last_step.priority])

    @property
    def resolved_at(self) -> datetime | None:
        return (
            next(one.at for one in reversed(self.steps) if one.kind is ImportedEventKind.RESOLVED)
            if self.is_done
            else None
        )

    @property
    def is_done(self) -> bool:
        return self.last_step.status in DONE_STATUSES

    @property
    def is_decided(self) -> bool:
        return self.is_done or self.due_at < self.at

    @property
    def pace(self) -> DurationSample:
        until = self.resolved_at or self.at
        return DurationSample(
            self.last_step.type, business_seconds_between(OFFICE, self.steps[0].at, until), has_ended=self.is_done
        )

    @property
    def holds(self) -> Iterator[WorkInterval[int]]:
        """Who worked on it and when, in business seconds since EPOCH."""
        moments = [*(one.at for one in self.steps), self.at]
        for step, (start, end) in zip(self.steps, pairwise(moments), strict=True):
            if step.status is Status.IN_PROGRESS and step.assignee:
                yield WorkInterval(step.assignee, self.number, _open_seconds(start), _open_seconds(end))


@dataclass(frozen=True, slots=True)
class MorningForecast:
    """For one incident on one morning: the chance by each method of forecasting, and the outcome."""

    simulated: float
    formula: float
    type_median: float
    share_so_far: float
    met: bool


METHODS = {
    "ours: pace and people (what the desk shows)": "simulated",
    "pace alone, as a formula": "formula",
    "every ticket takes its type's median": "type_median",
    "the share made so far": "share_so_far",
}


def report_lines() -> list[str]:
    """The lines to print; one sentence where the log is missing."""
    if not LOG.exists():
        return ["The incident log is not beside this checkout: no forecasts were held against it."]
    records = read_ticket_log(load_mapping("servicenow"), LOG, datetime.now(UTC), Progress(disable=True)).records
    morning_forecasts = [one for at in _working_mornings(records) for one in _morning_forecasts(records, at)]
    share = fmean(one.met for one in morning_forecasts)
    scores = {label: _brier_score(morning_forecasts, method) for label, method in METHODS.items()}
    scores["the share of all these, known only afterwards"] = share * (1 - share)
    ours = next(iter(scores.values()))
    rows = [(label, f"{score:.4f}", _improvement(ours, score)) for label, score in scores.items()]
    bands = reliability_bands([ForecastResult(one.simulated, one.met) for one in morning_forecasts])
    return [
        f"{len(morning_forecasts):,} questions, {share:.0%} of them made in time; Brier scores, the less the better:",
        *table_lines(("forecast", "score", "ours saves"), rows),
        "What was told beside what came true, by bands of the chance that was told:",
        *table_lines(RELIABILITY_HEADS, [_band_row(one) for one in bands]),
    ]


def _brier_score(morning_forecasts: Sequence[MorningForecast], method: str) -> float:
    return brier_score([ForecastResult(getattr(one, method), one.met) for one in morning_forecasts]) or 0.0


def _improvement(ours: float, reference: float) -> str:
    saved = brier_skill_score(ours, reference)
    return "" if saved is None else f"{saved:.0%}"


def _band_row(band: BandScore) -> tuple[str, ...]:
    within = f"{band.low:.0%} to {band.high:.0%}"
    return (
        f"{band.start:.0%} to {band.end:.0%}",
        str(band.n),
        f"{band.mean_chance:.0%}",
        f"{band.true_share:.0%}",
        within,
    )


def _working_mornings(records: Sequence[ImportedTicket]) -> Iterator[datetime]:
    """From the day after the first incident until all are due."""
    at = datetime.combine(min(one.events[0].at for one in records).date() + ONE_DAY, MORNING)
    end = max(due_time(OFFICE, one.events[0].at, RESOLUTION_TARGETS[Priority.LOW]) for one in records)
    while at < end:
        if is_open(OFFICE, at):
            yield at
        at += ONE_DAY


def _morning_forecasts(records: Sequence[ImportedTicket], at: datetime) -> Iterator[MorningForecast]:
    """Of each open incident that is not overdue yet; the outcome is read from the log only here."""
    incidents = _known_incidents(records, at)
    paces = learn_estimates([one.pace for one in incidents], DEFAULT_RESOLUTION_TIME)
    chances = {one.number: one.made or 0.0 for one in forecast_team(_forecast_inputs(incidents, paces, at)).chances}
    share, medians = _share_so_far(incidents), _medians_by_type(incidents)
    for one in incidents:
        if not one.is_done and one.due_at >= at:
            target_seconds = business_seconds_between(OFFICE, one.steps[0].at, one.due_at)
            yield MorningForecast(
                simulated=chances[one.number],
                formula=paces.estimate_for(one.last_step.type).chance_within(
                    business_seconds_between(OFFICE, at, one.due_at), one.pace.seconds
                ),
                type_median=float(medians.get(one.last_step.type, medians[ALL_TYPES]) <= target_seconds),
                share_so_far=share,
                met=_status_at(records[one.number], one.due_at) in DONE_STATUSES,
            )


def _known_incidents(records: Sequence[ImportedTicket], at: datetime) -> list[KnownIncident]:
    """The incidents filed before that moment, without later steps."""
    earlier = ((number, tuple(step for step in one.events if step.at < at)) for number, one in enumerate(records))
    return [KnownIncident(number, steps, at) for number, steps in earlier if steps]


def _status_at(record: ImportedTicket, at: datetime) -> Status:
    return next(step.status for step in reversed(record.events) if step.at <= at)


def _forecast_inputs(incidents: Sequence[KnownIncident], paces: Estimates, at: datetime) -> ForecastInputs:
    """The team on that morning: everybody who was ever an assignee works the office hours."""
    spent = measure_handling_times(hold for one in incidents for hold in one.holds)
    held = [one for one in incidents if one.number in spent]
    efforts = learn_estimates(
        [DurationSample(one.last_step.type, spent[one.number], has_ended=one.is_done) for one in held],
        DEFAULT_HANDLING_TIME,
    )
    people = sorted({step.assignee for one in incidents for step in one.steps if step.assignee})
    opening = tuple(_opening_shifts(at))
    tasks = (_forecast_task(one, efforts, paces, spent.get(one.number, 0.0)) for one in incidents if not one.is_done)
    return ForecastInputs(
        _unix_seconds(at), tuple(tasks), tuple(Worker(who, opening) for who in people), opening, runs=SIMULATION_RUNS
    )


def _forecast_task(one: KnownIncident, efforts: Estimates, paces: Estimates, spent_s: float) -> ForecastTask:
    last = one.last_step
    return ForecastTask(
        one.number,
        last.type,
        last.priority,
        last.assignee,
        _unix_seconds(one.due_at),
        efforts.estimate_for(last.type),
        paces.estimate_for(last.type),
        spent_s,
        one.pace.seconds,
    )


def _opening_shifts(at: datetime) -> Iterator[WorkPeriod]:
    for days in range(FORECAST_DAYS):
        day = (at + days * ONE_DAY).date()
        midnight, _ = day_bounds(OFFICE, day)
        for start, end in open_windows_on(OFFICE, day):
            yield WorkPeriod(_unix_seconds(midnight) + start, _unix_seconds(midnight) + end)


def _share_so_far(incidents: Sequence[KnownIncident]) -> float:
    """Of the incidents with a known outcome, the share that met the target; one half while there is none."""
    outcomes = [one.resolved_at is not None and one.resolved_at <= one.due_at for one in incidents if one.is_decided]
    return fmean(outcomes) if outcomes else 0.5


def _medians_by_type(incidents: Sequence[KnownIncident]) -> dict[str, float]:
    """Business seconds until resolution, by type and of all."""
    durations = defaultdict(list)
    for one in incidents:
        if one.is_done:
            durations[one.last_step.type].append(one.pace.seconds)
            durations[ALL_TYPES].append(one.pace.seconds)
    return {type: median(seconds) for type, seconds in durations.items()}


def _unix_seconds(at: datetime) -> int:
    return int(at.timestamp())


@lru_cache(maxsize=100_000)
def _open_seconds(at: datetime) -> int:
    return business_seconds_between(OFFICE, EPOCH, at)
