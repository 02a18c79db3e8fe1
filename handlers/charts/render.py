"""Charts as PNG, drawn aside: matplotlib is loaded here, so nothing imports this module; charts.py names it."""

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
from handlers.charts.charts import Accepted, Band, Chance, Outlook, Record, Shares, percent
from handlers.slack.blocks import clean
from rules.escalations.outcomes import ENOUGH
from rules.forecasts.forecasts import FROM, band
from rules.forecasts.forecasts import Band as Word
from rules.statistics import wilson

WIDE, EDGE, DPI = 5.0, 0.2, 240  # inches: text of 11 points is 11 pixels high where it is shown 360 pixels wide
INK, SOFT, RULE, PAPER = "#1d1c1d", "#4d4b4d", "#d5d3d6", "#ffffff"
# Okabe and Ito's colours, two of them darker: people who are colour-blind tell them apart, and each has its own sign.
BLUE, ORANGE, RED = "#0072b2", "#b87000", "#a83200"
SIGNS = {
    Word.ALMOST_CERTAIN: (BLUE, "o"),
    Word.LIKELY: (BLUE, "s"),
    Word.IN_DOUBT: (ORANGE, "^"),
    Word.UNLIKELY: (RED, "X"),
}
LIMITS = sorted(round(limit * 100) for limit, _ in FROM if limit)
TITLE, WORDS, SMALL = 13, 11, 10
ROW, HEAD, LEGEND, LINE, GAP = 0.53, 0.5, 0.3, 0.21, 0.58
TALL, COUNTS, CLOSE = 4.0, 0.36, 8  # so many points of forecast apart two counts do not touch
FAMILY = "DejaVu Sans"
MEASURED = 120  # characters; more never fit


def risk(outlook: Outlook) -> bytes:
    """A team's tickets by due time, each with its chance of being done by then."""
    drawn = charts.rows(outlook)
    seen = (
        f"As of {outlook.seen_at}, in {outlook.runs:,} simulated runs. At the right: when it is due ({outlook.zone})."
    )
    told = _wrapped(charts.left_out(outlook), charts.clearing(outlook), seen)
    figure, axes = _sheet(
        f"{outlook.team}: chance of being done in time",
        told,
        above=LEGEND,
        tall=ROW * max(1, len(drawn)),
        left=EDGE,
        right=0.75,
    )
    axes.set(xlim=(0, 100), ylim=(max(1, len(drawn)) - 0.42, -0.42), xlabel="Done by then (% of the runs)", yticks=[])
    axes.set_xticks([0, *LIMITS[:-1], 100])
    axes.spines["left"].set_visible(False)
    for at, chance in enumerate(drawn):
        _row(axes, at, chance)
    if not drawn:
        _say(axes, (50, 0), "No ticket is open", size=WORDS, color=SOFT, ha="center", va="center")
    _signs(figure)
    return _png(figure)


def reliability(record: Record) -> bytes:
    """Bands of forecasts against the share that came true; on the diagonal they meet."""
    told = _wrapped(
        charts.score_words(record),
        "Dashed: as forecast. Lines: 95 % range of the true share.",
        f"{record.period}, n = {record.n:,} forecasts.",
    )
    bands = [band for band in record.bands if band.n]
    figure, axes = _sheet(f"{record.whose}: forecast and outcome", told, above=COUNTS, tall=TALL, left=0.75, right=EDGE)
    axes.set(xlim=(-4, 104), ylim=(-4, 104), xlabel="Forecast chance (%)", ylabel="Came true (%)")
    axes.set(xticks=range(0, 101, 20), yticks=range(0, 101, 20))
    axes.grid(color=RULE, linewidth=0.8)
    axes.plot([0, 100], [0, 100], color=SOFT, linewidth=1.4, linestyle=(0, (4, 3)), zorder=2)
    for each in bands:
        _band(axes, each)
    _counts(axes, bands)
    return _png(figure)


def ledger(shares: Shares) -> bytes:
    """People by name, each with the range in which their true share lies, beside the line of their team."""
    rows = max(1, len(shares.people))
    told = _wrapped(
        f"Dashed: the team's share, {percent(shares.share)} of {shares.n:,}. Lines: 95 % range.",
        f"{shares.period}. By name; of fewer than {ENOUGH} answers a share says little (hollow).",
    )
    figure, axes = _sheet(
        f"{shares.team}: escalations accepted", told, above=0.15, tall=ROW * rows, left=EDGE, right=0.75
    )
    axes.set(xlim=(0, 100), ylim=(rows - 0.42, -0.42), xlabel="Accepted (% of the answers)", yticks=[])
    axes.spines["left"].set_visible(False)
    axes.axvline(shares.share * 100, color=SOFT, linewidth=1.4, linestyle=(0, (4, 3)), zorder=2)
    for at, one in enumerate(shares.people):
        _share(axes, at, one)
    return _png(figure)


def _share(axes: Axes, at: int, one: Accepted) -> None:
    """The name above, the range and the point below, the figures at the right."""
    low, high = wilson(one.accepted, one.n)
    line, edge = at + 0.28, 100 * (WIDE - 2 * EDGE) / (WIDE - EDGE - 0.75)
    _say(axes, (0, at), _clipped(one.name, WORDS, (WIDE - 2 * EDGE) * 72 - 70), size=WORDS, color=INK)
    _say(axes, (edge, at), f"{one.accepted} of {one.n}", size=SMALL, color=SOFT, ha="right")
    axes.plot([low * 100, high * 100], [line, line], color=BLUE, linewidth=2.2, zorder=3)
    if one.n:
        face = PAPER if one.n < ENOUGH else BLUE
        axes.plot(
            [100 * one.accepted / one.n],
            [line],
            "o",
            color=BLUE,
            markerfacecolor=face,
            markersize=9,
            zorder=4,
            clip_on=False,
        )


def _sheet(
    title: str, told: Sequence[str], *, above: float, tall: float, left: float, right: float
) -> tuple[Figure, Axes]:
    """Title, plot and small print below each other, in inches. The paper is opaque: it reads the same on dark Slack."""
    foot = GAP + LINE * len(told) + 0.12
    height = HEAD + above + tall + foot
    figure = Figure(figsize=(WIDE, height), dpi=DPI, facecolor=PAPER)
    axes = figure.add_axes((left / WIDE, foot / height, 1 - (left + right) / WIDE, tall / height))
    axes.set_facecolor(PAPER)
    for name in ("top", "right"):
        axes.spines[name].set_visible(False)
    axes.tick_params(colors=SOFT, labelsize=SMALL, length=3)
    axes.xaxis.label.set(color=INK, size=WORDS)
    axes.yaxis.label.set(color=INK, size=WORDS)
    room = (WIDE - 2 * EDGE) * 72
    figure.text(EDGE / WIDE, 1 - 0.32 / height, _clipped(title, TITLE, room), size=TITLE, weight="bold", color=INK)
    for at, words in enumerate(told):
        figure.text(
            EDGE / WIDE, (foot - GAP - LINE * (at + 0.6)) / height, words, size=SMALL, color=SOFT, parse_math=False
        )
    return figure, axes


def _row(axes: Axes, at: int, chance: Chance) -> None:
    """What and by when above; the bar with its sign, and its figure at the right, below."""
    colour, sign = SIGNS[band(chance.chance)]
    share, low = chance.chance * 100, at + 0.28
    edge = 100 * (WIDE - 2 * EDGE) / (WIDE - EDGE - 0.75)
    due = _readable(chance.due)
    room = (WIDE - 2 * EDGE) * 72 - _width(due, SMALL) - 10
    _say(axes, (0, at), _clipped(f"#{chance.number} {_readable(chance.title)}", WORDS, room), size=WORDS, color=INK)
    _say(axes, (edge, at), due, size=SMALL, color=SOFT, ha="right")
    figure = percent(chance.chance).replace("under ", "<").replace("over ", ">")
    _say(axes, (edge, low), figure, size=WORDS, color=INK, ha="right", va="center", weight="bold")
    axes.plot([0, 100], [low, low], color=RULE, linewidth=2, zorder=2, solid_capstyle="butt")
    axes.vlines(LIMITS, low - 0.11, low + 0.11, color=RULE, linewidth=1.2, zorder=2)
    axes.plot([0, share], [low, low], color=colour, linewidth=5, zorder=3, solid_capstyle="butt")
    axes.plot(
        [min(share, 97.5)], [low], sign, color=colour, markersize=10, markeredgecolor=PAPER, zorder=4, clip_on=False
    )


def _signs(figure: Figure) -> None:
    """What the colours and signs mean, under the title."""
    handles = [
        Line2D([], [], linestyle="", marker=sign, color=colour, markersize=8, label=str(name))
        for name, (colour, sign) in SIGNS.items()
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.012, 1 - 0.38 / figure.get_figheight()),
        ncols=len(SIGNS),
        frameon=False,
        fontsize=SMALL,
        labelcolor=SOFT,
        handletextpad=0.1,
        columnspacing=0.9,
    )


def _band(axes: Axes, told: Band) -> None:
    """A point, and the range of what may be true."""
    low, high = wilson(told.made, told.n)
    x, y = told.forecast * 100, 100 * told.made / told.n
    axes.plot([x, x], [low * 100, high * 100], color=BLUE, linewidth=2.2, zorder=3)
    axes.plot([x], [y], "o", color=BLUE, markersize=9, markeredgecolor=PAPER, zorder=4, clip_on=False)


def _counts(axes: Axes, bands: Sequence[Band]) -> None:
    """How many each point speaks for, above it; of two that are close one stands higher."""
    _say(axes, (-5, 107), "n", size=SMALL, color=SOFT, ha="right")
    last, high = -100.0, False
    for told in sorted(bands, key=lambda one: one.forecast):
        x = told.forecast * 100
        high = x - last < CLOSE and not high
        _say(axes, (x, 112.5 if high else 107), f"{told.n:,}", size=SMALL, color=INK, ha="center")
        last = x


def _say(axes: Axes, at: tuple[float, float], words: str, *, size: int, color: str, **more: Any) -> None:
    axes.text(*at, words, size=size, color=color, parse_math=False, **more)  # people write dollars, not formulas


def _wrapped(*sentences: str) -> list[str]:
    """The small print, broken where the sheet ends."""
    room = (WIDE - 2 * EDGE) * 72
    lines: list[str] = []
    for sentence in filter(None, sentences):
        line = ""
        for word in _readable(sentence).split():
            longer = f"{line} {word}".strip()
            if line and _width(longer, SMALL) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _clipped(words: str, size: int, room: float) -> str:
    """What fits into that many points, with an ellipsis where something was cut."""
    words = _readable(words)[:MEASURED]
    if _width(words, size) <= room:
        return words
    while words and _width(words + "…", size) > room:
        words = words[:-1].rstrip()
    return words + "…"


def _readable(words: str) -> str:
    """On one line, without what the font cannot write: an empty box tells nobody anything."""
    known = _font().get_charmap()
    return " ".join("".join(one for one in clean(words) if one.isspace() or ord(one) in known).split())


def _width(words: str, size: int) -> float:
    font = _font()
    font.set_size(size, 72)
    font.set_text(words)
    return float(font.get_width_height()[0]) / 64


@cache
def _font() -> FT2Font:
    return FT2Font(font_manager.findfont(FAMILY))


def _png(figure: Figure) -> bytes:
    kept = io.BytesIO()
    figure.savefig(kept, format="png", facecolor=PAPER)
    return kept.getvalue()
