"""The daily summary of a team, and that of one person."""

from collections.abc import Iterable
from datetime import date, datetime

from handlers.reports.cards.daily import risk_texts
from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.text.slack import Markup, bold, escape_line, join, mention, render
from rules.model.policy import Policy
from rules.reports.summaries import (
    DayLoad,
    Helper,
    OpenTicket,
    PersonShare,
    PersonSummary,
    TeamSummary,
    busiest_people,
)
from rules.text import Moment, Text, TicketNumber, WorkTime, _, ngettext

PEOPLE_SHOWN = 20
PEOPLE_NAMED = 10


def team_summary(summary: TeamSummary, policy: Policy) -> Message:
    """People are named, not mentioned: a daily summary must ping nobody."""
    team, day, totals = _team_name(summary.team, policy), _day_name(summary.day), _totals_text(summary)
    content: list[Block] = [blocks.section(join("\n", [join(" · ", [bold(team), day]), totals]))]
    if summary.people:
        content.append(blocks.section(_people_rows(summary.people)))
    if notes := [*_busiest_texts(summary), *_helpers_texts(summary)]:
        content.append(blocks.section(join("\n", notes)))
    content.append(blocks.actions(*_summary_buttons(summary, policy)))
    return Message(render(_("{team} on {day}: {totals}.", team=team, day=day, totals=totals)), content)


def personal_summary(own: PersonSummary, policy: Policy, now: datetime) -> Message:
    team, counts = _team_name(own.team, policy), _counts_text(own.load)
    head = join(" · ", [bold(_("Your day in {team}", team=team)), _day_name(own.day)])
    content: list[Block] = [blocks.section(join("\n", [head, counts]))]
    if own.soonest:
        rows = [_due_ticket_row(one, now) for one in own.soonest]
        content.append(blocks.section(join("\n", [bold(_("Due next")), *rows])))
        own_list = blocks.button(
            _("My tickets"), Button.SHOW_LIST, "mine:1:", spoken=_("List the tickets assigned to you")
        )
        content.append(blocks.actions(own_list))
    return Message(render(_("Your day in {team}: {counts}.", team=team, counts=counts)), content)


def _totals_text(summary: TeamSummary) -> Markup:
    load = summary.load
    created, resolved = _("Created {count}", count=load.new), _("Resolved {count}", count=load.done)
    details = risk_texts(load.overdue, load.near)
    details += [_("{count} unassigned", count=summary.unassigned)] if summary.unassigned else []
    backlog = _("Backlog {count}", count=load.open)
    if details:
        backlog = _("Backlog {count} ({details})", count=load.open, details=join(", ", details))
    return join(" · ", [created, resolved, backlog])


def _people_rows(people: tuple[PersonShare, ...]) -> Markup:
    lines = [join("  ", [_person_name(one), _counts_text(one.load)]) for one in people[:PEOPLE_SHOWN]]
    rest = people[PEOPLE_SHOWN:]
    more = ngettext(
        "and {n} more person with {open} open",
        "and {n} more people with {open} open",
        len(rest),
        open=sum(one.load.open for one in rest),
    )
    return join("\n", [*lines, *([more] if rest else [])])


def _counts_text(counts: DayLoad) -> Markup:
    parts = [_("{count} open", count=counts.open)]
    parts += [_("{count} new", count=counts.new)] if counts.new else []
    parts += [_("{count} resolved", count=counts.done)] if counts.done else []
    return join(" · ", [*parts, *risk_texts(counts.overdue, counts.near)])


def _busiest_texts(summary: TeamSummary) -> list[Text]:
    top = busiest_people(summary)
    if not top:
        return []
    return [_("Most open tickets: {people} ({count})", people=_names_text(top), count=top[0].load.open)]


def _helpers_texts(summary: TeamSummary) -> list[Text]:
    """Summaries of before know only who had no open ticket."""
    helpers = [_helper_text(one) for one in summary.helpers]
    helpers = helpers or [_person_name(one) for one in summary.people if one.free]
    if not helpers:
        return []
    return [_("Suggested to help: {people}", people=blocks.join_limited(helpers, PEOPLE_NAMED))]


def _helper_text(helper: Helper) -> Markup:
    time = WorkTime(60 * helper.minutes)
    return render(_("{person} ({time} of work)", person=_person_name(helper), time=time))


def _names_text(people: Iterable[PersonShare]) -> Markup:
    return blocks.join_limited([_person_name(one) for one in people], PEOPLE_NAMED)


def _person_name(person: PersonShare | Helper) -> Markup:
    return bold(blocks.name_of(person)) if person.name else mention(person.who)


def _summary_buttons(summary: TeamSummary, policy: Policy) -> list[Element]:
    key, team = summary.team, policy.team(summary.team).name
    report = blocks.button(_("Report"), Button.OPEN_REPORT, f"team:{key}", spoken=_("Report of {team}", team=team))
    if not summary.load.overdue:
        return [report]
    spoken = _("List breached tickets of {team}", team=team)
    return [blocks.button(_("Open breached"), Button.SHOW_LIST, f"breached:1:{key}", spoken=spoken), report]


def _due_ticket_row(one: OpenTicket, now: datetime) -> Markup:
    parts: list[Text | Markup] = [
        bold(Text("{ticket}", {"ticket": TicketNumber(one.number)})),
        escape_line(one.title),
    ]
    if one.due_at is not None:
        at = Moment(one.due_at)
        parts.append(_("⚠️ breached, was due {at}", at=at) if one.due_at < now else _("due {at}", at=at))
    return join(" · ", parts)


def _team_name(key: str, policy: Policy) -> Markup:
    return blocks.name_of(policy.team(key))


def _day_name(day: date) -> Markup:
    return Markup(f"{day:%A}, {day.day} {day:%B}")
