"""More time: the form that asks for it, and the lead's card that decides."""

from datetime import datetime
from typing import Any

from handlers.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    escape_line,
    input_field,
    local_time,
    mention,
    page_modal,
    section,
    select,
    text_input,
)
from handlers.slack.blocks import form_modal as modal
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
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


def extension_form(ticket: Ticket, clocks: ticket_cards.Timers, policy: Policy, now: datetime) -> dict[str, Any]:
    """What gets more time, how much, and why; a ticket whose time does not run says so."""
    running = {kind: clocks[kind] for kind in TARGET_LABELS if kind in clocks and clocks[kind].is_open}
    if not running:
        words = "No time runs for this ticket that could be extended."
        return page_modal(f"Extend #{ticket.number}", [*ticket_cards.form_head(ticket, policy), section(words)])
    options = [(TARGET_LABELS[kind], str(kind)) for kind in running]
    free = policy.alert_settings.free_extension
    content: list[Block] = [
        *ticket_cards.form_head(ticket, policy),
        context(" · ".join(_due_text(kind, clock) for kind, clock in running.items())),
        input_field("What needs more time", select("target", options, chosen=options[0][1])),
        input_field(
            "How much more",
            text_input("more", limit=20, placeholder="2h"),
            hint="30m or 2h of open hours, or 1d for a working day, from when it is due now.",
        ),
        input_field(
            "Reason",
            text_input("reason", multiline=True),
            hint=f"Up to {free} in all is yours to add; beyond that the lead is asked.",
        ),
    ]
    return modal(Form.EXTEND, f"Extend #{ticket.number}", content, submit="Extend", metadata=str(ticket.number))


def extension_requested_page(number: int) -> dict[str, Any]:
    """Said to who asked for more than they may add."""
    words = f"That is more than you may add to #{number} yourself. The lead is asked, and you hear what they say."
    return page_modal(f"Extend #{number}", [section(words)])


def extension_card(extension: Extension, ticket: Ticket, clocks: ticket_cards.Timers, policy: Policy) -> Message:
    """The lead's card: who wants how much more and why; decided, it says so and has no buttons."""
    asks = f"{mention(extension.asked_by)} asks for {extension.duration} more for {TARGET_NAMES[extension.target]}"
    content = [section(f"{asks}\n{ticket_cards.ticket_heading(ticket)}\n>>> {escape(extension.reason, 2000)}")]
    spoken = f"{asks}: #{ticket.number} {escape_line(ticket.title)}. “{escape_line(extension.reason, 300)}”"
    clock = clocks.get(extension.target)
    if clock is not None and clock.is_open:
        content.append(context(_due_text(extension.target, clock) + _new_due_text(extension, clock, policy)))
    if extension.decided_at is None and (ticket.status in DONE_STATUSES or is_moot(extension, clock)):
        said = "✓ It is done meanwhile and needs no more time."
        return Message(f"{spoken} {said}", [*content, section(said)])
    if extension.decided_at is not None:
        sign = "✓ Given" if extension.granted else "✗ Refused"
        said = f"{sign} by {mention(extension.decided_by)} {local_time(extension.decided_at)}"
        return Message(f"{spoken} {said}", [*content, section(said)])
    about = f"{ticket.number}.{extension.round}"
    yes = button(
        "Give the time", Button.GRANT_EXTENSION, about, style="primary", spoken=f"Give ticket {ticket.number} more time"
    )
    no = button("Refuse", Button.REFUSE_EXTENSION, about, spoken=f"Give ticket {ticket.number} no more time")
    open_ = button("Open", Button.OPEN, ticket.number, spoken=f"Open ticket {ticket.number}")
    return Message(spoken, [*content, actions(yes, no, open_)])


def _new_due_text(extension: Extension, clock: SlaTimer, policy: Policy) -> str:
    """When it would be due with the time that is asked for; nothing where that depends on when the lead answers."""
    if extension.decided_at is not None or not clock.is_running or clock.alert_level == BREACH_LEVEL:
        return ""
    then = due_time(policy.calendar(clock.calendar), clock.due_at, parse_duration(extension.duration))
    return f", then {local_time(then)}"


def _due_text(kind: TimerKind, clock: SlaTimer) -> str:
    when = f"due {local_time(clock.due_at)}" if clock.is_running else "paused"
    return f"{TARGET_LABELS[kind]}: {when}"
