"""How long tickets take: the attention given to each, and what may be expected of the next one.

Durations are open seconds throughout. They are believed to be log-normal: the logarithm of a duration is normal, so a
ticket is as likely to take twice the median as half of it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Generic, TypeVar

POOLING_COUNT = 10.0  # so many tickets of one type weigh as much as the mean of all types
MIN_SPREAD_COUNT = 5  # of fewer no spread is measured
_QUARTILE = 0.75
_MAX_ERFC_Z = 36.0  # beyond it `erfc` has no digits left
_MIN_SECONDS = 1.0  # a duration of nothing has no logarithm


Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class WorkInterval(Generic[Key]):
    """A ticket, or one step of it, in progress with a person from `start` up to `end`, both on that person's clock of
    open seconds."""

    person: str
    ticket: Key
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class DurationSample:
    """What one ticket of a type took, or one step of it; while it has not `ended`, it takes at least so long."""

    type: str
    seconds: float
    step: str = ""
    has_ended: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A log-normal duration: half take less than `median_s`, and its logarithm has the standard deviation `sigma`.

    `n` is how many that ended it was learned from; 0 is a belief. With `sigma` 0 all take exactly the median.
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

    def log_survival(self, seconds: float) -> float:
        """ln P(it takes longer than `seconds`); only for a `sigma` above 0."""
        return log_normal_survival(self.z_score(seconds)) if seconds > 0 else 0.0

    def z_score(self, seconds: float) -> float:
        """How many standard deviations the logarithm of `seconds` (above 0) lies over that of the median."""
        return (math.log(seconds) - math.log(self.median_s)) / self.sigma


DEFAULT_HANDLING_TIME = Estimate(
    n=0, median_s=20 * 60, sigma=1.0
)  # believed of a desk without history: 20 minutes of attention
DEFAULT_RESOLUTION_TIME = Estimate(n=0, median_s=8 * 3600, sigma=1.5)  # and an open day from filing to resolution


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is expected of each (step, type), of each step whatever the type, and of what was never seen."""

    by_type: Mapping[tuple[str, str], Estimate]
    by_step: Mapping[str, Estimate]
    prior: Estimate

    def estimate_for(self, type: str, step: str = "") -> Estimate:
        """The most that is known of that type; the step "" is the whole ticket."""
        return self.by_type.get((step, type)) or self.by_step.get(step) or self.prior

    def estimate_for_steps(self, type: str, steps: Sequence[str]) -> Estimate:
        """What these steps take together, one after the other; of a ticket without steps, the whole of it.

        A sum of log-normals is told by the log-normal with its mean and variance (Fenton 1960), as if no step knew of
        another. A step that was never seen takes its share of the whole ticket.
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
        """As JSON keeps it."""
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
    """The effort of each ticket in seconds: a person's open time, shared equally by what they had in hand each instant.

    An estimate, since nobody says what they look at. It is processor sharing (Kleinrock 1967): with n(t) tickets in
    hand a person's virtual clock runs at the rate 1/n(t), and a ticket's effort is what it showed at its end less what
    it showed at its start. So all efforts together are exactly the time in which there was anything in hand.
    """
    effort: dict[Key, float] = defaultdict(float)
    by_person: dict[str, list[WorkInterval[Key]]] = defaultdict(list)
    for hold in intervals:
        by_person[hold.person].append(hold)
    for held in by_person.values():
        spans = _merge_intervals(held)
        shown = _virtual_clock(spans)
        for ticket, start, end in spans:
            effort[ticket] += shown[end] - shown[start]
    return dict(effort)


def learn_estimates(
    samples: Iterable[DurationSample], prior: Estimate, pooling_count: float = POOLING_COUNT
) -> Estimates:
    """What history teaches of every type: its own median and spread, drawn towards the mean of all where data are few.

    A type's own figures weigh n / (n + k), those of all types the rest; all types together are drawn towards the
    `prior` in the same way (partial pooling; Bühlmann 1967 calls the weight credibility). Medians are mixed as
    logarithms, spreads as variances. k = 0 believes the data alone.
    """
    by_step: dict[str, list[DurationSample]] = defaultdict(list)
    by_type: dict[tuple[str, str], list[DurationSample]] = defaultdict(list)
    for spell in samples:
        by_step[spell.step].append(spell)
        by_type[spell.step, spell.type].append(spell)
    steps = {
        step: pool_estimates(estimate_from_samples(spells, prior), prior, pooling_count)
        for step, spells in by_step.items()
    }
    types = {
        key: pool_estimates(estimate_from_samples(spells, steps[key[0]]), steps[key[0]], pooling_count)
        for key, spells in by_type.items()
    }
    return Estimates(types, steps, prior)


def pool_estimates(own: Estimate | None, overall: Estimate, pooling_count: float = POOLING_COUNT) -> Estimate:
    """Mine, drawn towards all by the weight k / (n + k); all when nothing of mine ever ended."""
    if own is None:
        return Estimate(0, overall.median_s, overall.sigma)
    weight = own.n / (own.n + pooling_count)
    log_median = weight * math.log(own.median_s) + (1 - weight) * math.log(overall.median_s)
    sigma = math.sqrt(weight * own.sigma**2 + (1 - weight) * overall.sigma**2)
    return Estimate(own.n, math.exp(log_median), sigma)


def estimate_from_samples(samples: Sequence[DurationSample], overall: Estimate) -> Estimate | None:
    """The log-normal through the quartiles of these spells; None when none of them ended.

    1. The curve of Kaplan and Meier (1958) gives the quantiles, so that what still runs counts for as long as it has
    run: without it only the quick ones would teach. 2. The spread is that between the quartiles, over the same
    distance of a normal; no outlier moves it. With fewer than FEW it is that of all. 3. Where too few have ended to
    reach a quartile, the highest quantile that was reached takes its place, and the median follows from the spread.
    """
    curve = _survival_curve(samples)
    if not curve:
        return None
    high = min(_QUARTILE, curve[-1][1])
    low, middle = high / 3, min(0.5, high)
    spread = (_quantile(curve, high) - _quantile(curve, low)) / (_normal_quantile(high) - _normal_quantile(low))
    sigma = spread if len(curve) >= MIN_SPREAD_COUNT else overall.sigma
    return Estimate(len(curve), math.exp(_quantile(curve, middle) - sigma * _normal_quantile(middle)), sigma)


def log_normal_survival(z: float) -> float:
    """ln P(a standard normal is above z), also where the chance itself is too small for a float."""
    if z < _MAX_ERFC_Z:
        return math.log(math.erfc(z / math.sqrt(2)) / 2)
    return -z * z / 2 - math.log(z * math.sqrt(2 * math.pi))


def _merge_intervals(intervals: Iterable[WorkInterval[Key]]) -> list[tuple[Key, float, float]]:
    """(ticket, start, end) of one person, spans of one ticket that overlap made one; empty ones are left out."""
    joined: list[tuple[Key, float, float]] = []
    for hold in sorted(intervals, key=lambda one: (str(one.ticket), one.start)):
        if joined and joined[-1][0] == hold.ticket and hold.start <= joined[-1][2]:
            joined[-1] = (hold.ticket, joined[-1][1], max(joined[-1][2], hold.end))
        elif hold.start < hold.end:
            joined.append((hold.ticket, hold.start, hold.end))
    return joined


def _virtual_clock(spans: Iterable[tuple[Key, float, float]]) -> dict[float, float]:
    """What the person's virtual clock shows at every moment at which something comes into hand or leaves it."""
    turns: Counter[float] = Counter()
    for _, start, end in spans:
        turns[start] += 1
        turns[end] -= 1
    shown, clock, in_hand, before = {}, 0.0, 0, 0.0
    for at in sorted(turns):
        clock += (at - before) / in_hand if in_hand else 0.0
        shown[at], before = clock, at
        in_hand += turns[at]
    return shown


def _survival_curve(samples: Sequence[DurationSample]) -> list[tuple[float, float]]:
    """(ln seconds, share that takes no longer) at each spell that ended, by the product-limit estimator."""
    curve, left = [], 1.0
    ordered = sorted(samples, key=lambda one: (one.seconds, not one.has_ended))
    for index, spell in enumerate(ordered):
        if spell.has_ended:
            left *= 1 - 1 / (len(ordered) - index)
            curve.append((math.log(max(spell.seconds, _MIN_SECONDS)), 1 - left))
    return curve


def _quantile(curve: Sequence[tuple[float, float]], share: float) -> float:
    """The first point at which that share is reached; the middle to the next one where it is reached exactly."""
    index = next(index for index, (_, reached) in enumerate(curve) if reached >= share - 1e-12)
    at, reached = curve[index]
    exact = reached <= share + 1e-12 and index + 1 < len(curve)
    return (at + curve[index + 1][0]) / 2 if exact else at


def _normal_quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)
