"""The ticket card: what it is, what comes next, by whom, by when."""

from collections.abc import Mapping
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.slack.menus import ticket_menu
from handlers.text.slack import escape, escape_line, local_time, mention, render
from rules.calendars.durations import format_hours, format_seconds
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Priority, ReplyBy, Status
from rules.model.timers import SlaTimer, TimerEventKind, TimerKind, TimerState
from rules.model.undelivered import undelivered_reason
from rules.reports.resolution_times import ResolvedTicket, resolution_time
from rules.text import Person, _
from storage.schema.tickets import Event, Ticket

PRIORITY_SIGNS = {Priority.CRITICAL: "🔴 ", Priority.HIGH: "🟠 ", Priority.NORMAL: "", Priority.LOW: "⚪ "}
Timers = Mapping[TimerKind, SlaTimer]
QUOTE_LENGTH = 600


def ticket_card(
    ticket: Ticket,
    timers: Timers,
    policy: Policy,
    now: datetime,
    *,
    asked_team: str | None = None,
    evidence: tuple[str, str] | None = None,
    lost: Event | None = None,
) -> Message:
    """Four buttons at most, the rest under ⋯. `asked_team`: the experts who are to decide.

    `evidence`: why the experts of this team were asked, and what was tried before. `lost`: the last reply did
    not arrive.
    """
    due_times = due_times_text(ticket, timers, now)
    took = resolution_time_lines(ticket, timers, policy)
    summary = ticket_summary(ticket, policy, asked_team=asked_team)
    lines = [ticket_heading(ticket), summary, *_step_lines(ticket, policy), due_times, *took]
    lines += [undelivered_text(lost, ticket)] if lost else []
    content = [blocks.section("\n".join(lines), accessory=ticket_menu(ticket, policy)), *description_blocks(ticket)]
    if evidence and ticket.status not in DONE_STATUSES:
        why, tried = (escape(text, QUOTE_LENGTH) for text in evidence)
        content.append(blocks.context(f"*Escalated because:* {why}", f"*Tried:* {tried}"))
    content.append(blocks.context(origin_text(ticket, policy)))
    if ticket.status not in DONE_STATUSES:
        content.append(blocks.actions(*_ticket_buttons(ticket, policy)))
    return Message(spoken_ticket(ticket, policy), content)


def undelivered_text(lost: Event, ticket: Ticket) -> str:
    """What was lost, and why; `lost` is the event of that."""
    words = _(
        "⚠️ What {author} wrote did not reach {person}: {reason}.",
        author=Person(str(lost.data.get("author", ""))),
        person=Person(ticket.requester),
        reason=undelivered_reason(str(lost.data.get("error", ""))),
    )
    return render(words)


def description_blocks(ticket: Ticket, *, whole: bool = False) -> list[Block]:
    """Its beginning, or the whole; empty where the description says no more than the title."""
    if not ticket.description or ticket.description.strip() == ticket.title:
        return []
    if whole:
        return blocks.quoted_sections(ticket.description)
    return [blocks.section(f">>> {escape(ticket.description, QUOTE_LENGTH)}")]


def ticket_heading(ticket: Ticket) -> str:
    return f"*#{ticket.number}* · *{escape_line(ticket.title)}*"


def ticket_summary(ticket: Ticket, policy: Policy, *, asked_team: str | None = None) -> str:
    kind, status = (blocks.name_of(policy.type(ticket.type)), status_text(ticket, policy, asked_team=asked_team))
    return " · ".join([priority_text(ticket.priority), kind, status])


def priority_text(urgency: Priority) -> str:
    return f"{PRIORITY_SIGNS[urgency]}{urgency.label}"


def status_text(ticket: Ticket, policy: Policy, *, asked_team: str | None = None) -> str:
    words = str(ticket.status.label)
    if ticket.status is Status.ESCALATED and asked_team:
        words = f"{words} to {blocks.name_of(policy.team(asked_team))}"
    if ticket.status in DONE_STATUSES:
        return f"✓ {words} by {mention(ticket.resolved_by)}"
    if ticket.status is Status.NEW:
        return f"{words}, nobody has it yet"
    return f"{words} · with {mention(ticket.assignee)}" if ticket.assignee else words


def due_times_text(ticket: Ticket, timers: Timers, now: datetime) -> str:
    """Due times, or when the targets were met; a ticket without targets says so."""
    parts = [_target_text(words, timers.get(kind), now) for kind, words in _TARGET_TEXTS.items()]
    return " · ".join(part for part in parts if part) or "No time is promised for this type."


def resolution_time_lines(ticket: Ticket, timers: Timers, policy: Policy) -> list[str]:
    """Empty until the ticket is resolved."""
    if ticket.resolved_at is None:
        return []
    resolution = timers.get(TimerKind.RESOLUTION)
    solved = ResolvedTicket(
        number=ticket.number,
        title=ticket.title,
        type=ticket.type,
        team=ticket.team,
        resolved_by=ticket.resolved_by or "",
        created_at=ticket.created_at,
        resolved_at=ticket.resolved_at,
        calendar=resolution.calendar if resolution else None,
    )
    took = resolution_time(solved, policy)
    opened = f"{format_hours(took.business_s)} of it in opening hours"
    return [f"Took {format_seconds(took.elapsed_s)} from the report to the solution, {opened}"]


def origin_text(ticket: Ticket, policy: Policy) -> str:
    parts = [f"asked by {mention(ticket.requester)}"]
    if ticket.registered_by != ticket.requester:
        parts.append(f"registered by {mention(ticket.registered_by)}")
    if ticket.customer:
        parts.append(f"for {escape_line(ticket.customer, 120)}")
    if ticket.reply_by is not ReplyBy.SLACK:
        parts.append(f"reply by {ticket.reply_by.label}")
    if ticket.permalink:
        parts.append(f"<{ticket.permalink}|the message>")
    parts.append(blocks.name_of(policy.team(ticket.team)))
    return " · ".join(parts)


def spoken_ticket(ticket: Ticket, policy: Policy) -> str:
    """The whole card as one sentence, for screen readers and lock screens."""
    who = f", with {mention(ticket.assignee)}" if ticket.assignee and ticket.status not in DONE_STATUSES else ""
    urgency = ticket.priority.label
    return f"Ticket #{ticket.number}: {escape_line(ticket.title)}. {urgency}, {ticket.status.label}{who}."


_TARGET_TEXTS = {
    TimerKind.FIRST_RESPONSE: "First reply",
    TimerKind.NEXT_RESPONSE: "Next reply",
    TimerKind.STEP: "Step",
    TimerKind.RESOLUTION: "Done",
}
_DUE_TEXTS = {
    TimerKind.FIRST_RESPONSE: "First reply due",
    TimerKind.NEXT_RESPONSE: "Next reply due",
    TimerKind.STEP: "Step due",
    TimerKind.RESOLUTION: "Done by",
}
_OVERDUE_TEXTS = {
    TimerKind.FIRST_RESPONSE: "⚠️ First reply overdue since",
    TimerKind.NEXT_RESPONSE: "⚠️ Next reply overdue since",
    TimerKind.STEP: "⚠️ Step overdue since",
    TimerKind.RESOLUTION: "⚠️ Overdue since",
}
_SHOWN_WHILE_OPEN = (TimerKind.NEXT_RESPONSE, TimerKind.STEP)  # shown only while they are open


def _target_text(words: str, timer: SlaTimer | None, now: datetime) -> str:
    is_over = timer is not None and timer.target in _SHOWN_WHILE_OPEN and not timer.is_open
    if timer is None or timer.state is TimerState.CANCELLED or is_over:
        return ""
    if timer.state is TimerState.PAUSED:
        return f"{words}: paused while the customer is asked"
    if timer.state is TimerState.RUNNING:
        words = (_OVERDUE_TEXTS if timer.due_at < now else _DUE_TEXTS)[timer.target]
        return f"{words} {local_time(timer.due_at)}{_moved_suffix(timer)}"
    late = " ⚠️ late" if timer.state is TimerState.BREACHED else ""
    return f"{words} {local_time(timer.closed_at or timer.due_at)}{late}"


def _moved_suffix(timer: SlaTimer) -> str:
    """That the due time changed; *Why this deadline?* says why."""
    moves = (TimerEventKind.MOVED, TimerEventKind.EXTENDED)
    last = next((event for event in reversed(timer.events) if event.kind in moves), None)
    if last is None:
        return ""
    return " (extended)" if last.kind is TimerEventKind.EXTENDED else f" (moved: {escape_line(last.reason, 80)})"


def open_button(number: int) -> Element:
    return blocks.button("Open", Button.OPEN, number, spoken=f"Open ticket {number}")


def explain_button(number: int) -> Element:
    return blocks.button(
        "Why this deadline?", Button.EXPLAIN_DEADLINE, number, spoken=f"Why ticket {number} is due then"
    )


def reopen_button(number: int) -> Element:
    return blocks.button("Reopen", Button.REOPEN, number, spoken=f"Reopen ticket {number}")


def take_button(number: int) -> Element:
    return blocks.button("Take", Button.TAKE, number, style="primary", spoken=f"Take ticket {number}")


def assign_button(number: int) -> Element:
    return blocks.button("Assign…", Button.ASSIGN, number, spoken=f"Assign ticket {number}")


def open_step(ticket: Ticket, policy: Policy) -> tuple[int, int, str] | None:
    """The open step: its place from 1, the number of steps, its name; None when no step is open."""
    steps = policy.type(ticket.type).steps
    places = [place for place, step in enumerate(steps, start=1) if step.key == ticket.step]
    return (places[0], len(steps), steps[places[0] - 1].name) if places else None


def _step_lines(ticket: Ticket, policy: Policy) -> list[str]:
    step = open_step(ticket, policy)
    if step is None or ticket.status in DONE_STATUSES:
        return []
    return [f"Step {step[0]} of {step[1]}: {escape_line(step[2], 80)}"]


def _ticket_buttons(ticket: Ticket, policy: Policy) -> list[Element]:
    """The next right step is the one primary button; buttons that would be refused to everyone are left out."""
    number = ticket.number
    assign = assign_button(number)
    escalate = blocks.button("Escalate…", Button.ESCALATE, number, spoken=f"Escalate ticket {number}")
    resolve = blocks.button("Resolve…", Button.RESOLVE, number, spoken=f"Resolve ticket {number}")
    if ticket.status is Status.ESCALATED:
        off = f"Withdraw the escalation of ticket {number}"
        withdraw = blocks.button("Withdraw", Button.WITHDRAW, number, spoken=off)
        return [resolve, withdraw]
    if ticket.status in (Status.NEW, Status.ASSIGNED):
        return [take_button(number), assign, escalate, resolve]
    step = open_step(ticket, policy)
    if ticket.status is Status.WAITING:
        return [resolve | {"style": "primary"}, blocks.button("Take", Button.TAKE, number), assign, escalate]
    if step is not None:
        return [_step_button(number, *step), resolve, assign, escalate]
    reply = blocks.button("Reply…", Button.REPLY, number, spoken=f"Reply on ticket {number}")
    return [resolve | {"style": "primary"}, assign, escalate, reply]


def timer_stop_button(ticket: Ticket, target: TimerKind, policy: Policy) -> Element:
    """The button that stops this timer, for a ticket in progress."""
    number, step = ticket.number, open_step(ticket, policy)
    if target in (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE):
        return blocks.button("Reply…", Button.REPLY, number, style="primary", spoken=f"Reply on ticket {number}")
    if target is TimerKind.STEP and step is not None:
        return _step_button(number, *step)
    return blocks.button("Resolve…", Button.RESOLVE, number, style="primary", spoken=f"Resolve ticket {number}")


def _step_button(number: int, place: int, _many: int, name: str) -> Element:
    value = f"{number}.{place}"
    spoken = f"Step of ticket {number} done: {name}"
    return blocks.button(f"Done: {name}", Button.FINISH_STEP, value, style="primary", spoken=spoken)


def form_head(ticket: Ticket, policy: Policy) -> list[Block]:
    return [blocks.context(f"{ticket_heading(ticket)} · {ticket_summary(ticket, policy)}")]
