"""Which candidate is told, and its correction: what was right on later mornings than those it was fitted on.

Elapsed time is told where no other candidate was clearly better: by more than one standard error of the difference,
counted by tickets, since one ticket is asked about on many mornings. A team departs in the same way from what the whole
desk would be told, so that a small team follows the desk. Runs in the worker, by the name of `choose_method`.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rules.forecasts.chances import Candidate, ChanceMethod, ChosenChance, PastChance, log_odds

MIN_TICKETS = 30  # decided ones; with fewer nothing is chosen
PRIOR_WEIGHT = 5.0  # of "nothing to correct", in chances
_NEWTON_STEPS = 25
_STEP_SIZES = tuple(0.5**power for power in range(12))
_MAX_ODDS = 30.0

Floats = NDArray[np.float64]


def choose_method(own: Sequence[PastChance], whole_desk: Sequence[PastChance]) -> ChanceMethod:
    method = ChanceMethod()
    for is_waiting in (False, True):
        of_desk, of_team = (
            sorted((one for one in some if one.is_waiting is is_waiting), key=lambda one: one.at)
            for some in (whole_desk, own)
        )
        chosen = choose(of_team, choose(of_desk, method.chosen(is_waiting=is_waiting)))
        method = method.with_chosen(chosen, is_waiting=is_waiting)
    return method


def choose(past: Sequence[PastChance], present: ChosenChance) -> ChosenChance:
    """The best candidate if it is clearly better than the present one. `past` is in the order of time: what was fitted
    on its first half is compared on its second."""
    if len({one.number for one in past}) < MIN_TICKETS:
        return present
    earlier, later = past[: len(past) // 2], past[len(past) // 2 :]
    losses = {key: _losses(option, later) for key, option in _options(earlier).items()}
    best = min(losses, key=lambda key: float(losses[key].mean()))
    more = _losses(present, later) - losses[best]
    return _options(past)[best] if more.mean() > _standard_error(more, later) else present


def _options(past: Sequence[PastChance]) -> dict[tuple[Candidate, bool], ChosenChance]:
    """Each candidate as it is, and corrected."""
    usual = float(np.mean([one.met for one in past]))
    options = {(Candidate.USUAL, False): ChosenChance(Candidate.USUAL, usual=usual)}
    for candidate in Candidate:
        if candidate is not Candidate.USUAL:
            plain = ChosenChance(candidate, usual=usual)
            intercept, slope = _correction([_chance(plain, one) for one in past], [one.met for one in past])
            options[candidate, False] = plain
            options[candidate, True] = ChosenChance(candidate, intercept, slope, usual)
    return options


def _chance(chosen: ChosenChance, one: PastChance) -> float:
    chance = chosen.chance(one.chances)
    return chosen.usual if chance is None else chance


def _losses(chosen: ChosenChance, past: Sequence[PastChance]) -> Floats:
    return np.array([(_chance(chosen, one) - one.met) ** 2 for one in past])


def _standard_error(differences: Floats, past: Sequence[PastChance]) -> float:
    by_ticket: dict[int, float] = defaultdict(float)
    for one, difference in zip(past, differences, strict=True):
        by_ticket[one.number] += float(difference)
    return float(np.sqrt(sum(total**2 for total in by_ticket.values()))) / len(past)


def _correction(chances: Sequence[float], met: Sequence[bool]) -> tuple[float, float]:
    """Intercept and slope of the logistic regression of the outcomes on the log odds (Platt 1999), held near 0 and 1 by
    a normal prior; by Newton's method with halved steps."""
    odds, outcomes, prior = (
        np.array([log_odds(one) for one in chances]),
        np.array(met, dtype=float),
        np.array([0.0, 1.0]),
    )
    design, weights = np.column_stack([np.ones_like(odds), odds]), prior

    def cost(at: Floats) -> float:
        score = design @ at
        off = at - prior
        return float(np.sum(np.logaddexp(0, score) - outcomes * score) + PRIOR_WEIGHT / 2 * off @ off)

    for _ in range(_NEWTON_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(design @ weights, -_MAX_ODDS, _MAX_ODDS)))
        slope = design.T @ (expected - outcomes) + PRIOR_WEIGHT * (weights - prior)
        curvature = design.T @ (design * (expected * (1 - expected))[:, None]) + PRIOR_WEIGHT * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        size = next((half for half in _STEP_SIZES if cost(weights - half * step) <= cost(weights)), 0.0)
        weights = weights - size * step
    return float(weights[0]), float(weights[1])
