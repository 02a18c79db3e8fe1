"""How right earlier forecasts were: by team and by bands of chance, with a chart."""

from collections.abc import Sequence

from handlers.charts import charts
from handlers.charts.charts import ChartedMessage, percent_text
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.plain import render_plain
from handlers.text.slack import Markup, bold, escape_line, join, render
from rules.forecasts.chances import SettledChance
from rules.model.policy import Policy
from rules.statistics import BandScore, ForecastResult, brier_score, reliability_bands
from rules.text import Text, _, ngettext

FEW_FORECASTS = 30  # below, the sample is called small


def forecast_quality(
    settled: Sequence[SettledChance], void: int, teams: Sequence[str] | None, policy: Policy
) -> Message | ChartedMessage:
    """Forecasts against outcomes, by team and by bands, which the chart draws once a forecast is settled."""
    whose = render_plain(_("All teams")) if teams is None else ", ".join(policy.team(key).name for key in teams)
    forecasts = [one.result for one in settled]
    score = brier_score(forecasts)
    if score is None:
        text = _(
            "{teams}: no forecast is settled yet. Forecasts are recorded each morning and settled when due.",
            teams=whose,
        )
        return Message(render(text), [blocks.section(text), blocks.context(_QUALITY_DEFINITION)])
    share = sum(one.came_true for one in forecasts) / len(forecasts)
    baseline, bands = share * (1 - share), reliability_bands(forecasts)
    text = _quality_summary(whose, len(forecasts), score, baseline)
    record = charts.ForecastRecord(
        subject=whose,
        period=render_plain(_("the last 90 days")),
        bands=tuple(charts.ForecastBand(one.mean_chance, one.n, round(one.true_share * one.n)) for one in bands),
        score=score,
        baseline_score=baseline,
    )
    heading = blocks.section(join("\n", [bold(_("Forecast quality")), text]))
    by_team = blocks.sections(_team_quality_rows(settled, policy))
    head, notes = [heading, *by_team], blocks.context(_quality_notes(len(forecasts), void))
    by_band = blocks.section(join("\n", map(_band_text, bands)))
    message = Message(render(text), [*head, by_band, notes])
    return ChartedMessage(message, [*head, notes], charts.reliability_chart(record))


def _quality_summary(teams: str, count: int, score: float, baseline: float) -> Text:
    return ngettext(
        "{teams}: {n} settled forecast. Brier score {score} (baseline {baseline}); lower is better.",
        "{teams}: {n} settled forecasts. Brier score {score} (baseline {baseline}); lower is better.",
        count,
        teams=teams,
        score=f"{score:.3f}",
        baseline=f"{baseline:.3f}",
    )


def _quality_notes(count: int, void: int) -> Markup:
    notes = [_("Small sample: read it with care.")] if count < FEW_FORECASTS else []
    if void:
        notes.append(
            ngettext(
                "{n} more forecast does not count, because the SLA changed after it.",
                "{n} more forecasts do not count, because the SLA changed after them.",
                void,
            )
        )
    return join(" ", [*notes, _QUALITY_DEFINITION])


def _band_text(band: BandScore) -> Markup:
    text = ngettext(
        "{start} to {end}: forecast {chance}, came true {share} ({n} forecast, {low} to {high})",
        "{start} to {end}: forecast {chance}, came true {share} ({n} forecasts, {low} to {high})",
        band.n,
        start=percent_text(band.start),
        end=percent_text(band.end),
        chance=percent_text(band.mean_chance),
        share=percent_text(band.true_share),
        low=percent_text(band.low),
        high=percent_text(band.high),
    )
    return render(text) if band.is_calibrated else join(" ", [text, Markup("⚠️")])


def _team_quality_rows(settled: Sequence[SettledChance], policy: Policy) -> list[str]:
    teams = sorted({one.team for one in settled}, key=lambda key: policy.team(key).name.casefold())
    return [
        join(" · ", [bold(escape_line(policy.team(key).name)), *_scores_texts(own)])
        for key in teams
        if (own := [one for one in settled if one.team == key])
    ]


def _scores_texts(settled: Sequence[SettledChance]) -> list[Text]:
    waiting = [one for one in settled if one.is_waiting]
    in_work = [one for one in settled if not one.is_waiting]
    if not waiting or not in_work:
        return [_score_text(settled)]
    every, first, second = (_score_text(some) for some in (settled, in_work, waiting))
    return [every, _("In progress: {scores}", scores=first), _("Waiting for customer: {scores}", scores=second)]


def _score_text(settled: Sequence[SettledChance]) -> Text:
    """Elapsed time is compared on the forecasts for which it is known."""
    results = [one.result for one in settled]
    share = sum(one.came_true for one in results) / len(results)
    known = [ForecastResult(one.elapsed, one.came_true) for one in settled if one.elapsed is not None]
    return ngettext(
        "{n} forecast: score {score}, baseline {baseline}, elapsed time alone {elapsed}",
        "{n} forecasts: score {score}, baseline {baseline}, elapsed time alone {elapsed}",
        len(results),
        score=f"{brier_score(results):.3f}",
        baseline=f"{share * (1 - share):.3f}",
        elapsed=f"{brier_score(known):.3f}" if known else _("not known"),
    )


_QUALITY_DEFINITION = _(
    "One forecast per ticket and day, the first of the team's day; it came true when the ticket was resolved by its "
    "due time. Tickets whose assignee is not on this desk have none. Scores are Brier scores, lower is better: the "
    "baseline always forecasts the average, and elapsed time alone goes by how long similar tickets took. Ranges are "
    "95 % confidence intervals (Wilson); ⚠️ marks a band whose forecast is outside its range."
)
