"""How long tickets took, within one screen: the median, each type, the slowest, and where the time went."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.reports.cards.daily import day_words, title
from handlers.slack.blocks import Message, clean, context, line, person, section
from rules.calendars.durations import in_hours, words
from rules.model.policy import Policy
from rules.model.tickets import DONE, STATUS_WORDS, Status
from rules.reports.daily import Day, Scope
from rules.reports.resolution_times import Part, Spread, Times, Took

TYPES = 4
NAME = 40
TITLE = 50
_PROPOSED = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class Days:
    """What was asked for: the first day and the last, both included, and which day is today."""

    first: date
    last: date
    today: Day

    @property
    def words(self) -> str:
        if self.first != self.last:
            return f"{self.first} to {self.last}"
        return (
            f"{self.last:%a} {self.last.day} {self.last:%b %Y}"
            if self.last != self.today.date
            else day_words(self.today)
        )


def answer(found: Times | None, whose: Scope, days: Days, policy: Policy) -> Message:
    if found is None:
        return _nothing(whose, days, policy)
    head = f"*How long tickets took · {title(whose, policy)}* · {days.words}\n{_whole(found.whole)}"
    slowest = "\n".join(["*The slowest*", *(_slow(one) for one in found.slowest)])
    content = [section(head), section(_types(found, policy)), section(slowest), section(_went(found.parts))]
    content.append(context(_footing(found, days)))
    return Message(f"How long tickets took, {title(whose, policy)}, {days.words}: {_whole(found.whole)}.", content)


def _nothing(whose: Scope, days: Days, policy: Policy) -> Message:
    """With a span in which there is probably something."""
    said = f"Nothing was resolved, {title(whose, policy)}, {days.words}."
    first = days.last - _PROPOSED
    if first < days.first:
        whom = "me " if whose.person is not None else ""
        if whose.teams is not None and len(whose.teams) == 1:
            whom = f"team {line(next(iter(whose.teams)), NAME)} "
        said += f" For more days write `/report times {whom}{first}..{days.last}`."
    return Message(said, [section(said)])


def _whole(whole: Spread) -> str:
    few = ": few, so it says little" if whole.is_small else ""
    return f"Resolved {whole.n}{few} · TRT {_spread(whole)}"


def _spread(one: Spread) -> str:
    half = f"{words(round(one.median_s))} ({in_hours(one.open_median_s)} open)"
    most = f"{words(round(one.p90_s))} ({in_hours(one.open_p90_s)} open)"
    return f"median {half}, 90 % within {most}"


def _types(found: Times, policy: Policy) -> str:
    rows = [
        f"{line(policy.type(key).name, NAME)}  n = {one.n}{' (few)' if one.is_small else ''}: {_spread(one)}"
        for key, one in found.types[:TYPES]
    ]
    more = len(found.types) - TYPES
    return "\n".join(["*By type*", *rows, *([f"and {more} more types"] if more > 0 else [])])


def _slow(one: Took) -> str:
    took = f"{words(one.passed_s)} ({in_hours(one.open_s)} open)"
    return f"*#{one.number}* {line(one.title, TITLE)} · {person(one.by)} · {took}"


def _went(parts: tuple[Part, ...]) -> str:
    """Shares of open time; of the time that passed where none of it was open."""
    opened = sum(part.open_s for part in parts)
    passed = sum(part.passed_s for part in parts)
    whole = opened or passed
    told = [(part.status, part.open_s if opened else part.passed_s) for part in parts]
    shares = [f"{_state(status)} {round(100 * spent / whole)} % ({in_hours(spent)})" for status, spent in told if spent]
    head = f"*Where the time went* · of {in_hours(whole)}{' open' if opened else ''}"
    return f"{head}\n{' · '.join(shares) or 'It took no time.'}"


def _state(status: Status) -> str:
    return f"{STATUS_WORDS[status]}, then reopened" if status in DONE else STATUS_WORDS[status]


def _footing(found: Times, days: Days) -> str:
    zone = clean(days.today.zone)
    told = f"n = {found.whole.n}, by the day of the solution, {zone} time"
    return f"{told} · TRT: from the report to the last solution · what counts: `/report help`"
