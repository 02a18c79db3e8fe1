"""Charts for answers: their values and their alternative texts; the worker process draws them with render.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import clip, escape, render, strip_invisible
from rules.forecasts.forecasts import chance_band
from rules.text import Text

ROWS_DRAWN = 12
ALT_TEXT_LIMIT = 1900  # Slack takes 2,000 characters


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that the worker draws: the renderer (`module:function`), its arguments, and the alternative text.

    `title` is the file's; the chart shows its own.
    """

    renderer: str
    arguments: tuple[object, ...]
    title: str
    alt_text: str
    file_name: str = "chart.png"


@dataclass(frozen=True, slots=True)
class TicketChance:
    """A ticket's chance of being done by its due time; `due` is text in the team's time zone."""

    number: int
    title: str
    chance: float
    due: str


@dataclass(frozen=True, slots=True)
class QueueForecast:
    """A team's queue by due time, from `runs` simulated runs; `clears_at` is empty where the queue does not clear."""

    team: str
    zone: str
    as_of: str
    runs: int
    chances: tuple[TicketChance, ...]
    clears_at: str = ""
    clears_at_p90: str = ""


@dataclass(frozen=True, slots=True)
class ForecastBand:
    forecast: float
    n: int
    came_true: int


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """How good the forecasts were: the Brier score, and the score of always forecasting the average."""

    subject: str
    period: str
    bands: tuple[ForecastBand, ...]
    score: float
    baseline_score: float

    @property
    def n(self) -> int:
        return sum(band.n for band in self.bands)


@dataclass(frozen=True, slots=True)
class PersonAcceptance:
    name: str
    accepted: int
    n: int


@dataclass(frozen=True, slots=True)
class TeamAcceptance:
    team: str
    period: str
    people: tuple[PersonAcceptance, ...]
    accepted: int
    n: int

    @property
    def share(self) -> float:
        return self.accepted / self.n if self.n else 0.0


def acceptance_chart(shares: TeamAcceptance) -> Chart:
    title = f"{shares.team}: escalations accepted"
    words = _alt_text(_acceptance_sentences(shares))
    return Chart("handlers.charts.render:draw_acceptance_chart", (shares,), title, words, "escalations.png")


def risk_chart(forecast: QueueForecast) -> Chart:
    title = f"{forecast.team}: chance of being done in time"
    words = _alt_text(_risk_sentences(forecast))
    return Chart("handlers.charts.render:draw_risk_chart", (forecast,), title, words, "risk.png")


def reliability_chart(record: ForecastRecord) -> Chart:
    title = f"{record.subject}: forecast and outcome"
    words = _reliability_sentences(record)
    return Chart("handlers.charts.render:draw_reliability_chart", (record,), title, _alt_text(words), "reliability.png")


def chart_message(picture: Chart, file_id: str) -> Message:
    return Message(escape(picture.alt_text), [blocks.image(file_id, alt=picture.alt_text)])


def chart_failure_message(why: Text | str) -> Message:
    words = f"The picture could not be shown: {render(why)}"
    return Message(words, [blocks.context(words)])


def percent_text(share: float) -> str:
    """Rounded to whole percents, but never to 0 % or 100 % unless it is exactly that."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "under 1 %"
    if rounded == 100 and share < 1:  # noqa: PLR2004 - the whole
        return "over 99 %"
    return f"{rounded} %"


def drawn_tickets(forecast: QueueForecast) -> tuple[TicketChance, ...]:
    """By due time; where there are too many, the least likely ones."""
    indexes = set(sorted(range(len(forecast.chances)), key=lambda at: forecast.chances[at].chance)[:ROWS_DRAWN])
    return tuple(chance for at, chance in enumerate(forecast.chances) if at in indexes)


def left_out_text(forecast: QueueForecast) -> str:
    tickets = drawn_tickets(forecast)
    more = len(forecast.chances) - len(tickets)
    if not more:
        return ""
    least = min(chance.chance for chance in set(forecast.chances) - set(tickets))
    return f"{more} more are at {percent_text(least)} or above."


def clearing_text(forecast: QueueForecast) -> str:
    if not forecast.clears_at:
        return "The work is not done within the time that was looked at."
    late = f"; in 9 of 10 by {forecast.clears_at_p90}" if forecast.clears_at_p90 else "; not within the time in 9 of 10"
    return f"The work on what does not wait is done by {forecast.clears_at}{late}."


def _risk_sentences(forecast: QueueForecast) -> list[str]:
    opening = f"Chances of {forecast.team}'s tickets of being done by their due time, as of {forecast.as_of}."
    lines = [
        f"#{one.number} {_shortened(one.title)}, due {one.due}: {percent_text(one.chance)}, {chance_band(one.chance)}."
        for one in drawn_tickets(forecast)
    ]
    return [opening, clearing_text(forecast), *(lines or ["No ticket is open."]), left_out_text(forecast)]


def _reliability_sentences(record: ForecastRecord) -> list[str]:
    opening = f"Forecasts of {record.subject} against what came true, {record.period}, n = {record.n}."
    lines = [
        f"Forecast {percent_text(one.forecast)}: {one.came_true} of {one.n} came true "
        f"({percent_text(one.came_true / one.n)})."
        for one in record.bands
        if one.n
    ]
    return [opening, score_text(record), *lines]


def _acceptance_sentences(shares: TeamAcceptance) -> list[str]:
    opening = f"Of {shares.team}'s escalations {shares.accepted} of {shares.n} were accepted, {shares.period}."
    lines = [f"{_shortened(one.name)}: {one.accepted} of {one.n}." for one in shares.people]
    return [opening, *lines, "Lines show the 95 % range; of few answers a share says little."]


def score_text(record: ForecastRecord) -> str:
    return f"Brier score {record.score:.2f} (0 is best; always the average: {record.baseline_score:.2f})."


def _alt_text(sentences: Sequence[str]) -> str:
    return clip(strip_invisible(" ".join(filter(None, sentences))), ALT_TEXT_LIMIT)


def _shortened(title: str) -> str:
    return clip(" ".join(strip_invisible(title).split()), 60)
