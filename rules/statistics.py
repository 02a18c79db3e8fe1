"""How well probability forecasts matched what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
BAND_COUNT = 10


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """One forecast: the predicted probability, 0 to 1, and whether the event happened."""

    chance: float
    came_true: bool


@dataclass(frozen=True, slots=True)
class BandScore:
    """The forecasts between two probabilities, `start` included and `end` not: their number, their mean, the share that
    came true, and the 95 % interval (`low` to `high`) of the true share."""

    start: float
    end: float
    n: int
    mean_chance: float
    true_share: float
    low: float
    high: float

    @property
    def is_calibrated(self) -> bool:
        return self.low <= self.mean_chance <= self.high


def brier_score(forecasts: Sequence[ForecastResult]) -> float | None:
    """The mean squared distance between probability and outcome: 0 is perfect, 0.25 is always saying "one half".

    None without forecasts. Brier (1950), "Verification of forecasts expressed in terms of probability", in the form for
    two outcomes, which is half of his.
    """
    if not forecasts:
        return None
    return sum((one.chance - one.came_true) ** 2 for one in forecasts) / len(forecasts)


def brier_skill_score(ours: float, reference: float) -> float | None:
    """The share of the reference's score that was saved, below 0 when worse; None when that score is perfect."""
    return 1 - ours / reference if reference else None


def reliability_bands(forecasts: Iterable[ForecastResult], bands: int = BAND_COUNT) -> tuple[BandScore, ...]:
    """Forecasts in bands of equal width; empty ones are left out, a probability of 1 is in the last band."""
    sorted_in: dict[int, list[ForecastResult]] = {}
    for forecast in forecasts:
        sorted_in.setdefault(min(int(forecast.chance * bands + 1e-9), bands - 1), []).append(forecast)
    return tuple(_band_score(results, band / bands, (band + 1) / bands) for band, results in sorted(sorted_in.items()))


def wilson_interval(part: int, total: int, z: float = Z95) -> tuple[float, float]:
    """The interval of the true share of `part` in `total`, at 95 % unless another z is given.

    Unlike the usual interval it stays within 0 to 1 and is right for few and for extreme shares; for a total of 0 it is
    0 to 1. Wilson (1927), "Probable inference, the law of succession, and statistical inference".
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
