"""Pictures for answers: their values, and in words what they show. They are drawn aside, by render.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.slack.blocks import Message, clip, context, escape, escape_keeping_mentions, image, strip_invisible
from rules.forecasts.forecasts import chance_band

ROWS_DRAWN = 12
ALT_TEXT_LIMIT = 1900  # of the 2,000 characters that Slack takes


@dataclass(frozen=True, slots=True)
class Chart:
    """One to be drawn aside: by which function, from which values, and what it shows for those who do not see it.

    `title` is that of the file; the chart has its own in it.
    """

    renderer: str
    arguments: tuple[object, ...]
    title: str
    alt_text: str
    file_name: str = "chart.png"


@dataclass(frozen=True, slots=True)
class TicketChance:
    """How likely a ticket is done by its due time; `due` is written as its readers read it."""

    number: int
    title: str
    chance: float
    due: str


@dataclass(frozen=True, slots=True)
class QueueForecast:
    """A team's queue, by due time, from that many simulated runs; empty words where the queue does not clear."""

    team: str
    zone: str
    as_of: str
    runs: int
    chances: tuple[TicketChance, ...]
    clears_at: str = ""
    clears_at_p90: str = ""


@dataclass(frozen=True, slots=True)
class ForecastBand:
    """Forecasts of about the same height: their mean, how many there were, and how many came true."""

    forecast: float
    n: int
    came_true: int


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """What forecasts were worth: `score` is Brier's, `of_always` that of always forecasting the average."""

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
    """How many of somebody's escalations were accepted, of how many answers."""

    name: str
    accepted: int
    n: int


@dataclass(frozen=True, slots=True)
class TeamAcceptance:
    """Whose escalations the experts accept, each beside the team's own share; by name."""

    team: str
    period: str
    people: tuple[PersonAcceptance, ...]
    accepted: int
    n: int

    @property
    def share(self) -> float:
        return self.accepted / self.n if self.n else 0.0


def acceptance_chart(shares: TeamAcceptance) -> Chart:
    """Each person's share and how sure one may be of it."""
    title = f"{shares.team}: escalations accepted"
    return Chart(
        "handlers.charts.render:draw_acceptance_chart",
        (shares,),
        title,
        _alt_text(_acceptance_sentences(shares)),
        "escalations.png",
    )


def risk_chart(outlook: QueueForecast) -> Chart:
    """Which tickets will hardly be done by their due time."""
    title = f"{outlook.team}: chance of being done in time"
    return Chart(
        "handlers.charts.render:draw_risk_chart", (outlook,), title, _alt_text(_risk_sentences(outlook)), "risk.png"
    )


def reliability_chart(record: ForecastRecord) -> Chart:
    """Whether what was forecast at 70 % came true in 70 of 100 cases."""
    title = f"{record.subject}: forecast and outcome"
    words = _reliability_sentences(record)
    return Chart("handlers.charts.render:draw_reliability_chart", (record,), title, _alt_text(words), "reliability.png")


def chart_message(picture: Chart, file_id: str) -> Message:
    return Message(escape(picture.alt_text), [image(file_id, alt=picture.alt_text)])


def chart_failure_message(why: str) -> Message:
    """The small line where the picture would be."""
    words = f"The picture could not be shown: {escape_keeping_mentions(why)}"
    return Message(words, [context(words)])


def percent_text(share: float) -> str:
    """Never 0 or 100 where it is only nearly so."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "under 1 %"
    if rounded == 100 and share < 1:  # noqa: PLR2004 - the whole
        return "over 99 %"
    return f"{rounded} %"


def drawn_tickets(outlook: QueueForecast) -> tuple[TicketChance, ...]:
    """Those that are drawn, by due time: the least likely where there are too many."""
    kept = set(sorted(range(len(outlook.chances)), key=lambda at: outlook.chances[at].chance)[:ROWS_DRAWN])
    return tuple(chance for at, chance in enumerate(outlook.chances) if at in kept)


def left_out_text(outlook: QueueForecast) -> str:
    """What is said of those that are not drawn."""
    drawn = drawn_tickets(outlook)
    more = len(outlook.chances) - len(drawn)
    if not more:
        return ""
    least = min(chance.chance for chance in set(outlook.chances) - set(drawn))
    return f"{more} more are at {percent_text(least)} or above."


def clearing_text(outlook: QueueForecast) -> str:
    """When nothing waits any more."""
    if not outlook.clears_at:
        return "The queue does not clear within the time that was looked at."
    late = f"; in 9 of 10 by {outlook.clears_at_p90}" if outlook.clears_at_p90 else "; not within the time in 9 of 10"
    return f"The queue clears by {outlook.clears_at} in half of the runs{late}."


def _risk_sentences(outlook: QueueForecast) -> list[str]:
    opening = f"Chances of {outlook.team}'s tickets of being done by their due time, as of {outlook.as_of}."
    told = [
        f"#{one.number} {_shortened(one.title)}, due {one.due}: {percent_text(one.chance)}, {chance_band(one.chance)}."
        for one in drawn_tickets(outlook)
    ]
    return [opening, clearing_text(outlook), *(told or ["No ticket is open."]), left_out_text(outlook)]


def _reliability_sentences(record: ForecastRecord) -> list[str]:
    opening = f"Forecasts of {record.subject} against what came true, {record.period}, n = {record.n}."
    told = [
        f"Forecast {percent_text(one.forecast)}: {one.came_true} of {one.n} came true "
        f"({percent_text(one.came_true / one.n)})."
        for one in record.bands
        if one.n
    ]
    return [opening, score_text(record), *told]


def _acceptance_sentences(shares: TeamAcceptance) -> list[str]:
    opening = f"Of {shares.team}'s escalations {shares.accepted} of {shares.n} were accepted, {shares.period}."
    told = [f"{_shortened(one.name)}: {one.accepted} of {one.n}." for one in shares.people]
    return [opening, *told, "Lines show the 95 % range; of few answers a share says little."]


def score_text(record: ForecastRecord) -> str:
    return f"Brier score {record.score:.2f} (0 is best; always the average: {record.baseline_score:.2f})."


def _alt_text(sentences: Sequence[str]) -> str:
    return clip(strip_invisible(" ".join(filter(None, sentences))), ALT_TEXT_LIMIT)


def _shortened(title: str) -> str:
    return clip(" ".join(strip_invisible(title).split()), 60)
