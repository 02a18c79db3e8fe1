"""Compares forecasts with outcomes along the product's own path: every so many mornings of two real logs, for each open
ticket, from what was known then (`rules.forecasts.replay`).

What is told is chosen again as often as the product does, from the mornings before (`rules.forecasts.selection`). The
last fifth in time is measured: nothing told there was learned from what came after it. The design itself was made with
these logs in view (decision 19).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import fmean

from bench.logs import DATA, DeskLog, helpdesk_log, incident_log
from bench.tables import table_lines
from rules.calendars.calendars import open_periods
from rules.forecasts.chances import Candidate, ChanceMethod, PastChance
from rules.forecasts.learning import HISTORY_SPAN
from rules.forecasts.replay import replay
from rules.forecasts.selection import choose_method
from rules.statistics import BandScore, ForecastResult, brier_score, reliability_bands
from services.forecasts.runs import CHOOSE_EVERY

AFTERWARDS = timedelta(days=60)  # after the last ticket is filed, outcomes are awaited
MEASURED_FROM = 0.8  # of the chances, in time
RELIABILITY_HEADS = ("told", "n", "mean told", "came true", "95 % of the true share")
SINGLE_CANDIDATES = (Candidate.ELAPSED, Candidate.PACE, Candidate.PEOPLE, Candidate.AVERAGE)


@dataclass(frozen=True, slots=True)
class LogTest:
    """A log, and every how many mornings it is asked."""

    title: str
    load: Callable[[], DeskLog]
    every_mornings: int


LOGS = (
    LogTest("Four years of a help desk", helpdesk_log, 5),
    LogTest("Three days of incidents (ServiceNow)", incident_log, 1),
)


@dataclass(frozen=True, slots=True)
class ToldChance:
    """The chance that was told, and what it was chosen from."""

    told: float
    past: PastChance


def report_lines() -> list[str]:
    """The lines to print; one sentence where the logs are missing."""
    if not DATA.exists():
        return ["The ticket logs are not beside this checkout: no forecasts were held against them."]
    return [line for log in LOGS for line in _log_lines(log)]


def _log_lines(test: LogTest) -> list[str]:
    log = test.load()
    past_by_team = {team: _replayed(log, team, test.every_mornings) for team in log.tickets}
    everything = sorted((one for past in past_by_team.values() for one in past), key=lambda one: one.at)
    split_at = everything[int(len(everything) * MEASURED_FROM)].at
    told = [one for past in past_by_team.values() for one in _told_chances(past, everything, split_at)]
    earlier = [one for one in everything if one.decided_at < split_at]
    bands = reliability_bands([ForecastResult(one.told, one.past.met) for one in told])
    return [
        f"{test.title}: {len(told):,} chances from {split_at:%Y-%m-%d} on, after {len(earlier):,} before.",
        *table_lines(
            ("Brier score, the less the better", "all", "in work", "waiting"), list(_score_rows(told, earlier))
        ),
        "What was told beside what came true, by bands of the chance that was told:",
        *table_lines(RELIABILITY_HEADS, [_band_row(one) for one in bands]),
    ]


def _replayed(log: DeskLog, team: str, every: int) -> list[PastChance]:
    tickets = log.tickets[team]
    first, last = (pick(one.created_at for one in tickets) for pick in (min, max))
    mornings = [start for start, _ in open_periods(log.policy.team_calendar(team), first, last + AFTERWARDS)]
    return replay(log.policy, team, tickets, mornings[::every], last + HISTORY_SPAN)


def _told_chances(
    past: Sequence[PastChance], whole_desk: Sequence[PastChance], split_at: datetime
) -> Iterator[ToldChance]:
    method, chosen_at = ChanceMethod(), None
    for one in past:
        if one.at < split_at:
            continue
        if chosen_at is None or one.at >= chosen_at + CHOOSE_EVERY:
            chosen_at = one.at
            method = choose_method(*(_known_then(some, one.at) for some in (past, whole_desk)))
        told = method.chosen(is_waiting=one.is_waiting).chance(one.chances)
        if told is not None:
            yield ToldChance(told, one)


def _known_then(past: Sequence[PastChance], at: datetime) -> list[PastChance]:
    return [one for one in past if one.decided_at < at and one.at >= at - HISTORY_SPAN]


def _score_rows(told: Sequence[ToldChance], earlier: Sequence[PastChance]) -> Iterator[tuple[str, ...]]:
    yield "what is told", *_scores(told, lambda one: one.told)
    for candidate in SINGLE_CANDIDATES:
        yield candidate.value, *_scores(told, partial(_chance_by, candidate))
    yield (
        "always the average of the time before",
        *(
            _score([ToldChance(_share_met(earlier, is_waiting), one.past) for one in some], lambda one: one.told)
            for some, is_waiting in _parts(told)
        ),
    )
    yield "number of chances", *(f"{len(some):,}" for some, _ in _parts(told))


def _chance_by(candidate: Candidate, one: ToldChance) -> float | None:
    return one.past.chances.chance(candidate)


def _scores(told: Sequence[ToldChance], chance: Callable[[ToldChance], float | None]) -> Iterator[str]:
    return (_score(some, chance) for some, _ in _parts(told))


def _score(told: Sequence[ToldChance], chance: Callable[[ToldChance], float | None]) -> str:
    known = [ForecastResult(made, one.past.met) for one in told if (made := chance(one)) is not None]
    score = brier_score(known)
    return "" if score is None else f"{score:.4f}"


def _parts(told: Sequence[ToldChance]) -> tuple[tuple[Sequence[ToldChance], bool | None], ...]:
    in_work, waiting = ([one for one in told if one.past.is_waiting is kind] for kind in (False, True))
    return (told, None), (in_work, False), (waiting, True)


def _share_met(past: Sequence[PastChance], is_waiting: bool | None) -> float:
    return fmean(one.met for one in past if is_waiting is None or one.is_waiting is is_waiting)


def _band_row(band: BandScore) -> tuple[str, ...]:
    return (
        f"{band.start:.0%} to {band.end:.0%}",
        str(band.n),
        f"{band.mean_chance:.0%}",
        f"{band.true_share:.0%}",
        f"{band.low:.0%} to {band.high:.0%}",
    )
