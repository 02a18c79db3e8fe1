"""The forms about one ticket; each begins with the ticket, so that people answer about the right one."""

from typing import Any

from handlers.slack.blocks import Block, form_modal, input_field, select, text_input
from handlers.slack.ids import Form
from handlers.tickets.cards.ticket import PRIORITY_SIGNS, form_head
from rules.intake.requests import MAX_TITLE_LENGTH
from rules.model.policy import Policy
from rules.model.tickets import Priority, ReplyBy
from storage.schema.tickets import Ticket

Modal = dict[str, Any]


def resolve_form(ticket: Ticket, policy: Policy) -> Modal:
    solution = input_field("Solution", text_input("solution", multiline=True), hint="The customer reads this.")
    return ticket_form(Form.RESOLVE, f"Resolve #{ticket.number}", ticket, policy, solution, submit="Resolve")


def reply_form(ticket: Ticket, policy: Policy) -> Modal:
    hint = "They read it in their own thread or as a direct message."
    text = input_field("Reply to the customer", text_input("text", multiline=True), hint=hint)
    return ticket_form(Form.REPLY, f"Reply on #{ticket.number}", ticket, policy, text, submit="Send")


def note_form(ticket: Ticket, policy: Policy) -> Modal:
    hint = "The team reads this; the customer does not."
    text = input_field("Internal note", text_input("text", multiline=True), hint=hint)
    return ticket_form(Form.NOTE, f"Note on #{ticket.number}", ticket, policy, text, submit="Keep")


def reopen_form(ticket: Ticket, policy: Policy) -> Modal:
    reason = input_field(
        "Reason", text_input("reason", multiline=True), hint="What is still wrong? The team reads this."
    )
    return ticket_form(Form.REOPEN, f"Reopen #{ticket.number}", ticket, policy, reason, submit="Reopen")


def change_form(ticket: Ticket, policy: Policy) -> Modal:
    """A type that left desk.yml stays in the list while the ticket has it."""
    types = {key: one.name for key, one in policy.types.items()}
    types.setdefault(ticket.type, policy.type(ticket.type).name)
    priorities = [(f"{PRIORITY_SIGNS[one]}{one.label}", str(one)) for one in Priority]
    ways = [(one.label, str(one)) for one in ReplyBy]
    fields = (
        input_field("Title", text_input("title", initial=ticket.title, limit=MAX_TITLE_LENGTH)),
        input_field("Type", select("type", [(name, key) for key, name in types.items()], chosen=ticket.type)),
        input_field("Priority", select("priority", priorities, chosen=str(ticket.priority))),
        input_field(
            "Customer", text_input("customer", initial=ticket.customer or "", limit=MAX_TITLE_LENGTH), optional=True
        ),
        input_field("Reply to the customer by", select("reply_by", ways, chosen=str(ticket.reply_by))),
    )
    about = f"{ticket.number}.{ticket.seq}"
    return ticket_form(
        Form.CHANGE, f"Change #{ticket.number}", ticket, policy, *fields, submit="Change", metadata=about
    )


def ticket_form(
    name: Form, title: str, ticket: Ticket, policy: Policy, *fields: Block, submit: str, metadata: str | None = None
) -> Modal:
    content = [*form_head(ticket, policy), *fields]
    return form_modal(name, title, content, submit=submit, metadata=metadata or str(ticket.number))
