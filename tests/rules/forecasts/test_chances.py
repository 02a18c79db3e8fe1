"""Which chance is told: what was right before, where that is clear; else what elapsed time says."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.forecasts.chances import Candidate, CandidateChances, ChanceMethod, ChosenChance, PastChance
from rules.forecasts.selection import choose, choose_method

MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
ELAPSED = ChosenChance()


def past(
    many: int,
    *,
    elapsed: float | None = 0.5,
    pace: float = 0.5,
    met: bool = True,
    is_waiting: bool = False,
    first: int = 0,
) -> list[PastChance]:
    """A ticket each day, decided a day later."""
    chances = CandidateChances(elapsed, pace, 0.5)
    days = [MONDAY + timedelta(days=number) for number in range(first, first + many)]
    return [
        PastChance(number, at, is_waiting, chances, met, at + timedelta(days=1))
        for number, at in enumerate(days, start=first)
    ]


def mixed(many: int, *, elapsed: float = 0.5, pace: float = 0.5) -> list[PastChance]:
    """Every second one is met; the candidates know which, to that degree."""
    chances = []
    for number in range(many):
        met = number % 2 == 0
        chances += past(
            1, met=met, first=number, elapsed=elapsed if met else 1 - elapsed, pace=pace if met else 1 - pace
        )
    return chances


def test_nothing_is_chosen_from_a_few_outcomes() -> None:
    assert choose(mixed(29, pace=0.9), ELAPSED) == ELAPSED


def test_a_candidate_that_was_clearly_right_is_told() -> None:
    assert choose(mixed(60, pace=0.9), ELAPSED).candidate is Candidate.PACE


def test_a_candidate_that_was_hardly_better_is_not_told() -> None:
    """Of sixty tickets pace was right about one more, and told the others a little worse."""
    close = []
    for number in range(60):
        met = number % 2 == 0
        elapsed, pace = (0.8 if (number % 5 > 0) is met else 0.2), (0.79 if (number % 5 > 0) is met else 0.21)
        close += past(1, met=met, first=number, elapsed=elapsed, pace=1 - pace if number == 55 else pace)

    assert choose(close, ELAPSED) == ELAPSED


def test_a_candidate_that_tells_too_much_is_corrected() -> None:
    boasting = [one for number in range(200) for one in past(1, elapsed=0.95, met=number % 2 == 0, first=number)]

    chosen = choose(boasting, ELAPSED)

    told = chosen.chance(CandidateChances(0.95, None, None))
    assert told == pytest.approx(0.5, abs=0.1)


def test_what_a_ticket_is_asked_on_many_mornings_counts_as_one_ticket() -> None:
    one_ticket = [past(1, pace=0.9, first=0)[0] for _ in range(500)]

    assert choose(one_ticket, ELAPSED) == ELAPSED


def test_a_small_team_follows_the_whole_desk() -> None:
    desk = mixed(100, pace=0.9)

    assert choose_method(desk[:10], desk).in_work.candidate is Candidate.PACE


def test_a_team_that_differs_clearly_is_told_its_own() -> None:
    own = mixed(60, elapsed=0.95, pace=0.2)
    others = mixed(400, elapsed=0.4, pace=0.9)

    method = choose_method(own, [*own, *others])

    told = method.in_work.chance(CandidateChances(0.95, 0.2, 0.5))
    assert told is not None
    assert told > 0.8


def test_tickets_that_wait_are_told_their_own_chance() -> None:
    kept = past(60, elapsed=0.2, is_waiting=True)

    method = choose_method(kept, [*kept, *mixed(60, elapsed=0.9)])

    waits = CandidateChances(0.2, 0.5, 0.5)
    assert (method.chosen(is_waiting=True).chance(waits) or 0) > 0.9
    assert method.chosen(is_waiting=False).chance(waits) == pytest.approx(0.2, abs=0.15)


def test_where_nothing_like_it_was_seen_the_average_of_the_others_is_told() -> None:
    assert ChosenChance().chance(CandidateChances(None, 0.2, 0.4)) == pytest.approx(0.3)
    assert ChosenChance().chance(CandidateChances(None, None, None)) is None


def test_before_anything_is_chosen_elapsed_time_is_told() -> None:
    assert ChanceMethod().chosen(is_waiting=True).chance(CandidateChances(0.7, 0.2, 0.4)) == 0.7
