"""The report of a day: the counts first, then the people, then the tickets."""

from collections.abc import Sequence
from datetime import date

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.text.slack import Markup, bold, escape_line, join, mention, render, strip_invisible
from rules.model.policy import Policy
from rules.reports.daily import AssigneeCount, DailyReport, DueTicket, DueTickets, Ratio, ReportDay, ReportScope
from rules.text import Day, Moment, Person, Text, TicketNumber, _, ngettext

ROWS_SHOWN = 8  # people, breached tickets and those due soon together, so that the report fits one screen
ITEMS_INLINE = 6
NUMBERS_SHOWN = 12
TEAMS_SHOWN = 3
TITLE_LENGTH = 60


def daily_report_message(
    report: DailyReport, scope: ReportScope, day: ReportDay, policy: Policy, *, hint: Text | None = None
) -> Message:
    breached, soon = _list_buttons(scope) if day.is_today else (None, None)
    people, late, warned = allot_rows(
        [len(report.by_assignee), report.overdue.count, report.due_soon.count], ROWS_SHOWN
    )
    title, counts = scope_title(scope, policy), report_counts(report)
    head = join(" · ", [bold(_("Report · {scope}", scope=title)), day_text(day)])
    content = [
        blocks.section(join("\n", [head, counts])),
        _created_section(report, day, policy),
        _backlog_section(report, day, people),
        *_due_section(_("⚠️ *Breached* {count}", count=report.overdue.count), report.overdue, breached, late),
        *_due_section(_("⏳ *Due soon* {count}", count=report.due_soon.count), report.due_soon, soon, warned),
        *(_explain_menu([*report.overdue.first[:late], *report.due_soon.first[:warned]]) if day.is_today else []),
        _resolved_section(report),
        _escalations_section(report, policy),
        blocks.context(_footnote(report, scope, day), *([hint] if hint else [])),
    ]
    spoken = _("Report of {scope}, {day}: {counts}.", scope=title, day=day_text(day), counts=counts)
    return Message(render(spoken), content)


def allot_rows(wanted: Sequence[int], room: int) -> list[int]:
    """The number of rows for each list: one each in turn, none more than it wants, until `room` is used up."""
    allotted = [0] * len(wanted)
    while room > 0 and allotted != list(wanted):
        for place, many in enumerate(wanted):
            if allotted[place] < many and room > 0:
                allotted[place] += 1
                room -= 1
    return allotted


def scope_title(scope: ReportScope, policy: Policy) -> Markup:
    if scope.person is not None:
        return mention(scope.person)
    if scope.teams is None:
        return render(_("the whole desk"))
    names = [blocks.name_of(policy.team(key)) for key in sorted(scope.teams)]
    return blocks.join_limited(names, ITEMS_INLINE)


def day_text(day: ReportDay) -> Markup:
    return render(_("{day}, so far", day=Day(day.date)) if day.is_today else date_text(day.date))


def date_text(date: date) -> Text:
    return Text("{day}", {"day": Day(date)})


def report_counts(report: DailyReport) -> Markup:
    created, resolved = (
        _("Created {count}", count=len(report.created)),
        _("Resolved {count}", count=len(report.resolved)),
    )
    return join(" · ", [created, resolved, _backlog_text(report)])


def risk_texts(breached: int, due_soon: int) -> list[Text]:
    return [
        *([_("⚠️ {count} breached", count=breached)] if breached else []),
        *([_("⏳ {count} due soon", count=due_soon)] if due_soon else []),
    ]


def _backlog_text(report: DailyReport) -> Text:
    risks = risk_texts(report.overdue.count, report.due_soon.count)
    if not risks:
        return _("Backlog {count}", count=report.open)
    return _("Backlog {count} ({risks})", count=report.open, risks=join(", ", risks))


def _created_section(report: DailyReport, day: ReportDay, policy: Policy) -> Block:
    head = _("*Created* {count}", count=len(report.created))
    if not report.created:
        return blocks.section(head)
    types = [render(_("{type} {count}", type=policy.type(key).name, count=many)) for key, many in report.by_type]
    statuses = join(", ", [_("{status} {count}", status=status.label, count=many) for status, many in report.by_status])
    by_status = _("By status: {statuses}", statuses=statuses)
    if not day.is_today:
        by_status = _("By status at the end of that day: {statuses}", statuses=statuses)
    by_type = _("By type: {types}", types=blocks.join_limited(types, ITEMS_INLINE))
    return blocks.section(join("\n", [join(" · ", [head, ticket_numbers(report.created)]), by_type, by_status]))


def _backlog_section(report: DailyReport, day: ReportDay, shown: int) -> Block:
    if not report.by_assignee:
        return blocks.section(_("*Backlog* 0. No open tickets."))
    rows = [_assignee_row(one, day) for one in report.by_assignee]
    head = _("*Backlog* {count} by assignee", count=report.open)
    return blocks.section(_limited_rows(head, rows[:shown], len(rows), way=_("all: `/report who`")))


def _assignee_row(work: AssigneeCount, day: ReportDay) -> Markup:
    who = person_name(work.person)
    open_tickets = _("{who}  {count} ({origin})", who=who, count=work.open, origin=_origin_text(work, day))
    return join(" · ", [open_tickets, *risk_texts(work.overdue, work.due_soon)])


def _origin_text(work: AssigneeCount, day: ReportDay) -> Text:
    """How many of the open tickets were created that day."""
    if not work.earlier:
        return _("all from today") if day.is_today else _("all from that day")
    if not work.today:
        return _("all from earlier days")
    if day.is_today:
        return _("{today} from today, {earlier} from earlier days", today=work.today, earlier=work.earlier)
    return _("{today} from that day, {earlier} from earlier days", today=work.today, earlier=work.earlier)


def person_name(person: str | None) -> Text | Markup:
    return mention(person) if person else _("Unassigned")


def _due_section(head: Text, tickets: DueTickets, way: Element | None, shown: int) -> list[Block]:
    if not tickets.count:
        return []
    rows = [_due_row(one) for one in tickets.first[:shown]]
    return [blocks.section(_limited_rows(head, rows, tickets.count), accessory=way)]


def _due_row(one: DueTicket) -> Markup:
    ticket = _("*{number}* {title}", number=TicketNumber(one.number), title=escape_line(one.title, TITLE_LENGTH))
    return join(" · ", [ticket, person_name(one.assignee), _("due {at}", at=Moment(one.due_at))])


def _explain_menu(tickets: Sequence[DueTicket]) -> list[Block]:
    numbers = dict.fromkeys(one.number for one in tickets)
    options = [(_("Why {ticket}?", ticket=TicketNumber(number)), str(number)) for number in numbers]
    menu = blocks.select(Button.EXPLAIN_DEADLINE, options, placeholder=_("Why this deadline?"))
    return [blocks.actions(menu)] if options else []


def _list_buttons(scope: ReportScope) -> tuple[Element, Element | None]:
    """For what is breached and what is due soon; one list holds all of a person's tickets."""
    if scope.person is not None:
        return blocks.button(_("My tickets"), Button.SHOW_LIST, "mine:1:"), None
    team = next(iter(scope.teams)) if scope.teams is not None and len(scope.teams) == 1 else ""
    breached = blocks.button(_("Open breached"), Button.SHOW_LIST, f"breached:1:{team}")
    return breached, blocks.button(_("Open due soon"), Button.SHOW_LIST, f"near:1:{team}")


def _resolved_section(report: DailyReport) -> Block:
    head = _("*Resolved* {count}", count=len(report.resolved))
    if not report.resolved:
        return blocks.section(head)
    people = [_("{person} {count}", person=Person(who), count=many) for who, many in report.resolved_by]
    by = _("By {people}", people=blocks.join_limited([render(one) for one in people], ITEMS_INLINE))
    numbers = join(" · ", [head, ticket_numbers(report.resolved)])
    return blocks.section(join("\n", [numbers, by, _sla_text(report.in_time)]))


def _sla_text(share: Ratio) -> Text:
    if not share.total:
        return _("Resolution SLA: none of these had one")
    if share.percent is None:
        return _("Resolution SLA met: {part} of {total}", part=share.part, total=share.total)
    return _(
        "Resolution SLA met: {percent} % ({part} of {total})", percent=share.percent, part=share.part, total=share.total
    )


def _escalations_section(report: DailyReport, policy: Policy) -> Block:
    if not report.escalations:
        return blocks.section(_("*Escalations* none decided"))
    teams = [
        _(
            "{team}: {accepted} accepted, {rejected} rejected",
            team=policy.team(one.team).name,
            accepted=one.accepted,
            rejected=one.rejected,
        )
        for one in report.escalations
    ]
    rows, more = teams[:TEAMS_SHOWN], len(teams) - TEAMS_SHOWN
    rest = [ngettext("{n} more team", "{n} more teams", more)] if more > 0 else []
    return blocks.section(_("*Escalations* {teams}", teams=join("; ", [*rows, *rest])))


def _footnote(report: DailyReport, scope: ReportScope, day: ReportDay) -> Markup:
    counted = ngettext("{n} ticket", "{n} tickets", report.n)
    until = _("{day} until now", day=Day(day.date)) if day.is_today else _("{day}, the whole day", day=Day(day.date))
    return join(" · ", [counted, until, zone_text(scope, day.zone), _("Definitions: `/report help`")])


def zone_text(scope: ReportScope, zone: str) -> Text | Markup:
    """The time zone whose midnight divides the days."""
    several = scope.person is None and (scope.teams is None or len(scope.teams) > 1)
    shown = strip_invisible(zone)
    return _("{zone} (most teams' time zone)", zone=shown) if several else escape_line(shown)


def ticket_numbers(tickets: Sequence[int]) -> Markup:
    return blocks.join_limited([str(TicketNumber(number)) for number in tickets], NUMBERS_SHOWN)


def _limited_rows(head: Text, rows: Sequence[Markup], total: int, *, way: Text | None = None) -> Markup:
    """The first rows below a heading that counts the rest."""
    rest = total - len(rows)
    more = [_("first {count}, {rest} more", count=len(rows), rest=rest), *([way] if way else [])] if rest else []
    return join("\n", [join(" · ", [head, *more]), *rows])
