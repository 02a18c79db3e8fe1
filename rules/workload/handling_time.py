"""Handling time: how long tickets took, and how long the next one may take.

Durations are business seconds throughout, modelled as log-normal: the logarithm of a duration is normal, so a ticket is
as likely to take twice the median as half of it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Generic, TypeVar

POOLING_COUNT = 10.0  # a type's own figures weigh half with this many samples
MIN_SPREAD_COUNT = 5  # with fewer samples the overall spread is used
MAX_SIGMA = 2.0  # 19 of 20 within fifty times more or less than the median: beyond it a few samples rule
MIN_WORK_SHARE = 0.1  # of the median: what a ticket still takes that took longer than expected
_QUARTILE = 0.75
_MAX_ERFC_Z = 36.0  # beyond it `erfc` underflows
_MIN_SECONDS = 1.0  # a duration of zero has no logarithm


Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class WorkInterval(Generic[Key]):
    """A ticket, or one step of it, in progress with a person; in business seconds of that person."""

    person: str
    ticket: Key
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class DurationSample:
    """How long one ticket of a type, or one step of it, took; until it `has_ended` this is a lower bound."""

    type: str
    seconds: float
    step: str = ""
    has_ended: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A log-normal duration: half take less than `median_s`, and its logarithm has the standard deviation `sigma`.

    `n` is the number of ended samples; 0 is an assumption. With `sigma` 0 all take exactly the median.
    """

    n: int
    median_s: float
    sigma: float

    def chance_within(self, seconds: float, spent_s: float = 0) -> float:
        """P(done within `seconds` more, given that `spent_s` were not enough), from 0 to 1."""
        if seconds < 0:
            return 0.0
        if not self.sigma:
            return float(spent_s + seconds >= self.median_s)
        return -math.expm1(self.log_survival(spent_s + seconds) - self.log_survival(spent_s))

    def work_left_s(self, spent_s: float = 0) -> float:
        """The minutes of work that people read, in seconds: the median less what is spent, at least a tenth of it."""
        return max(self.median_s - spent_s, self.median_s * MIN_WORK_SHARE)

    def log_survival(self, seconds: float) -> float:
        """ln P(it takes longer than `seconds`); only for a `sigma` above 0."""
        return log_normal_survival(self.z_score(seconds)) if seconds > 0 else 0.0

    def z_score(self, seconds: float) -> float:
        """How many standard deviations the logarithm of `seconds` (above 0) is above that of the median."""
        return (math.log(seconds) - math.log(self.median_s)) / self.sigma


DEFAULT_HANDLING_TIME = Estimate(n=0, median_s=20 * 60, sigma=1.0)  # without history: 20 minutes
DEFAULT_RESOLUTION_TIME = Estimate(n=0, median_s=8 * 3600, sigma=1.5)  # without history: eight business hours


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates by (step, type), by step for all types, and the prior for what was never seen."""

    by_type: Mapping[tuple[str, str], Estimate]
    by_step: Mapping[str, Estimate]
    prior: Estimate

    def estimate_for(self, type: str, step: str = "") -> Estimate:
        """The most specific estimate of that type; the step "" is the whole ticket."""
        return self.by_type.get((step, type)) or self.by_step.get(step) or self.prior

    def estimate_for_steps(self, type: str, steps: Sequence[str]) -> Estimate:
        """These steps together, one after the other; without steps, the whole ticket.

        A sum of log-normals is approximated by the log-normal with its mean and variance (Fenton 1960), taking the
        steps as independent. A step that was never seen takes its share of the whole ticket.
        """
        if len(steps) <= 1:
            return self.estimate_for(type, *steps)
        parts = [self.by_type.get((step, type)) or self._step_share(type, len(steps)) for step in steps]
        means = [part.median_s * math.exp(part.sigma**2 / 2) for part in parts]
        spread = sum(mean**2 * math.expm1(part.sigma**2) for mean, part in zip(means, parts, strict=True))
        mean = sum(means)
        variance = math.log1p(spread / mean**2)
        n = min(part.n for part in parts)
        return Estimate(n, mean * math.exp(-variance / 2), math.sqrt(variance))

    def to_json(self) -> dict[str, Any]:
        types = [[*key, one.n, one.median_s, one.sigma] for key, one in self.by_type.items()]
        steps = [[key, one.n, one.median_s, one.sigma] for key, one in self.by_step.items()]
        return {"types": types, "steps": steps, "prior": [self.prior.n, self.prior.median_s, self.prior.sigma]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Estimates":
        types = {(step, type): Estimate(*rest) for step, type, *rest in stored["types"]}
        return cls(types, {step: Estimate(*rest) for step, *rest in stored["steps"]}, Estimate(*stored["prior"]))

    def _step_share(self, type: str, steps: int) -> Estimate:
        whole = self.estimate_for(type)
        return Estimate(0, whole.median_s / steps, whole.sigma)


def measure_handling_times(intervals: Iterable[WorkInterval[Key]]) -> dict[Key, float]:
    """The handling time of each ticket in seconds: a person's business time, shared equally among their tickets in
    progress.

    An estimate, since nobody records what they look at. It is processor sharing (Kleinrock 1967): with n(t) tickets in
    progress a person's virtual clock runs at the rate 1/n(t), and a ticket's handling time is the difference of that
    clock between its end and its start. So all handling times together are exactly the time with any ticket in
    progress.
    """
    seconds: dict[Key, float] = defaultdict(float)
    by_person: dict[str, list[WorkInterval[Key]]] = defaultdict(list)
    for hold in intervals:
        by_person[hold.person].append(hold)
    for held in by_person.values():
        spans = _merge_intervals(held)
        shown = _virtual_clock(spans)
        for ticket, start, end in spans:
            seconds[ticket] += shown[end] - shown[start]
    return dict(seconds)


def learn_estimates(
    samples: Iterable[DurationSample], prior: Estimate, pooling_count: float = POOLING_COUNT
) -> Estimates:
    """The median and spread of every type, pooled with all types where samples are few.

    A type's own figures weigh n / (n + k), with k the `pooling_count`; those of all types the rest. All types together
    are pooled with the `prior` in the same way (partial pooling; Bühlmann 1967 calls the weight credibility). Medians
    are mixed as logarithms, spreads as variances. k = 0 uses the samples alone.
    """
    by_step: dict[str, list[DurationSample]] = defaultdict(list)
    by_type: dict[tuple[str, str], list[DurationSample]] = defaultdict(list)
    for sample in samples:
        by_step[sample.step].append(sample)
        by_type[sample.step, sample.type].append(sample)

    def learn(own: Sequence[DurationSample], overall: Estimate) -> Estimate:
        return pool_estimates(estimate_from_samples(own, overall), overall, pooling_count)

    steps = {step: learn(own, prior) for step, own in by_step.items()}
    types = {(step, type_): learn(own, steps[step]) for (step, type_), own in by_type.items()}
    return Estimates(types, steps, prior)


def pool_estimates(own: Estimate | None, overall: Estimate, pooling_count: float = POOLING_COUNT) -> Estimate:
    """The weight of `overall` is k / (n + k); it is used alone when no own sample ended."""
    if own is None:
        return Estimate(0, overall.median_s, overall.sigma)
    weight = own.n / (own.n + pooling_count)
    log_median = weight * math.log(own.median_s) + (1 - weight) * math.log(overall.median_s)
    sigma = math.sqrt(weight * own.sigma**2 + (1 - weight) * overall.sigma**2)
    return Estimate(own.n, math.exp(log_median), sigma)


def estimate_from_samples(samples: Sequence[DurationSample], overall: Estimate) -> Estimate | None:
    """The log-normal through the quartiles of the samples; None when none of them ended.

    1. The curve of Kaplan and Meier (1958) gives the quantiles, so that running tickets count for as long as they have
    run: without them only the quick ones would count. 2. The spread is that between the quartiles, over the same
    distance of a normal; no outlier moves it. It is at most MAX_SIGMA; with fewer than MIN_SPREAD_COUNT samples it is
    the overall spread. 3. Where too
    few have ended to reach a quartile, the highest quantile reached takes its place, and the median follows from the
    spread.
    """
    curve = _survival_curve(samples)
    if not curve:
        return None
    high = min(_QUARTILE, curve[-1][1])
    low, middle = high / 3, min(0.5, high)
    spread = (_quantile(curve, high) - _quantile(curve, low)) / (_normal_quantile(high) - _normal_quantile(low))
    sigma = min(spread, MAX_SIGMA) if len(curve) >= MIN_SPREAD_COUNT else overall.sigma
    return Estimate(len(curve), math.exp(_quantile(curve, middle) - sigma * _normal_quantile(middle)), sigma)


def log_normal_survival(z: float) -> float:
    """ln P(a standard normal is above z), also where the probability itself is too small for a float."""
    if z < _MAX_ERFC_Z:
        return math.log(math.erfc(z / math.sqrt(2)) / 2)
    return -z * z / 2 - math.log(z * math.sqrt(2 * math.pi))


def _merge_intervals(intervals: Iterable[WorkInterval[Key]]) -> list[tuple[Key, float, float]]:
    """(ticket, start, end) of one person; overlapping spans of one ticket are merged, empty ones left out."""
    of_ticket: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for hold in intervals:
        if hold.start < hold.end:
            of_ticket[hold.ticket].append((hold.start, hold.end))
    return [(ticket, start, end) for ticket, spans in of_ticket.items() for start, end in _merge_spans(spans)]


def _merge_spans(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(spans) == 1:
        return spans
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _virtual_clock(spans: Iterable[tuple[Key, float, float]]) -> dict[float, float]:
    changes: Counter[float] = Counter()
    for _, start, end in spans:
        changes[start] += 1
        changes[end] -= 1
    shown, clock, in_hand, before = {}, 0.0, 0, 0.0
    for at in sorted(changes):
        clock += (at - before) / in_hand if in_hand else 0.0
        shown[at], before = clock, at
        in_hand += changes[at]
    return shown


def _survival_curve(samples: Sequence[DurationSample]) -> list[tuple[float, float]]:
    """(ln seconds, share that takes no longer) at each ended sample, by the product-limit estimator."""
    curve, left = [], 1.0
    ordered = sorted(samples, key=lambda one: (one.seconds, not one.has_ended))
    for index, sample in enumerate(ordered):
        if sample.has_ended:
            left *= 1 - 1 / (len(ordered) - index)
            curve.append((math.log(max(sample.seconds, _MIN_SECONDS)), 1 - left))
    return curve


def _quantile(curve: Sequence[tuple[float, float]], share: float) -> float:
    """The first point that reaches the share; the middle to the next one where it is reached exactly."""
    index = next(index for index, (_, reached) in enumerate(curve) if reached >= share - 1e-12)
    at, reached = curve[index]
    exact = reached <= share + 1e-12 and index + 1 < len(curve)
    return (at + curve[index + 1][0]) / 2 if exact else at


def _normal_quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)
