"""The alert card: which SLA timer, how much time is left, who the assignee is, and the buttons to act."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message
from handlers.slack.ids import Button, More
from handlers.text.slack import Markup, bold, escape_line, join, render
from handlers.tickets.cards.ticket import (
    Timers,
    assign_button,
    reply_button,
    status_text,
    take_button,
    timer_stop_button,
)
from rules.alerts import EscalationStep, first_escalation_step, has_alerted, remaining_time
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla.timers import last_warning_level
from rules.text import Moment, Person, Text, TicketNumber, Value, _
from storage.alerts import AlertContext
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket

EVENT_TEXT_LIMIT = 200
MAX_BUTTONS = 4
REPLY_TARGETS = (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE)


def alert_card(ticket: Ticket, timers: Timers, standing: AlertContext, policy: Policy, now: datetime) -> Message:
    """The alert as of now. Once no timer alarms, the card says what happened and has no buttons."""
    number, title = TicketNumber(ticket.number), escape_line(ticket.title)
    bold_number = bold(Text("{ticket}", {"ticket": number}))
    alarming = sorted((timer for timer in timers.values() if has_alerted(timer)), key=lambda timer: timer.due_at)
    if not alarming:
        outcome = _outcome_text(ticket, timers)
        shown = join(" · ", [_("✓ {ticket}", ticket=bold_number), outcome, bold(title)])
        spoken = join(" · ", [_("✓ {ticket}", ticket=number), outcome, title])
        return Message(spoken, [blocks.section(shown)])
    alert, *more = [alert_text(timer, policy, now) for timer in alarming]
    first = join(" · ", [_sign_and_number(alarming[0], bold_number, now), alert, bold(title)])
    also = [_("Also: {alert}", alert=other) for other in more]
    content: list[Block] = [blocks.section(join("\n", [first, *also]), accessory=_more_menu(ticket))]
    content.append(blocks.section(_assignee_line(ticket, standing, alarming, policy)))
    content.append(blocks.context(_footnote(standing, now)))
    content.append(blocks.actions(*_alert_buttons(ticket, alarming, policy)))
    spoken_alert = join(" · ", [_sign_and_number(alarming[0], number, now), alert, title])
    return Message(render(_("{alert}. {assignee}.", alert=spoken_alert, assignee=_assignee_text(ticket))), content)


def _sign_and_number(timer: SlaTimer, number: Value, now: datetime) -> Text:
    return _("⚠️ {ticket}", ticket=number) if timer.due_at < now else _("⏳ {ticket}", ticket=number)


def alert_text(timer: SlaTimer, policy: Policy, now: datetime) -> Text:
    if timer.due_at < now:
        return breach_text(timer)
    left, at = remaining_time(policy.calendar(timer.calendar), timer, now), Moment(timer.due_at)
    return _("{target} due in {time} ({at})", target=timer.target.label, time=left, at=at)


def breach_text(timer: SlaTimer) -> Text:
    return _("{target} SLA breached, was due {at}", target=timer.target.label, at=Moment(timer.due_at))


def _outcome_text(ticket: Ticket, timers: Timers) -> Markup:
    if ticket.status in DONE_STATUSES:
        return join(" · ", [_resolved_text(ticket), *_breached_parts(timers.values())])
    if any(timer.state is TimerState.PAUSED and timer.alert_level for timer in timers.values()):
        return render(_("On hold, waiting for customer"))
    ended = [timer for timer in timers.values() if timer.alert_level and timer.state in _ENDED_STATES]
    if ended:
        last = max(ended, key=lambda timer: timer.closed_at or timer.due_at)
        at = Moment(last.closed_at or last.due_at)
        if last.state is TimerState.BREACHED:
            return render(_("{target} late, at {at}", target=last.target.label, at=at))
        return render(_("{target} at {at}", target=last.target.label, at=at))
    ahead = min((timer.due_at for timer in timers.values() if timer.state is TimerState.RUNNING), default=None)
    if ahead is None:
        return render(_("Back within SLA"))
    return render(_("Back within SLA: due {at}", at=Moment(ahead)))


def _resolved_text(ticket: Ticket) -> Text:
    person = Person(ticket.resolved_by or "")
    if ticket.resolved_at is None:
        return _("Resolved by {person}", person=person)
    return _("Resolved by {person} {at}", person=person, at=Moment(ticket.resolved_at))


_ENDED_STATES = (TimerState.MET, TimerState.BREACHED)


def _breached_parts(timers: Iterable[SlaTimer]) -> list[Text]:
    return [_("SLA breached")] if any(timer.state is TimerState.BREACHED for timer in timers) else []


def _assignee_text(ticket: Ticket) -> Text:
    return _("Assignee {person}", person=Person(ticket.assignee)) if ticket.assignee else _("Unassigned")


def _assignee_line(ticket: Ticket, standing: AlertContext, alarming: Sequence[SlaTimer], policy: Policy) -> Markup:
    """The lead is mentioned from the last warning on, and whenever the assignee is away."""
    parts: list[Text | Markup] = [status_text(ticket, policy)]
    if ticket.assignee and standing.assigned_since is not None:
        parts.append(_("assigned {at}", at=Moment(standing.assigned_since)))
    parts += [_("away")] if standing.assignee_away else []
    leads = policy.team(ticket.team).leads
    if standing.assignee_away or any(
        first_escalation_step(timer.alert_level, last_warning_level(policy, timer)) is EscalationStep.LEAD
        for timer in alarming
    ):
        parts += [_("Lead {person}", person=Person(lead)) for lead in leads if lead != ticket.assignee]
    return join(" · ", parts)


def _footnote(standing: AlertContext, now: datetime) -> Markup:
    parts = [_last_event_text(standing.last_event)] if standing.last_event is not None else []
    if standing.snoozed_until is not None:
        person, until = Person(standing.snoozed_by or ""), Moment(standing.snoozed_until)
        parts.append(_("Snoozed by {person} until {at}", person=person, at=until))
    return join(" · ", [*parts, _("As of {at}", at=Moment(now))])


_EVENT_TEXTS = {
    EventKind.CREATED: _("created"),
    EventKind.TAKEN: _("taken"),
    EventKind.ASSIGNED: _("assigned"),
    EventKind.REASSIGNED: _("reassigned in bulk"),
    EventKind.STARTED: _("started"),
    EventKind.PASSED: _("assignment declined"),
    EventKind.ESCALATED: _("escalated"),
    EventKind.ACCEPTED: _("escalation accepted"),
    EventKind.REJECTED: _("escalation rejected"),
    EventKind.REDIRECTED: _("escalation redirected"),
    EventKind.WITHDRAWN: _("escalation withdrawn"),
    EventKind.APPROVER_ANSWERED: _("approver answered"),
    EventKind.PASSED_OVER: _("approval passed on"),
    EventKind.REVIEW_PASSED: _("peer review passed"),
    EventKind.REVIEW_RETURNED: _("returned by peer review"),
    EventKind.INFO_REQUESTED: _("experts requested information"),
    EventKind.INFO_PROVIDED: _("information sent to the experts"),
    EventKind.WAITING: _("set to waiting for customer"),
    EventKind.REPLIED: _("reply to the requester"),
    EventKind.NOTED: _("internal note"),
    EventKind.REQUESTER_WROTE: _("requester replied"),
    EventKind.MESSAGE_EDITED: _("message edited"),
    EventKind.MESSAGE_DELETED: _("message deleted"),
    EventKind.CHANGED: _("details changed"),
    EventKind.MOVED: _("moved to another team"),
    EventKind.RESOLVED: _("resolved"),
    EventKind.CLOSED: _("closed"),
    EventKind.REOPENED: _("reopened"),
    EventKind.SKIPPED: _("skipped as a next ticket"),
    EventKind.STEP_DONE: _("step done"),
    EventKind.SLA_RECALCULATED: _("due time recalculated"),
    EventKind.EXTENDED: _("extended"),
    EventKind.EXTENSION_REQUESTED: _("extension requested"),
    EventKind.EXTENSION_DECLINED: _("extension declined"),
    EventKind.HELP_REQUESTED: _("help requested"),
    EventKind.UNDELIVERED: _("reply not delivered"),
    EventKind.SNOOZED: _("alert snoozed"),
}


def _last_event_text(event: Event) -> Text:
    """Without a name: a card that reminds one person must not ping the person who acted before."""
    words, at = _EVENT_TEXTS[EventKind(event.kind)], Moment(event.at)
    text = escape_line(str(event.data.get("text", "")), EVENT_TEXT_LIMIT)
    if not text:
        return _("Last activity: {event} {at}", event=words, at=at)
    return _("Last activity: {event} {at}: “{text}”", event=words, at=at, text=text)


def _alert_buttons(ticket: Ticket, alarming: Sequence[SlaTimer], policy: Policy) -> list[Element]:
    """A reply that is due comes first, as it may be written in any status; else what stops the most urgent timer."""
    number = ticket.number
    urgent = next((timer for timer in alarming if timer.target in REPLY_TARGETS), alarming[0])
    snooze = blocks.button(
        _("Snooze 30 min"),
        Button.SNOOZE,
        number,
        spoken=_("Snooze the alert of ticket {number} for 30 minutes", number=number),
    )
    extend = blocks.button(_("Extend…"), Button.EXTEND, number, spoken=_("Extend ticket {number}", number=number))
    return [*first_buttons(ticket, urgent.target, policy), snooze, extend][:MAX_BUTTONS]


def first_buttons(ticket: Ticket, target: TimerKind, policy: Policy) -> list[Element]:
    """The next steps for this alarm; none for an escalated ticket that waits for its experts."""
    number = ticket.number
    is_replied = target in REPLY_TARGETS
    reply = [reply_button(number, style="primary")] if is_replied else []
    if ticket.status is Status.ESCALATED:
        return reply
    if ticket.status is Status.IN_PROGRESS and ticket.assignee:
        return [timer_stop_button(ticket, target, policy), assign_button(number)]
    return [*reply, take_button(number, style=None if is_replied else "primary"), assign_button(number)]


def _more_menu(ticket: Ticket) -> Element:
    lines = {
        More.ASK_FOR_HELP: _("Ask for help…"),
        More.EXPLAIN_DEADLINE: _("Why this deadline?"),
        More.SNOOZE_ONE_HOUR: _("Snooze 1 hour"),
        More.SNOOZE_TWO_HOURS: _("Snooze 2 hours"),
        More.OPEN: _("Open"),
    }
    return blocks.overflow_menu(Button.MORE_MENU, [(words, f"{word}:{ticket.number}") for word, words in lines.items()])
