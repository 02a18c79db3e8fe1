"""The form in which help is asked for."""

from handlers.slack.blocks import field, text_input
from handlers.slack.ids import Form
from handlers.tickets.cards.forms import View, about_ticket
from rules.model.policy import Policy
from storage.schema.tickets import Ticket


def help_(ticket: Ticket, policy: Policy) -> View:
    hint = "The lead reads this: who or what would help, and by when."
    text = field("What would help", text_input("text", multiline=True), hint=hint)
    return about_ticket(Form.HELP, f"Help with #{ticket.number}", ticket, policy, text, submit="Ask")
