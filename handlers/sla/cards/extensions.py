"""Extensions: the form that asks for more time, and the lead's card that decides."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import escape, escape_line, local_time, mention
from handlers.tickets.cards.forms import refusal_page, ticket_form
from handlers.tickets.cards.ticket import Timers, open_button, ticket_heading
from rules.calendars.calendars import due_time
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from storage.schema.sla import Extension
from storage.schema.tickets import Ticket
from storage.sla.extensions import is_moot

TARGET_LABELS = {TimerKind.STEP: "This step", TimerKind.RESOLUTION: "The whole ticket"}
TARGET_NAMES = {TimerKind.STEP: "its step", TimerKind.RESOLUTION: "its solution"}


def extension_form(ticket: Ticket, timers: Timers, policy: Policy, now: datetime) -> Modal:
    running = {kind: timers[kind] for kind in TARGET_LABELS if kind in timers and timers[kind].is_open}
    if not running:
        return refusal_page("Extend", ticket, policy, "No time runs for this ticket that could be extended.")
    options = [(TARGET_LABELS[kind], str(kind)) for kind in running]
    free = policy.alert_settings.free_extension
    fields = (
        blocks.context(" · ".join(_due_text(kind, timer) for kind, timer in running.items())),
        blocks.input_field("What needs more time", blocks.select("target", options, chosen=options[0][1])),
        blocks.input_field(
            "How much more",
            blocks.text_input("more", limit=20, placeholder="2h"),
            hint="30m or 2h of open hours, or 1d for a working day, from when it is due now.",
        ),
        blocks.text_field(
            "Reason", "reason", hint=f"Up to {free} in all is yours to add; beyond that the lead is asked."
        ),
    )
    return ticket_form(Form.EXTEND, "Extend", ticket, policy, *fields)


def extension_requested_page(number: int) -> Modal:
    """For people who asked for more time than they may add themselves."""
    words = f"That is more than you may add to #{number} yourself. The lead is asked, and you hear what they say."
    return blocks.page_modal(f"Extend #{number}", [blocks.section(words)])


def extension_card(extension: Extension, ticket: Ticket, timers: Timers, policy: Policy) -> Message:
    wanted = f"{extension.duration} more for {TARGET_NAMES[extension.target]}"
    asks = f"{mention(extension.asked_by)} asks for {wanted}"
    content = [blocks.section(f"{asks}\n{ticket_heading(ticket)}\n>>> {escape(extension.reason, 2000)}")]
    spoken = f"{asks}: #{ticket.number} {escape_line(ticket.title)}. “{escape_line(extension.reason, 300)}”"
    timer = timers.get(extension.target)
    if timer is not None and timer.is_open:
        content.append(blocks.context(_due_text(extension.target, timer) + _new_due_text(extension, timer, policy)))
    if extension.decided_at is None and (ticket.status in DONE_STATUSES or is_moot(extension, timer)):
        outcome = "✓ It is done meanwhile and needs no more time."
        return Message(f"{spoken} {outcome}", [*content, blocks.section(outcome)])
    if extension.decided_at is not None:
        sign = "✓ Given" if extension.granted else "✗ Refused"
        outcome = f"{sign} by {mention(extension.decided_by)} {local_time(extension.decided_at)}"
        return Message(f"{spoken} {outcome}", [*content, blocks.section(outcome)])
    about = f"{ticket.number}.{extension.round}"
    more = f"Give ticket {ticket.number} more time"
    yes = blocks.button("Give the time", Button.GRANT_EXTENSION, about, style="primary", spoken=more)
    no = blocks.button("Refuse", Button.REFUSE_EXTENSION, about, spoken=f"Give ticket {ticket.number} no more time")
    open_ = open_button(ticket.number)
    return Message(spoken, [*content, blocks.actions(yes, no, open_)])


def _new_due_text(extension: Extension, timer: SlaTimer, policy: Policy) -> str:
    """The due time with the extension; empty where that depends on when the lead answers."""
    if extension.decided_at is not None or not timer.is_running or timer.alert_level == BREACH_LEVEL:
        return ""
    then = due_time(policy.calendar(timer.calendar), timer.due_at, parse_duration(extension.duration))
    return f", then {local_time(then)}"


def _due_text(kind: TimerKind, timer: SlaTimer) -> str:
    when = f"due {local_time(timer.due_at)}" if timer.is_running else "paused"
    return f"{TARGET_LABELS[kind]}: {when}"
