"""Charts as PNG. This module loads matplotlib, so only the worker process loads it, by the names in charts.py."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D

from handlers.charts import charts
from handlers.text.plain import render_plain
from handlers.text.slack import strip_invisible
from rules.escalations.outcomes import MIN_ANSWERS
from rules.forecasts.forecasts import BAND_THRESHOLDS, chance_band
from rules.forecasts.forecasts import ChanceBand as Word
from rules.statistics import wilson_interval
from rules.text import Text, _

WIDTH_INCHES, MARGIN_INCHES, DPI = 5.0, 0.2, 240  # inches; at 360 pixels wide, text of 11 points is 11 pixels high
TEXT_COLOR, MUTED_COLOR, GRID_COLOR, PAPER_COLOR = "#1d1c1d", "#4d4b4d", "#d5d3d6", "#ffffff"
# Okabe and Ito's colours, two of them darker, are distinct for colour-blind people; each band has its own marker too.
BLUE, ORANGE, RED = "#0072b2", "#b87000", "#a83200"
BAND_MARKERS = {
    Word.ALMOST_CERTAIN: (BLUE, "o"),
    Word.LIKELY: (BLUE, "s"),
    Word.IN_DOUBT: (ORANGE, "^"),
    Word.UNLIKELY: (RED, "X"),
}
BAND_EDGES = sorted(round(limit * 100) for limit, _ in BAND_THRESHOLDS if limit)
TITLE_POINTS, TEXT_POINTS, SMALL_POINTS = 13, 11, 10
ROW_INCHES, HEAD_INCHES, LEGEND_INCHES, LINE_INCHES, AXIS_INCHES = 0.53, 0.5, 0.3, 0.21, 0.58
PLOT_INCHES, COUNTS_INCHES, COUNT_DISTANCE = 4.0, 0.36, 8  # percentage points apart, two counts do not touch
FONT_FAMILY = "DejaVu Sans"
MEASURED_CHARACTERS = 120  # characters; more never fit


def draw_risk_chart(forecast: charts.QueueForecast) -> bytes:
    tickets = charts.drawn_tickets(forecast)
    seen = _(
        "As of {at}, based on {count} simulations. On the right: due times ({zone}).",
        at=forecast.as_of,
        count=f"{forecast.runs:,}",
        zone=forecast.zone,
    )
    left_out = charts.left_out_text(forecast)
    notes = _wrapped_lines(*([left_out] if left_out else []), charts.clearing_text(forecast), seen)
    figure, axes = _make_sheet(
        render_plain(charts.risk_title(forecast)),
        notes,
        above=LEGEND_INCHES,
        tall=ROW_INCHES * max(1, len(tickets)),
        left=MARGIN_INCHES,
        right=0.75,
    )
    axis_label = render_plain(_("Resolved by then (% of simulations)"))
    axes.set(xlim=(0, 100), ylim=(max(1, len(tickets)) - 0.42, -0.42), xlabel=axis_label, yticks=[])
    axes.set_xticks([0, *BAND_EDGES[:-1], 100])
    axes.spines["left"].set_visible(False)
    for at, chance in enumerate(tickets):
        _draw_ticket(axes, at, chance)
    if not tickets:
        nothing = render_plain(charts.no_tickets_text())
        _draw_text(axes, (50, 0), nothing, size=TEXT_POINTS, color=MUTED_COLOR, ha="center", va="center")
    _draw_legend(figure)
    return _to_png(figure)


def draw_reliability_chart(record: charts.ForecastRecord) -> bytes:
    notes = _wrapped_lines(
        charts.score_text(record),
        _("Dashed: as forecast. Lines: 95 % confidence interval."),
        _("{period}, {count} forecasts.", period=record.period, count=f"{record.n:,}"),
    )
    bands = [band for band in record.bands if band.n]
    title = render_plain(charts.reliability_title(record))
    figure, axes = _make_sheet(title, notes, above=COUNTS_INCHES, tall=PLOT_INCHES, left=0.75, right=MARGIN_INCHES)
    forecast_label, outcome_label = render_plain(_("Forecast chance (%)")), render_plain(_("Came true (%)"))
    axes.set(xlim=(-4, 104), ylim=(-4, 104), xlabel=forecast_label, ylabel=outcome_label)
    axes.set(xticks=range(0, 101, 20), yticks=range(0, 101, 20))
    axes.grid(color=GRID_COLOR, linewidth=0.8)
    axes.plot([0, 100], [0, 100], color=MUTED_COLOR, linewidth=1.4, linestyle=(0, (4, 3)), zorder=2)
    for each in bands:
        _draw_band(axes, each)
    _draw_counts(axes, bands)
    return _to_png(figure)


def draw_acceptance_chart(shares: charts.TeamAcceptance) -> bytes:
    """People by name, each with the 95 % range of their true share, beside the line of their team."""
    rows = max(1, len(shares.people))
    notes = _wrapped_lines(
        _(
            "Dashed: the team, {share} of {count}. Lines: 95 % confidence interval.",
            share=charts.percent_text(shares.share),
            count=f"{shares.n:,}",
        ),
        _("{period}. Hollow: fewer than {count} answers, a small sample.", period=shares.period, count=MIN_ANSWERS),
    )
    title, tall = render_plain(charts.acceptance_title(shares)), ROW_INCHES * rows
    figure, axes = _make_sheet(title, notes, above=0.15, tall=tall, left=MARGIN_INCHES, right=0.75)
    axes.set(xlim=(0, 100), ylim=(rows - 0.42, -0.42), xlabel=render_plain(_("Accepted (% of answers)")), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.axvline(shares.share * 100, color=MUTED_COLOR, linewidth=1.4, linestyle=(0, (4, 3)), zorder=2)
    for at, one in enumerate(shares.people):
        _draw_person(axes, at, one)
    return _to_png(figure)


def _draw_person(axes: Axes, at: int, one: charts.PersonAcceptance) -> None:
    low, high = wilson_interval(one.accepted, one.n)
    line, edge = at + 0.28, 100 * (WIDTH_INCHES - 2 * MARGIN_INCHES) / (WIDTH_INCHES - MARGIN_INCHES - 0.75)
    counts = render_plain(_("{count} of {whole}", count=one.accepted, whole=one.n))
    name = _clipped_text(one.name, TEXT_POINTS, (WIDTH_INCHES - 2 * MARGIN_INCHES) * 72 - 70)
    _draw_text(axes, (0, at), name, size=TEXT_POINTS, color=TEXT_COLOR)
    _draw_text(axes, (edge, at), counts, size=SMALL_POINTS, color=MUTED_COLOR, ha="right")
    axes.plot([low * 100, high * 100], [line, line], color=BLUE, linewidth=2.2, zorder=3)
    if one.n:
        share, fill = 100 * one.accepted / one.n, PAPER_COLOR if one.n < MIN_ANSWERS else BLUE
        _draw_point(axes, share, line, "o", color=BLUE, markerfacecolor=fill, markersize=9)


def _make_sheet(
    title: str, notes: Sequence[str], *, above: float, tall: float, left: float, right: float
) -> tuple[Figure, Axes]:
    """Title, plot and small print, in inches. The background is opaque: it reads the same in Slack's dark mode."""
    foot = AXIS_INCHES + LINE_INCHES * len(notes) + 0.12
    height = HEAD_INCHES + above + tall + foot
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI, facecolor=PAPER_COLOR)
    axes = figure.add_axes((left / WIDTH_INCHES, foot / height, 1 - (left + right) / WIDTH_INCHES, tall / height))
    axes.set_facecolor(PAPER_COLOR)
    for name in ("top", "right"):
        axes.spines[name].set_visible(False)
    axes.tick_params(colors=MUTED_COLOR, labelsize=SMALL_POINTS, length=3)
    axes.xaxis.label.set(color=TEXT_COLOR, size=TEXT_POINTS)
    axes.yaxis.label.set(color=TEXT_COLOR, size=TEXT_POINTS)
    room = (WIDTH_INCHES - 2 * MARGIN_INCHES) * 72
    place = (MARGIN_INCHES / WIDTH_INCHES, 1 - 0.32 / height)
    clipped = _clipped_text(title, TITLE_POINTS, room)
    figure.text(*place, clipped, size=TITLE_POINTS, weight="bold", color=TEXT_COLOR)
    for at, words in enumerate(notes):
        figure.text(
            MARGIN_INCHES / WIDTH_INCHES,
            (foot - AXIS_INCHES - LINE_INCHES * (at + 0.6)) / height,
            words,
            size=SMALL_POINTS,
            color=MUTED_COLOR,
            parse_math=False,
        )
    return figure, axes


def _draw_ticket(axes: Axes, at: int, chance: charts.TicketChance) -> None:
    colour, sign = BAND_MARKERS[chance_band(chance.chance)]
    share, low = chance.chance * 100, at + 0.28
    edge = 100 * (WIDTH_INCHES - 2 * MARGIN_INCHES) / (WIDTH_INCHES - MARGIN_INCHES - 0.75)
    due = _readable_text(chance.due)
    room = (WIDTH_INCHES - 2 * MARGIN_INCHES) * 72 - _text_width(due, SMALL_POINTS) - 10
    _draw_text(
        axes,
        (0, at),
        _clipped_text(f"#{chance.number} {_readable_text(chance.title)}", TEXT_POINTS, room),
        size=TEXT_POINTS,
        color=TEXT_COLOR,
    )
    _draw_text(axes, (edge, at), due, size=SMALL_POINTS, color=MUTED_COLOR, ha="right")
    figure = charts.percent_text(chance.chance).replace("under ", "<").replace("over ", ">")
    _draw_text(axes, (edge, low), figure, size=TEXT_POINTS, color=TEXT_COLOR, ha="right", va="center", weight="bold")
    axes.plot([0, 100], [low, low], color=GRID_COLOR, linewidth=2, zorder=2, solid_capstyle="butt")
    axes.vlines(BAND_EDGES, low - 0.11, low + 0.11, color=GRID_COLOR, linewidth=1.2, zorder=2)
    axes.plot([0, share], [low, low], color=colour, linewidth=5, zorder=3, solid_capstyle="butt")
    _draw_point(axes, min(share, 97.5), low, sign, color=colour, markersize=10, markeredgecolor=PAPER_COLOR)


def _draw_legend(figure: Figure) -> None:
    handles = [
        Line2D([], [], linestyle="", marker=sign, color=colour, markersize=8, label=str(name))
        for name, (colour, sign) in BAND_MARKERS.items()
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.012, 1 - 0.38 / figure.get_figheight()),
        ncols=len(BAND_MARKERS),
        frameon=False,
        fontsize=SMALL_POINTS,
        labelcolor=MUTED_COLOR,
        handletextpad=0.1,
        columnspacing=0.9,
    )


def _draw_band(axes: Axes, point: charts.ForecastBand) -> None:
    low, high = wilson_interval(point.came_true, point.n)
    x, y = point.forecast * 100, 100 * point.came_true / point.n
    axes.plot([x, x], [low * 100, high * 100], color=BLUE, linewidth=2.2, zorder=3)
    _draw_point(axes, x, y, "o", color=BLUE, markersize=9, markeredgecolor=PAPER_COLOR)


def _draw_counts(axes: Axes, bands: Sequence[charts.ForecastBand]) -> None:
    """The number of forecasts above each point; of two close ones, the second is drawn higher."""
    _draw_text(axes, (-5, 107), "n", size=SMALL_POINTS, color=MUTED_COLOR, ha="right")
    last, high = -100.0, False
    for point in sorted(bands, key=lambda one: one.forecast):
        x = point.forecast * 100
        high = x - last < COUNT_DISTANCE and not high
        _draw_text(axes, (x, 112.5 if high else 107), f"{point.n:,}", size=SMALL_POINTS, color=TEXT_COLOR, ha="center")
        last = x


def _draw_point(axes: Axes, x: float, y: float, sign: str, **more: Any) -> None:
    axes.plot([x], [y], sign, zorder=4, clip_on=False, **more)


def _draw_text(axes: Axes, at: tuple[float, float], words: str, *, size: int, color: str, **more: Any) -> None:
    axes.text(*at, words, size=size, color=color, parse_math=False, **more)  # a dollar sign is no formula


def _wrapped_lines(*sentences: Text) -> list[str]:
    room = (WIDTH_INCHES - 2 * MARGIN_INCHES) * 72
    lines: list[str] = []
    for sentence in sentences:
        line = ""
        for word in _readable_text(render_plain(sentence)).split():
            longer = f"{line} {word}".strip()
            if line and _text_width(longer, SMALL_POINTS) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _clipped_text(words: str, size: int, room: float) -> str:
    """The part that fits into `room` points, with an ellipsis where something was cut."""
    words = _readable_text(words)[:MEASURED_CHARACTERS]
    if _text_width(words, size) <= room:
        return words
    while words and _text_width(words + "…", size) > room:
        words = words[:-1].rstrip()
    return words + "…"


def _readable_text(words: str) -> str:
    """On one line, without characters that the font lacks, which would appear as empty boxes."""
    charmap = _font().get_charmap()
    return " ".join("".join(one for one in strip_invisible(words) if one.isspace() or ord(one) in charmap).split())


def _text_width(words: str, size: int) -> float:
    font = _font()
    font.set_size(size, 72)
    font.set_text(words)
    return float(font.get_width_height()[0]) / 64


@cache
def _font() -> FT2Font:
    return FT2Font(font_manager.findfont(FONT_FAMILY))


def _to_png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=PAPER_COLOR)
    return buffer.getvalue()
