"""The ticket's card: what it is, what happens next, by whom, by when."""

from collections.abc import Mapping
from datetime import datetime

from handlers.cards.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    esc,
    line,
    moment,
    overflow,
    person,
    section,
)
from handlers.ids import Button, More
from rules.policy import Policy
from rules.sla import Clock, ClockKind, ClockState
from rules.tickets import DONE, PRIORITY_WORDS, REPLY_BY_WORDS, STATUS_WORDS, Priority, ReplyBy, Status
from storage.tables import Ticket

SIGNS = {Priority.CRITICAL: "🔴 ", Priority.HIGH: "🟠 ", Priority.NORMAL: "", Priority.LOW: "⚪ "}
Clocks = Mapping[ClockKind, Clock]
QUOTE = 600


def card(ticket: Ticket, clocks: Clocks, policy: Policy, now: datetime, *, asked: str | None = None) -> Message:
    """The card of the ticket as it stands: four buttons at most, the rest under ⋯. `asked`: who is to answer."""
    lines = (heading(ticket), summary(ticket, policy, asked=asked), promises(ticket, clocks, now))
    blocks = [section("\n".join(lines), accessory=_more(ticket)), *described(ticket)]
    blocks.append(context(origin(ticket, policy)))
    if ticket.status not in DONE:
        blocks.append(actions(*_next_steps(ticket)))
    return Message(spoken(ticket, policy), blocks)


def described(ticket: Ticket, limit: int = QUOTE) -> list[Block]:
    """What was written about it; nothing where that says no more than the title."""
    says_more = ticket.description and ticket.description.strip() != ticket.title
    return [section(f">>> {esc(ticket.description, limit)}")] if says_more else []


def heading(ticket: Ticket) -> str:
    """Which and what: the first line of every card."""
    return f"*#{ticket.number}* · *{line(ticket.title)}*"


def summary(ticket: Ticket, policy: Policy, *, asked: str | None = None) -> str:
    """Priority in word and sign, type, status, and who has it."""
    kind, stands = line(policy.type(ticket.type).name, 80), standing(ticket, policy, asked=asked)
    return " · ".join([priority(ticket.priority), kind, stands])


def priority(urgency: Priority) -> str:
    return f"{SIGNS[urgency]}{PRIORITY_WORDS[urgency]}"


def standing(ticket: Ticket, policy: Policy, *, asked: str | None = None) -> str:
    """Where it stands and with whom, in words."""
    words = STATUS_WORDS[ticket.status]
    if ticket.status is Status.ESCALATED and asked:
        words = f"{words} to {line(policy.team(asked).name, 80)}"
    if ticket.status in DONE:
        return f"✓ {words} by {person(ticket.resolved_by)}"
    if ticket.status is Status.NEW:
        return f"{words}, nobody has it yet"
    return f"{words} · with {person(ticket.assignee)}" if ticket.assignee else words


def promises(ticket: Ticket, clocks: Clocks, now: datetime) -> str:
    """First reply due and done by, or when they were kept; a ticket without promises says so."""
    told = [_promise(words, clocks.get(kind), now) for kind, words in _CLOCK_WORDS.items()]
    return " · ".join(part for part in told if part) or "No time is promised for this type."


def origin(ticket: Ticket, policy: Policy) -> str:
    """Who asked, who registered it, for whom, and how they want the answer."""
    parts = [f"asked by {person(ticket.requester)}"]
    if ticket.registered_by != ticket.requester:
        parts.append(f"registered by {person(ticket.registered_by)}")
    if ticket.customer:
        parts.append(f"for {line(ticket.customer, 120)}")
    if ticket.reply_by is not ReplyBy.SLACK:
        parts.append(f"reply by {REPLY_BY_WORDS[ticket.reply_by]}")
    if ticket.permalink:
        parts.append(f"<{ticket.permalink}|the message>")
    parts.append(line(policy.team(ticket.team).name, 80))
    return " · ".join(parts)


def spoken(ticket: Ticket, policy: Policy) -> str:
    """The whole card as one sentence, for screen readers and lock screens."""
    who = f", with {person(ticket.assignee)}" if ticket.assignee and ticket.status not in DONE else ""
    urgency = PRIORITY_WORDS[ticket.priority]
    return f"Ticket #{ticket.number}: {line(ticket.title)}. {urgency}, {STATUS_WORDS[ticket.status]}{who}."


_CLOCK_WORDS = {ClockKind.FIRST_RESPONSE: "First reply", ClockKind.RESOLUTION: "Done"}
_DUE_WORDS = {ClockKind.FIRST_RESPONSE: "First reply due", ClockKind.RESOLUTION: "Done by"}
_LATE_WORDS = {ClockKind.FIRST_RESPONSE: "⚠️ First reply overdue since", ClockKind.RESOLUTION: "⚠️ Overdue since"}


def _promise(words: str, clock: Clock | None, now: datetime) -> str:
    if clock is None or clock.state is ClockState.CANCELLED:
        return ""
    if clock.state is ClockState.PAUSED:
        return f"{words}: paused while the customer is asked"
    if clock.state is ClockState.RUNNING:
        words = (_LATE_WORDS if clock.due_at < now else _DUE_WORDS)[clock.target]
        return f"{words} {moment(clock.due_at)}"
    late = " ⚠️ late" if clock.state is ClockState.BREACHED else ""
    return f"{words} {moment(clock.closed_at or clock.due_at)}{late}"


def _next_steps(ticket: Ticket) -> list[Element]:
    """The next right step is the one primary button; what everyone would be refused is not drawn."""
    number = ticket.number
    take = button("Take", Button.TAKE, number, style="primary", says=f"Take ticket {number}")
    assign = button("Assign…", Button.ASSIGN, number, says=f"Assign ticket {number}")
    escalate = button("Escalate…", Button.ESCALATE, number, says=f"Escalate ticket {number}")
    if ticket.status is Status.ESCALATED:
        return [button("Resolve…", Button.RESOLVE, number, says=f"Resolve ticket {number}")]
    if ticket.status in (Status.NEW, Status.ASSIGNED):
        return [take, assign, escalate, button("Resolve…", Button.RESOLVE, number, says=f"Resolve ticket {number}")]
    resolve = button("Resolve…", Button.RESOLVE, number, style="primary", says=f"Resolve ticket {number}")
    again = [button("Take", Button.TAKE, number)] if ticket.status is Status.WAITING else []
    return [resolve, *again, assign, escalate]


def _more(ticket: Ticket) -> Element:
    lines = {
        More.WAIT: "Wait for customer",
        More.REPLY: "Reply…",
        More.NOTE: "Note…",
        More.CHANGE: "Change…",
        More.OPEN: "Open",
    }
    if ticket.status in DONE:
        lines = {More.REOPEN: "Reopen", More.REPLY: "Reply…", More.NOTE: "Note…", More.OPEN: "Open"}
    elif ticket.status in (Status.WAITING, Status.ESCALATED):
        del lines[More.WAIT]
    return overflow(Button.MORE, [(words, f"{word}:{ticket.number}") for word, words in lines.items()])


def head(ticket: Ticket, policy: Policy) -> list[Block]:
    """The head of a form about the ticket, so that nobody answers about the wrong one."""
    return [context(f"{heading(ticket)} · {summary(ticket, policy)}")]
