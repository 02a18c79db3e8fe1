"""Charts for answers: their values and their alternative texts; the worker process draws them with render.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.text.plain import render_plain
from handlers.text.slack import Markup, clip, join, render, strip_invisible
from rules.forecasts.forecasts import chance_band
from rules.text import Text, TicketNumber, _, ngettext

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
class ChartedMessage:
    """`words` stand alone where there is no chart; `below` it the rows that it draws are left out."""

    words: Message
    below: Sequence[Block]
    chart: Chart


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
    title, words = render_plain(acceptance_title(shares)), _alt_text(_acceptance_sentences(shares))
    return Chart("handlers.charts.render:draw_acceptance_chart", (shares,), title, words, "escalations.png")


def acceptance_title(shares: TeamAcceptance) -> Text:
    return _("{team}: escalations accepted", team=shares.team)


def risk_chart(forecast: QueueForecast) -> Chart:
    title, words = render_plain(risk_title(forecast)), _alt_text(_risk_sentences(forecast))
    return Chart("handlers.charts.render:draw_risk_chart", (forecast,), title, words, "risk.png")


def risk_title(forecast: QueueForecast) -> Text:
    return _("{team}: chance of resolution in time", team=forecast.team)


def reliability_chart(record: ForecastRecord) -> Chart:
    title, words = render_plain(reliability_title(record)), _alt_text(_reliability_sentences(record))
    return Chart("handlers.charts.render:draw_reliability_chart", (record,), title, words, "reliability.png")


def reliability_title(record: ForecastRecord) -> Text:
    return _("{subject}: forecast and outcome", subject=record.subject)


def chart_message(answer: ChartedMessage, file_id: str) -> Message:
    image = blocks.image(file_id, alt=answer.chart.alt_text)
    return Message(answer.words.text, [image, *answer.below])


def chart_failure_message(answer: ChartedMessage, why: Text | str) -> Message:
    words = render(_("The chart could not be shown: {reason}", reason=render(why)))
    return Message(join(" ", [Markup(answer.words.text), words]), [*answer.words.blocks, blocks.context(words)])


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


def left_out_text(forecast: QueueForecast) -> Text | None:
    """None where every ticket is drawn."""
    tickets = drawn_tickets(forecast)
    more = len(forecast.chances) - len(tickets)
    if not more:
        return None
    least = min(chance.chance for chance in set(forecast.chances) - set(tickets))
    chance = percent_text(least)
    return ngettext(
        "{n} more ticket is at {chance} or above.", "{n} more tickets are at {chance} or above.", more, chance=chance
    )


def clearing_text(forecast: QueueForecast) -> Text:
    if not forecast.clears_at:
        return _("Backlog without tickets on hold not expected to clear within the simulated time.")
    expected, late = forecast.clears_at, forecast.clears_at_p90
    if not late:
        return _(
            "Backlog without tickets on hold expected to clear by {at} (90 %: not within the simulated time).",
            at=expected,
        )
    return _("Backlog without tickets on hold expected to clear by {at} (90 % by {late}).", at=expected, late=late)


def _risk_sentences(forecast: QueueForecast) -> list[Text]:
    opening = _(
        "Chances that {team}'s tickets are resolved by their due time, as of {at}.",
        team=forecast.team,
        at=forecast.as_of,
    )
    lines = [
        _(
            "{ticket} {title}, due {due}: {chance} ({band}).",
            ticket=TicketNumber(one.number),
            title=_shortened(one.title),
            due=one.due,
            chance=percent_text(one.chance),
            band=chance_band(one.chance).label,
        )
        for one in drawn_tickets(forecast)
    ]
    left_out = left_out_text(forecast)
    return [opening, clearing_text(forecast), *(lines or [no_tickets_text()]), *([left_out] if left_out else [])]


def no_tickets_text() -> Text:
    return _("No open tickets.")


def _reliability_sentences(record: ForecastRecord) -> list[Text]:
    opening = _(
        "Forecasts of {subject} compared with outcomes, {period}: {count} forecasts.",
        subject=record.subject,
        period=record.period,
        count=record.n,
    )
    lines = [
        _(
            "Forecast {chance}: {count} of {whole} came true ({share}).",
            chance=percent_text(one.forecast),
            count=one.came_true,
            whole=one.n,
            share=percent_text(one.came_true / one.n),
        )
        for one in record.bands
        if one.n
    ]
    return [opening, score_text(record), *lines]


def _acceptance_sentences(shares: TeamAcceptance) -> list[Text]:
    opening = _(
        "{count} of {whole} escalations of {team} were accepted, {period}.",
        count=shares.accepted,
        whole=shares.n,
        team=shares.team,
        period=shares.period,
    )
    lines = [
        _("{name}: {count} of {whole}.", name=_shortened(one.name), count=one.accepted, whole=one.n)
        for one in shares.people
    ]
    return [opening, *lines, _("Lines show the 95 % confidence interval; small samples say little.")]


def score_text(record: ForecastRecord) -> Text:
    score, baseline = f"{record.score:.2f}", f"{record.baseline_score:.2f}"
    return _("Brier score {score} (baseline {baseline}); lower is better.", score=score, baseline=baseline)


def _alt_text(sentences: Sequence[Text]) -> str:
    return clip(strip_invisible(" ".join(map(render_plain, sentences))), ALT_TEXT_LIMIT)


def _shortened(title: str) -> str:
    return clip(" ".join(strip_invisible(title).split()), 60)
