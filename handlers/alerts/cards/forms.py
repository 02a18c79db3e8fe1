"""The form that asks the lead for help."""

from handlers.slack.blocks import input_field, text_input
from handlers.slack.ids import Form
from handlers.tickets.cards.forms import Modal, ticket_form
from rules.model.policy import Policy
from storage.schema.tickets import Ticket


def help_form(ticket: Ticket, policy: Policy) -> Modal:
    hint = "The lead reads this: who or what would help, and by when."
    text = input_field("What would help", text_input("text", multiline=True), hint=hint)
    return ticket_form(Form.ASK_FOR_HELP, f"Help with #{ticket.number}", ticket, policy, text, submit="Ask")
