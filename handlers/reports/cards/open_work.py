"""Open work by assignee, within one screen: who has the most tickets first, then a row for each person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from handlers.reports.cards.daily import day_text, person_name, risk_texts, scope_title, zone_text
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.text.slack import Markup, bold, join, mention, render
from rules.model.policy import Policy
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.open_work import AssigneeWork, OpenWork, TopPeople, newest_days
from rules.text import Day, Text, WorkTime, _, ngettext

PEOPLE_SHOWN = 8
DAYS_SHOWN = 3
TIED_SHOWN = 3
IDLE_SHOWN = 5
_WEEKDAY_SPAN = timedelta(days=28)


def open_work_message(
    work: OpenWork,
    scope: ReportScope,
    day: ReportDay,
    policy: Policy,
    *,
    minutes: Mapping[str, int],
    team: Sequence[str] = (),
) -> Message:
    """`minutes` of remaining work by person, where they are known; `team` are the people who are listed as having
    no open tickets."""
    rows: list[Text | Markup] = [_person_row(one, day, minutes) for one in people_shown(work)]
    rest = work.people[PEOPLE_SHOWN:]
    rows += [_rest_text(rest)] if rest else []
    rows += [_person_row(work.unassigned, day, minutes)] if work.unassigned.open else []
    rows += _idle_rows(work, team)
    title, when, summary = scope_title(scope, policy), day_text(day), _summary_text(work, scope)
    head = join(" · ", [bold(_("Open work by assignee · {scope}", scope=title)), when])
    content = [blocks.section(join("\n", [head, summary])), *([blocks.section(join("\n", rows))] if rows else [])]
    spoken = _(
        "Open work by assignee, {scope}, {day}: {count} open. {summary}.",
        scope=title,
        day=when,
        count=work.open,
        summary=summary,
    )
    return Message(render(spoken), [*content, blocks.context(_footnote(work, scope, day))])


def people_shown(work: OpenWork) -> Sequence[AssigneeWork]:
    return work.people[:PEOPLE_SHOWN]


def _rest_text(people: Sequence[AssigneeWork]) -> Text:
    return ngettext(
        "and {n} more person with {open} open",
        "and {n} more people with {open} open",
        len(people),
        open=sum(one.open for one in people),
    )


def _summary_text(work: OpenWork, scope: ReportScope) -> Text | Markup:
    if scope.person is not None:
        return _("{count} open", count=work.open)
    if not work.most_open.count:
        if work.unassigned.open:
            return _("No ticket is assigned, {count} unassigned", count=work.unassigned.open)
        return _("No open tickets")
    breached = _("None breached")
    if work.most_overdue.count:
        breached = _("Most breached: {people}", people=_top_people_text(work.most_overdue))
    return join(" · ", [_("Most tickets: {people}", people=_top_people_text(work.most_open)), breached])


def _top_people_text(most: TopPeople) -> Text:
    names = blocks.join_limited([mention(who) for who in most.people], TIED_SHOWN)
    if len(most.people) > 1:
        return _("{people} ({count} each)", people=names, count=most.count)
    return _("{person} ({count})", person=names, count=most.count)


def _person_row(one: AssigneeWork, day: ReportDay, minutes: Mapping[str, int]) -> Markup:
    days, before = newest_days(one.days, DAYS_SHOWN)
    parts = [_created_text(count, filed, day) for filed, count in days]
    parts += [_("{count} before", count=before)] if before else []
    parts += risk_texts(one.overdue, one.due_soon)
    parts += [_("✓ {count} resolved", count=one.resolved)] if one.resolved else []
    head = _open_text(one, minutes.get(one.person or "", 0))
    return join(": ", [head, join(" · ", parts)])


def _open_text(one: AssigneeWork, minutes: int) -> Text:
    who = person_name(one.person)
    if not minutes:
        return _("{who}  {count} open", who=who, count=one.open)
    return _("{who}  {count} open ({time} of work)", who=who, count=one.open, time=WorkTime(60 * minutes))


def _created_text(count: int, created: date, day: ReportDay) -> Text:
    """How many were created on one day, as seen from the day of the report."""
    if created == day.date:
        return _("{count} from today", count=count) if day.is_today else _("{count} from that day", count=count)
    if created == day.date - timedelta(days=1):
        return (
            _("{count} from yesterday", count=count) if day.is_today else _("{count} from the day before", count=count)
        )
    if created > day.date - _WEEKDAY_SPAN:
        return _("{count} from {day}", count=count, day=f"{created:%a} {created.day}")
    return _("{count} from {day}", count=count, day=f"{created.day} {created:%b %Y}")


def _idle_rows(work: OpenWork, team: Iterable[str]) -> list[Text]:
    """People of the team with no open tickets who resolved none either."""
    busy = {one.person for one in work.people}
    free = [mention(who) for who in team if who not in busy]
    return [_("No open tickets: {people}", people=blocks.join_limited(free, IDLE_SHOWN))] if free else []


def _footnote(work: OpenWork, scope: ReportScope, day: ReportDay) -> Markup:
    counted = ngettext("{n} open ticket", "{n} open tickets", work.open)
    until = _("{day} until now", day=Day(day.date)) if day.is_today else _("{day}, at its end", day=Day(day.date))
    note = [] if scope.person is not None else [_("Ticket counts, not a ranking")]
    return join(" · ", [counted, until, zone_text(scope, day.zone), *note, _("Definitions: `/report help`")])
