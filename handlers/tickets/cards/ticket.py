"""The ticket's card: what it is, what happens next, by whom, by when."""

from collections.abc import Mapping
from datetime import datetime

from handlers.slack.blocks import (
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
from handlers.slack.ids import Button, More
from rules.calendars.durations import in_hours, words
from rules.model.policy import Policy
from rules.model.tickets import DONE, PRIORITY_WORDS, REPLY_BY_WORDS, STATUS_WORDS, Priority, ReplyBy, Status
from rules.model.timers import Clock, ClockKind, ClockState, Turned
from rules.reports.resolution_times import Solved, took_of
from storage.schema.tickets import Ticket

SIGNS = {Priority.CRITICAL: "🔴 ", Priority.HIGH: "🟠 ", Priority.NORMAL: "", Priority.LOW: "⚪ "}
Clocks = Mapping[ClockKind, Clock]
QUOTE = 600


def card(
    ticket: Ticket,
    clocks: Clocks,
    policy: Policy,
    now: datetime,
    *,
    asked: str | None = None,
    evidence: tuple[str, str] | None = None,
) -> Message:
    """The card of the ticket as it stands: four buttons at most, the rest under ⋯. `asked`: who is to answer;
    `evidence`: why the experts who hold it were asked, and what was tried before."""
    promised = promises(ticket, clocks, now)
    took = lasted(ticket, clocks, policy)
    lines = [heading(ticket), summary(ticket, policy, asked=asked), *_step_line(ticket, policy), promised, *took]
    content = [section("\n".join(lines), accessory=_more(ticket, policy)), *described(ticket)]
    if evidence and ticket.status not in DONE:
        content.append(
            context(f"*Escalated because:* {esc(evidence[0], QUOTE)}", f"*Tried:* {esc(evidence[1], QUOTE)}")
        )
    content.append(context(origin(ticket, policy)))
    if ticket.status not in DONE:
        content.append(actions(*_next_steps(ticket, policy)))
    return Message(spoken(ticket, policy), content)


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


def lasted(ticket: Ticket, clocks: Clocks, policy: Policy) -> list[str]:
    """How long it took, as a line, once it is resolved."""
    if ticket.resolved_at is None:
        return []
    promise = clocks.get(ClockKind.RESOLUTION)
    solved = Solved(
        number=ticket.number,
        title=ticket.title,
        type=ticket.type,
        team=ticket.team,
        by=ticket.resolved_by or "",
        created_at=ticket.created_at,
        resolved_at=ticket.resolved_at,
        calendar=promise.calendar if promise else None,
    )
    took = took_of(solved, policy)
    opened = f"{in_hours(took.open_s)} of it in opening hours"
    return [f"Took {words(took.passed_s)} from the report to the solution, {opened}"]


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


_CLOCK_WORDS = {
    ClockKind.FIRST_RESPONSE: "First reply",
    ClockKind.NEXT_RESPONSE: "Next reply",
    ClockKind.STEP: "Step",
    ClockKind.RESOLUTION: "Done",
}
_DUE_WORDS = {
    ClockKind.FIRST_RESPONSE: "First reply due",
    ClockKind.NEXT_RESPONSE: "Next reply due",
    ClockKind.STEP: "Step due",
    ClockKind.RESOLUTION: "Done by",
}
_LATE_WORDS = {
    ClockKind.FIRST_RESPONSE: "⚠️ First reply overdue since",
    ClockKind.NEXT_RESPONSE: "⚠️ Next reply overdue since",
    ClockKind.STEP: "⚠️ Step overdue since",
    ClockKind.RESOLUTION: "⚠️ Overdue since",
}
_PASSING = (ClockKind.NEXT_RESPONSE, ClockKind.STEP)  # of these only the one that waits is told


def _promise(words: str, clock: Clock | None, now: datetime) -> str:
    if clock is None or clock.state is ClockState.CANCELLED or (clock.target in _PASSING and not clock.is_open):
        return ""
    if clock.state is ClockState.PAUSED:
        return f"{words}: paused while the customer is asked"
    if clock.state is ClockState.RUNNING:
        words = (_LATE_WORDS if clock.due_at < now else _DUE_WORDS)[clock.target]
        return f"{words} {moment(clock.due_at)}{_moved(clock)}"
    late = " ⚠️ late" if clock.state is ClockState.BREACHED else ""
    return f"{words} {moment(clock.closed_at or clock.due_at)}{late}"


def _moved(clock: Clock) -> str:
    """That it is due at another time than was said at first; why, is told by *Why this deadline?*."""
    last = next((turn for turn in reversed(clock.turns) if turn.did in (Turned.MOVED, Turned.EXTENDED)), None)
    if last is None:
        return ""
    return " (extended)" if last.did is Turned.EXTENDED else f" (moved: {line(last.why, 80)})"


def step_of(ticket: Ticket, policy: Policy) -> tuple[int, int, str] | None:
    """The open step: its place from 1, how many there are, its name; None when there is none, or all are done."""
    steps = policy.type(ticket.type).steps
    places = [place for place, step in enumerate(steps, start=1) if step.key == ticket.step]
    return (places[0], len(steps), steps[places[0] - 1].name) if places else None


def _step_line(ticket: Ticket, policy: Policy) -> list[str]:
    found = step_of(ticket, policy)
    return [f"Step {found[0]} of {found[1]}: {line(found[2], 80)}"] if found and ticket.status not in DONE else []


def _next_steps(ticket: Ticket, policy: Policy) -> list[Element]:
    """The next right step is the one primary button; what everyone would be refused is not drawn."""
    number = ticket.number
    take = button("Take", Button.TAKE, number, style="primary", says=f"Take ticket {number}")
    assign = button("Assign…", Button.ASSIGN, number, says=f"Assign ticket {number}")
    escalate = button("Escalate…", Button.ESCALATE, number, says=f"Escalate ticket {number}")
    resolve = button("Resolve…", Button.RESOLVE, number, says=f"Resolve ticket {number}")
    if ticket.status is Status.ESCALATED:
        withdraw = button("Withdraw", Button.WITHDRAW, number, says=f"Withdraw the escalation of ticket {number}")
        return [resolve, withdraw]
    if ticket.status in (Status.NEW, Status.ASSIGNED):
        return [take, assign, escalate, resolve]
    found = step_of(ticket, policy)
    if ticket.status is Status.WAITING:
        return [resolve | {"style": "primary"}, button("Take", Button.TAKE, number), assign, escalate]
    if found is not None:
        return [_step_done(number, *found), resolve, assign, escalate]
    reply = button("Reply…", Button.REPLY, number, says=f"Reply on ticket {number}")
    return [resolve | {"style": "primary"}, assign, escalate, reply]


def stops(ticket: Ticket, target: ClockKind, policy: Policy) -> Element:
    """The button of work in progress that stops that clock."""
    number, found = ticket.number, step_of(ticket, policy)
    if target in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE):
        return button("Reply…", Button.REPLY, number, style="primary", says=f"Reply on ticket {number}")
    if target is ClockKind.STEP and found is not None:
        return _step_done(number, *found)
    return button("Resolve…", Button.RESOLVE, number, style="primary", says=f"Resolve ticket {number}")


def _step_done(number: int, place: int, _many: int, name: str) -> Element:
    value = f"{number}.{place}"
    return button(f"Done: {name}", Button.STEP, value, style="primary", says=f"Step of ticket {number} done: {name}")


def _more(ticket: Ticket, policy: Policy) -> Element:
    """Five lines are all that Slack shows: what has a button of its own is left out, then what comes later anyway."""
    words = {
        More.REOPEN: "Reopen",
        More.WAIT: "Wait for customer",
        More.REPLY: "Reply…",
        More.NOTE: "Note…",
        More.CHANGE: "Change…",
        More.WHY: "Why this deadline?",
        More.OPEN: "Open",
    }
    out = {More.WAIT} if ticket.status is not Status.IN_PROGRESS else {More.REPLY}
    if ticket.status is Status.IN_PROGRESS and step_of(ticket, policy):
        out = {More.NOTE}  # what the team writes in the thread is a note
    out |= {More.CHANGE} if ticket.status in DONE else {More.REOPEN}
    return overflow(Button.MORE, [(said, f"{word}:{ticket.number}") for word, said in words.items() if word not in out])


def head(ticket: Ticket, policy: Policy) -> list[Block]:
    """The head of a form about the ticket, so that nobody answers about the wrong one."""
    return [context(f"{heading(ticket)} · {summary(ticket, policy)}")]
