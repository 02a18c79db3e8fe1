"""How long tickets took, within one screen: the median, each type, the slowest, and where the time went."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.reports.cards.daily import day_text, scope_title
from handlers.slack.blocks import Message, context, escape_line, mention, section, strip_invisible
from rules.calendars.durations import format_hours, format_seconds
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, STATUS_LABELS, Status
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.resolution_times import ResolutionSpread, ResolutionTime, ResolutionTimes, StatusTime

TYPES_SHOWN = 4
NAME_LIMIT = 40
TITLE_LENGTH = 50
_PROPOSED_SPAN = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class DayRange:
    """What was asked for: the first day and the last, both included, and which day is today."""

    first: date
    last: date
    today: ReportDay

    @property
    def text(self) -> str:
        if self.first != self.last:
            return f"{self.first} to {self.last}"
        return (
            f"{self.last:%a} {self.last.day} {self.last:%b %Y}"
            if self.last != self.today.date
            else day_text(self.today)
        )


def resolution_times_message(
    found: ResolutionTimes | None, whose: ReportScope, days: DayRange, policy: Policy
) -> Message:
    if found is None:
        return _nothing_resolved(whose, days, policy)
    head = f"*How long tickets took · {scope_title(whose, policy)}* · {days.text}\n{_total_text(found.whole)}"
    slowest = "\n".join(["*The slowest*", *(_slow_row(one) for one in found.slowest)])
    content = [
        section(head),
        section(_types_text(found, policy)),
        section(slowest),
        section(_time_by_status(found.by_status)),
    ]
    content.append(context(_footnote(found, days)))
    return Message(
        f"How long tickets took, {scope_title(whose, policy)}, {days.text}: {_total_text(found.whole)}.", content
    )


def _nothing_resolved(whose: ReportScope, days: DayRange, policy: Policy) -> Message:
    """With a span in which there is probably something."""
    said = f"Nothing was resolved, {scope_title(whose, policy)}, {days.text}."
    first = days.last - _PROPOSED_SPAN
    if first < days.first:
        whom = "me " if whose.person is not None else ""
        if whose.teams is not None and len(whose.teams) == 1:
            whom = f"team {escape_line(next(iter(whose.teams)), NAME_LIMIT)} "
        said += f" For more days write `/report times {whom}{first}..{days.last}`."
    return Message(said, [section(said)])


def _total_text(whole: ResolutionSpread) -> str:
    few = ": few, so it says little" if whole.is_small else ""
    return f"Resolved {whole.n}{few} · TRT {_spread_text(whole)}"


def _spread_text(one: ResolutionSpread) -> str:
    half = f"{format_seconds(round(one.median_s))} ({format_hours(one.business_median_s)} open)"
    most = f"{format_seconds(round(one.p90_s))} ({format_hours(one.business_p90_s)} open)"
    return f"median {half}, 90 % within {most}"


def _types_text(found: ResolutionTimes, policy: Policy) -> str:
    rows = [
        f"{escape_line(policy.type(key).name, NAME_LIMIT)}  n = {one.n}{' (few)' if one.is_small else ''}: "
        f"{_spread_text(one)}"
        for key, one in found.by_type[:TYPES_SHOWN]
    ]
    more = len(found.by_type) - TYPES_SHOWN
    return "\n".join(["*By type*", *rows, *([f"and {more} more types"] if more > 0 else [])])


def _slow_row(one: ResolutionTime) -> str:
    took = f"{format_seconds(one.elapsed_s)} ({format_hours(one.business_s)} open)"
    return f"*#{one.number}* {escape_line(one.title, TITLE_LENGTH)} · {mention(one.resolved_by)} · {took}"


def _time_by_status(parts: tuple[StatusTime, ...]) -> str:
    """Shares of open time; of the time that passed where none of it was open."""
    opened = sum(part.business_s for part in parts)
    passed = sum(part.elapsed_s for part in parts)
    whole = opened or passed
    told = [(part.status, part.business_s if opened else part.elapsed_s) for part in parts]
    shares = [
        f"{_status_text(status)} {round(100 * spent / whole)} % ({format_hours(spent)})"
        for status, spent in told
        if spent
    ]
    head = f"*Where the time went* · of {format_hours(whole)}{' open' if opened else ''}"
    return f"{head}\n{' · '.join(shares) or 'It took no time.'}"


def _status_text(status: Status) -> str:
    return f"{STATUS_LABELS[status]}, then reopened" if status in DONE_STATUSES else STATUS_LABELS[status]


def _footnote(found: ResolutionTimes, days: DayRange) -> str:
    zone = strip_invisible(days.today.zone)
    told = f"n = {found.whole.n}, by the day of the solution, {zone} time"
    return f"{told} · TRT: from the report to the last solution · what counts: `/report help`"
