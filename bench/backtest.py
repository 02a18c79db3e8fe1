"""Forecasts held against what came: every morning of a real log, for each open incident, from what was known then.

Nothing is fitted to the outcomes: the estimates are learned anew each morning, the constants stand in `rules`. One of
them was set with this log in view, the hour after which a ticket is put aside (`rules.forecasts.simulation.TURN_S`).
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

from bench.tables import table
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
H = 3600
OFFICE = Calendar("UTC", (*[((8 * H, 18 * H),)] * 5, (), ()))  # the log names no hours; most of it lies in these
PROMISED = {
    Priority.CRITICAL: parse_duration("4h"),
    Priority.HIGH: parse_duration("1d"),
    Priority.NORMAL: parse_duration("3d"),
    Priority.LOW: parse_duration("5d"),
}
MORNING = time(8, tzinfo=UTC)
AHEAD = 28  # days that are looked ahead
RUNS = 1_000
ONE_DAY = timedelta(days=1)
ANY = ""
EPOCH = datetime(2016, 1, 1, tzinfo=UTC)
HEADS = ("told", "n", "mean told", "came true", "95 % of the true share")


@dataclass(frozen=True, slots=True)
class Seen:
    """One incident as it was known that morning."""

    number: int
    steps: tuple[ImportedEvent, ...]
    at: datetime

    @property
    def last(self) -> ImportedEvent:
        return self.steps[-1]

    @property
    def due_at(self) -> datetime:
        return due_time(OFFICE, self.steps[0].at, PROMISED[self.last.priority])

    @property
    def resolved_at(self) -> datetime | None:
        """When it was resolved, None while it is open."""
        return (
            next(one.at for one in reversed(self.steps) if one.kind is ImportedEventKind.RESOLVED)
            if self.is_done
            else None
        )

    @property
    def is_done(self) -> bool:
        return self.last.status in DONE_STATUSES

    @property
    def is_decided(self) -> bool:
        return self.is_done or self.due_at < self.at

    @property
    def pace(self) -> DurationSample:
        until = self.resolved_at or self.at
        return DurationSample(
            self.last.type, business_seconds_between(OFFICE, self.steps[0].at, until), has_ended=self.is_done
        )

    @property
    def holds(self) -> Iterator[WorkInterval[int]]:
        """Whose hands it was in, in open seconds."""
        moments = [*(one.at for one in self.steps), self.at]
        for step, (start, end) in zip(self.steps, pairwise(moments), strict=True):
            if step.status is Status.IN_PROGRESS and step.assignee:
                yield WorkInterval(step.assignee, self.number, _opened(start), _opened(end))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of one morning, what each way of forecasting told, and the outcome."""

    ours: float
    pace: float
    type_median: float
    share_so_far: float
    made: bool


WAYS = {
    "ours: pace and people (what the desk shows)": "ours",
    "pace alone, as a formula": "pace",
    "every ticket takes its type's median": "type_median",
    "the share made so far": "share_so_far",
}


def measured() -> list[str]:
    """The lines to print; one sentence where the log is not there."""
    if not LOG.exists():
        return ["The incident log is not beside this checkout: no forecasts were held against it."]
    records = read_ticket_log(load_mapping("servicenow"), LOG, datetime.now(UTC), Progress(disable=True)).records
    asked = [one for at in _mornings(records) for one in _asked(records, at)]
    share = fmean(one.made for one in asked)
    scores = {words: _score(asked, way) for words, way in WAYS.items()}
    scores["the share of all these, known only afterwards"] = share * (1 - share)
    ours = next(iter(scores.values()))
    rows = [(words, f"{score:.4f}", _saved(ours, score)) for words, score in scores.items()]
    bands = reliability_bands([ForecastResult(one.ours, one.made) for one in asked])
    return [
        f"{len(asked):,} questions, {share:.0%} of them made in time; Brier scores, the less the better:",
        *table(("forecast", "score", "ours saves"), rows),
        "What was told beside what came true, by bands of the chance that was told:",
        *table(HEADS, [_row(one) for one in bands]),
    ]


def _score(asked: Sequence[Asked], way: str) -> float:
    return brier_score([ForecastResult(getattr(one, way), one.made) for one in asked]) or 0.0


def _saved(ours: float, reference: float) -> str:
    saved = brier_skill_score(ours, reference)
    return "" if saved is None else f"{saved:.0%}"


def _row(band: BandScore) -> tuple[str, ...]:
    within = f"{band.low:.0%} to {band.high:.0%}"
    return (
        f"{band.start:.0%} to {band.end:.0%}",
        str(band.n),
        f"{band.mean_chance:.0%}",
        f"{band.true_share:.0%}",
        within,
    )


def _mornings(records: Sequence[ImportedTicket]) -> Iterator[datetime]:
    """Every working morning from the day after the first incident on, until all are due."""
    at = datetime.combine(min(one.events[0].at for one in records).date() + ONE_DAY, MORNING)
    end = max(due_time(OFFICE, one.events[0].at, PROMISED[Priority.LOW]) for one in records)
    while at < end:
        if is_open(OFFICE, at):
            yield at
        at += ONE_DAY


def _asked(records: Sequence[ImportedTicket], at: datetime) -> Iterator[Asked]:
    """Each incident that was open that morning and not late yet; the outcome is read from the log only here."""
    seen = _seen(records, at)
    paces = learn_estimates([one.pace for one in seen], DEFAULT_RESOLUTION_TIME)
    chances = {one.number: one.made or 0.0 for one in forecast_team(_situation(seen, paces, at)).chances}
    share, medians = _share_so_far(seen), _medians(seen)
    for one in seen:
        if not one.is_done and one.due_at >= at:
            promised = business_seconds_between(OFFICE, one.steps[0].at, one.due_at)
            yield Asked(
                ours=chances[one.number],
                pace=paces.estimate_for(one.last.type).chance_within(
                    business_seconds_between(OFFICE, at, one.due_at), one.pace.seconds
                ),
                type_median=float(medians.get(one.last.type, medians[ANY]) <= promised),
                share_so_far=share,
                made=_stood(records[one.number], one.due_at) in DONE_STATUSES,
            )


def _seen(records: Sequence[ImportedTicket], at: datetime) -> list[Seen]:
    """The incidents filed before then, with no step of later."""
    known = ((number, tuple(step for step in one.events if step.at < at)) for number, one in enumerate(records))
    return [Seen(number, steps, at) for number, steps in known if steps]


def _stood(record: ImportedTicket, at: datetime) -> Status:
    return next(step.status for step in reversed(record.events) if step.at <= at)


def _situation(seen: Sequence[Seen], paces: Estimates, at: datetime) -> ForecastInputs:
    """The team that morning: everybody who ever held an incident works the office's hours."""
    spent = measure_handling_times(hold for one in seen for hold in one.holds)
    held = [one for one in seen if one.number in spent]
    efforts = learn_estimates(
        [DurationSample(one.last.type, spent[one.number], has_ended=one.is_done) for one in held], DEFAULT_HANDLING_TIME
    )
    people = sorted({step.assignee for one in seen for step in one.steps if step.assignee})
    opening = tuple(_opening(at))
    tasks = (_task(one, efforts, paces, spent.get(one.number, 0.0)) for one in seen if not one.is_done)
    return ForecastInputs(_stamp(at), tuple(tasks), tuple(Worker(who, opening) for who in people), opening, runs=RUNS)


def _task(one: Seen, efforts: Estimates, paces: Estimates, spent_s: float) -> ForecastTask:
    last = one.last
    return ForecastTask(
        one.number,
        last.type,
        last.priority,
        last.assignee,
        _stamp(one.due_at),
        efforts.estimate_for(last.type),
        paces.estimate_for(last.type),
        spent_s,
        one.pace.seconds,
    )


def _opening(at: datetime) -> Iterator[WorkPeriod]:
    for days in range(AHEAD):
        day = (at + days * ONE_DAY).date()
        midnight, _ = day_bounds(OFFICE, day)
        for start, end in open_windows_on(OFFICE, day):
            yield WorkPeriod(_stamp(midnight) + start, _stamp(midnight) + end)


def _share_so_far(seen: Sequence[Seen]) -> float:
    """Of those whose fate is known, how many were made; one half before any is."""
    fates = [one.resolved_at is not None and one.resolved_at <= one.due_at for one in seen if one.is_decided]
    return fmean(fates) if fates else 0.5


def _medians(seen: Sequence[Seen]) -> dict[str, float]:
    """The open time that those resolved so far took, by type and of all."""
    took = defaultdict(list)
    for one in seen:
        if one.is_done:
            took[one.last.type].append(one.pace.seconds)
            took[ANY].append(one.pace.seconds)
    return {type: median(some) for type, some in took.items()}


def _stamp(at: datetime) -> int:
    return int(at.timestamp())


@lru_cache(maxsize=100_000)
def _opened(at: datetime) -> int:
    return business_seconds_between(OFFICE, EPOCH, at)
