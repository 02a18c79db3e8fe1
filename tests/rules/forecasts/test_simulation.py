"""Will it be done in time? What can be worked out by hand, and what others worked out."""

import json
import math
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from rules.forecasts.forecasts import Forecast, ForecastInputs, PersonForecast, Worker, WorkPeriod
from rules.forecasts.simulation import draw_remaining, forecast_team
from rules.forecasts.survival import TicketState
from rules.workload.handling_time import Estimate
from tests.rules.teams import ANA, BEN, DAY, EIGHT, OPENING, H, M, at, chances, exactly, task, team

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference.json"
HALF_HOUR = exactly(30 * M)


@pytest.mark.parametrize("seed", range(5))
def test_more_people_never_raise_the_breaches_to_expect(seed: int) -> None:
    tasks = tuple(
        task(number, Estimate(9, 40 * M, 1.0), holder=None, due_at=at(number // 20, 12)) for number in range(60)
    )
    people = [Worker(f"person {index}", OPENING) for index in range(6)]

    expected = [
        forecast_team(replace(team(*tasks, workers=tuple(people[:many]), runs=400), seed=seed)).breaches
        for many in range(1, 7)
    ]

    assert expected == sorted(expected, reverse=True)
    assert expected[0] > expected[-1]


def test_who_comes_changes_nothing_for_tickets_that_others_hold() -> None:
    tasks = [task(number, Estimate(9, 3 * H, 1.0), due_at=at(1, 12)) for number in range(9)]

    assert forecast_team(team(*tasks, workers=(ANA, BEN))).chances == forecast_team(team(*tasks)).chances


def test_an_empty_desk_expects_nothing() -> None:
    told = forecast_team(team(workers=()))

    assert told == Forecast((), 0, 0.0, 0, 0, EIGHT, EIGHT, ())


def test_one_persons_day_is_the_sum_by_hand_and_goes_on_after_the_night() -> None:
    told = chances(team(*(task(number, HALF_HOUR, due_at=at(1, 8.5)) for number in range(1, 19))))

    assert [told[number].median_at for number in (1, 2, 16, 17, 18)] == [
        at(0, 8.5),
        at(0, 9),
        at(0, 16),
        at(1, 8.5),
        at(1, 9),
    ]
    assert [told[number].made for number in (16, 17, 18)] == [1, 1, 0]


def test_tickets_are_worked_one_after_another_however_long_they_take() -> None:
    told = chances(team(task(1, exactly(3 * H), due_at=DAY), task(2, HALF_HOUR), task(3, exactly(2 * H))))

    assert [told[number].median_at for number in (1, 2, 3)] == [at(0, 11), at(0, 11.5), at(0, 13.5)]


def test_who_gives_half_of_their_time_takes_twice_as_long() -> None:
    half = Worker("ana", tuple(replace(span, share=0.5) for span in OPENING))

    told = chances(team(task(1, exactly(H)), workers=(half,)))

    assert told[1].median_at == at(0, 10)


def test_now_may_lie_in_the_middle_of_the_day() -> None:
    told = chances(team(task(1, exactly(H)), task(2, HALF_HOUR), now=at(0, 15.25)))

    assert [told[number].median_at for number in (1, 2)] == [at(1, 8.25), at(1, 8.75)]


def test_what_is_spent_already_is_not_given_again() -> None:
    begun = replace(task(1, exactly(H)), spent_s=45 * M)

    assert chances(team(begun))[1].median_at == at(0, 8.25)


def test_how_long_such_tickets_took_is_not_counted_on_top_of_the_queue() -> None:
    slow = task(1, HALF_HOUR, pace=exactly(10 * H))

    assert chances(team(slow, task(2, HALF_HOUR)))[1].median_at == at(0, 8.5)


@pytest.mark.parametrize("state", [TicketState.WAITING, TicketState.ESCALATED])
def test_a_ticket_that_waits_is_in_nobodys_way(state: TicketState) -> None:
    waits = replace(task(1, exactly(3 * H), due_at=DAY), state=state)

    told = forecast_team(team(waits, task(2, HALF_HOUR)))

    assert {one.number: one.median_at for one in told.chances} == {1: at(0, 11), 2: at(0, 8.5)}
    assert told.loads == (PersonForecast("ana", 2, 30, at(0, 8.5), waiting_minutes=180),)
    assert told.clears_at == at(0, 8.5)


def test_what_nobody_has_goes_to_whoever_is_done_first() -> None:
    tasks = [task(1, exactly(H)), task(2, HALF_HOUR, holder=None), task(3, HALF_HOUR, holder=None)]

    told = chances(team(*tasks, workers=(ANA, BEN)))

    assert [told[number].median_at for number in (1, 2, 3)] == [at(0, 9), at(0, 8.5), at(0, 9)]


def test_only_who_fits_takes_what_nobody_has() -> None:
    printers = replace(BEN, types=frozenset({"printer"}))
    free = task(1, HALF_HOUR, holder=None)

    assert chances(team(free, workers=(printers,)))[1].median_at is None
    assert chances(team(free, task(2, HALF_HOUR, holder="ben"), workers=(printers,)))[2].median_at == at(0, 8.5)


def test_without_anybody_nothing_will_be_done() -> None:
    told = forecast_team(team(task(1, HALF_HOUR, holder=None), workers=()))

    assert [one.made for one in told.chances] == [0]
    assert (told.breaches, told.clears_at) == (1, None)


def test_who_has_no_time_for_it_does_nothing() -> None:
    busy = Worker("ana", tuple(replace(span, share=0.0) for span in OPENING))

    assert chances(team(task(1, HALF_HOUR), workers=(busy,)))[1].made == 0


def test_who_is_not_free_before_it_is_due_will_miss_it() -> None:
    tomorrow = Worker("ana", OPENING[1:])

    told = chances(team(task(1, HALF_HOUR, due_at=at(0, 16)), workers=(tomorrow,)))

    assert (told[1].made, told[1].median_at) == (0, at(1, 8.5))


def test_a_ticket_of_somebody_who_is_not_of_this_desk_has_no_chance_of_its_own() -> None:
    told = forecast_team(team(task(1, HALF_HOUR, holder="gone"), task(2, HALF_HOUR)))

    assert {one.number: one.made for one in told.chances} == {1: None, 2: 1}
    assert (told.without_worker, told.breaches, told.clears_at) == (1, 0, at(0, 8.5))
    assert PersonForecast("gone", 1, 30, None) in told.loads


def test_the_work_of_all_is_never_done_before_that_of_one() -> None:
    usual = Estimate(9, 40 * M, 1.0)
    told = forecast_team(
        team(*(task(number, usual) for number in range(9)), task(9, usual, holder="ben"), workers=(ANA, BEN))
    )

    assert told.clears_at == max(load.clears_at or 0 for load in told.loads)
    assert told.clears_p90_at is not None
    assert told.clears_p90_at >= told.clears_at


def test_minutes_of_work_are_the_usual_ones_less_those_spent() -> None:
    begun = replace(task(1, Estimate(9, 40 * M, 1.0)), spent_s=10 * M)
    longer = replace(task(2, Estimate(9, 40 * M, 1.0)), spent_s=90 * M)

    (load,) = forecast_team(team(begun, longer)).loads

    assert (load.minutes, load.clears_at) == (34, at(0, 8) + 34 * M)


def test_what_is_late_already_has_no_chance_and_is_counted_apart() -> None:
    told = forecast_team(team(task(1, HALF_HOUR, due_at=EIGHT - 1)))

    assert (told.chances[0].made, told.late, told.breaches) == (0, 1, 0)


def test_what_is_promised_nothing_is_never_a_breach() -> None:
    told = forecast_team(team(task(1, HALF_HOUR, due_at=None), workers=()))

    assert (told.chances[0].made, told.breaches) == (None, 0)


def test_one_more_working_day_has_its_own_chance() -> None:
    (told,) = forecast_team(team(task(1, HALF_HOUR, due_at=at(0, 8.25)))).chances

    assert (told.made, told.if_later) == (0, 1)


def test_loads_say_who_has_how_many_minutes_and_until_when() -> None:
    tasks = [task(1, exactly(6 * H)), task(2, exactly(4 * H)), task(3, HALF_HOUR, holder=None)]

    told = forecast_team(team(*tasks, workers=(ANA, BEN)))

    assert told.loads == (
        PersonForecast("ana", 2, 600, at(1, 10)),
        PersonForecast(None, 1, 30, None),
        PersonForecast("ben", 0, 0, EIGHT),
    )


@pytest.mark.parametrize("hours", [0.25, 1, 4, 7.9])
@pytest.mark.parametrize("spent_s", [0, 600, 90 * M])
def test_a_ticket_alone_has_the_chance_of_its_log_normal(hours: float, spent_s: float) -> None:
    takes = Estimate(9, 45 * M, 1.2)
    alone = replace(task(1, takes, due_at=at(0, 8 + hours)), spent_s=spent_s)

    made = chances(team(alone, runs=2000))[1].made

    assert made == pytest.approx(takes.chance_within(hours * H, spent_s), abs=0.001)


def test_two_in_a_row_have_the_chance_of_their_sum() -> None:
    """P(first + second <= an hour) of two log-normals of the same kind, summed over 4,000 equally likely firsts."""
    takes = Estimate(9, 20 * M, 0.5)
    normal = NormalDist(math.log(20 * M), 0.5)
    firsts = [math.exp(normal.inv_cdf((rank + 0.5) / 4000)) for rank in range(4000)]
    by_hand = math.fsum(normal.cdf(math.log(H - first)) for first in firsts if first < H) / 4000

    pair = team(task(1, takes, due_at=at(0, 9)), task(2, takes, due_at=at(0, 9)), runs=20_000)

    assert chances(pair)[2].made == pytest.approx(by_hand, abs=0.01)


def test_half_of_all_luck_is_the_median_and_what_is_left_is_never_below_nothing() -> None:
    takes = Estimate(9, H, 1.5)
    luck = np.array([0.975, 0.5, 0.025, 1.0])

    assert draw_remaining(takes, 0, luck)[:3] == pytest.approx(
        [H * math.exp(1.5 * z) for z in (-1.95996, 0, 1.95996)], rel=1e-3
    )
    assert draw_remaining(takes, 5 * H, luck)[3] == pytest.approx(0, abs=1)
    assert (draw_remaining(takes, 1e30, luck) >= 0).all()


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference cases are not beside this checkout")
@pytest.mark.parametrize("case", ["bo-07", "bo-08"])
def test_the_earliest_promise_first_finishes_as_the_reference_does(case: str) -> None:
    """Its hours are minutes here, so that each ticket is one turn; its later releases fall before their turn comes."""
    found: dict[str, Any] = next(
        one for one in json.loads(REFERENCE.read_text(encoding="utf-8"))["cases"] if one["id"] == case
    )
    capacity = int(found["inputs"]["capacity_h_by_bucket"][0]) * M
    days = tuple(WorkPeriod(day * DAY, day * DAY + capacity) for day in range(5))
    jobs = enumerate(found["inputs"]["jobs"])
    tasks = [task(n, exactly(job["work_h"] * M), due_at=job["deadline"] * DAY + capacity) for n, job in jobs]

    told = chances(ForecastInputs(0, tuple(tasks), (Worker("ana", days),), days, runs=3))

    buckets = found["expected"]["finish_time_by_job"]
    moments = [told[number].median_at for number in range(len(buckets))]
    assert moments == [round(math.ceil(one - 1) * DAY + (one - math.ceil(one - 1)) * capacity) for one in buckets]
    late = [told[number].made == 0 for number in range(len(buckets))]
    assert late == [hours > 0 for hours in found["expected"]["late_hours_by_job"]]
