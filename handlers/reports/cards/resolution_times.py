"""Resolution times, within one screen: the median, each type, the slowest tickets, and the time in each status."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.reports.cards.daily import day_text, scope_title
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import escape_line, mention, strip_invisible
from rules.calendars.durations import format_hours, format_seconds
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.resolution_times import ResolutionSpread, ResolutionTime, ResolutionTimes, StatusTime

TYPES_SHOWN = 4
NAME_LIMIT = 40
TITLE_LENGTH = 50
_PROPOSED_SPAN = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class DayRange:
    first: date
    last: date
    today: ReportDay

    @property
    def text(self) -> str:
        if self.first != self.last:
            return f"{self.first} to {self.last}"
        if self.last == self.today.date:
            return day_text(self.today)
        return f"{self.last:%a} {self.last.day} {self.last:%b %Y}"


def resolution_times_message(
    times: ResolutionTimes | None, scope: ReportScope, days: DayRange, policy: Policy
) -> Message:
    if times is None:
        return _nothing_resolved(scope, days, policy)
    head = f"*How long tickets took · {scope_title(scope, policy)}* · {days.text}\n{_total_text(times.whole)}"
    slowest = "\n".join(["*The slowest*", *(_slow_row(one) for one in times.slowest)])
    texts = (head, _types_text(times, policy), slowest, _time_by_status(times.by_status))
    content = [*map(blocks.section, texts), blocks.context(_footnote(times, days))]
    title = f"How long tickets took, {scope_title(scope, policy)}, {days.text}"
    return Message(f"{title}: {_total_text(times.whole)}.", content)


def _nothing_resolved(scope: ReportScope, days: DayRange, policy: Policy) -> Message:
    text = f"Nothing was resolved, {scope_title(scope, policy)}, {days.text}."
    first = days.last - _PROPOSED_SPAN
    if first < days.first:
        whom = "me " if scope.person is not None else ""
        if scope.teams is not None and len(scope.teams) == 1:
            whom = f"team {escape_line(next(iter(scope.teams)), NAME_LIMIT)} "
        text += f" For more days write `/report times {whom}{first}..{days.last}`."
    return Message(text, [blocks.section(text)])


def _total_text(whole: ResolutionSpread) -> str:
    few = ": few, so it says little" if whole.is_small else ""
    return f"Resolved {whole.n}{few} · TRT {_spread_text(whole)}"


def _spread_text(one: ResolutionSpread) -> str:
    half = f"{format_seconds(round(one.median_s))} ({format_hours(one.business_median_s)} open)"
    most = f"{format_seconds(round(one.p90_s))} ({format_hours(one.business_p90_s)} open)"
    return f"median {half}, 90 % within {most}"


def _types_text(times: ResolutionTimes, policy: Policy) -> str:
    rows = [
        f"{blocks.name_of(policy.type(key), NAME_LIMIT)}  n = {one.n}{' (few)' if one.is_small else ''}: "
        f"{_spread_text(one)}"
        for key, one in times.by_type[:TYPES_SHOWN]
    ]
    more = len(times.by_type) - TYPES_SHOWN
    return "\n".join(["*By type*", *rows, *([f"and {more} more types"] if more > 0 else [])])


def _slow_row(one: ResolutionTime) -> str:
    took = f"{format_seconds(one.elapsed_s)} ({format_hours(one.business_s)} open)"
    return f"*#{one.number}* {escape_line(one.title, TITLE_LENGTH)} · {mention(one.resolved_by)} · {took}"


def _time_by_status(parts: tuple[StatusTime, ...]) -> str:
    """Shares of business hours; of elapsed time where none of it was within business hours."""
    opened = sum(part.business_s for part in parts)
    passed = sum(part.elapsed_s for part in parts)
    whole = opened or passed
    durations = [(part.status, part.business_s if opened else part.elapsed_s) for part in parts]
    spent_times = [(_status_text(status), spent) for status, spent in durations if spent]
    shares = [f"{status} {round(100 * spent / whole)} % ({format_hours(spent)})" for status, spent in spent_times]
    head = f"*Where the time went* · of {format_hours(whole)}{' open' if opened else ''}"
    return f"{head}\n{' · '.join(shares) or 'It took no time.'}"


def _status_text(status: Status) -> str:
    return f"{status.label}, then reopened" if status in DONE_STATUSES else str(status.label)


def _footnote(times: ResolutionTimes, days: DayRange) -> str:
    zone = strip_invisible(days.today.zone)
    basis = f"n = {times.whole.n}, by the day of the solution, {zone} time"
    return f"{basis} · TRT: from the report to the last solution · what counts: `/report help`"
