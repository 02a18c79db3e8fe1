"""The alert's card: which clock, how much is left, who has it, and the way to act on it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from handlers.cards import tickets
from handlers.cards.blocks import Block, Element, Message, actions, button, context, line, moment, person, section
from handlers.ids import Button
from rules.alerts import concerns_lead, time_left, told
from rules.policy import Policy
from rules.sla import Clock, ClockKind, ClockState
from rules.tickets import DONE, Status
from storage.events import Happened
from storage.sla import Standing
from storage.tables import Event, Ticket

SAID = 200
_FIRST = ClockKind.FIRST_RESPONSE


def card(ticket: Ticket, clocks: tickets.Clocks, standing: Standing, policy: Policy, now: datetime) -> Message:
    """The alert as things are now; once nothing alarms any more it says what became of it, and has no buttons."""
    alarming = sorted((clock for clock in clocks.values() if told(clock)), key=lambda clock: clock.due_at)
    if not alarming:
        words = _over(ticket, clocks)
        return Message(_sentence(words, ticket), [section(_titled(words, ticket))])
    say = _speaker(ticket, policy, now)
    words, *more = [say(clock) for clock in alarming]
    blocks: list[Block] = [section("\n".join([_titled(words, ticket), *(f"Also: {also}" for also in more)]))]
    blocks.append(section(_holder(ticket, standing, alarming, policy)))
    blocks.append(context(_small(standing, now)))
    blocks.append(actions(*_buttons(ticket)))
    return Message(f"{_sentence(words, ticket)} {_with(ticket)}", blocks)


def _speaker(ticket: Ticket, policy: Policy, now: datetime) -> Callable[[Clock], str]:
    calendar = policy.calendar_of(ticket.first_line)

    def say(clock: Clock) -> str:
        at = moment(clock.due_at)
        if clock.due_at < now:
            late = "its first reply was due" if clock.target is _FIRST else "it was to be done by"
            return f"⚠️ {_name(ticket)} is overdue: {late} {at}"
        must = "needs its first reply in" if clock.target is _FIRST else "must be done in"
        return f"⏳ {_name(ticket)} {must} {time_left(calendar, clock, now)} ({at})"

    return say


def _over(ticket: Ticket, clocks: tickets.Clocks) -> str:
    """What became of it, in words: resolved, the customer is asked, the reply was given, or there is time again."""
    if ticket.status in DONE:
        at = f" {moment(ticket.resolved_at)}" if ticket.resolved_at else ""
        return f"✓ {_name(ticket)} was resolved by {person(ticket.resolved_by)}{at}{_late(clocks.values())}"
    if any(clock.state is ClockState.PAUSED and clock.level for clock in clocks.values()):
        return f"✓ {_name(ticket)} waits for the customer, its time is paused"
    reply = clocks.get(_FIRST)
    if reply is not None and reply.level and reply.closed_at is not None:
        return f"✓ {_name(ticket)} had its first reply {moment(reply.closed_at)}{_late([reply])}"
    ahead = min((clock.due_at for clock in clocks.values() if clock.state is ClockState.RUNNING), default=None)
    return f"✓ {_name(ticket)} has time again" + (f": due {moment(ahead)}" if ahead else "")


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


def _holder(ticket: Ticket, standing: Standing, alarming: Sequence[Clock], policy: Policy) -> str:
    """Who has it since when; the lead beside them from the last warning on."""
    words = tickets.standing(ticket, policy)
    if ticket.assignee and standing.since is not None:
        words += f" since {moment(standing.since)}"
    leads = policy.team(ticket.team).leads
    if any(concerns_lead(clock.level, len(policy.warn_at)) for clock in alarming):
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
}


def _step(step: Event) -> str:
    """Without a name: a card that reminds one person should not ping whoever acted before."""
    words = _STEPS.get(Happened(step.kind), step.kind.replace("_", " "))
    text = str(step.data.get("text", ""))
    return f"{words} {moment(step.at)}" + (f" “{line(text, SAID)}”" if text else "")


def _buttons(ticket: Ticket) -> list[Element]:
    """What can be done now: nobody takes over work in progress, and an escalated ticket waits for its experts."""
    number = ticket.number
    snooze = button("Snooze 30 min", Button.SNOOZE, number, says=f"Snooze the alert of ticket {number} for 30 minutes")
    open_ = button("Open", Button.OPEN, number, says=f"Open ticket {number}")
    if ticket.status is Status.ESCALATED:
        return [snooze, open_]
    assign = button("Assign…", Button.ASSIGN, number, says=f"Assign ticket {number}")
    if ticket.status is Status.IN_PROGRESS and ticket.assignee:
        return [assign, snooze, open_]
    return [button("Take", Button.TAKE, number, style="primary", says=f"Take ticket {number}"), assign, snooze, open_]
