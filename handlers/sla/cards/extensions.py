"""More time: the form that asks for it, and the lead's card that decides."""

from datetime import datetime
from typing import Any

from handlers.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    esc,
    field,
    line,
    moment,
    page,
    person,
    section,
    select,
    text_input,
)
from handlers.slack.blocks import form as modal
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
from rules.calendars.calendars import due
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy
from rules.model.tickets import DONE
from rules.model.timers import BREACH, Clock, ClockKind
from storage.schema.sla import Extension
from storage.schema.tickets import Ticket
from storage.sla.extensions import over

EXTENDABLE = {ClockKind.STEP: "This step", ClockKind.RESOLUTION: "The whole ticket"}
WORDS = {ClockKind.STEP: "its step", ClockKind.RESOLUTION: "its solution"}


def form(ticket: Ticket, clocks: ticket_cards.Clocks, policy: Policy, now: datetime) -> dict[str, Any]:
    """What gets more time, how much, and why; a ticket whose time does not run says so."""
    running = {kind: clocks[kind] for kind in EXTENDABLE if kind in clocks and clocks[kind].is_open}
    if not running:
        words = "No time runs for this ticket that could be extended."
        return page(f"Extend #{ticket.number}", [*ticket_cards.head(ticket, policy), section(words)])
    options = [(EXTENDABLE[kind], str(kind)) for kind in running]
    free = policy.alerting.extend_freely
    content: list[Block] = [
        *ticket_cards.head(ticket, policy),
        context(" · ".join(_due(kind, clock) for kind, clock in running.items())),
        field("What needs more time", select("target", options, chosen=options[0][1])),
        field(
            "How much more",
            text_input("more", limit=20, placeholder="2h"),
            hint="30m or 2h of open hours, or 1d for a working day, from when it is due now.",
        ),
        field(
            "Reason",
            text_input("reason", multiline=True),
            hint=f"Up to {free} in all is yours to add; beyond that the lead is asked.",
        ),
    ]
    return modal(Form.EXTEND, f"Extend #{ticket.number}", content, submit="Extend", about=str(ticket.number))


def asked(number: int) -> dict[str, Any]:
    """Said to who asked for more than they may add."""
    words = f"That is more than you may add to #{number} yourself. The lead is asked, and you hear what they say."
    return page(f"Extend #{number}", [section(words)])


def card(extension: Extension, ticket: Ticket, clocks: ticket_cards.Clocks, policy: Policy) -> Message:
    """The lead's card: who wants how much more and why; decided, it says so and has no buttons."""
    asks = f"{person(extension.asked_by)} asks for {extension.duration} more for {WORDS[extension.target]}"
    content = [section(f"{asks}\n{ticket_cards.heading(ticket)}\n>>> {esc(extension.reason, 2000)}")]
    spoken = f"{asks}: #{ticket.number} {line(ticket.title)}. “{line(extension.reason, 300)}”"
    clock = clocks.get(extension.target)
    if clock is not None and clock.is_open:
        content.append(context(_due(extension.target, clock) + _then(extension, clock, policy)))
    if extension.decided_at is None and (ticket.status in DONE or over(extension, clock)):
        said = "✓ It is done meanwhile and needs no more time."
        return Message(f"{spoken} {said}", [*content, section(said)])
    if extension.decided_at is not None:
        sign = "✓ Given" if extension.granted else "✗ Refused"
        said = f"{sign} by {person(extension.decided_by)} {moment(extension.decided_at)}"
        return Message(f"{spoken} {said}", [*content, section(said)])
    about = f"{ticket.number}.{extension.round}"
    yes = button("Give the time", Button.GRANT, about, style="primary", says=f"Give ticket {ticket.number} more time")
    no = button("Refuse", Button.REFUSE, about, says=f"Give ticket {ticket.number} no more time")
    open_ = button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
    return Message(spoken, [*content, actions(yes, no, open_)])


def _then(extension: Extension, clock: Clock, policy: Policy) -> str:
    """When it would be due with the time that is asked for; nothing where that depends on when the lead answers."""
    if extension.decided_at is not None or not clock.runs or clock.level == BREACH:
        return ""
    then = due(policy.calendar(clock.calendar), clock.due_at, parse_duration(extension.duration))
    return f", then {moment(then)}"


def _due(kind: ClockKind, clock: Clock) -> str:
    when = f"due {moment(clock.due_at)}" if clock.runs else "paused"
    return f"{EXTENDABLE[kind]}: {when}"
