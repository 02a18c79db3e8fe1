"""Alerts sent together: one digest for a person, one card for the many alarms of a channel."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.alerts.cards.alerts import breach_text, first_buttons
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Button, listing_value
from handlers.text.slack import Markup, bold, escape_line, join, mention, render
from handlers.tickets.cards.ticket import explain_button, open_button, status_text, ticket_heading
from rules.alerts import EscalationStep, alert_sentence, first_escalation_step
from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.timers import BREACH_LEVEL, SlaTimer
from rules.sla.timers import last_warning_level
from rules.text import Moment, Person, Text, TicketNumber, _, join_texts, ngettext
from storage.outbox.outbox import is_slack_id
from storage.schema.tickets import Ticket

TICKETS_SHOWN = 10
PEOPLE_NAMED = 15


@dataclass(frozen=True, slots=True)
class Alarm:
    ticket: Ticket
    timer: SlaTimer

    @property
    def is_breached(self) -> bool:
        return self.timer.alert_level == BREACH_LEVEL


def personal_digest(alarms: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message | None:
    """One ticket as a sentence, several as a list with the most urgent first; None when nothing alarms any more."""
    alarms = _most_urgent_per_ticket(alarms)
    if not alarms:
        return None
    if len(alarms) == 1:
        return _single_alert(alarms[0], who, policy, now)
    counts = _counts_text(alarms)
    words = ngettext("{n} ticket needs you: {counts}.", "{n} tickets need you: {counts}.", len(alarms), counts=counts)
    content = [blocks.section(bold(words)), *_alarm_rows(alarms, policy), *_list_button(alarms)]
    return Message(join(" ", [words, _spoken_list(alarms)]), content)


def storm_card(alarms: Sequence[Alarm], policy: Policy, now: datetime) -> Message:
    if not alarms:
        words = _("✓ None of these tickets is at risk any more.")
        return Message(render(words), [blocks.section(words)])
    counts = _counts_text(alarms)
    words = ngettext("{n} ticket at risk: {counts}.", "{n} tickets at risk: {counts}.", len(alarms), counts=counts)
    small = blocks.context(join(" · ", [*_assignee_parts(alarms, policy), _("As of {at}", at=Moment(now))]))
    return Message(
        join(" ", [words, _spoken_list(alarms)]),
        [blocks.section(bold(words)), *_alarm_rows(alarms, policy), *_list_button(alarms), small],
    )


def _assignee_parts(alarms: Sequence[Alarm], policy: Policy) -> list[Text]:
    """How many each assignee has, and the leads who are to act."""
    counts = Counter(one.ticket.assignee for one in alarms)
    assignees = [person for person in counts if person]
    parts = [_("{person} {count}", person=Person(one), count=counts[one]) for one in assignees[:PEOPLE_NAMED]]
    parts += [_("Unassigned {count}", count=counts[None])] if counts[None] else []
    leads = _responsible_leads(alarms, policy)[:PEOPLE_NAMED]
    return parts + [_("Lead {person}", person=Person(lead)) for lead in leads if lead not in assignees]


def alert_nudge(alarms: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message:
    """A line below a posted alert, for a person who wants to be called in the channel."""
    alarms = _most_urgent_per_ticket(alarms)
    if len(alarms) == 1:
        words = join(" ", [mention(who), _alarm_sentence(alarms[0], who, policy, now)])
    else:
        numbers = ", ".join(f"#{one.ticket.number}" for one in alarms[:TICKETS_SHOWN])
        numbers += " …" if len(alarms) > TICKETS_SHOWN else ""
        count, person = len(alarms), Person(who)
        words = render(_("{person} {count} of these need you: {tickets}.", person=person, count=count, tickets=numbers))
    return Message(words, [blocks.section(words)])


def _most_urgent_per_ticket(alarms: Sequence[Alarm]) -> list[Alarm]:
    first: dict[int, Alarm] = {}
    for alarm in alarms:
        first.setdefault(alarm.ticket.number, alarm)
    return list(first.values())


def _single_alert(alarm: Alarm, who: str, policy: Policy, now: datetime) -> Message:
    number = alarm.ticket.number
    words = _alarm_sentence(alarm, who, policy, now)
    first = first_buttons(alarm.ticket, alarm.timer.target, policy)[:1]
    title = blocks.context(escape_line(alarm.ticket.title))
    buttons = blocks.actions(*first, open_button(number), explain_button(number))
    return Message(words, [blocks.section(words), title, buttons])


def _alarm_sentence(alarm: Alarm, who: str, policy: Policy, now: datetime) -> Markup:
    ticket, number = alarm.ticket, TicketNumber(alarm.ticket.number)
    sign = _("⚠️ {ticket}", ticket=number) if alarm.is_breached else _("⏳ {ticket}", ticket=number)
    due = alert_sentence(policy.calendar(alarm.timer.calendar), alarm.timer, now)
    return join(" · ", [sign, due, _assignee_text(ticket, who)])


def _assignee_text(ticket: Ticket, who: str) -> Text:
    if ticket.assignee == who:
        return _("Assigned to you")
    if ticket.assignee is not None and is_slack_id(ticket.assignee):
        return _("Assignee {person}", person=Person(ticket.assignee))
    return _("Unassigned")


def _alarm_rows(alarms: Sequence[Alarm], policy: Policy) -> list[Block]:
    return [_alarm_row(one, policy) for one in alarms[:TICKETS_SHOWN]]


def _alarm_row(alarm: Alarm, policy: Policy) -> Block:
    ticket, timer = alarm.ticket, alarm.timer
    sign = Markup("⚠️" if alarm.is_breached else "⏳")
    due = _("{target} due {at}", target=timer.target.label, at=Moment(timer.due_at))
    second_line = join(" · ", [breach_text(timer) if alarm.is_breached else due, status_text(ticket, policy)])
    text = join("\n", [join(" ", [sign, ticket_heading(ticket)]), second_line])
    return blocks.section(text, accessory=open_button(ticket.number))


def _responsible_leads(alarms: Sequence[Alarm], policy: Policy) -> list[str]:
    risky = [
        one
        for one in alarms
        if first_escalation_step(one.timer.alert_level, last_warning_level(policy, one.timer)) is EscalationStep.LEAD
    ]
    return list(dict.fromkeys(lead for one in risky for lead in policy.team(one.ticket.team).leads))


def _list_button(alarms: Sequence[Alarm]) -> list[Block]:
    left_out = len(alarms) - TICKETS_SHOWN
    left = [blocks.context(ngettext("and {n} more", "and {n} more", left_out))] if left_out > 0 else []
    if alarms[0].is_breached:
        view, label, spoken = ListView.BREACHED, _("Show all breached"), _("List breached tickets")
    else:
        view, label, spoken = ListView.DUE_SOON, _("Show all due soon"), _("List tickets due soon")
    return [
        *left,
        blocks.actions(blocks.button(label, Button.SHOW_LIST, listing_value(TicketListing(view)), spoken=spoken)),
    ]


def _counts_text(alarms: Sequence[Alarm]) -> Text:
    breached = sum(one.is_breached for one in alarms)
    parts = [_("{count} breached", count=breached)] if breached else []
    parts += [_("{count} due soon", count=len(alarms) - breached)] if len(alarms) > breached else []
    return join_texts(parts, ", ")


def _spoken_list(alarms: Sequence[Alarm]) -> Markup:
    tickets = (Markup(f"#{one.ticket.number} {escape_line(one.ticket.title, 60)}") for one in alarms[:TICKETS_SHOWN])
    return Markup(f"{join('; ', tickets)}.")
