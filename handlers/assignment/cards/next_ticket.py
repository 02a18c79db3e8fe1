"""The next ticket for the reader: which, why it is this one, and one tap to take or to skip it."""

from datetime import datetime

from handlers.slack.blocks import Message, actions, button, context, line, moment, section
from handlers.slack.ids import Button
from handlers.tickets.cards import ticket as ticket_cards
from rules.assignment.next_ticket import Waiting
from rules.model.people import Level
from rules.model.policy import Policy
from rules.model.tickets import PRIORITY_WORDS
from storage.assignment.candidates import Next
from storage.schema.tickets import Ticket

YOU = {Level.LEARNING: "you are learning it", Level.CAN: "you can do it", Level.EXPERT: "you know it well"}
ENOUGH = 0.3  # a chance to be late that is worth naming


def card(found: Next, policy: Policy, now: datetime) -> Message:
    """One ticket at a time; where there is none, that is good news."""
    ticket = found.ticket
    if ticket is None or found.why is None:
        return nothing(found.skipped)
    reason = why(ticket, found.why, now)
    take = button("Take", Button.TAKE_NEXT, ticket.number, style="primary", says=f"Take ticket {ticket.number}")
    skip = button("Skip", Button.SKIP, ticket.number, says=f"Skip ticket {ticket.number} and see the next")
    open_ = button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
    priority, kind = ticket_cards.priority(ticket.priority), line(policy.type(ticket.type).name, 80)
    about = f"{ticket_cards.heading(ticket)}\n{priority} · {kind}"
    content = [section(f"Next: {about}"), context(f"Why this one: {reason}"), actions(take, skip, open_)]
    return Message(f"Next: #{ticket.number} {line(ticket.title)}. {reason}", content)


def nothing(skipped: int) -> Message:
    """Nothing that the reader could take."""
    words = "✓ Nothing waits for you to take: every ticket that you are competent for has somebody."
    if skipped:
        those = "the ticket that you skipped" if skipped == 1 else f"the {skipped} tickets that you skipped"
        words = f"✓ Nothing else waits for you to take. Nobody has {those}: later *Next ticket* shows "
        words += f"{'it' if skipped == 1 else 'them'} again, and `/ticket list unassigned` does now."
    return Message(words, [section(words)])


def taken(number: int) -> Message:
    words = f"✓ #{number} is yours."
    more = button("Next ticket", Button.NEXT, "next", says="Show the next ticket")
    open_ = button("Open", Button.OPEN, number, says=f"Open ticket {number}")
    return Message(words, [section(words), actions(open_, more)])


def why(ticket: Ticket, one: Waiting, now: datetime) -> str:
    """In a sentence: how urgent, how likely to be late or when due, and what the reader knows."""
    parts = [PRIORITY_WORDS[ticket.priority], _risk(one, now)]
    if one.level is not None:
        parts.append(YOU[one.level])
    return f"{', '.join(parts)}."


def _risk(one: Waiting, now: datetime) -> str:
    if one.late is not None and one.late >= ENOUGH:
        return f"{round(100 * one.late)} % likely to be late if nobody begins"
    if one.due_at is None:
        return "it has waited longest"
    return f"⚠️ overdue since {moment(one.due_at)}" if one.due_at < now else f"due {moment(one.due_at)}"
