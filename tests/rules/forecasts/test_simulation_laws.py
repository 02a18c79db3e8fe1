"""What holds for every desk that looks ahead, whatever the luck."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker
from rules.forecasts.simulation import draw_luck, forecast_team, simulate_finishes
from rules.model.tickets import Priority
from rules.workload.handling_time import Estimate
from tests.rules.teams import ANA, BEN, DAY, EIGHT, OPENING, H, chances, exactly, task, team

estimates = st.builds(Estimate, st.integers(0, 50), st.floats(60, 20 * H), st.floats(0, 2.5))
dues = st.one_of(st.none(), st.integers(0, 20 * DAY))
some = st.builds(
    ForecastTask,
    st.integers(1, 10_000),
    st.sampled_from(["network", "printer"]),
    st.sampled_from(Priority),
    st.sampled_from([None, "ana", "ben", "gone"]),
    dues,
    estimates,
    estimates,
    st.floats(0, 9 * H),
    st.floats(0, 90 * H),
)
desks = st.builds(
    lambda tasks, workers, paused: ForecastInputs(
        EIGHT, tuple(tasks), tuple(workers), OPENING, paused_priorities=frozenset(paused), runs=20
    ),
    st.lists(some, max_size=8, unique_by=lambda one: one.number),
    st.sampled_from([(), (ANA,), (ANA, BEN), (ANA, replace(BEN, types=frozenset({"printer"})))]),
    st.sets(st.sampled_from(Priority)),
)
few = settings(max_examples=60, deadline=None)


@few
@given(desks)
def test_a_chance_is_a_chance_and_the_median_comes_before_the_ninth_in_ten(situation: ForecastInputs) -> None:
    told = forecast_team(situation)

    for one in told.chances:
        assert one.made is None or 0 <= one.made <= 1
        assert one.p90_at is None or (one.median_at is not None and one.median_at <= one.p90_at)
    assert {one.number for one in told.chances} == {one.number for one in situation.tasks}


@few
@given(desks)
def test_breaches_to_expect_are_the_chances_that_are_missing(situation: ForecastInputs) -> None:
    told = forecast_team(situation)
    ahead = {one.number for one in situation.tasks if one.due_at is not None and one.due_at >= situation.now}

    missing = sum(1 - one.made for one in told.chances if one.number in ahead and one.made is not None)

    assert told.breaches == pytest.approx(missing)
    assert told.low <= told.high <= len(ahead)


@few
@given(desks)
def test_the_same_seed_tells_the_same(situation: ForecastInputs) -> None:
    assert forecast_team(situation) == forecast_team(situation)


@few
@given(desks)
def test_in_whichever_order_tickets_are_read_the_answer_is_the_same(situation: ForecastInputs) -> None:
    assert forecast_team(replace(situation, tasks=situation.tasks[::-1])).chances == forecast_team(situation).chances


@few
@given(desks, st.integers(0, 5 * DAY))
def test_a_later_promise_to_the_last_in_the_queue_is_never_less_likely_kept(
    situation: ForecastInputs, more: int
) -> None:
    last = max((one.due_at for one in situation.tasks if one.due_at is not None), default=None)
    if last is None:
        return
    moved = [replace(one, due_at=last + more) if one.due_at == last else one for one in situation.tasks]

    later = chances(replace(situation, tasks=tuple(moved)))

    now = chances(situation)
    for one in situation.tasks:
        if one.due_at == last:
            assert (now[one.number].made or 0) <= (later[one.number].made or 0)


@few
@given(estimates, estimates, st.integers(0, 20 * DAY), st.integers(0, 5 * DAY))
def test_a_later_promise_is_never_less_likely_kept(effort: Estimate, pace: Estimate, due_at: int, more: int) -> None:
    sooner, later = (chances(team(task(1, effort, pace=pace, due_at=due)))[1].made for due in (due_at, due_at + more))

    assert sooner is not None
    assert later is not None
    assert sooner <= later


@few
@given(desks, st.integers(1, 3))
def test_more_people_of_the_same_hours_never_make_anything_later(situation: ForecastInputs, more: int) -> None:
    """Where nobody holds anything yet, and no ticket needs more than one turn; run by run."""
    tasks = tuple(
        replace(one, assignee=None, handling_time=exactly(one.handling_time.median_s % H)) for one in situation.tasks
    )
    alone = replace(situation, tasks=tasks, workers=(ANA,))
    helped = replace(alone, workers=tuple(Worker(f"person {index}", OPENING) for index in range(more + 1)))

    assert (simulate_finishes(helped, draw_luck(helped)) <= simulate_finishes(alone, draw_luck(alone))).all()
