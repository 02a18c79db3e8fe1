"""Pictures for answers: their values, and in words what they show. They are drawn aside, by render.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.slack.blocks import Message, clean, clip, context, esc, image, safe
from rules.forecasts.forecasts import band

ROWS = 12
SPOKEN = 1900  # of the 2,000 characters that Slack takes


@dataclass(frozen=True, slots=True)
class Picture:
    """One to be drawn aside: by which function, from which values, and what it shows for those who do not see it.

    `title` is that of the file; the chart has its own in it.
    """

    draw: str
    values: tuple[object, ...]
    title: str
    alt: str
    name: str = "chart.png"


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a ticket is done by its due time; `due` is written as its readers read it."""

    number: int
    title: str
    chance: float
    due: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """A team's queue, by due time, from that many simulated runs; empty words where the queue does not clear."""

    team: str
    zone: str
    seen_at: str
    runs: int
    chances: tuple[Chance, ...]
    clears: str = ""
    clears_late: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """Forecasts of about the same height: their mean, how many there were, and how many came true."""

    forecast: float
    n: int
    made: int


@dataclass(frozen=True, slots=True)
class Record:
    """What forecasts were worth: `score` is Brier's, `of_always` that of always forecasting the average."""

    whose: str
    period: str
    bands: tuple[Band, ...]
    score: float
    of_always: float

    @property
    def n(self) -> int:
        return sum(band.n for band in self.bands)


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many of somebody's escalations were accepted, of how many answers."""

    name: str
    accepted: int
    n: int


@dataclass(frozen=True, slots=True)
class Shares:
    """Whose escalations the experts accept, each beside the team's own share; by name."""

    team: str
    period: str
    people: tuple[Accepted, ...]
    accepted: int
    n: int

    @property
    def share(self) -> float:
        return self.accepted / self.n if self.n else 0.0


def ledger(shares: Shares) -> Picture:
    """Each person's share and how sure one may be of it."""
    title = f"{shares.team}: escalations accepted"
    return Picture("handlers.charts.render:ledger", (shares,), title, _spoken(_ledger_words(shares)), "escalations.png")


def risk(outlook: Outlook) -> Picture:
    """Which tickets will hardly be done by their due time."""
    title = f"{outlook.team}: chance of being done in time"
    return Picture("handlers.charts.render:risk", (outlook,), title, _spoken(_risk_words(outlook)), "risk.png")


def reliability(record: Record) -> Picture:
    """Whether what was forecast at 70 % came true in 70 of 100 cases."""
    title = f"{record.whose}: forecast and outcome"
    words = _reliability_words(record)
    return Picture("handlers.charts.render:reliability", (record,), title, _spoken(words), "reliability.png")


def shown(picture: Picture, file_id: str) -> Message:
    return Message(esc(picture.alt), [image(file_id, alt=picture.alt)])


def not_shown(why: str) -> Message:
    """The small line where the picture would be."""
    words = f"The picture could not be shown: {safe(why)}"
    return Message(words, [context(words)])


def percent(share: float) -> str:
    """Never 0 or 100 where it is only nearly so."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "under 1 %"
    if rounded == 100 and share < 1:  # noqa: PLR2004 - the whole
        return "over 99 %"
    return f"{rounded} %"


def rows(outlook: Outlook) -> tuple[Chance, ...]:
    """Those that are drawn, by due time: the least likely where there are too many."""
    kept = set(sorted(range(len(outlook.chances)), key=lambda at: outlook.chances[at].chance)[:ROWS])
    return tuple(chance for at, chance in enumerate(outlook.chances) if at in kept)


def left_out(outlook: Outlook) -> str:
    """What is said of those that are not drawn."""
    drawn = rows(outlook)
    more = len(outlook.chances) - len(drawn)
    if not more:
        return ""
    least = min(chance.chance for chance in set(outlook.chances) - set(drawn))
    return f"{more} more are at {percent(least)} or above."


def clearing(outlook: Outlook) -> str:
    """When nothing waits any more."""
    if not outlook.clears:
        return "The queue does not clear within the time that was looked at."
    late = f"; in 9 of 10 by {outlook.clears_late}" if outlook.clears_late else "; not within the time in 9 of 10"
    return f"The queue clears by {outlook.clears} in half of the runs{late}."


def _risk_words(outlook: Outlook) -> list[str]:
    opening = f"Chances of {outlook.team}'s tickets of being done by their due time, as of {outlook.seen_at}."
    told = [
        f"#{one.number} {_short(one.title)}, due {one.due}: {percent(one.chance)}, {band(one.chance)}."
        for one in rows(outlook)
    ]
    return [opening, clearing(outlook), *(told or ["No ticket is open."]), left_out(outlook)]


def _reliability_words(record: Record) -> list[str]:
    opening = f"Forecasts of {record.whose} against what came true, {record.period}, n = {record.n}."
    told = [
        f"Forecast {percent(one.forecast)}: {one.made} of {one.n} came true ({percent(one.made / one.n)})."
        for one in record.bands
        if one.n
    ]
    return [opening, score_words(record), *told]


def _ledger_words(shares: Shares) -> list[str]:
    opening = f"Of {shares.team}'s escalations {shares.accepted} of {shares.n} were accepted, {shares.period}."
    told = [f"{_short(one.name)}: {one.accepted} of {one.n}." for one in shares.people]
    return [opening, *told, "Lines show the 95 % range; of few answers a share says little."]


def score_words(record: Record) -> str:
    return f"Brier score {record.score:.2f} (0 is best; always the average: {record.of_always:.2f})."


def _spoken(sentences: Sequence[str]) -> str:
    return clip(clean(" ".join(filter(None, sentences))), SPOKEN)


def _short(title: str) -> str:
    return clip(" ".join(clean(title).split()), 60)
