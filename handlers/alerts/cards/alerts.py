"""The alert card: which SLA timer, how much time is left, who the assignee is, and the buttons to act."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button, More
from handlers.text.slack import escape_line, local_time, mention
from handlers.tickets.cards.ticket import Timers, assign_button, status_text, take_button, timer_stop_button
from rules.alerts import TARGET_NEEDS, EscalationStep, first_escalation_step, has_alerted, remaining_time_text
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla.timers import last_warning_level
from storage.alerts import AlertContext
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket

EVENT_TEXT_LIMIT = 200


def alert_card(ticket: Ticket, timers: Timers, standing: AlertContext, policy: Policy, now: datetime) -> Message:
    """The alert as of now. Once no timer alarms, the card says what happened and has no buttons."""
    alarming = sorted((timer for timer in timers.values() if has_alerted(timer)), key=lambda timer: timer.due_at)
    if not alarming:
        words = _outcome_text(ticket, timers)
        return Message(_plain_sentence(words, ticket), [blocks.section(_with_title(words, ticket))])
    say = _timer_sentences(ticket, policy, now)
    words, *more = [say(timer) for timer in alarming]
    text = "\n".join([_with_title(words, ticket), *(f"Also: {also}" for also in more)])
    content: list[Block] = [blocks.section(text, accessory=_more_menu(ticket))]
    content.append(blocks.section(_assignee_line(ticket, standing, alarming, policy, now)))
    content.append(blocks.context(_footnote(standing, now)))
    content.append(blocks.actions(*_alert_buttons(ticket, alarming[0], policy)))
    return Message(f"{_plain_sentence(words, ticket)} {_assignee_sentence(ticket)}", content)


def _timer_sentences(ticket: Ticket, policy: Policy, now: datetime) -> Callable[[SlaTimer], str]:
    def say(timer: SlaTimer) -> str:
        at = local_time(timer.due_at)
        if timer.due_at < now:
            return f"⚠️ {_bold_number(ticket)} is overdue: {_WAS_DUE_TEXTS[timer.target]} {at}"
        left = remaining_time_text(policy.calendar(timer.calendar), timer, now)
        return f"⏳ {_bold_number(ticket)} {TARGET_NEEDS[timer.target]} in {left} ({at})"

    return say


_WAS_DUE_TEXTS = {
    TimerKind.FIRST_RESPONSE: "its first reply was due",
    TimerKind.NEXT_RESPONSE: "the next reply was due",
    TimerKind.STEP: "its step was due",
    TimerKind.EXPERT_ANSWER: "the experts' answer was due",
    TimerKind.RESOLUTION: "it was to be done by",
}


def _outcome_text(ticket: Ticket, timers: Timers) -> str:
    if ticket.status in DONE_STATUSES:
        at = f" {local_time(ticket.resolved_at)}" if ticket.resolved_at else ""
        late = _late_suffix(timers.values())
        return f"✓ {_bold_number(ticket)} was resolved by {mention(ticket.resolved_by)}{at}{late}"
    if any(timer.state is TimerState.PAUSED and timer.alert_level for timer in timers.values()):
        return f"✓ {_bold_number(ticket)} waits for the customer, its time is paused"
    alerted = [timer for timer in timers.values() if timer.alert_level]
    ended = [timer for timer in alerted if timer.closed_at and timer.state in _ENDED_STATES]
    if ended:
        last = max(ended, key=lambda timer: timer.closed_at or timer.due_at)
        at = local_time(last.closed_at or last.due_at)
        return f"✓ {_bold_number(ticket)} {_DONE_TEXTS[last.target]} {at}{_late_suffix([last])}"
    ahead = min((timer.due_at for timer in timers.values() if timer.state is TimerState.RUNNING), default=None)
    return f"✓ {_bold_number(ticket)} has time again" + (f": due {local_time(ahead)}" if ahead else "")


_ENDED_STATES = (TimerState.MET, TimerState.BREACHED)
_DONE_TEXTS = {
    TimerKind.FIRST_RESPONSE: "had its first reply",
    TimerKind.NEXT_RESPONSE: "had the next reply",
    TimerKind.STEP: "had its step done",
    TimerKind.EXPERT_ANSWER: "had the experts' answer",
    TimerKind.RESOLUTION: "was done",
}


def _late_suffix(timers: Iterable[SlaTimer]) -> str:
    return ", late" if any(timer.state is TimerState.BREACHED for timer in timers) else ""


def _bold_number(ticket: Ticket) -> str:
    return f"*#{ticket.number}*"


def _with_title(words: str, ticket: Ticket) -> str:
    return f"{words} · *{escape_line(ticket.title)}*"


def _plain_sentence(words: str, ticket: Ticket) -> str:
    return f"{words.replace('*', '')}: {escape_line(ticket.title)}."


def _assignee_sentence(ticket: Ticket) -> str:
    return f"It is with {mention(ticket.assignee)}." if ticket.assignee else "Nobody has it yet."


def _assignee_line(
    ticket: Ticket, standing: AlertContext, alarming: Sequence[SlaTimer], policy: Policy, now: datetime
) -> str:
    """The lead is mentioned from the last warning on, and whenever the assignee is away."""
    words = str(status_text(ticket, policy))
    if ticket.assignee and standing.assigned_since is not None:
        words += f" since {local_time(standing.assigned_since)}"
    words += ", who is away" if standing.assignee_away else ""
    leads = policy.team(ticket.team).leads
    if standing.assignee_away or any(
        first_escalation_step(timer.alert_level, last_warning_level(policy, timer)) is EscalationStep.LEAD
        for timer in alarming
    ):
        words += "".join(f" · {mention(lead)}" for lead in leads if lead != ticket.assignee)
    return words


def _footnote(standing: AlertContext, now: datetime) -> str:
    parts = [f"last step: {_last_event_text(standing.last_event)}"] if standing.last_event is not None else []
    if standing.snoozed_until is not None:
        until = local_time(standing.snoozed_until)
        parts.append(f"snoozed by {mention(standing.snoozed_by)} until {until}")
    return " · ".join([*parts, f"as of {local_time(now)}"])


_EVENT_TEXTS = {
    EventKind.CREATED: "filed",
    EventKind.TAKEN: "taken",
    EventKind.ASSIGNED: "assigned",
    EventKind.REASSIGNED: "moved with others",
    EventKind.STARTED: "started",
    EventKind.PASSED: "passed back",
    EventKind.ESCALATED: "escalated",
    EventKind.ACCEPTED: "escalation accepted",
    EventKind.REJECTED: "escalation rejected",
    EventKind.INFO_REQUESTED: "the experts asked back",
    EventKind.INFO_PROVIDED: "the experts were answered",
    EventKind.WAITING: "waited for the customer",
    EventKind.REPLIED: "replied to the customer",
    EventKind.NOTED: "internal note",
    EventKind.REQUESTER_WROTE: "the customer wrote",
    EventKind.MESSAGE_EDITED: "a message was edited",
    EventKind.MESSAGE_DELETED: "a message was deleted",
    EventKind.CHANGED: "changed",
    EventKind.REOPENED: "reopened",
    EventKind.STEP_DONE: "a step was done",
    EventKind.SLA_RECALCULATED: "promised anew",
    EventKind.EXTENDED: "extended",
    EventKind.EXTENSION_REQUESTED: "asked for more time",
    EventKind.EXTENSION_DECLINED: "no more time was given",
    EventKind.HELP_REQUESTED: "asked for help",
    EventKind.UNDELIVERED: "the reply did not arrive",
}


def _last_event_text(step: Event) -> str:
    """Without a name: a card that reminds one person must not ping the person who acted before."""
    words = _EVENT_TEXTS.get(EventKind(step.kind), step.kind.replace("_", " "))
    text = str(step.data.get("text", ""))
    quote = f" “{escape_line(text, EVENT_TEXT_LIMIT)}”" if text else ""
    return f"{words} {local_time(step.at)}{quote}"


def _alert_buttons(ticket: Ticket, urgent: SlaTimer, policy: Policy) -> list[Element]:
    """The button that stops the timer comes first; an escalated ticket waits for its experts."""
    number = ticket.number
    snooze = blocks.button(
        "Snooze 30 min", Button.SNOOZE, number, spoken=f"Snooze the alert of ticket {number} for 30 minutes"
    )
    extend = blocks.button("Extend…", Button.EXTEND, number, spoken=f"Give ticket {number} more time")
    if ticket.status is Status.ESCALATED:
        return [snooze, extend]
    if ticket.status is Status.IN_PROGRESS and ticket.assignee:
        return [timer_stop_button(ticket, urgent.target, policy), assign_button(number), snooze, extend]
    return [take_button(number), assign_button(number), snooze, extend]


def _more_menu(ticket: Ticket) -> Element:
    lines = {
        More.ASK_FOR_HELP: "Ask for help…",
        More.EXPLAIN_DEADLINE: "Why this deadline?",
        More.SNOOZE_ONE_HOUR: "Snooze 1 hour",
        More.SNOOZE_TWO_HOURS: "Snooze 2 hours",
        More.OPEN: "Open",
    }
    return blocks.overflow_menu(Button.MORE_MENU, [(words, f"{word}:{ticket.number}") for word, words in lines.items()])
