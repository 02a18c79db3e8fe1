"""Alerts that are told together: to one person what alarms them, to a channel the many that alarm at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack.blocks import Block, Message, actions, button, context, escape_line, local_time, mention, section
from handlers.slack.ids import Button, listing_value
from handlers.tickets.cards import ticket as ticket_cards
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
    """A ticket and the clock of it that alarms."""

    ticket: Ticket
    timer: SlaTimer

    @property
    def is_breached(self) -> bool:
        return self.timer.alert_level == BREACH_LEVEL


def personal_digest(found: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message | None:
    """One ticket as a sentence, several as one list, the most urgent first; None when nothing alarms any more."""
    found = _most_urgent_per_ticket(found)
    if not found:
        return None
    if len(found) == 1:
        return _single_alert(found[0], who, policy, now)
    words = f"{len(found)} tickets need you: {_counts_text(found)}."
    return Message(
        f"{words} {_spoken_list(found)}", [section(f"*{words}*"), *_alarm_rows(found, policy), *_list_button(found)]
    )


def storm_card(found: Sequence[Alarm], policy: Policy, now: datetime) -> Message:
    """What a storm leaves of a channel's alerts: one message, edited as its tickets are dealt with."""
    if not found:
        words = "✓ None of the tickets that alarmed together needs anybody now."
        return Message(words, [section(words)])
    many = "1 ticket needs" if len(found) == 1 else f"{len(found)} tickets need"
    words = f"{many} somebody: {_counts_text(found)}."
    holders = [who for who in dict.fromkeys(one.ticket.assignee for one in found) if who]
    nobody = sum(one.ticket.assignee is None for one in found)
    shares = [f"{mention(who)} {sum(one.ticket.assignee == who for one in found)}" for who in holders[:PEOPLE_NAMED]]
    shares += [f"nobody {nobody}"] if nobody else []
    shares += [
        f"lead {mention(lead)}" for lead in _responsible_leads(found, policy)[:PEOPLE_NAMED] if lead not in holders
    ]
    small = context(" · ".join([*shares, f"as of {local_time(now)}"]))
    return Message(
        f"{words} {_spoken_list(found)}",
        [section(f"*{words}*"), *_alarm_rows(found, policy), *_list_button(found), small],
    )


def alert_nudge(found: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message:
    """Below an alert that stands already, for somebody who wants to be called in the channel."""
    found = _most_urgent_per_ticket(found)
    if len(found) == 1:
        words = f"{mention(who)} {_alarm_sentence(found[0], who, policy, now)}"
    else:
        some = ", ".join(f"#{one.ticket.number}" for one in found[:TICKETS_SHOWN]) + (
            " …" if len(found) > TICKETS_SHOWN else ""
        )
        words = f"{mention(who)} {len(found)} of these need you: {some}."
    return Message(words, [section(words)])


def _most_urgent_per_ticket(found: Sequence[Alarm]) -> list[Alarm]:
    """A ticket with several alarms is told once, by the most urgent of them."""
    first: dict[int, Alarm] = {}
    for alarm in found:
        first.setdefault(alarm.ticket.number, alarm)
    return list(first.values())


def _single_alert(alarm: Alarm, who: str, policy: Policy, now: datetime) -> Message:
    number = alarm.ticket.number
    words = _alarm_sentence(alarm, who, policy, now)
    open_ = button("Open", Button.OPEN, number, spoken=f"Open ticket {number}")
    why = button("Why this deadline?", Button.EXPLAIN_DEADLINE, number, spoken=f"Why ticket {number} is due then")
    return Message(words, [section(words), context(escape_line(alarm.ticket.title)), actions(open_, why)])


def _alarm_sentence(alarm: Alarm, who: str, policy: Policy, now: datetime) -> str:
    ticket = alarm.ticket
    known = ticket.assignee is not None and is_slack_id(ticket.assignee)
    holder = f"it is with {mention(ticket.assignee)}" if known else "nobody here has it"
    holder = "you have it" if ticket.assignee == who else holder
    said = alert_sentence(policy.calendar(alarm.timer.calendar), alarm.timer, now)
    return f"{'⚠️' if alarm.is_breached else '⏳'} #{ticket.number} {said}, and {holder}."


def _alarm_rows(found: Sequence[Alarm], policy: Policy) -> list[Block]:
    return [_alarm_row(one, policy) for one in found[:TICKETS_SHOWN]]


def _alarm_row(alarm: Alarm, policy: Policy) -> Block:
    ticket, clock = alarm.ticket, alarm.timer
    what, sign, due = TIMER_NAMES[clock.target], *(("⚠️", "overdue since") if alarm.is_breached else ("⏳", "due"))
    words = (
        f"{sign} {ticket_cards.ticket_heading(ticket)}\n{what[0].upper()}{what[1:]} {due} {local_time(clock.due_at)} · "
    )
    words += ticket_cards.status_text(ticket, policy)
    way = button("Open", Button.OPEN, ticket.number, spoken=f"Open ticket {ticket.number}")
    return section(words, accessory=way)


def _responsible_leads(found: Sequence[Alarm], policy: Policy) -> list[str]:
    """The leads of what has come as far as them."""
    risky = [
        one
        for one in found
        if first_escalation_step(one.timer.alert_level, last_warning_level(policy, one.timer)) is EscalationStep.LEAD
    ]
    return list(dict.fromkeys(lead for one in risky for lead in policy.team(one.ticket.team).leads))


def _list_button(found: Sequence[Alarm]) -> list[Block]:
    """The rest as a list, which has its pages."""
    left = [context(f"and {len(found) - TICKETS_SHOWN} more")] if len(found) > TICKETS_SHOWN else []
    view, words = (ListView.OVERDUE, "overdue") if found[0].is_breached else (ListView.DUE_SOON, "near their due time")
    way = button(
        f"Show all {words}", Button.SHOW_LIST, listing_value(TicketListing(view)), spoken=f"List what is {words}"
    )
    return [*left, actions(way)]


def _counts_text(found: Sequence[Alarm]) -> str:
    late = sum(one.is_breached for one in found)
    parts = [f"{late} overdue"] if late else []
    return ", ".join([*parts, *([f"{len(found) - late} near"] if len(found) > late else [])])


def _spoken_list(found: Sequence[Alarm]) -> str:
    return "; ".join(f"#{one.ticket.number} {escape_line(one.ticket.title, 60)}" for one in found[:TICKETS_SHOWN]) + "."
