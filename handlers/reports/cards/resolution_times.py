"""Resolution times, within one screen: the median, each type, the slowest tickets, and the time in each status."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.reports.cards.daily import date_text, day_text, scope_title, zone_text
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import Markup, bold, clip, escape_line, join, render
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.resolution_times import ResolutionSpread, ResolutionTime, ResolutionTimes, StatusTime
from rules.text import Code, Day, Duration, Person, Text, TicketNumber, WorkTime, _, ngettext

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
    def text(self) -> Markup:
        if self.first != self.last:
            return render(_("{first} to {last}", first=Day(self.first), last=Day(self.last)))
        return day_text(self.today) if self.last == self.today.date else render(date_text(self.last))


def resolution_times_message(
    times: ResolutionTimes | None, scope: ReportScope, days: DayRange, policy: Policy
) -> Message:
    if times is None:
        return _nothing_resolved(scope, days, policy)
    title, total = scope_title(scope, policy), _total_text(times.whole)
    head = join(" · ", [bold(_("Resolution times · {scope}", scope=title)), days.text])
    slowest = join("\n", [bold(_("Slowest")), *(_slow_row(one) for one in times.slowest)])
    texts = (join("\n", [head, total]), _types_text(times, policy), slowest, _time_by_status(times.by_status))
    content = [*map(blocks.section, texts), blocks.context(_footnote(times, scope, days))]
    spoken = _("Resolution times, {scope}, {days}: {total}.", scope=title, days=days.text, total=total)
    return Message(render(spoken), content)


def _nothing_resolved(scope: ReportScope, days: DayRange, policy: Policy) -> Message:
    sentences: list[Text | Markup] = [
        _("Nothing was resolved, {scope}, {days}.", scope=scope_title(scope, policy), days=days.text)
    ]
    first = days.last - _PROPOSED_SPAN
    if first < days.first:
        whom = "me " if scope.person is not None else ""
        if scope.teams is not None and len(scope.teams) == 1:
            whom = f"team {clip(next(iter(scope.teams)), NAME_LIMIT)} "
        command = Code(f"/report times {whom}{first}..{days.last}")
        sentences.append(_("For more days write {command}.", command=command))
    text = join(" ", sentences)
    return Message(text, [blocks.section(text)])


def _total_text(whole: ResolutionSpread) -> Markup:
    return join(" · ", [_count_text(whole), _("Resolution time: {spread}", spread=_spread_text(whole))])


def _count_text(spread: ResolutionSpread) -> Text:
    if spread.is_small:
        return _("{count} resolved (small sample)", count=spread.n)
    return _("{count} resolved", count=spread.n)


def _spread_text(spread: ResolutionSpread) -> Text:
    return _(
        "median {median}, 90th percentile {p90}",
        median=_time_text(spread.median_s, spread.business_median_s),
        p90=_time_text(spread.p90_s, spread.business_p90_s),
    )


def _time_text(elapsed_s: float, business_s: float) -> Text:
    """The time that passed, with the business hours in it where they differ."""
    elapsed, business = Duration(elapsed_s), WorkTime(business_s)
    if round(elapsed_s) == round(business_s):
        return Text("{elapsed}", {"elapsed": elapsed})
    return _("{elapsed} ({business} in business hours)", elapsed=elapsed, business=business)


def _types_text(times: ResolutionTimes, policy: Policy) -> Markup:
    rows: list[Text | Markup] = [
        _(
            "{type}  {count}: {spread}",
            type=blocks.name_of(policy.type(key), NAME_LIMIT),
            count=_count_text(one),
            spread=_spread_text(one),
        )
        for key, one in times.by_type[:TYPES_SHOWN]
    ]
    more = len(times.by_type) - TYPES_SHOWN
    rest = [ngettext("and {n} more type", "and {n} more types", more)] if more > 0 else []
    return join("\n", [bold(_("By type")), *rows, *rest])


def _slow_row(one: ResolutionTime) -> Markup:
    ticket = _("*{number}* {title}", number=TicketNumber(one.number), title=escape_line(one.title, TITLE_LENGTH))
    resolver = _("by {person}", person=Person(one.resolved_by))
    return join(" · ", [ticket, resolver, _time_text(one.elapsed_s, one.business_s)])


def _time_by_status(parts: tuple[StatusTime, ...]) -> Markup:
    """Shares of business hours; of elapsed time where none of it was within business hours."""
    business_s, elapsed_s = sum(part.business_s for part in parts), sum(part.elapsed_s for part in parts)
    whole_s = business_s or elapsed_s
    times = [(part.status, part.business_s if business_s else part.elapsed_s) for part in parts]
    shares = [_share_text(status, spent_s, whole_s) for status, spent_s in times if spent_s]
    head = _("*Time in each status* · of {time}", time=WorkTime(whole_s))
    if business_s and business_s != elapsed_s:
        head = _("*Time in each status* · of {time} in business hours", time=WorkTime(whole_s))
    return join("\n", [head, join(" · ", shares or [_("Resolved at once.")])])


def _share_text(status: Status, spent_s: float, whole_s: float) -> Text:
    name = _("{status}, then reopened", status=status.label) if status in DONE_STATUSES else status.label
    percent = round(100 * spent_s / whole_s)
    return _("{status} {percent} % ({time})", status=name, percent=percent, time=WorkTime(spent_s))


def _footnote(times: ResolutionTimes, scope: ReportScope, days: DayRange) -> Markup:
    counted = ngettext(
        "{n} ticket, by the day it was resolved", "{n} tickets, by the day they were resolved", times.whole.n
    )
    return join(" · ", [counted, zone_text(scope, days.today.zone), _("Definitions: `/report help`")])
