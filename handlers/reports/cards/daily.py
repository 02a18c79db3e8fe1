"""A day in numbers, as its reader sees it: the sums first, then who, then which tickets."""

from collections.abc import Sequence

from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    clean,
    context,
    line,
    moment,
    person,
    section,
    select,
)
from handlers.slack.ids import Button
from rules.model.policy import Policy
from rules.model.tickets import STATUS_WORDS
from rules.reports.daily import Day, Due, Holder, Report, Scope, Share

ROWS = 8  # of people, overdue and near tickets together, so that the whole is within one screen
INLINE = 6
NUMBERS = 12
TEAMS = 3
TITLE = 60
_SPOKEN = 80


def answer(report: Report, whose: Scope, day: Day, policy: Policy, *, hint: str = "") -> Message:
    """The report within one screen; its buttons lead to the tickets behind it."""
    lists = _lists_of(whose) if day.is_today else {}
    people, late, soon = shared_out([len(report.holders), len(report.overdue), len(report.near)], ROWS)
    content = [
        section(f"*Report · {title(whose, policy)}* · {day_words(day)}\n{sums(report)}"),
        _reported(report, day, policy),
        _holding(report, day, people),
        *_due("⚠️ *Overdue*", report.overdue, "was due", lists.get("overdue"), late),
        *_due("⏳ *Near*", report.near, "due", lists.get("near"), soon),
        *(_why([*report.overdue[:late], *report.near[:soon]]) if day.is_today else []),
        _resolved(report),
        _escalated(report, policy),
    ]
    content.append(context(_footing(report, whose, day), *([hint] if hint else [])))
    return Message(f"Report of {title(whose, policy)}, {day_words(day)}: {sums(report)}.", content)


def shared_out(wanted: Sequence[int], room: int) -> list[int]:
    """How many lines each list gets: in turns, none more than it wants, until the room is used up."""
    given = [0] * len(wanted)
    while room > 0 and given != list(wanted):
        for place, many in enumerate(wanted):
            if given[place] < many and room > 0:
                given[place] += 1
                room -= 1
    return given


def title(whose: Scope, policy: Policy) -> str:
    """Whose numbers these are."""
    if whose.person is not None:
        return person(whose.person)
    if whose.teams is None:
        return "the whole desk"
    names = [line(policy.team(key).name, _SPOKEN) for key in sorted(whose.teams)]
    return listed(names, INLINE)


def day_words(day: Day) -> str:
    """The day with its weekday; today says that it is not over."""
    words = f"{day.date:%a} {day.date.day} {day.date:%b %Y}"
    return f"{words}, so far" if day.is_today else words


def sums(report: Report) -> str:
    """The one line that a lock screen shows."""
    late = f" ({len(report.overdue)} overdue, {len(report.near)} near)" if report.overdue or report.near else ""
    return f"Reported {len(report.reported)} · resolved {len(report.resolved)} · open {report.open}{late}"


def _reported(report: Report, day: Day, policy: Policy) -> Block:
    if not report.reported:
        return section("*Reported* 0")
    types = listed([f"{line(policy.type(key).name, _SPOKEN)} {many}" for key, many in report.by_type], INLINE)
    states = ", ".join(f"{STATUS_WORDS[status]} {many}" for status, many in report.by_status)
    head = f"*Reported* {len(report.reported)} · {numbers(report.reported)}"
    return section(f"{head}\nBy type: {types}\nBy state{'' if day.is_today else ' then'}: {states}")


def _holding(report: Report, day: Day, shown: int) -> Block:
    if not report.holders:
        return section("*Open* 0. Nothing waits.")
    rows = [_holder(one, day) for one in report.holders]
    return section(_lines(f"*Open* {report.open}, by who has them", rows, shown, "all: `/report who`"))


def _holder(holder: Holder, day: Day) -> str:
    from_today = "today" if day.is_today else "that day"
    parts = [f"{holder.today} from {from_today}", f"{holder.earlier} from earlier days"]
    parts += [f"{holder.overdue} overdue"] if holder.overdue else []
    parts += [f"{holder.near} near"] if holder.near else []
    return f"{person(holder.who)}  {holder.open} to do: {' · '.join(parts)}"


def _due(words: str, tickets: Sequence[Due], due: str, way: Element | None, shown: int) -> list[Block]:
    if not tickets:
        return []
    rows = [
        f"*#{one.number}* {line(one.title, TITLE)} · {person(one.assignee)} · {due} {moment(one.due_at)}"
        for one in tickets
    ]
    return [section(_lines(f"{words} {len(tickets)}", rows, shown), accessory=way)]


def _why(tickets: Sequence[Due]) -> list[Block]:
    """How the due time of each ticket named above came about."""
    options = [(f"Why #{number}?", str(number)) for number in dict.fromkeys(one.number for one in tickets)]
    return [actions(select(Button.WHY, options, placeholder="Why this deadline?"))] if options else []


def _lists_of(whose: Scope) -> dict[str, Element]:
    """The lists of now behind the figures of today; one's own list has the overdue first."""
    if whose.person is not None:
        return {"overdue": button("My tickets", Button.LIST, "mine:1:")}
    team = next(iter(whose.teams)) if whose.teams is not None and len(whose.teams) == 1 else ""
    return {view: button(f"Open {view}", Button.LIST, f"{view}:1:{team}") for view in ("overdue", "near")}


def _resolved(report: Report) -> Block:
    if not report.resolved:
        return section("*Resolved* 0")
    by = listed([f"{person(who)} {many}" for who, many in report.resolved_by], INLINE)
    head = f"*Resolved* {len(report.resolved)} · {numbers(report.resolved)}"
    return section(f"{head}\nBy: {by}\n{_share(report.in_time)}")


def _share(share: Share) -> str:
    if not share.of:
        return "In time: nothing was promised for these"
    percent = f"{share.percent} %, " if share.percent is not None else ""
    return f"In time: {percent}{share.part} of {share.of}"


def _escalated(report: Report, policy: Policy) -> Block:
    if not report.escalations:
        return section("*Escalations* none decided")
    told = [
        f"{line(policy.team(one.team).name, _SPOKEN)}: {one.accepted} accepted, {one.rejected} rejected"
        for one in report.escalations
    ]
    return section(f"*Escalations* {listed(told, TEAMS)}")


def _footing(report: Report, whose: Scope, day: Day) -> str:
    until = "until now" if day.is_today else "the whole day"
    whole = whose.teams is None or len(whose.teams) > 1
    zone = f"{clean(day.zone)} time" + (" (most teams' zone)" if whole and whose.person is None else "")
    return f"n = {report.n} tickets · {day.date} {until}, {zone} · what the words mean: `/report help`"


def numbers(found: Sequence[int]) -> str:
    """Which tickets: `/ticket 12` shows one."""
    return listed([f"#{number}" for number in found], NUMBERS)


def listed(parts: Sequence[str], limit: int) -> str:
    """The first of them, the rest counted."""
    more = f" and {len(parts) - limit} more" if len(parts) > limit else ""
    return ", ".join(parts[:limit]) + more


def _lines(head: str, rows: Sequence[str], shown: int, way: str = "") -> str:
    """The first rows below their head, which counts the rest."""
    more = f" · the first {shown}, and {len(rows) - shown} more{f', {way}' if way else ''}" if len(rows) > shown else ""
    return "\n".join([head + more, *rows[:shown]])
