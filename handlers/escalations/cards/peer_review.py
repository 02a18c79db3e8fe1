"""The card on which a colleague reviews an escalation before it goes to the experts."""

from handlers.escalations.cards.escalations import EVIDENCE_LIMIT, evidence_section
from handlers.slack import blocks
from handlers.slack.blocks import Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, escape, join, render
from handlers.tickets.cards.forms import ticket_form
from handlers.tickets.cards.ticket import open_button, ticket_heading
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy
from rules.text import Moment, Person, TicketNumber, _
from storage.events import DESK_ACTOR
from storage.schema.tickets import Escalation, Ticket


def peer_review_card(escalation: Escalation, ticket: Ticket, policy: Policy) -> Message:
    team, number = policy.team(escalation.team).name, escalation.number
    head = join(" ", [bold(_("Before it goes to {team}:", team=team)), ticket_heading(ticket)])
    content = [blocks.section(head), evidence_section(escalation)]
    ticket_number, title = TicketNumber(ticket.number), ticket.title
    spoken = _("Before {ticket} {title} goes to {team}:", ticket=ticket_number, title=title, team=team)
    if escalation.state is not EscalationState.IN_PEER_REVIEW:
        outcome = _outcome_text(escalation)
        return Message(join(" ", [spoken, outcome]), [*content, blocks.section(outcome)])
    about = f"{number}.{escalation.round}"
    send = _("Send the escalation of ticket {number} to the experts", number=number)
    give_back = _("Return the escalation of ticket {number}", number=number)
    on = blocks.button(_("Send to experts"), Button.FORWARD_TO_EXPERTS, about, style="primary", spoken=send)
    back = blocks.button(_("Return…"), Button.RETURN_ESCALATION, about, spoken=give_back)
    due = _(
        "A second teammate reviews this before it goes to the experts. If nobody does, it goes automatically {at}.",
        at=Moment(escalation.answer_due_at),
    )
    content += [blocks.context(due), blocks.actions(on, back, open_button(number))]
    return Message(join(" ", [spoken, _("a teammate reviews it.")]), content)


def return_form(ticket: Ticket, round_: int, policy: Policy) -> Modal:
    hint = _("The person who escalated it reads this: what would resolve it, or what is missing?")
    comment = blocks.text_field(_("Comment"), "comment", hint=hint)
    about = f"{ticket.number}.{round_}"
    return ticket_form(Form.RETURN_ESCALATION, _("Return"), ticket, policy, comment, metadata=about)


def _outcome_text(escalation: Escalation) -> Markup:
    if escalation.checked_by == DESK_ACTOR:
        return render(_("Nobody reviewed it in time: it went to the experts."))
    if escalation.checked_by:
        return render(_("✓ Sent to the experts by {person}", person=Person(escalation.checked_by)))
    person, at = Person(escalation.decided_by or ""), Moment(escalation.decided_at) if escalation.decided_at else ""
    if escalation.state is EscalationState.RETURNED:
        comment = escape(escalation.comment or "", EVIDENCE_LIMIT)
        return render(_("Returned by {person} {at}: “{comment}”", person=person, at=at, comment=comment))
    return render(_("Withdrawn by {person} {at}", person=person, at=at))
