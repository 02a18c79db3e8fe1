"""The inputs and the result of a forecast, as plain values.

They travel to the process in which `rules.forecasts.simulation` runs, and back. Moments are UTC seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from rules.forecasts.chances import ChanceMethod
from rules.forecasts.survival import TicketState
from rules.labels import LabelledEnum
from rules.model.tickets import Priority
from rules.text import _
from rules.workload.handling_time import Estimate

DEFAULT_RUNS = 2_000
_SECONDS_PER_DAY = 86_400
_DAYS_PER_WEEK = 7
_PRIORITY_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


class ChanceBand(LabelledEnum):
    """A probability in words."""

    ALMOST_CERTAIN = "almost certain", _("Almost certain")
    LIKELY = "likely", _("Likely")
    IN_DOUBT = "in doubt", _("In doubt")
    UNLIKELY = "unlikely", _("Unlikely")


BAND_THRESHOLDS = (
    (0.95, ChanceBand.ALMOST_CERTAIN),
    (0.7, ChanceBand.LIKELY),
    (0.3, ChanceBand.IN_DOUBT),
    (0.0, ChanceBand.UNLIKELY),
)


@dataclass(frozen=True, slots=True)
class WorkPeriod:
    """From `start` up to `end` a person works on tickets with this share of their time, 0 to 1."""

    start: int
    end: int
    share: float = 1.0


WorkPeriods = tuple[WorkPeriod, ...]


@dataclass(frozen=True, slots=True)
class ForecastTask:
    """An open ticket with the estimated `handling_time` of a person, and the `resolution_time` in business time from
    filing on.

    `spent_s` of the handling time and `age_s` of the resolution time have passed. Without `due_at` there is no target;
    with one, `left_s` is the time of its timer until then, which stands still while the ticket waits for its customer.
    `elapsed` is the chance by elapsed time, None where nothing like it was ever seen.
    """

    number: int
    type: str
    priority: Priority
    assignee: str | None
    due_at: int | None
    handling_time: Estimate
    resolution_time: Estimate
    spent_s: float = 0.0
    age_s: float = 0.0
    left_s: float | None = None
    state: TicketState = TicketState.IN_PROGRESS
    elapsed: float | None = None

    @property
    def work_left_s(self) -> float:
        return self.handling_time.work_left_s(self.spent_s)

    @property
    def is_blocked(self) -> bool:
        """Nobody can work on it: it waits for the customer or the experts."""
        return self.state in (TicketState.WAITING, TicketState.ESCALATED)

    @property
    def is_waiting(self) -> bool:
        return self.state is TicketState.WAITING


@dataclass(frozen=True, slots=True)
class Worker:
    """When a person will work on tickets: periods in order, none overlapping, without leave and other duties.

    `types` are those they take of unassigned tickets and on request; None takes all.
    """

    person: str
    periods: WorkPeriods
    types: frozenset[str] | None = None

    def can_take(self, task: ForecastTask) -> bool:
        return self.types is None or task.type in self.types

    def works_before(self, moment: int) -> bool:
        return bool(self.periods) and self.periods[0].start < moment


@dataclass(frozen=True, slots=True)
class ForecastInputs:
    """Everything that a team's forecast depends on; `team_hours` are its open hours, as far ahead as the forecast
    looks.

    Tickets of `paused_priorities` are worked after all others. `method` turns the candidates into the chance that is
    told. The same `seed` draws the same random numbers.
    """

    now: int
    tasks: tuple[ForecastTask, ...]
    workers: tuple[Worker, ...]
    team_hours: WorkPeriods
    paused_priorities: frozenset[Priority] = frozenset()
    runs: int = DEFAULT_RUNS
    seed: int = 0
    method: ChanceMethod = field(default_factory=ChanceMethod)

    def has_worker(self, task: ForecastTask) -> bool:
        """Whether anybody of this desk works on it; unassigned tickets are everybody's."""
        return task.assignee is None or any(worker.person == task.assignee for worker in self.workers)


@dataclass(frozen=True, slots=True)
class TicketForecast:
    """The chance of one ticket to meet its target: None without a target, and where its assignee is not of this desk,
    so that nobody works on it.

    `elapsed` is the chance by elapsed time alone. Simulated are `if_later`, the chance with one more working day, and
    when the work on it is done; None beyond the forecast's days.
    """

    number: int
    made: float | None
    if_later: float | None
    median_at: int | None
    p90_at: int | None
    due_at: int | None = None
    elapsed: float | None = None
    is_waiting: bool = False

    @property
    def lacks_worker(self) -> bool:
        return self.made is None and self.due_at is not None


@dataclass(frozen=True, slots=True)
class PersonForecast:
    """One person's tickets, the minutes of work on those that do not wait and on those that do, and when the former are
    done; None when never, or unassigned."""

    person: str | None
    tickets: int
    minutes: float
    clears_at: int | None
    waiting_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """A team's forecast: `late` tickets are overdue already, `breaches` more are expected (8 times in 10 from `low` to
    `high`), and the work on what does not wait is done by `clears_at` (`clears_p90_at`: 9 times in 10). The chances are
    in the order of work."""

    chances: tuple[TicketForecast, ...]
    late: int
    breaches: float
    low: int
    high: int
    clears_at: int | None
    clears_p90_at: int | None
    loads: tuple[PersonForecast, ...]

    @property
    def without_worker(self) -> int:
        """Tickets with a target whose assignee is not of this desk."""
        return sum(one.lacks_worker for one in self.chances)


def chance_band(chance: float) -> ChanceBand:
    return next(word for limit, word in BAND_THRESHOLDS if chance >= limit)


def is_overdue(task: ForecastTask, now: int) -> bool:
    """Past its due time; at the due moment itself nothing is late yet."""
    return task.due_at is not None and task.due_at < now


def sort_by_urgency(inputs: ForecastInputs) -> tuple[ForecastTask, ...]:
    """The earliest due time first, then the more urgent, then the older ticket; paused priorities last."""

    def place(task: ForecastTask) -> tuple[bool, float, int, int]:
        due_at = inf if task.due_at is None else task.due_at
        return task.priority in inputs.paused_priorities, due_at, _PRIORITY_RANKS[task.priority], task.number

    return tuple(sorted(inputs.tasks, key=place))


def same_time_next_open_day(due_at: int, team_hours: Sequence[WorkPeriod]) -> int:
    """The same time of the next day on which the team is open then; simply a day later where the week has none."""
    days = (due_at + _SECONDS_PER_DAY * day for day in range(1, _DAYS_PER_WEEK + 1))
    is_open = (at for at in days if any(span.start < at <= span.end for span in team_hours))
    return next(is_open, due_at + _SECONDS_PER_DAY)


def first_work_periods(team_hours: Sequence[WorkPeriod], now: int, seconds: int) -> WorkPeriods:
    periods = []
    for span in team_hours:
        start = max(span.start, now)
        end = min(span.end, start + seconds)
        if start < end:
            periods.append(WorkPeriod(start, end))
            seconds -= end - start
    return tuple(periods)
