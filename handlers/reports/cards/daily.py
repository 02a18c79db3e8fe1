"""The report of a day: the counts first, then the people, then the tickets."""

from collections.abc import Sequence

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.text.slack import escape_line, local_time, mention, strip_invisible
from rules.model.policy import Policy
from rules.reports.daily import AssigneeCount, DailyReport, DueTicket, DueTickets, Ratio, ReportDay, ReportScope

ROWS_SHOWN = 8  # people, overdue and near tickets together, so that the report fits one screen
ITEMS_INLINE = 6
NUMBERS_SHOWN = 12
TEAMS_SHOWN = 3
TITLE_LENGTH = 60


def daily_report_message(
    report: DailyReport, scope: ReportScope, day: ReportDay, policy: Policy, *, hint: str = ""
) -> Message:
    lists = _list_buttons(scope) if day.is_today else {}
    people, late, soon = allot_rows([len(report.by_assignee), report.overdue.count, report.due_soon.count], ROWS_SHOWN)
    content = [
        blocks.section(f"*Report · {scope_title(scope, policy)}* · {day_text(day)}\n{report_counts(report)}"),
        _created_section(report, day, policy),
        _open_section(report, day, people),
        *_due_section("⚠️ *Overdue*", report.overdue, "was due", lists.get("overdue"), late),
        *_due_section("⏳ *Near*", report.due_soon, "due", lists.get("near"), soon),
        *(_explain_menu([*report.overdue.first[:late], *report.due_soon.first[:soon]]) if day.is_today else []),
        _resolved_section(report),
        _escalations_section(report, policy),
    ]
    content.append(blocks.context(_footnote(report, scope, day), *([hint] if hint else [])))
    return Message(f"Report of {scope_title(scope, policy)}, {day_text(day)}: {report_counts(report)}.", content)


def allot_rows(wanted: Sequence[int], room: int) -> list[int]:
    """The number of rows for each list: one each in turn, none more than it wants, until `room` is used up."""
    allotted = [0] * len(wanted)
    while room > 0 and allotted != list(wanted):
        for place, many in enumerate(wanted):
            if allotted[place] < many and room > 0:
                allotted[place] += 1
                room -= 1
    return allotted


def scope_title(scope: ReportScope, policy: Policy) -> str:
    if scope.person is not None:
        return mention(scope.person)
    if scope.teams is None:
        return "the whole desk"
    names = [blocks.name_of(policy.team(key)) for key in sorted(scope.teams)]
    return blocks.join_limited(names, ITEMS_INLINE)


def day_text(day: ReportDay) -> str:
    words = f"{day.date:%a} {day.date.day} {day.date:%b %Y}"
    return f"{words}, so far" if day.is_today else words


def report_counts(report: DailyReport) -> str:
    overdue, due_soon = report.overdue.count, report.due_soon.count
    late = f" ({overdue} overdue, {due_soon} near)" if overdue or due_soon else ""
    return f"Reported {len(report.created)} · resolved {len(report.resolved)} · open {report.open}{late}"


def _created_section(report: DailyReport, day: ReportDay, policy: Policy) -> Block:
    if not report.created:
        return blocks.section("*Reported* 0")
    types = [f"{blocks.name_of(policy.type(key))} {many}" for key, many in report.by_type]
    by_type = blocks.join_limited(types, ITEMS_INLINE)
    states = ", ".join(f"{status.label} {many}" for status, many in report.by_status)
    head = f"*Reported* {len(report.created)} · {ticket_numbers(report.created)}"
    return blocks.section(f"{head}\nBy type: {by_type}\nBy state{'' if day.is_today else ' then'}: {states}")


def _open_section(report: DailyReport, day: ReportDay, shown: int) -> Block:
    if not report.by_assignee:
        return blocks.section("*Open* 0. Nothing waits.")
    rows = [_assignee_row(one, day) for one in report.by_assignee]
    head = f"*Open* {report.open}, by who has them"
    return blocks.section(_limited_rows(head, rows[:shown], len(rows), "all: `/report who`"))


def _assignee_row(work: AssigneeCount, day: ReportDay) -> str:
    from_today = "today" if day.is_today else "that day"
    parts = [f"{work.today} from {from_today}", f"{work.earlier} from earlier days"]
    parts += [f"{work.overdue} overdue"] if work.overdue else []
    parts += [f"{work.due_soon} near"] if work.due_soon else []
    return f"{mention(work.person)}  {work.open} to do: {' · '.join(parts)}"


def _due_section(words: str, tickets: DueTickets, due: str, way: Element | None, shown: int) -> list[Block]:
    if not tickets.count:
        return []
    rows = [
        f"*#{one.number}* {escape_line(one.title, TITLE_LENGTH)} · {mention(one.assignee)} · {due} "
        f"{local_time(one.due_at)}"
        for one in tickets.first[:shown]
    ]
    return [blocks.section(_limited_rows(f"{words} {tickets.count}", rows, tickets.count), accessory=way)]


def _explain_menu(tickets: Sequence[DueTicket]) -> list[Block]:
    options = [(f"Why #{number}?", str(number)) for number in dict.fromkeys(one.number for one in tickets)]
    menu = blocks.select(Button.EXPLAIN_DEADLINE, options, placeholder="Why this deadline?")
    return [blocks.actions(menu)] if options else []


def _list_buttons(scope: ReportScope) -> dict[str, Element]:
    if scope.person is not None:
        return {"overdue": blocks.button("My tickets", Button.SHOW_LIST, "mine:1:")}
    team = next(iter(scope.teams)) if scope.teams is not None and len(scope.teams) == 1 else ""
    return {view: blocks.button(f"Open {view}", Button.SHOW_LIST, f"{view}:1:{team}") for view in ("overdue", "near")}


def _resolved_section(report: DailyReport) -> Block:
    if not report.resolved:
        return blocks.section("*Resolved* 0")
    by = blocks.join_limited([f"{mention(who)} {many}" for who, many in report.resolved_by], ITEMS_INLINE)
    head = f"*Resolved* {len(report.resolved)} · {ticket_numbers(report.resolved)}"
    return blocks.section(f"{head}\nBy: {by}\n{_in_time_text(report.in_time)}")


def _in_time_text(share: Ratio) -> str:
    if not share.total:
        return "In time: nothing was promised for these"
    percent = f"{share.percent} %, " if share.percent is not None else ""
    return f"In time: {percent}{share.part} of {share.total}"


def _escalations_section(report: DailyReport, policy: Policy) -> Block:
    if not report.escalations:
        return blocks.section("*Escalations* none decided")
    rows = [
        f"{blocks.name_of(policy.team(one.team))}: {one.accepted} accepted, {one.rejected} rejected"
        for one in report.escalations
    ]
    return blocks.section(f"*Escalations* {blocks.join_limited(rows, TEAMS_SHOWN)}")


def _footnote(report: DailyReport, scope: ReportScope, day: ReportDay) -> str:
    until = "until now" if day.is_today else "the whole day"
    whole = scope.teams is None or len(scope.teams) > 1
    most = " (most teams' zone)" if whole and scope.person is None else ""
    zone = f"{strip_invisible(day.zone)} time{most}"
    return f"n = {report.n} tickets · {day.date} {until}, {zone} · what the words mean: `/report help`"


def ticket_numbers(tickets: Sequence[int]) -> str:
    return blocks.join_limited([f"#{number}" for number in tickets], NUMBERS_SHOWN)


def _limited_rows(head: str, rows: Sequence[str], total: int, way: str = "") -> str:
    """The first rows below a heading that counts the rest."""
    rest = total - len(rows)
    more = f" · the first {len(rows)}, and {rest} more{f', {way}' if way else ''}" if rest else ""
    return "\n".join([head + more, *rows])
