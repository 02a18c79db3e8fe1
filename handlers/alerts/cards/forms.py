"""The form that asks the lead for help."""

from handlers.slack.blocks import Modal, text_field
from handlers.slack.ids import Form
from handlers.tickets.cards.forms import ticket_form
from rules.model.policy import Policy
from storage.schema.tickets import Ticket


def help_form(ticket: Ticket, policy: Policy) -> Modal:
    text = text_field("What would help", "text", hint="The lead reads this: who or what would help, and by when.")
    return ticket_form(Form.ASK_FOR_HELP, "Help with", ticket, policy, text, submit="Ask")
