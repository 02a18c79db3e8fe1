"""What a share says when few were counted."""

import pytest

from rules.shares import wilson


@pytest.mark.parametrize(
    ("made", "of", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (1, 1, 0.207, 1.0)],
)
def test_the_range_is_wilsons(made: int, of: int, low: float, high: float) -> None:
    assert wilson(made, of) == pytest.approx((low, high), abs=0.001)


def test_of_none_everything_may_be_true() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_more_cases_leave_less_open() -> None:
    few, many = wilson(7, 10), wilson(700, 1000)

    assert many[1] - many[0] < few[1] - few[0]
    assert many[0] < 0.7 < many[1]
