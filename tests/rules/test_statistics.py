"""Were the forecasts right? Scores compared with those worked out by hand, and with published ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.statistics import ForecastResult, brier_score, brier_skill_score, reliability_bands, wilson_interval

chances = st.floats(0, 1)
forecasts = st.lists(st.builds(ForecastResult, chances, st.booleans()), min_size=1)


def test_the_score_of_three_forecasts_is_that_by_hand() -> None:
    told = [ForecastResult(0.9, True), ForecastResult(0.2, True), ForecastResult(0.0, False)]

    assert brier_score(told) == pytest.approx((0.01 + 0.64 + 0) / 3)


def test_nothing_told_has_no_score() -> None:
    assert brier_score([]) is None


def test_one_half_every_time_scores_a_quarter() -> None:
    assert brier_score([ForecastResult(0.5, True), ForecastResult(0.5, False)]) == 0.25


@given(forecasts)
def test_the_score_lies_between_perfect_and_always_wrong(told: list[ForecastResult]) -> None:
    score = brier_score(told)

    assert score is not None
    assert 0 <= score <= 1


@given(st.integers(1, 50), st.integers(1, 50), chances)
def test_no_chance_scores_better_than_the_share_that_came_true(came: int, failed: int, chance: float) -> None:
    share = came / (came + failed)

    def score(told: float) -> float:
        return brier_score([ForecastResult(told, True)] * came + [ForecastResult(told, False)] * failed) or 0.0

    assert score(share) <= score(chance) + 1e-12
    assert score(share) == pytest.approx(share * (1 - share))


@pytest.mark.parametrize(("ours", "reference", "saved"), [(0.1, 0.2, 0.5), (0.2, 0.2, 0), (0.3, 0.2, -0.5)])
def test_skill_is_the_part_of_the_references_score_that_is_saved(ours: float, reference: float, saved: float) -> None:
    assert brier_skill_score(ours, reference) == pytest.approx(saved)


def test_nobody_is_better_than_a_perfect_reference() -> None:
    assert brier_skill_score(0.1, 0) is None


@pytest.mark.parametrize(
    ("part", "of", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(part: int, of: int, low: float, high: float) -> None:
    assert wilson_interval(part, of) == pytest.approx((low, high), abs=0.00005)


def test_of_none_every_share_is_possible() -> None:
    assert wilson_interval(0, 0) == (0, 1)


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_interval_holds_the_share_and_stays_a_share(part: int, of: int) -> None:
    part = min(part, of)

    low, high = wilson_interval(part, of)

    assert 0 <= low <= part / of + 1e-12
    assert part / of - 1e-12 <= high <= 1


def test_forecasts_are_sorted_into_bands_and_empty_ones_left_out() -> None:
    told = [
        ForecastResult(0.0, False),
        ForecastResult(0.05, True),
        ForecastResult(0.3, True),
        ForecastResult(0.95, True),
        ForecastResult(1.0, False),
    ]

    low, middle, high = reliability_bands(told)

    assert (low.start, low.n, low.mean_chance, low.true_share) == (0, 2, 0.025, 0.5)
    assert (middle.start, middle.n) == (0.3, 1)
    assert (high.start, high.end, high.n, high.true_share) == (0.9, 1.0, 2, 0.5)


def test_a_band_holds_when_what_was_told_lies_in_its_interval() -> None:
    right = reliability_bands([ForecastResult(0.55, True)] * 11 + [ForecastResult(0.55, False)] * 9)
    wrong = reliability_bands([ForecastResult(0.55, True)] * 20)

    assert [one.is_calibrated for one in (*right, *wrong)] == [True, False]


@given(forecasts)
def test_every_forecast_is_in_one_band(told: list[ForecastResult]) -> None:
    bands = reliability_bands(told)

    assert sum(one.n for one in bands) == len(told)
    assert all(one.start - 1e-9 <= one.mean_chance <= one.end + 1e-9 for one in bands)
