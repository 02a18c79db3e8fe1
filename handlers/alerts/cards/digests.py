"""Alerts sent together: one digest for a person, one card for the many alarms of a channel."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Button, listing_value
from handlers.text.slack import escape_line, local_time, mention
from handlers.tickets.cards.ticket import explain_button, open_button, status_text, ticket_heading
from handlers.tickets.cards.timeline import TIMER_NAMES
from rules.alerts import EscalationStep, alert_sentence, first_escalation_step
from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.timers import BREACH_LEVEL, SlaTimer
from rules.sla.timers import last_warning_level
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
    words = f"{len(alarms)} tickets need you: {_counts_text(alarms)}."
    content = [blocks.section(f"*{words}*"), *_alarm_rows(alarms, policy), *_list_button(alarms)]
    return Message(f"{words} {_spoken_list(alarms)}", content)


def storm_card(alarms: Sequence[Alarm], policy: Policy, now: datetime) -> Message:
    if not alarms:
        words = "✓ None of the tickets that alarmed together needs anybody now."
        return Message(words, [blocks.section(words)])
    many = "1 ticket needs" if len(alarms) == 1 else f"{len(alarms)} tickets need"
    words = f"{many} somebody: {_counts_text(alarms)}."
    assignees = [who for who in dict.fromkeys(one.ticket.assignee for one in alarms) if who]
    unassigned = sum(one.ticket.assignee is None for one in alarms)
    counts = Counter(one.ticket.assignee for one in alarms)
    shares = [f"{mention(who)} {counts[who]}" for who in assignees[:PEOPLE_NAMED]]
    shares += [f"nobody {unassigned}"] if unassigned else []
    leads = _responsible_leads(alarms, policy)[:PEOPLE_NAMED]
    shares += [f"lead {mention(lead)}" for lead in leads if lead not in assignees]
    small = blocks.context(" · ".join([*shares, f"as of {local_time(now)}"]))
    return Message(
        f"{words} {_spoken_list(alarms)}",
        [blocks.section(f"*{words}*"), *_alarm_rows(alarms, policy), *_list_button(alarms), small],
    )


def alert_nudge(alarms: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message:
    """A line below a posted alert, for a person who wants to be called in the channel."""
    alarms = _most_urgent_per_ticket(alarms)
    if len(alarms) == 1:
        words = f"{mention(who)} {_alarm_sentence(alarms[0], who, policy, now)}"
    else:
        numbers = ", ".join(f"#{one.ticket.number}" for one in alarms[:TICKETS_SHOWN]) + (
            " …" if len(alarms) > TICKETS_SHOWN else ""
        )
        words = f"{mention(who)} {len(alarms)} of these need you: {numbers}."
    return Message(words, [blocks.section(words)])


def _most_urgent_per_ticket(alarms: Sequence[Alarm]) -> list[Alarm]:
    first: dict[int, Alarm] = {}
    for alarm in alarms:
        first.setdefault(alarm.ticket.number, alarm)
    return list(first.values())


def _single_alert(alarm: Alarm, who: str, policy: Policy, now: datetime) -> Message:
    number = alarm.ticket.number
    words = _alarm_sentence(alarm, who, policy, now)
    open_ = open_button(number)
    title = blocks.context(escape_line(alarm.ticket.title))
    return Message(words, [blocks.section(words), title, blocks.actions(open_, explain_button(number))])


def _alarm_sentence(alarm: Alarm, who: str, policy: Policy, now: datetime) -> str:
    ticket = alarm.ticket
    is_here = ticket.assignee is not None and is_slack_id(ticket.assignee)
    assignee_text = f"it is with {mention(ticket.assignee)}" if is_here else "nobody here has it"
    assignee_text = "you have it" if ticket.assignee == who else assignee_text
    due_sentence = alert_sentence(policy.calendar(alarm.timer.calendar), alarm.timer, now)
    return f"{'⚠️' if alarm.is_breached else '⏳'} #{ticket.number} {due_sentence}, and {assignee_text}."


def _alarm_rows(alarms: Sequence[Alarm], policy: Policy) -> list[Block]:
    return [_alarm_row(one, policy) for one in alarms[:TICKETS_SHOWN]]


def _alarm_row(alarm: Alarm, policy: Policy) -> Block:
    ticket, timer = alarm.ticket, alarm.timer
    what, sign, due = TIMER_NAMES[timer.target], *(("⚠️", "overdue since") if alarm.is_breached else ("⏳", "due"))
    words = f"{sign} {ticket_heading(ticket)}\n{what[0].upper()}{what[1:]} {due} {local_time(timer.due_at)} · "
    words += status_text(ticket, policy)
    way = open_button(ticket.number)
    return blocks.section(words, accessory=way)


def _responsible_leads(alarms: Sequence[Alarm], policy: Policy) -> list[str]:
    risky = [
        one
        for one in alarms
        if first_escalation_step(one.timer.alert_level, last_warning_level(policy, one.timer)) is EscalationStep.LEAD
    ]
    return list(dict.fromkeys(lead for one in risky for lead in policy.team(one.ticket.team).leads))


def _list_button(alarms: Sequence[Alarm]) -> list[Block]:
    left = [blocks.context(f"and {len(alarms) - TICKETS_SHOWN} more")] if len(alarms) > TICKETS_SHOWN else []
    view, words = (ListView.OVERDUE, "overdue") if alarms[0].is_breached else (ListView.DUE_SOON, "near their due time")
    listing = listing_value(TicketListing(view))
    way = blocks.button(f"Show all {words}", Button.SHOW_LIST, listing, spoken=f"List what is {words}")
    return [*left, blocks.actions(way)]


def _counts_text(alarms: Sequence[Alarm]) -> str:
    late = sum(one.is_breached for one in alarms)
    parts = [f"{late} overdue"] if late else []
    return ", ".join([*parts, *([f"{len(alarms) - late} near"] if len(alarms) > late else [])])


def _spoken_list(alarms: Sequence[Alarm]) -> str:
    return (
        "; ".join(f"#{one.ticket.number} {escape_line(one.ticket.title, 60)}" for one in alarms[:TICKETS_SHOWN]) + "."
    )
