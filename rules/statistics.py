"""Were the forecasts right? Chances that were told, held against what came true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
BAND_COUNT = 10


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """One forecast: the chance that was told, 0 to 1, and whether it came true."""

    chance: float
    came_true: bool


@dataclass(frozen=True, slots=True)
class BandScore:
    """Forecasts from `start` up to `end`: how many, what they told on average, how many came true, and the interval
    (95 %) in which the true share lies."""

    start: float
    end: float
    n: int
    mean_chance: float
    true_share: float
    low: float
    high: float

    @property
    def is_calibrated(self) -> bool:
        """Whether what was told lies in the interval."""
        return self.low <= self.mean_chance <= self.high


def brier_score(forecasts: Sequence[ForecastResult]) -> float | None:
    """The mean squared distance between chance and outcome: 0 is perfect, 0.25 is always saying "one half".

    None when nothing was told. Brier (1950), "Verification of forecasts expressed in terms of probability", in the
    form for two outcomes, which is half of his.
    """
    if not forecasts:
        return None
    return sum((one.chance - one.came_true) ** 2 for one in forecasts) / len(forecasts)


def brier_skill_score(ours: float, reference: float) -> float | None:
    """How much of the reference's score was saved: 1 all, 0 nothing, below 0 worse than it; None when it is perfect."""
    return 1 - ours / reference if reference else None


def reliability_bands(forecasts: Iterable[ForecastResult], bands: int = BAND_COUNT) -> tuple[BandScore, ...]:
    """What was told beside what came true, by bands of equal width; empty ones are left out, 1 belongs to the last."""
    sorted_in: dict[int, list[ForecastResult]] = {}
    for one in forecasts:
        sorted_in.setdefault(min(int(one.chance * bands + 1e-9), bands - 1), []).append(one)
    return tuple(_band_score(some, band / bands, (band + 1) / bands) for band, some in sorted(sorted_in.items()))


def wilson_interval(part: int, total: int, z: float = Z95) -> tuple[float, float]:
    """The interval in which the true share of `part` in `of` lies, at 95 % unless another z is given.

    Unlike the usual one it stays within 0 to 1 and is right for few and for extreme shares; of none it is all of 0 to
    1. Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not total:
        return 0.0, 1.0
    share, spread = part / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _band_score(some: Sequence[ForecastResult], start: float, end: float) -> BandScore:
    n, part = len(some), sum(one.came_true for one in some)
    low, high = wilson_interval(part, n)
    return BandScore(start, end, n, sum(one.chance for one in some) / n, part / n, low, high)
