"""The form that asks the lead for help."""

from handlers.slack.blocks import Modal, text_field
from handlers.slack.ids import Form
from handlers.tickets.cards.forms import ticket_form
from rules.model.policy import Policy
from rules.text import _
from storage.schema.tickets import Ticket


def help_form(ticket: Ticket, policy: Policy) -> Modal:
    hint = _("The lead reads this: who or what would help, and by when.")
    text = text_field(_("What would help"), "text", hint=hint)
    return ticket_form(Form.ASK_FOR_HELP, _("Help with"), ticket, policy, text, submit=_("Ask"))
