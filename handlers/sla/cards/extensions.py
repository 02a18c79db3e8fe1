"""Extensions: the form that asks for more time, and the lead's card that decides."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import join, quote, render
from handlers.tickets.cards.forms import refusal_page, ticket_form
from handlers.tickets.cards.ticket import Timers, open_button, ticket_heading
from rules.calendars.calendars import due_time
from rules.calendars.durations import duration_text, parse_duration
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from rules.text import Moment, Person, Text, TicketNumber, _
from storage.schema.sla import Extension
from storage.schema.tickets import Ticket
from storage.sla.extensions import is_moot

TARGET_LABELS = {TimerKind.STEP: _("This step"), TimerKind.RESOLUTION: _("Resolution of the ticket")}


def extension_form(ticket: Ticket, timers: Timers, policy: Policy, now: datetime) -> Modal:
    running = {kind: timers[kind] for kind in TARGET_LABELS if kind in timers and timers[kind].is_open}
    if not running:
        return refusal_page(_("Extend"), ticket, policy, _("This ticket has no due time that could be extended."))
    options: list[tuple[Text | str, str]] = [(TARGET_LABELS[kind], str(kind)) for kind in running]
    free = duration_text(policy.alert_settings.free_extension)
    fields = (
        blocks.context(join(" · ", [_due_text(kind, timer) for kind, timer in running.items()])),
        blocks.input_field(_("What needs more time"), blocks.select("target", options, chosen=options[0][1])),
        blocks.input_field(
            _("How much more"),
            blocks.text_input("more", limit=40, placeholder=_("2 hours")),
            hint=_("Such as 30 min or 2 hours (business hours), or 1 day (a working day), added to the due time."),
        ),
        blocks.text_field(
            _("Reason"),
            "reason",
            hint=_("You can add up to {time} in total; more needs the lead's approval.", time=free),
        ),
    )
    return ticket_form(Form.EXTEND, _("Extend"), ticket, policy, *fields)


def extension_requested_page(number: int) -> Modal:
    """For people who asked for more time than they may add themselves."""
    ticket = TicketNumber(number)
    words = _("This is more than you can add to {ticket}. The lead was asked; you get a message.", ticket=ticket)
    return blocks.page_modal(_("Extend {ticket}", ticket=ticket), [blocks.section(words)])


def extension_card(extension: Extension, ticket: Ticket, timers: Timers, policy: Policy) -> Message:
    asks = _request_text(extension)
    content = [blocks.section(join("\n", [asks, ticket_heading(ticket), quote(extension.reason, 2000)]))]
    spoken = _(
        "{request}: {ticket} {title}. “{reason}”",
        request=asks,
        ticket=TicketNumber(ticket.number),
        title=ticket.title,
        reason=extension.reason,
    )
    timer = timers.get(extension.target)
    if timer is not None and timer.is_open:
        content.append(blocks.context(_due_and_new_due_text(extension, timer, policy)))
    outcome = _outcome_text(extension, ticket, timer)
    if outcome is not None:
        return Message(join(" ", [spoken, outcome]), [*content, blocks.section(outcome)])
    about, number = f"{ticket.number}.{extension.round}", ticket.number
    approve = _("Approve the extension of ticket {number}", number=number)
    decline = _("Decline the extension of ticket {number}", number=number)
    yes = blocks.button(_("Approve"), Button.GRANT_EXTENSION, about, style="primary", spoken=approve)
    no = blocks.button(_("Decline"), Button.REFUSE_EXTENSION, about, spoken=decline)
    return Message(render(spoken), [*content, blocks.actions(yes, no, open_button(number))])


def _request_text(extension: Extension) -> Text:
    person, time = Person(extension.asked_by), duration_text(parse_duration(extension.duration))
    if extension.target is TimerKind.STEP:
        return _("{person} asks for {time} more for a step", person=person, time=time)
    return _("{person} asks for {time} more for the resolution", person=person, time=time)


def _outcome_text(extension: Extension, ticket: Ticket, timer: SlaTimer | None) -> Text | None:
    """None while the lead may decide."""
    if extension.decided_at is None:
        is_done = ticket.status in DONE_STATUSES or is_moot(extension, timer)
        return _("✓ Done meanwhile: no extension needed.") if is_done else None
    person, at = Person(extension.decided_by or ""), Moment(extension.decided_at)
    if extension.granted:
        return _("✓ Approved by {person} {at}", person=person, at=at)
    return _("✗ Declined by {person} {at}", person=person, at=at)


def _due_and_new_due_text(extension: Extension, timer: SlaTimer, policy: Policy) -> Text:
    """Both due times; only the one of now where the new one depends on when the lead answers."""
    due = _due_text(extension.target, timer)
    if extension.decided_at is not None or not timer.is_running or timer.alert_level == BREACH_LEVEL:
        return due
    then = due_time(policy.calendar(timer.calendar), timer.due_at, parse_duration(extension.duration))
    return _("{due}, then {at}", due=due, at=Moment(then))


def _due_text(kind: TimerKind, timer: SlaTimer) -> Text:
    if not timer.is_running:
        return _("{target}: on hold", target=TARGET_LABELS[kind])
    return _("{target}: due {at}", target=TARGET_LABELS[kind], at=Moment(timer.due_at))
