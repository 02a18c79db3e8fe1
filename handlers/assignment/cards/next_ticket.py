"""The next ticket for the viewer: which one, why this one, and buttons to take or skip it."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.ids import Button
from handlers.text.slack import escape_line, join, render
from handlers.tickets.cards.ticket import open_button, priority_text, ticket_heading
from rules.assignment.next_ticket import UnassignedTicket
from rules.model.people import SkillLevel
from rules.model.policy import Policy
from rules.text import Code, Moment, Text, TicketNumber, _, join_texts, ngettext
from storage.assignment.candidates import NextTicket
from storage.schema.tickets import Ticket

YOUR_LEVEL_TEXTS = {
    SkillLevel.LEARNING: _("you are learning it"),
    SkillLevel.CAN: _("you can do it"),
    SkillLevel.EXPERT: _("you are an expert"),
}
NAMED_LATE_CHANCE = 0.3  # from this chance of being late on, the card names it


def next_ticket_card(choice: NextTicket, policy: Policy, now: datetime) -> Message:
    ticket = choice.ticket
    if ticket is None or choice.why is None:
        return no_next_ticket(choice.skipped_count)
    reason = next_ticket_reason(ticket, choice.why, now)
    number, priority, kind = ticket.number, priority_text(ticket.priority), blocks.name_of(policy.type(ticket.type))
    spoken_take, spoken_skip = (
        _("Take ticket {number}", number=number),
        _("Skip ticket {number} and see the next", number=number),
    )
    take = blocks.button(_("Take"), Button.TAKE_NEXT, number, style="primary", spoken=spoken_take)
    skip = blocks.button(_("Skip"), Button.SKIP_NEXT, number, spoken=spoken_skip)
    heading = _("Next: {ticket}", ticket=ticket_heading(ticket))
    content = [
        blocks.section(join("\n", [heading, join(" · ", [priority, kind])])),
        blocks.context(_("Why this one: {reason}", reason=reason)),
        blocks.actions(take, skip, open_button(number)),
    ]
    title = escape_line(ticket.title)
    spoken = _("Next: {ticket} {title}. {reason}", ticket=TicketNumber(number), title=title, reason=reason)
    return Message(render(spoken), content)


def no_next_ticket(skipped: int) -> Message:
    text = _("No unassigned tickets match your skills.")
    if skipped:
        text = ngettext(
            "No other unassigned tickets match your skills. You skipped {n} ticket, which is still unassigned: "
            "“Next ticket” shows it again later, {command} now.",
            "No other unassigned tickets match your skills. You skipped {n} tickets, which are still unassigned: "
            "“Next ticket” shows them again later, {command} now.",
            skipped,
            command=Code("/ticket list unassigned"),
        )
    return Message(render(text), [blocks.section(text)])


def ticket_taken(number: int) -> Message:
    text = _("✓ You took {ticket}.", ticket=TicketNumber(number))
    more = blocks.button(_("Next ticket"), Button.NEXT_TICKET, "next", spoken=_("Show the next ticket"))
    return Message(render(text), [blocks.section(text), blocks.actions(open_button(number), more)])


def next_ticket_reason(ticket: Ticket, one: UnassignedTicket, now: datetime) -> Text:
    parts = [ticket.priority.label, _urgency_text(one, now)]
    if one.level is not None:
        parts.append(YOUR_LEVEL_TEXTS[one.level])
    return _("{reasons}.", reasons=join_texts(parts, ", "))


def _urgency_text(one: UnassignedTicket, now: datetime) -> Text:
    if one.breach_chance is not None and one.breach_chance >= NAMED_LATE_CHANCE:
        return _("{percent} % likely to breach its SLA", percent=round(100 * one.breach_chance))
    if one.due_at is None:
        return _("unassigned the longest")
    if one.due_at < now:
        return _("⚠️ breached, was due {at}", at=Moment(one.due_at))
    return _("due {at}", at=Moment(one.due_at))
