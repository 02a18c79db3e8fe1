"""The next ticket for the viewer: which one, why this one, and buttons to take or skip it."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.ids import Button
from handlers.text.slack import escape_line, local_time
from handlers.tickets.cards.ticket import open_button, priority_text, ticket_heading
from rules.assignment.next_ticket import UnassignedTicket
from rules.model.people import SkillLevel
from rules.model.policy import Policy
from storage.assignment.candidates import NextTicket
from storage.schema.tickets import Ticket

YOUR_LEVEL_TEXTS = {
    SkillLevel.LEARNING: "you are learning it",
    SkillLevel.CAN: "you can do it",
    SkillLevel.EXPERT: "you know it well",
}
NAMED_LATE_CHANCE = 0.3  # from this chance of being late on, the card names it


def next_ticket_card(choice: NextTicket, policy: Policy, now: datetime) -> Message:
    ticket = choice.ticket
    if ticket is None or choice.why is None:
        return no_next_ticket(choice.skipped_count)
    reason = next_ticket_reason(ticket, choice.why, now)
    number = ticket.number
    take = blocks.button("Take", Button.TAKE_NEXT, number, style="primary", spoken=f"Take ticket {number}")
    skip = blocks.button("Skip", Button.SKIP_NEXT, number, spoken=f"Skip ticket {number} and see the next")
    priority, kind = priority_text(ticket.priority), blocks.name_of(policy.type(ticket.type))
    about = f"{ticket_heading(ticket)}\n{priority} · {kind}"
    ways = blocks.actions(take, skip, open_button(number))
    content = [blocks.section(f"Next: {about}"), blocks.context(f"Why this one: {reason}"), ways]
    return Message(f"Next: #{ticket.number} {escape_line(ticket.title)}. {reason}", content)


def no_next_ticket(skipped: int) -> Message:
    words = "✓ Nothing waits for you to take: every ticket that you are competent for has somebody."
    if skipped:
        those = "the ticket that you skipped" if skipped == 1 else f"the {skipped} tickets that you skipped"
        words = f"✓ Nothing else waits for you to take. Nobody has {those}: later *Next ticket* shows "
        words += f"{'it' if skipped == 1 else 'them'} again, and `/ticket list unassigned` does now."
    return Message(words, [blocks.section(words)])


def ticket_taken(number: int) -> Message:
    words = f"✓ #{number} is yours."
    more = blocks.button("Next ticket", Button.NEXT_TICKET, "next", spoken="Show the next ticket")
    open_ = open_button(number)
    return Message(words, [blocks.section(words), blocks.actions(open_, more)])


def next_ticket_reason(ticket: Ticket, one: UnassignedTicket, now: datetime) -> str:
    parts = [str(ticket.priority.label), _urgency_text(one, now)]
    if one.level is not None:
        parts.append(YOUR_LEVEL_TEXTS[one.level])
    return f"{', '.join(parts)}."


def _urgency_text(one: UnassignedTicket, now: datetime) -> str:
    if one.breach_chance is not None and one.breach_chance >= NAMED_LATE_CHANCE:
        return f"{round(100 * one.breach_chance)} % likely to be late if nobody begins"
    if one.due_at is None:
        return "it has waited longest"
    return f"{'⚠️ overdue since' if one.due_at < now else 'due'} {local_time(one.due_at)}"
