"""Elapsed time: how much longer tickets took that had come as far."""

import json

import pytest

from rules.forecasts.survival import ElapsedSample, SurvivalCurves, TicketState, learn_curves

H = 3600.0
WORKED, WAITED = TicketState.IN_PROGRESS, TicketState.WAITING


def sample(number: int, more_s: float, *, ended: bool = True, type: str = "network", **facts: object) -> ElapsedSample:
    known = {"state": WORKED, "used_s": 0.0} | facts
    return ElapsedSample(number, type, known["state"], known["used_s"], more_s, has_ended=ended)  # type: ignore[arg-type]


def chance(curves: SurvivalCurves, seconds: float, *, used_s: float = 0, state: TicketState = WORKED) -> float | None:
    return curves.chance_within("network", state, used_s, seconds)


def test_the_share_that_took_no_longer_is_the_chance() -> None:
    curves = learn_curves(sample(hours, hours * H) for hours in range(1, 11))

    assert [chance(curves, hours * H) for hours in (0.5, 3, 10)] == pytest.approx([0, 0.3, 1])


def test_tickets_that_still_run_count_for_as_long_as_they_have_run() -> None:
    curves = learn_curves([sample(1, H), sample(2, 2 * H, ended=False), sample(3, 3 * H), sample(4, 4 * H)])

    assert [chance(curves, hours * H) for hours in (1, 3)] == pytest.approx([1 / 4, 1 - 3 / 4 / 2])


def test_only_tickets_that_had_come_as_far_are_asked() -> None:
    young = [sample(number, H) for number in range(9)]
    old = [sample(number, 90 * H, used_s=20 * H) for number in range(9)]

    curves = learn_curves([*young, *old])

    assert (chance(curves, 2 * H), chance(curves, 2 * H, used_s=20 * H)) == (1, 0)
    assert chance(curves, 2 * H, used_s=90 * H) is None


def test_a_waiting_ticket_is_asked_among_waiting_ones_whose_time_stands_still() -> None:
    resolved_while_waiting = [sample(number, 0, state=WAITED) for number in range(8)]
    still_waiting = [sample(number, 0, ended=False, state=WAITED) for number in range(20, 90)]
    went_on = [sample(number, 9 * H, state=WAITED) for number in range(8, 10)]

    curves = learn_curves([*resolved_while_waiting, *still_waiting, *went_on])

    assert chance(curves, H, state=WAITED) == pytest.approx(0.8)
    assert chance(curves, H) is None


def test_a_types_own_tickets_count_half_when_there_are_ten() -> None:
    own = [sample(number, H) for number in range(10)]
    others = [sample(number, 9 * H, type="printer") for number in range(10, 20)]

    curves = learn_curves([*own, *others])

    assert chance(curves, 2 * H) == pytest.approx(0.5 * 1 + 0.5 * 0.5)


def test_curves_are_stored_as_they_are() -> None:
    curves = learn_curves(sample(number, number * H) for number in range(1, 200))

    stored = json.loads(json.dumps(curves.to_json()))

    assert SurvivalCurves.from_json(stored) == curves
    assert all(len(one.seconds) <= 25 for one in curves.curves.values())
