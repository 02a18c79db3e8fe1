"""The card on which a colleague reviews an escalation before it goes to the experts."""

from typing import Any

from handlers.escalations.cards.escalations import EVIDENCE_LIMIT, evidence_section
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy
from storage.events import DESK_ACTOR
from storage.schema.tickets import Escalation, Ticket

PEER_REVIEW_TEXT = (
    "Two look at this one before it goes to the experts: anybody of the team but who asks. Else it goes to them"
)


def peer_review_card(escalation: Escalation, ticket: Ticket, policy: Policy) -> Message:
    """Once reviewed, the card says by whom and loses its buttons."""
    team = blocks.escape_line(policy.team(escalation.team).name, 80)
    content = [
        blocks.section(f"*Before it goes to {team}:* {ticket_cards.ticket_heading(ticket)}"),
        evidence_section(escalation),
    ]
    spoken = f"Before #{ticket.number} {blocks.escape_line(ticket.title)} goes to {team}"
    if escalation.state is not EscalationState.IN_PEER_REVIEW:
        outcome = _outcome_text(escalation)
        return Message(f"{spoken}: {outcome}", [*content, blocks.section(outcome)])
    about = f"{escalation.number}.{escalation.round}"
    on = blocks.button(
        "Send on", Button.FORWARD_TO_EXPERTS, about, style="primary", spoken=f"Send escalation {escalation.number} on"
    )
    back = blocks.button("Return…", Button.RETURN_ESCALATION, about, spoken=f"Return escalation {escalation.number}")
    open_ = ticket_cards.open_button(escalation.number)
    return Message(
        f"{spoken}, a colleague looks at it.",
        [
            *content,
            blocks.context(f"{PEER_REVIEW_TEXT} {blocks.local_time(escalation.answer_due_at)}."),
            blocks.actions(on, back, open_),
        ],
    )


def return_form(ticket: Ticket, round_: int, policy: Policy) -> dict[str, Any]:
    content = [
        *ticket_cards.form_head(ticket, policy),
        blocks.input_field(
            "Advice", blocks.text_input("comment", multiline=True), hint="Who asked reads this: what would settle it?"
        ),
    ]
    about = f"{ticket.number}.{round_}"
    return blocks.form_modal(
        Form.RETURN_ESCALATION, f"Return #{ticket.number}", content, submit="Return", metadata=about
    )


def _outcome_text(escalation: Escalation) -> str:
    if escalation.checked_by == DESK_ACTOR:
        return "It went to the experts: nobody looked at it in time"
    if escalation.checked_by:
        return f"✓ Sent on by {blocks.mention(escalation.checked_by)}"
    at = f" {blocks.local_time(escalation.decided_at)}" if escalation.decided_at else ""
    if escalation.state is EscalationState.RETURNED:
        return (
            f"Returned by {blocks.mention(escalation.decided_by)}{at}. "
            f"“{blocks.escape(escalation.comment or '', EVIDENCE_LIMIT)}”"
        )
    return f"Withdrawn by {blocks.mention(escalation.decided_by)}{at}"
