"""What a lead can do about it: each lever is one change, and worth what the simulation says of it."""

from dataclasses import replace

import pytest

from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker, WorkPeriod
from rules.forecasts.simulation import find_actions, forecast_with_actions, simulated_breaches
from rules.forecasts.what_if import HELPER_NAME, WhatIfAction, WhatIfKind, apply_what_if
from rules.model.tickets import Priority
from rules.workload.handling_time import Estimate
from tests.rules.teams import ANA, BEN, EIGHT, OPENING, H, M, at, exactly, task, team

USUAL = Estimate(50, 30 * M, 0.6)
DUE = at(0, 12)


def crowd(many: int, **facts: object) -> list[ForecastTask]:
    return [replace(task(number, USUAL, due_at=DUE), **facts) for number in range(1, many + 1)]  # type: ignore[arg-type]


def lost(many: int) -> list[ForecastTask]:
    """Tickets of low priority that are late already, and are worked before all others as long as nobody says no."""
    return [replace(one, number=one.number + 50, priority=Priority.LOW, due_at=EIGHT - 1) for one in crowd(many)]


def found(situation: ForecastInputs) -> dict[WhatIfKind, WhatIfAction]:
    return {one.kind: one for one in find_actions(situation)}


def test_half_of_what_ana_has_too_much_goes_to_ben() -> None:
    move = found(team(*crowd(14), workers=(ANA, BEN), runs=300))[WhatIfKind.MOVE]

    assert (move.giver, move.taker) == ("ana", "ben")
    assert 5 <= len(move.tickets) <= 8
    assert move.gain > 4


@pytest.mark.parametrize("kind", WhatIfKind)
def test_each_lever_is_worth_exactly_what_it_does_when_it_is_pulled(kind: WhatIfKind) -> None:
    situation = team(*crowd(12), *lost(4), workers=(ANA, BEN), runs=300)

    lever = found(situation)[kind]

    assert lever.before == simulated_breaches(situation)
    assert lever.after == simulated_breaches(apply_what_if(situation, lever))
    assert lever.gain > 0


def test_what_saves_most_comes_first() -> None:
    gains = [one.gain for one in find_actions(team(*crowd(14), workers=(ANA, BEN), runs=300))]

    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 1


def test_where_all_goes_well_there_is_nothing_to_do() -> None:
    assert find_actions(team(*crowd(3, due_at=at(4, 12)), workers=(ANA, BEN), runs=300)) == ()


def test_an_empty_desk_has_no_levers() -> None:
    assert find_actions(team(workers=())) == ()


def test_what_somebody_left_behind_is_moved_to_who_is_there() -> None:
    move = found(team(*crowd(3, assignee="gone"), runs=300))[WhatIfKind.MOVE]

    assert (move.giver, move.taker, move.tickets) == ("gone", "ana", (1, 2, 3))


def test_nobody_is_given_what_they_do_not_know() -> None:
    printers = replace(BEN, types=frozenset({"printer"}))

    assert WhatIfKind.MOVE not in found(team(*crowd(14), workers=(ANA, printers), runs=300))


def test_nobody_is_given_anything_while_away() -> None:
    away = Worker("ben", ())

    assert WhatIfKind.MOVE not in found(team(*crowd(14), workers=(ANA, away), runs=300))


def test_nobody_is_given_what_is_due_before_they_are_back() -> None:
    tomorrow = Worker("ben", (WorkPeriod(at(1, 8), at(1, 16)),))
    today, later = crowd(14), [replace(task(number, USUAL, due_at=at(1, 12))) for number in range(21, 51)]

    action = found(team(*today, *later, workers=(ANA, tomorrow), runs=300)).get(WhatIfKind.MOVE)

    assert action is not None
    assert {one.number for one in today}.isdisjoint(action.tickets)


def test_one_more_person_comes_for_two_open_hours() -> None:
    help_ = found(team(*crowd(14), runs=300))[WhatIfKind.HELP]

    assert help_.shifts == (WorkPeriod(at(0, 8), at(0, 10)),)
    assert (help_.giver, help_.taker) == (None, HELPER_NAME)
    assert help_.tickets


def test_a_closed_team_is_sent_nobody() -> None:
    situation = replace(team(*crowd(14), runs=300), team_hours=())

    assert WhatIfKind.HELP not in found(situation)


def test_low_priority_waits_where_that_saves_the_others() -> None:
    pause = found(team(*crowd(6), *lost(4), runs=300))[WhatIfKind.PAUSE]

    assert (pause.priority, pause.gain > 1) == (Priority.LOW, True)


def test_low_priority_that_waits_anyway_need_not_be_paused() -> None:
    low = [replace(one, due_at=at(2, 12), handling_time=exactly(H)) for one in lost(4)]

    assert WhatIfKind.PAUSE not in found(team(*(replace(one, handling_time=exactly(H)) for one in crowd(6)), *low))


def test_three_are_promised_for_the_next_day() -> None:
    extend = found(team(*crowd(14), runs=300))[WhatIfKind.EXTEND]

    assert (len(extend.tickets), extend.due_at) == (3, (at(1, 12),) * 3)


def test_a_lever_touches_only_what_it_names() -> None:
    situation = team(*crowd(4), workers=(ANA, BEN))
    moved = apply_what_if(situation, WhatIfAction(WhatIfKind.MOVE, (2, 4, 99), "ana", "ben"))
    extended = apply_what_if(situation, WhatIfAction(WhatIfKind.EXTEND, (3,), due_at=(at(3, 9),)))
    paused = apply_what_if(situation, WhatIfAction(WhatIfKind.PAUSE, priority=Priority.LOW))
    helped = apply_what_if(situation, WhatIfAction(WhatIfKind.HELP, (1,), taker=HELPER_NAME, shifts=OPENING[:1]))

    assert [one.assignee for one in moved.tasks] == ["ana", "ben", "ana", "ben"]
    assert [one.due_at for one in extended.tasks] == [DUE, DUE, at(3, 9), DUE]
    assert (paused.tasks, paused.paused_priorities) == (situation.tasks, frozenset({Priority.LOW}))
    assert helped.workers == (ANA, BEN, Worker(HELPER_NAME, OPENING[:1]))
    assert [one.assignee for one in helped.tasks] == [HELPER_NAME, "ana", "ana", "ana"]


def test_exact_work_moved_is_exact_breaches_saved() -> None:
    tasks = [task(number, exactly(H), due_at=at(0, 10)) for number in range(1, 5)]

    move = found(team(*tasks, workers=(ANA, BEN)))[WhatIfKind.MOVE]

    assert (len(move.tickets), move.before, move.after) == (2, 2, 0)


def test_what_is_told_of_an_action_is_its_simulated_difference() -> None:
    tasks = [replace(one, elapsed=0.5) for one in crowd(14)]
    situation = team(*tasks, workers=(ANA, BEN), runs=300)

    told, actions = forecast_with_actions(situation)

    simulated = found(situation)
    assert {one.before for one in actions} == {told.breaches} == {7.0}
    assert [one.gain for one in actions] == pytest.approx([min(simulated[one.kind].gain, 7.0) for one in actions])
