"""The alert's card: which clock, how much is left, who has it, and the way to act on it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    line,
    moment,
    overflow,
    person,
    section,
)
from handlers.slack.ids import Button, More
from handlers.tickets.cards import ticket as ticket_cards
from rules.alerts import MUST, Rung, first_rung, time_left, told
from rules.model.policy import Policy
from rules.model.tickets import DONE, Status
from rules.model.timers import Clock, ClockKind, ClockState
from rules.sla.timers import last_warning
from storage.alerts import Standing
from storage.events import Happened
from storage.schema.tickets import Event, Ticket

SAID = 200


def card(ticket: Ticket, clocks: ticket_cards.Clocks, standing: Standing, policy: Policy, now: datetime) -> Message:
    """The alert as things are now; once nothing alarms any more it says what became of it, and has no buttons."""
    alarming = sorted((clock for clock in clocks.values() if told(clock)), key=lambda clock: clock.due_at)
    if not alarming:
        words = _over(ticket, clocks)
        return Message(_sentence(words, ticket), [section(_titled(words, ticket))])
    say = _speaker(ticket, policy, now)
    words, *more = [say(clock) for clock in alarming]
    told_of = "\n".join([_titled(words, ticket), *(f"Also: {also}" for also in more)])
    content: list[Block] = [section(told_of, accessory=_more(ticket))]
    content.append(section(_holder(ticket, standing, alarming, policy, now)))
    content.append(context(_small(standing, now)))
    content.append(actions(*_buttons(ticket, alarming[0], policy)))
    return Message(f"{_sentence(words, ticket)} {_with(ticket)}", content)


def _speaker(ticket: Ticket, policy: Policy, now: datetime) -> Callable[[Clock], str]:
    def say(clock: Clock) -> str:
        at = moment(clock.due_at)
        if clock.due_at < now:
            return f"⚠️ {_name(ticket)} is overdue: {_WAS_DUE[clock.target]} {at}"
        left = time_left(policy.calendar(clock.calendar), clock, now)
        return f"⏳ {_name(ticket)} {MUST[clock.target]} in {left} ({at})"

    return say


_WAS_DUE = {
    ClockKind.FIRST_RESPONSE: "its first reply was due",
    ClockKind.NEXT_RESPONSE: "the next reply was due",
    ClockKind.STEP: "its step was due",
    ClockKind.EXPERT_ANSWER: "the experts' answer was due",
    ClockKind.RESOLUTION: "it was to be done by",
}


def _over(ticket: Ticket, clocks: ticket_cards.Clocks) -> str:
    """What became of it, in words: resolved, the customer is asked, the reply was given, or there is time again."""
    if ticket.status in DONE:
        at = f" {moment(ticket.resolved_at)}" if ticket.resolved_at else ""
        return f"✓ {_name(ticket)} was resolved by {person(ticket.resolved_by)}{at}{_late(clocks.values())}"
    if any(clock.state is ClockState.PAUSED and clock.level for clock in clocks.values()):
        return f"✓ {_name(ticket)} waits for the customer, its time is paused"
    kept = [clock for clock in clocks.values() if clock.level and clock.closed_at and clock.state in _KEPT]
    if kept:
        last = max(kept, key=lambda clock: clock.closed_at or clock.due_at)
        return f"✓ {_name(ticket)} {_HAD[last.target]} {moment(last.closed_at or last.due_at)}{_late([last])}"
    ahead = min((clock.due_at for clock in clocks.values() if clock.state is ClockState.RUNNING), default=None)
    return f"✓ {_name(ticket)} has time again" + (f": due {moment(ahead)}" if ahead else "")


_KEPT = (ClockState.MET, ClockState.BREACHED)
_HAD = {
    ClockKind.FIRST_RESPONSE: "had its first reply",
    ClockKind.NEXT_RESPONSE: "had the next reply",
    ClockKind.STEP: "had its step done",
    ClockKind.EXPERT_ANSWER: "had the experts' answer",
    ClockKind.RESOLUTION: "was done",
}


def _late(clocks: Iterable[Clock]) -> str:
    return ", late" if any(clock.state is ClockState.BREACHED for clock in clocks) else ""


def _name(ticket: Ticket) -> str:
    return f"*#{ticket.number}*"


def _titled(words: str, ticket: Ticket) -> str:
    return f"{words} · *{line(ticket.title)}*"


def _sentence(words: str, ticket: Ticket) -> str:
    return f"{words.replace('*', '')}: {line(ticket.title)}."


def _with(ticket: Ticket) -> str:
    return f"It is with {person(ticket.assignee)}." if ticket.assignee else "Nobody has it yet."


def _holder(ticket: Ticket, standing: Standing, alarming: Sequence[Clock], policy: Policy, now: datetime) -> str:
    """Who has it since when; the lead beside them from the last warning on, or where whoever has it is away."""
    words = ticket_cards.standing(ticket, policy)
    if ticket.assignee and standing.since is not None:
        words += f" since {moment(standing.since)}"
    words += ", who is away" if standing.away else ""
    leads = policy.team(ticket.team).leads
    if standing.away or any(first_rung(clock.level, last_warning(policy, clock)) is Rung.LEAD for clock in alarming):
        words += "".join(f" · {person(lead)}" for lead in leads if lead != ticket.assignee)
    return words


def _small(standing: Standing, now: datetime) -> str:
    parts = [f"last step: {_step(standing.step)}"] if standing.step is not None else []
    if standing.snoozed_until is not None:
        parts.append(f"snoozed by {person(standing.snoozed_by)} until {moment(standing.snoozed_until)}")
    return " · ".join([*parts, f"as of {moment(now)}"])


_STEPS = {
    Happened.FILED: "filed",
    Happened.TAKEN: "taken",
    Happened.ASSIGNED: "assigned",
    Happened.HANDED: "moved with others",
    Happened.STARTED: "started",
    Happened.PASSED: "passed back",
    Happened.ESCALATED: "escalated",
    Happened.ACCEPTED: "escalation accepted",
    Happened.REJECTED: "escalation rejected",
    Happened.ASKED_BACK: "the experts asked back",
    Happened.ANSWERED: "the experts were answered",
    Happened.WAITING: "waited for the customer",
    Happened.REPLIED: "replied to the customer",
    Happened.NOTED: "internal note",
    Happened.WROTE: "the customer wrote",
    Happened.CHANGED: "changed",
    Happened.REOPENED: "reopened",
    Happened.STEP_DONE: "a step was done",
    Happened.PROMISED_ANEW: "promised anew",
    Happened.EXTENDED: "extended",
    Happened.ASKED_TIME: "asked for more time",
    Happened.REFUSED_TIME: "no more time was given",
    Happened.ASKED_HELP: "asked for help",
}


def _step(step: Event) -> str:
    """Without a name: a card that reminds one person should not ping whoever acted before."""
    words = _STEPS.get(Happened(step.kind), step.kind.replace("_", " "))
    text = str(step.data.get("text", ""))
    return f"{words} {moment(step.at)}" + (f" “{line(text, SAID)}”" if text else "")


def _buttons(ticket: Ticket, urgent: Clock, policy: Policy) -> list[Element]:
    """What can be done now: first what stops the clock; an escalated ticket waits for its experts."""
    number = ticket.number
    snooze = button("Snooze 30 min", Button.SNOOZE, number, says=f"Snooze the alert of ticket {number} for 30 minutes")
    extend = button("Extend…", Button.EXTEND, number, says=f"Give ticket {number} more time")
    if ticket.status is Status.ESCALATED:
        return [snooze, extend]
    assign = button("Assign…", Button.ASSIGN, number, says=f"Assign ticket {number}")
    if ticket.status is Status.IN_PROGRESS and ticket.assignee:
        return [ticket_cards.stops(ticket, urgent.target, policy), assign, snooze, extend]
    take = button("Take", Button.TAKE, number, style="primary", says=f"Take ticket {number}")
    return [take, assign, snooze, extend]


def _more(ticket: Ticket) -> Element:
    lines = {
        More.HELP: "Ask for help…",
        More.WHY: "Why this deadline?",
        More.SNOOZE_HOUR: "Snooze 1 hour",
        More.SNOOZE_TWO: "Snooze 2 hours",
        More.OPEN: "Open",
    }
    return overflow(Button.MORE, [(words, f"{word}:{ticket.number}") for word, words in lines.items()])
