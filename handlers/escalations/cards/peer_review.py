"""The card on which a colleague looks at an escalation before it goes to the experts."""

from typing import Any

from handlers.escalations.cards.escalations import EVIDENCE
from handlers.slack.blocks import (
    Message,
    actions,
    button,
    context,
    esc,
    field,
    form,
    line,
    moment,
    person,
    section,
    text_input,
)
from handlers.slack.ids import Button, Form
from handlers.tickets.cards import ticket as ticket_cards
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy
from storage.events import DESK
from storage.schema.tickets import Escalation, Ticket

WHY = "Two look at this one before it goes to the experts: anybody of the team but who asks. Else it goes to them"


def card(escalation: Escalation, ticket: Ticket, policy: Policy) -> Message:
    """The evidence, and whether it goes on; looked at, it says by whom and loses its buttons."""
    team = line(policy.team(escalation.team).name, 80)
    content = [
        section(f"*Before it goes to {team}:* {ticket_cards.heading(ticket)}"),
        section(
            f"{person(escalation.asked_by)} asks: “{esc(escalation.why, EVIDENCE)}”\n"
            f"*Tried:* {esc(escalation.tried, EVIDENCE)}"
        ),
    ]
    spoken = f"Before #{ticket.number} {line(ticket.title)} goes to {team}"
    if escalation.state is not EscalationState.TO_CHECK:
        said = _became(escalation)
        return Message(f"{spoken}: {said}", [*content, section(said)])
    about = f"{escalation.number}.{escalation.round}"
    on = button("Send on", Button.SEND_ON, about, style="primary", says=f"Send escalation {escalation.number} on")
    back = button("Return…", Button.RETURN, about, says=f"Return escalation {escalation.number}")
    open_ = button("Open", Button.OPEN, escalation.number, says=f"Open ticket {escalation.number}")
    return Message(
        f"{spoken}, a colleague looks at it.",
        [*content, context(f"{WHY} {moment(escalation.answer_due_at)}."), actions(on, back, open_)],
    )


def return_form(ticket: Ticket, round_: int, policy: Policy) -> dict[str, Any]:
    """Asks what would settle it."""
    content = [
        *ticket_cards.head(ticket, policy),
        field("Advice", text_input("comment", multiline=True), hint="Who asked reads this: what would settle it?"),
    ]
    about = f"{ticket.number}.{round_}"
    return form(Form.RETURN, f"Return #{ticket.number}", content, submit="Return", about=about)


def _became(escalation: Escalation) -> str:
    if escalation.checked_by == DESK:
        return "It went to the experts: nobody looked at it in time"
    if escalation.checked_by:
        return f"✓ Sent on by {person(escalation.checked_by)}"
    at = f" {moment(escalation.decided_at)}" if escalation.decided_at else ""
    if escalation.state is EscalationState.RETURNED:
        return f"Returned by {person(escalation.decided_by)}{at}. “{esc(escalation.comment or '', EVIDENCE)}”"
    return f"Withdrawn by {person(escalation.decided_by)}{at}"
