"""The card on which a colleague reviews an escalation before it goes to the experts."""

from handlers.escalations.cards.escalations import EVIDENCE_LIMIT, evidence_section
from handlers.slack import blocks
from handlers.slack.blocks import Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import escape, escape_line, local_time, mention
from handlers.tickets.cards.forms import ticket_form
from handlers.tickets.cards.ticket import open_button, ticket_heading
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy
from storage.events import DESK_ACTOR
from storage.schema.tickets import Escalation, Ticket

PEER_REVIEW_TEXT = (
    "Two look at this one before it goes to the experts: anybody of the team but who asks. Else it goes to them"
)


def peer_review_card(escalation: Escalation, ticket: Ticket, policy: Policy) -> Message:
    team = blocks.name_of(policy.team(escalation.team))
    content = [blocks.section(f"*Before it goes to {team}:* {ticket_heading(ticket)}"), evidence_section(escalation)]
    spoken = f"Before #{ticket.number} {escape_line(ticket.title)} goes to {team}"
    if escalation.state is not EscalationState.IN_PEER_REVIEW:
        outcome = _outcome_text(escalation)
        return Message(f"{spoken}: {outcome}", [*content, blocks.section(outcome)])
    number, about = escalation.number, f"{escalation.number}.{escalation.round}"
    spoken_on = f"Send escalation {number} on"
    on = blocks.button("Send on", Button.FORWARD_TO_EXPERTS, about, style="primary", spoken=spoken_on)
    back = blocks.button("Return…", Button.RETURN_ESCALATION, about, spoken=f"Return escalation {number}")
    due = blocks.context(f"{PEER_REVIEW_TEXT} {local_time(escalation.answer_due_at)}.")
    ways = blocks.actions(on, back, open_button(number))
    return Message(f"{spoken}, a colleague looks at it.", [*content, due, ways])


def return_form(ticket: Ticket, round_: int, policy: Policy) -> Modal:
    advice = blocks.text_field("Advice", "comment", hint="Who asked reads this: what would settle it?")
    about = f"{ticket.number}.{round_}"
    return ticket_form(Form.RETURN_ESCALATION, "Return", ticket, policy, advice, metadata=about)


def _outcome_text(escalation: Escalation) -> str:
    if escalation.checked_by == DESK_ACTOR:
        return "It went to the experts: nobody looked at it in time"
    if escalation.checked_by:
        return f"✓ Sent on by {mention(escalation.checked_by)}"
    at = f" {local_time(escalation.decided_at)}" if escalation.decided_at else ""
    if escalation.state is EscalationState.RETURNED:
        comment = escape(escalation.comment or "", EVIDENCE_LIMIT)
        return f"Returned by {mention(escalation.decided_by)}{at}. “{comment}”"
    return f"Withdrawn by {mention(escalation.decided_by)}{at}"
