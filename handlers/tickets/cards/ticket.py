"""The ticket card: what it is, what comes next, by whom, by when."""

from collections.abc import Mapping
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button
from handlers.slack.menus import ticket_menu
from handlers.text.slack import Markup, bold, escape, escape_line, join, link, quote, render
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Priority, ReplyBy, Status
from rules.model.timers import SlaTimer, TimerEventKind, TimerKind, TimerState
from rules.model.undelivered import undelivered_reason
from rules.reports.resolution_times import ResolvedTicket, resolution_time
from rules.text import Duration, Moment, Person, Text, TicketNumber, WorkTime, _
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
    lines: list[Text | Markup] = [ticket_heading(ticket), summary, *_step_lines(ticket, policy), due_times, *took]
    lines += [undelivered_text(lost, ticket)] if lost else []
    content = [blocks.section(join("\n", lines), accessory=ticket_menu(ticket, policy)), *description_blocks(ticket)]
    if evidence and ticket.status not in DONE_STATUSES:
        why, tried = (escape(text, QUOTE_LENGTH) for text in evidence)
        content.append(blocks.context(_("*Escalated because:* {why}", why=why), _("*Tried:* {tried}", tried=tried)))
    content.append(blocks.context(origin_text(ticket, policy)))
    if ticket.status not in DONE_STATUSES:
        content.append(blocks.actions(*_ticket_buttons(ticket, policy)))
    return Message(spoken_ticket(ticket, policy), content)


def undelivered_text(lost: Event, ticket: Ticket) -> Text:
    """What was lost, and why; `lost` is the event of that."""
    return _(
        "⚠️ What {author} wrote did not reach {person}: {reason}.",
        author=Person(str(lost.data.get("author", ""))),
        person=Person(ticket.requester),
        reason=undelivered_reason(str(lost.data.get("error", ""))),
    )


def description_blocks(ticket: Ticket, *, whole: bool = False) -> list[Block]:
    """Its beginning, or the whole; empty where the description says no more than the title."""
    if not ticket.description or ticket.description.strip() == ticket.title:
        return []
    if whole:
        return blocks.quoted_sections(ticket.description)
    return [blocks.section(quote(ticket.description, QUOTE_LENGTH))]


def ticket_heading(ticket: Ticket) -> Markup:
    return join(" · ", [bold(_("{ticket}", ticket=TicketNumber(ticket.number))), bold(escape_line(ticket.title))])


def ticket_summary(ticket: Ticket, policy: Policy, *, asked_team: str | None = None) -> Markup:
    """Priority, type, status, and who works on it."""
    kind, status = (blocks.name_of(policy.type(ticket.type)), status_text(ticket, policy, asked_team=asked_team))
    return join(" · ", [priority_text(ticket.priority), kind, status])


def priority_text(priority: Priority) -> Markup:
    return Markup(f"{PRIORITY_SIGNS[priority]}{render(priority.label)}")


def status_text(ticket: Ticket, policy: Policy, *, asked_team: str | None = None) -> Markup:
    status = ticket.status.label
    if ticket.status in DONE_STATUSES:
        return render(_("✓ {status} by {person}", status=status, person=Person(ticket.resolved_by or "")))
    if ticket.status is Status.ESCALATED and asked_team:
        status = _("{status} to {team}", status=status, team=policy.team(asked_team).name)
    if ticket.assignee:
        return join(" · ", [status, _("Assignee {person}", person=Person(ticket.assignee))])
    return join(" · ", [status, _("Unassigned")]) if ticket.status is Status.NEW else render(status)


def due_times_text(ticket: Ticket, timers: Timers, now: datetime) -> Markup:
    """Due times, or when the targets were met; a ticket without an SLA says so."""
    parts = [text for kind in _SHOWN_TARGETS if (text := _target_text(timers.get(kind), now)) is not None]
    return join(" · ", parts or [_("No SLA for this type.")])


def resolution_time_lines(ticket: Ticket, timers: Timers, policy: Policy) -> list[Markup]:
    """Empty until the ticket is resolved; business hours where they differ from the time that passed."""
    if ticket.resolved_at is None:
        return []
    resolution = timers.get(TimerKind.RESOLUTION)
    resolved = ResolvedTicket(
        number=ticket.number,
        title=ticket.title,
        type=ticket.type,
        team=ticket.team,
        resolved_by=ticket.resolved_by or "",
        created_at=ticket.created_at,
        resolved_at=ticket.resolved_at,
        calendar=resolution.calendar if resolution else None,
    )
    time = resolution_time(resolved, policy)
    elapsed, business = Duration(time.elapsed_s), WorkTime(time.business_s)
    if round(time.elapsed_s) == round(time.business_s):
        return [render(_("Resolution time {elapsed}", elapsed=elapsed))]
    return [render(_("Resolution time {elapsed} ({business} in business hours)", elapsed=elapsed, business=business))]


def origin_text(ticket: Ticket, policy: Policy) -> Markup:
    parts = [_("Requester {person}", person=Person(ticket.requester))]
    if ticket.registered_by != ticket.requester:
        parts.append(_("Created by {person}", person=Person(ticket.registered_by)))
    if ticket.customer:
        parts.append(_("Customer {name}", name=escape_line(ticket.customer, 120)))
    if ticket.reply_by is not ReplyBy.SLACK:
        parts.append(_("Reply via {channel}", channel=ticket.reply_by.label))
    source = [link(ticket.permalink, _("original message"))] if ticket.permalink else []
    return join(" · ", [*parts, *source, blocks.name_of(policy.team(ticket.team))])


def spoken_ticket(ticket: Ticket, policy: Policy) -> Markup:
    """The whole card as one sentence, for screen readers and lock screens."""
    title, priority, status = escape_line(ticket.title), ticket.priority.label, ticket.status.label
    about = _("Ticket #{number}: {title}. {priority}", number=ticket.number, title=title, priority=priority)
    words = _("{about}, {status}", about=about, status=status)
    if not ticket.assignee or ticket.status in DONE_STATUSES:
        return render(_("{ticket}.", ticket=words))
    return render(_("{ticket}, assignee {person}.", ticket=words, person=Person(ticket.assignee)))


_SHOWN_TARGETS = tuple(kind for kind in TimerKind if kind is not TimerKind.EXPERT_ANSWER)
_SHOWN_WHILE_OPEN = (TimerKind.NEXT_RESPONSE, TimerKind.STEP)  # shown only while they are open


def _target_text(timer: SlaTimer | None, now: datetime) -> Text | None:
    """None where there is nothing to show."""
    if timer is None or timer.state is TimerState.CANCELLED:
        return None
    if timer.target in _SHOWN_WHILE_OPEN and not timer.is_open:
        return None
    name = timer.target.label
    if timer.state is TimerState.PAUSED:
        return _("{target}: on hold, waiting for customer", target=name)
    if timer.state is not TimerState.RUNNING:
        return _closed_target_text(name, timer)
    at, moved = Moment(timer.due_at), _moved_suffix(timer)
    if timer.due_at < now:
        return _("⚠️ {target} SLA breached, was due {at}{moved}", target=name, at=at, moved=moved)
    return _("{target} due {at}{moved}", target=name, at=at, moved=moved)


def _closed_target_text(name: Text, timer: SlaTimer) -> Text:
    at = Moment(timer.closed_at or timer.due_at)
    if timer.state is TimerState.BREACHED:
        return _("⚠️ {target} late, at {at}", target=name, at=at)
    return _("✓ {target} at {at}", target=name, at=at)


def _moved_suffix(timer: SlaTimer) -> Text:
    """That the due time changed; *Why this deadline?* says why."""
    moves = (TimerEventKind.MOVED, TimerEventKind.EXTENDED)
    last = next((event for event in reversed(timer.events) if event.kind in moves), None)
    if last is None:
        return Text("")
    if last.kind is TimerEventKind.EXTENDED:
        return _(" (extended)")
    reason = last.reason if isinstance(last.reason, Text) else escape_line(last.reason, 80)
    return _(" (moved: {reason})", reason=reason)


def open_button(number: int) -> Element:
    return blocks.button(_("Open"), Button.OPEN, number, spoken=_("Open ticket {number}", number=number))


def explain_button(number: int) -> Element:
    spoken = _("Why ticket {number} is due then", number=number)
    return blocks.button(_("Why this deadline?"), Button.EXPLAIN_DEADLINE, number, spoken=spoken)


def reopen_button(number: int) -> Element:
    return blocks.button(_("Reopen"), Button.REOPEN, number, spoken=_("Reopen ticket {number}", number=number))


def take_button(number: int, *, style: str | None = "primary") -> Element:
    spoken = _("Take ticket {number}", number=number)
    return blocks.button(_("Take"), Button.TAKE, number, style=style, spoken=spoken)


def assign_button(number: int) -> Element:
    return blocks.button(_("Assign…"), Button.ASSIGN, number, spoken=_("Assign ticket {number}", number=number))


def reply_button(number: int, *, style: str | None = None) -> Element:
    spoken = _("Reply on ticket {number}", number=number)
    return blocks.button(_("Reply…"), Button.REPLY, number, style=style, spoken=spoken)


def resolve_button(number: int, *, style: str | None = None) -> Element:
    spoken = _("Resolve ticket {number}", number=number)
    return blocks.button(_("Resolve…"), Button.RESOLVE, number, style=style, spoken=spoken)


def open_step(ticket: Ticket, policy: Policy) -> tuple[int, int, str] | None:
    """The open step: its place from 1, the number of steps, its name; None when no step is open."""
    steps = policy.type(ticket.type).steps
    places = [place for place, step in enumerate(steps, start=1) if step.key == ticket.step]
    return (places[0], len(steps), steps[places[0] - 1].name) if places else None


def _step_lines(ticket: Ticket, policy: Policy) -> list[Text]:
    step = open_step(ticket, policy)
    if step is None or ticket.status in DONE_STATUSES:
        return []
    place, count, name = step
    return [_("Step {place} of {count}: {name}", place=place, count=count, name=escape_line(name, 80))]


def _ticket_buttons(ticket: Ticket, policy: Policy) -> list[Element]:
    """The next right step is the one primary button; buttons that would be refused to everyone are left out."""
    number, step = ticket.number, open_step(ticket, policy)
    if ticket.status is Status.ESCALATED:
        spoken = _("Withdraw the escalation of ticket {number}", number=number)
        return [resolve_button(number), blocks.button(_("Withdraw"), Button.WITHDRAW, number, spoken=spoken)]
    escalate = blocks.button(
        _("Escalate…"), Button.ESCALATE, number, spoken=_("Escalate ticket {number}", number=number)
    )
    others = [assign_button(number), escalate]
    if ticket.status in (Status.NEW, Status.ASSIGNED):
        return [take_button(number), *others, resolve_button(number)]
    if ticket.status is Status.WAITING:
        return [resolve_button(number, style="primary"), take_button(number, style=None), *others]
    if step is not None:
        return [_step_button(number, *step), resolve_button(number), *others]
    return [resolve_button(number, style="primary"), *others, reply_button(number)]


def timer_stop_button(ticket: Ticket, target: TimerKind, policy: Policy) -> Element:
    """The button that stops this timer, for a ticket in progress."""
    number, step = ticket.number, open_step(ticket, policy)
    if target in (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE):
        return reply_button(number, style="primary")
    if target is TimerKind.STEP and step is not None:
        return _step_button(number, *step)
    return resolve_button(number, style="primary")


def _step_button(number: int, place: int, _count: int, name: str) -> Element:
    value = f"{number}.{place}"
    spoken = _("Step of ticket {number} done: {name}", number=number, name=name)
    return blocks.button(_("Done: {name}", name=name), Button.FINISH_STEP, value, style="primary", spoken=spoken)


def form_head(ticket: Ticket, policy: Policy) -> list[Block]:
    return [blocks.context(join(" · ", [ticket_heading(ticket), ticket_summary(ticket, policy)]))]
