"""A day in numbers, as its reader sees it: the sums first, then who, then which tickets."""

from collections.abc import Sequence

from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    escape_line,
    local_time,
    mention,
    section,
    select,
    strip_invisible,
)
from handlers.slack.ids import Button
from rules.model.policy import Policy
from rules.model.tickets import STATUS_LABELS
from rules.reports.daily import AssigneeCount, DailyReport, DueTicket, Ratio, ReportDay, ReportScope

ROWS_SHOWN = 8  # of people, overdue and near tickets together, so that the whole is within one screen
ITEMS_INLINE = 6
NUMBERS_SHOWN = 12
TEAMS_SHOWN = 3
TITLE_LENGTH = 60
_NAME_LIMIT = 80


def daily_report_message(
    report: DailyReport, whose: ReportScope, day: ReportDay, policy: Policy, *, hint: str = ""
) -> Message:
    """The report within one screen; its buttons lead to the tickets behind it."""
    lists = _list_buttons(whose) if day.is_today else {}
    people, late, soon = allot_rows([len(report.by_assignee), len(report.overdue), len(report.due_soon)], ROWS_SHOWN)
    content = [
        section(f"*Report · {scope_title(whose, policy)}* · {day_text(day)}\n{report_counts(report)}"),
        _created_section(report, day, policy),
        _open_section(report, day, people),
        *_due_section("⚠️ *Overdue*", report.overdue, "was due", lists.get("overdue"), late),
        *_due_section("⏳ *Near*", report.due_soon, "due", lists.get("near"), soon),
        *(_explain_menu([*report.overdue[:late], *report.due_soon[:soon]]) if day.is_today else []),
        _resolved_section(report),
        _escalations_section(report, policy),
    ]
    content.append(context(_footnote(report, whose, day), *([hint] if hint else [])))
    return Message(f"Report of {scope_title(whose, policy)}, {day_text(day)}: {report_counts(report)}.", content)


def allot_rows(wanted: Sequence[int], room: int) -> list[int]:
    """How many lines each list gets: in turns, none more than it wants, until the room is used up."""
    given = [0] * len(wanted)
    while room > 0 and given != list(wanted):
        for place, many in enumerate(wanted):
            if given[place] < many and room > 0:
                given[place] += 1
                room -= 1
    return given


def scope_title(whose: ReportScope, policy: Policy) -> str:
    """Whose numbers these are."""
    if whose.person is not None:
        return mention(whose.person)
    if whose.teams is None:
        return "the whole desk"
    names = [escape_line(policy.team(key).name, _NAME_LIMIT) for key in sorted(whose.teams)]
    return join_limited(names, ITEMS_INLINE)


def day_text(day: ReportDay) -> str:
    """The day with its weekday; today says that it is not over."""
    words = f"{day.date:%a} {day.date.day} {day.date:%b %Y}"
    return f"{words}, so far" if day.is_today else words


def report_counts(report: DailyReport) -> str:
    """The one line that a lock screen shows."""
    late = f" ({len(report.overdue)} overdue, {len(report.due_soon)} near)" if report.overdue or report.due_soon else ""
    return f"Reported {len(report.created)} · resolved {len(report.resolved)} · open {report.open}{late}"


def _created_section(report: DailyReport, day: ReportDay, policy: Policy) -> Block:
    if not report.created:
        return section("*Reported* 0")
    types = join_limited(
        [f"{escape_line(policy.type(key).name, _NAME_LIMIT)} {many}" for key, many in report.by_type], ITEMS_INLINE
    )
    states = ", ".join(f"{STATUS_LABELS[status]} {many}" for status, many in report.by_status)
    head = f"*Reported* {len(report.created)} · {ticket_numbers(report.created)}"
    return section(f"{head}\nBy type: {types}\nBy state{'' if day.is_today else ' then'}: {states}")


def _open_section(report: DailyReport, day: ReportDay, shown: int) -> Block:
    if not report.by_assignee:
        return section("*Open* 0. Nothing waits.")
    rows = [_assignee_row(one, day) for one in report.by_assignee]
    return section(_limited_rows(f"*Open* {report.open}, by who has them", rows, shown, "all: `/report who`"))


def _assignee_row(holder: AssigneeCount, day: ReportDay) -> str:
    from_today = "today" if day.is_today else "that day"
    parts = [f"{holder.today} from {from_today}", f"{holder.earlier} from earlier days"]
    parts += [f"{holder.overdue} overdue"] if holder.overdue else []
    parts += [f"{holder.due_soon} near"] if holder.due_soon else []
    return f"{mention(holder.person)}  {holder.open} to do: {' · '.join(parts)}"


def _due_section(words: str, tickets: Sequence[DueTicket], due: str, way: Element | None, shown: int) -> list[Block]:
    if not tickets:
        return []
    rows = [
        f"*#{one.number}* {escape_line(one.title, TITLE_LENGTH)} · {mention(one.assignee)} · {due} "
        f"{local_time(one.due_at)}"
        for one in tickets
    ]
    return [section(_limited_rows(f"{words} {len(tickets)}", rows, shown), accessory=way)]


def _explain_menu(tickets: Sequence[DueTicket]) -> list[Block]:
    """How the due time of each ticket named above came about."""
    options = [(f"Why #{number}?", str(number)) for number in dict.fromkeys(one.number for one in tickets)]
    return [actions(select(Button.EXPLAIN_DEADLINE, options, placeholder="Why this deadline?"))] if options else []


def _list_buttons(whose: ReportScope) -> dict[str, Element]:
    """The lists of now behind the figures of today; one's own list has the overdue first."""
    if whose.person is not None:
        return {"overdue": button("My tickets", Button.SHOW_LIST, "mine:1:")}
    team = next(iter(whose.teams)) if whose.teams is not None and len(whose.teams) == 1 else ""
    return {view: button(f"Open {view}", Button.SHOW_LIST, f"{view}:1:{team}") for view in ("overdue", "near")}


def _resolved_section(report: DailyReport) -> Block:
    if not report.resolved:
        return section("*Resolved* 0")
    by = join_limited([f"{mention(who)} {many}" for who, many in report.resolved_by], ITEMS_INLINE)
    head = f"*Resolved* {len(report.resolved)} · {ticket_numbers(report.resolved)}"
    return section(f"{head}\nBy: {by}\n{_in_time_text(report.in_time)}")


def _in_time_text(share: Ratio) -> str:
    if not share.total:
        return "In time: nothing was promised for these"
    percent = f"{share.percent} %, " if share.percent is not None else ""
    return f"In time: {percent}{share.part} of {share.total}"


def _escalations_section(report: DailyReport, policy: Policy) -> Block:
    if not report.escalations:
        return section("*Escalations* none decided")
    told = [
        f"{escape_line(policy.team(one.team).name, _NAME_LIMIT)}: {one.accepted} accepted, {one.rejected} rejected"
        for one in report.escalations
    ]
    return section(f"*Escalations* {join_limited(told, TEAMS_SHOWN)}")


def _footnote(report: DailyReport, whose: ReportScope, day: ReportDay) -> str:
    until = "until now" if day.is_today else "the whole day"
    whole = whose.teams is None or len(whose.teams) > 1
    zone = f"{strip_invisible(day.zone)} time" + (" (most teams' zone)" if whole and whose.person is None else "")
    return f"n = {report.n} tickets · {day.date} {until}, {zone} · what the words mean: `/report help`"


def ticket_numbers(found: Sequence[int]) -> str:
    """Which tickets: `/ticket 12` shows one."""
    return join_limited([f"#{number}" for number in found], NUMBERS_SHOWN)


def join_limited(parts: Sequence[str], limit: int) -> str:
    """The first of them, the rest counted."""
    more = f" and {len(parts) - limit} more" if len(parts) > limit else ""
    return ", ".join(parts[:limit]) + more


def _limited_rows(head: str, rows: Sequence[str], shown: int, way: str = "") -> str:
    """The first rows below their head, which counts the rest."""
    more = f" · the first {shown}, and {len(rows) - shown} more{f', {way}' if way else ''}" if len(rows) > shown else ""
    return "\n".join([head + more, *rows[:shown]])
