"""How long tickets take: attention is shared, and few data lean on the mean of all."""

import math
from collections import Counter
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.workload.handling_time import (
    DEFAULT_HANDLING_TIME,
    DEFAULT_RESOLUTION_TIME,
    DurationSample,
    Estimate,
    WorkInterval,
    estimate_from_samples,
    learn_estimates,
    log_normal_survival,
    measure_handling_times,
    pool_estimates,
)

HOUR = Estimate(n=40, median_s=3600, sigma=1.0)

holds = st.builds(
    lambda person, ticket, start, length: WorkInterval(person, ticket, start, start + length),
    st.sampled_from(["ana", "ben"]),
    st.integers(1, 4),
    st.integers(0, 50),
    st.integers(0, 20),
)


def network(*seconds: float, ended: bool = True) -> list[DurationSample]:
    return [DurationSample("network", one, has_ended=ended) for one in seconds]


def test_two_tickets_in_hand_share_a_persons_time() -> None:
    effort = measure_handling_times([WorkInterval("ana", 1, 0, 100), WorkInterval("ana", 2, 40, 100)])

    assert effort == {1: 70, 2: 30}


def test_each_person_has_their_own_time_and_a_ticket_sums_what_it_was_given() -> None:
    effort = measure_handling_times(
        [WorkInterval("ana", 1, 0, 10), WorkInterval("ben", 1, 5, 25), WorkInterval("ben", 2, 5, 25)]
    )

    assert effort == {1: 20, 2: 10}


def test_a_ticket_held_twice_at_once_counts_once() -> None:
    effort = measure_handling_times(
        [WorkInterval("ana", 1, 0, 10), WorkInterval("ana", 1, 5, 20), WorkInterval("ana", 2, 0, 0)]
    )

    assert effort == {1: 20}


@given(st.lists(holds))
def test_all_attention_together_is_the_time_in_which_anything_was_in_hand(held: list[WorkInterval[int]]) -> None:
    in_hand = {(one.person, second) for one in held for second in range(int(one.start), int(one.end))}

    assert sum(measure_handling_times(held).values()) == pytest.approx(len(in_hand))


@given(st.lists(holds))
def test_each_second_is_shared_equally(held: list[WorkInterval[int]]) -> None:
    seconds = {(one.person, second, one.ticket) for one in held for second in range(int(one.start), int(one.end))}
    sharing = Counter((person, second) for person, second, _ in seconds)
    by_hand: dict[int, float] = {}
    for person, second, ticket in seconds:
        by_hand[ticket] = by_hand.get(ticket, 0) + 1 / sharing[person, second]

    assert measure_handling_times(held) == pytest.approx(by_hand)


def test_half_take_less_than_the_median_and_the_rest_follows_the_normal() -> None:
    normal = NormalDist(math.log(3600), 1.0)

    assert HOUR.chance_within(3600) == pytest.approx(0.5)
    assert HOUR.chance_within(7200) == pytest.approx(normal.cdf(math.log(7200)))
    assert HOUR.chance_within(-1) == 0


def test_what_is_spent_is_no_longer_ahead() -> None:
    normal = NormalDist(math.log(3600), 1.0)
    left = 1 - normal.cdf(math.log(5000))

    assert HOUR.chance_within(1000, spent_s=4000) == pytest.approx(1 - left / (1 - normal.cdf(math.log(4000))))


def test_the_longer_a_ticket_has_taken_the_longer_it_will() -> None:
    chances = [HOUR.chance_within(3600, spent_s=hours * 3600) for hours in (2, 8, 100, 1e6, 1e12, 1e30)]

    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


def test_without_spread_all_take_exactly_the_median() -> None:
    always = Estimate(n=3, median_s=600, sigma=0)

    assert (always.chance_within(599), always.chance_within(600)) == (0, 1)
    assert always.chance_within(100, spent_s=500) == 1


@pytest.mark.parametrize(("z", "tail"), [(0.0, 0.5), (1.959963984540054, 0.025), (-1.2815515655446004, 0.9)])
def test_the_tail_is_that_of_the_normal(z: float, tail: float) -> None:
    assert math.exp(log_normal_survival(z)) == pytest.approx(tail)


def test_the_tail_goes_on_where_floats_end() -> None:
    assert log_normal_survival(35.999) == pytest.approx(log_normal_survival(36.0), rel=1e-3)
    assert log_normal_survival(100) == pytest.approx(-5005.524, abs=0.001)  # ln Q(100), Abramowitz and Stegun 26.2.12


def test_a_desk_without_history_believes_the_prior() -> None:
    known = learn_estimates([], DEFAULT_HANDLING_TIME)

    assert known.estimate_for("network") == DEFAULT_HANDLING_TIME


def test_a_type_never_seen_is_expected_to_take_what_all_take() -> None:
    known = learn_estimates(network(*[100.0] * 1000), DEFAULT_RESOLUTION_TIME)

    assert known.estimate_for("printer") == known.by_step[""]
    assert known.estimate_for("printer", step="install") == DEFAULT_RESOLUTION_TIME


def test_many_of_a_type_teach_their_own_median_whatever_is_believed() -> None:
    draws = Random(1)
    known = learn_estimates(network(*(draws.lognormvariate(6.0, 0.5) for _ in range(20_000))), DEFAULT_RESOLUTION_TIME)

    assert math.log(known.estimate_for("network").median_s) == pytest.approx(6.0, abs=0.02)
    assert known.estimate_for("network").sigma == pytest.approx(0.5, abs=0.02)


def test_as_many_as_k_weigh_half() -> None:
    mine = pool_estimates(Estimate(10, 100, 0.0), Estimate(99, 10_000, 1.0), pooling_count=10)

    assert mine.median_s == pytest.approx(1000)
    assert mine.sigma == pytest.approx(math.sqrt(0.5))


def test_a_type_of_which_nothing_ended_is_like_all() -> None:
    mine = pool_estimates(estimate_from_samples(network(50, 60, ended=False), HOUR), HOUR)

    assert (mine.n, mine.median_s, mine.sigma) == (0, HOUR.median_s, HOUR.sigma)


def test_steps_are_learned_apart_from_whole_tickets() -> None:
    spells = [DurationSample("network", 100, step="test") for _ in range(50)] + network(*[9000.0] * 50)
    known = learn_estimates(spells, DEFAULT_RESOLUTION_TIME, pooling_count=0)

    assert known.estimate_for("network", "test").median_s == pytest.approx(100)
    assert known.estimate_for("network").median_s == pytest.approx(9000)


def test_one_absurd_ticket_moves_nothing() -> None:
    usual = network(*(100.0 * 1.1**step for step in range(41)))

    with_it, without = estimate_from_samples([*usual, *network(1e12)], HOUR), estimate_from_samples(usual, HOUR)

    assert with_it and without
    assert with_it.median_s == pytest.approx(without.median_s, rel=0.06)
    assert with_it.sigma == pytest.approx(without.sigma, rel=0.06)


def test_the_quartiles_of_a_normal_give_its_own_spread() -> None:
    exact = [math.exp(7 + 0.8 * NormalDist().inv_cdf((rank + 0.5) / 400)) for rank in range(400)]

    mine = estimate_from_samples(network(*exact), HOUR)

    assert mine
    assert mine.median_s == pytest.approx(math.exp(7), rel=0.01)
    assert mine.sigma == pytest.approx(0.8, rel=0.01)


def test_few_have_the_spread_of_all() -> None:
    mine = estimate_from_samples(network(100, 100, 100, 100), HOUR)

    assert mine
    assert (mine.n, mine.sigma) == (4, HOUR.sigma)
    assert mine.median_s == pytest.approx(100)


def test_what_still_runs_counts_for_as_long_as_it_has_run() -> None:
    draws = Random(2)
    took = [draws.lognormvariate(8.0, 1.0) for _ in range(20_000)]
    seen = [DurationSample("network", min(one, 2000), has_ended=one <= 2000) for one in took]

    mine = estimate_from_samples(seen, HOUR)

    assert mine
    assert math.log(mine.median_s) == pytest.approx(8.0, abs=0.05)
    assert mine.sigma == pytest.approx(1.0, abs=0.05)


def test_a_ticket_that_took_no_time_at_all_can_be_learned_from() -> None:
    mine = estimate_from_samples(network(0, 0, 0), HOUR)

    assert mine
    assert mine.median_s == 1


@pytest.mark.parametrize(("spent", "left"), [(0, 20.0), (5 * 60, 15.0), (20 * 60, 2.0), (9999, 2.0)])
def test_what_is_left_is_the_median_less_what_was_spent_and_never_nothing(spent: float, left: float) -> None:
    assert Estimate(9, 20 * 60, 1.0).work_left_s(spent) / 60 == pytest.approx(left)
