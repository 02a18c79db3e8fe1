"""The forms about one ticket; each begins with which ticket it is, so that nobody answers about the wrong one."""

from typing import Any

from handlers.slack.blocks import Block, field, form, select, text_input
from handlers.slack.ids import Form
from handlers.tickets.cards.ticket import SIGNS, head
from rules.intake.requests import TITLE_LIMIT
from rules.model.policy import Policy
from rules.model.tickets import PRIORITY_WORDS, REPLY_BY_WORDS
from storage.schema.tickets import Ticket

View = dict[str, Any]


def resolve(ticket: Ticket, policy: Policy) -> View:
    solution = field("Solution", text_input("solution", multiline=True), hint="The customer reads this.")
    return about_ticket(Form.RESOLVE, f"Resolve #{ticket.number}", ticket, policy, solution, submit="Resolve")


def reply(ticket: Ticket, policy: Policy) -> View:
    hint = "They read it in their own thread or as a direct message."
    text = field("Reply to the customer", text_input("text", multiline=True), hint=hint)
    return about_ticket(Form.REPLY, f"Reply on #{ticket.number}", ticket, policy, text, submit="Send")


def note(ticket: Ticket, policy: Policy) -> View:
    hint = "The team reads this; the customer does not."
    text = field("Internal note", text_input("text", multiline=True), hint=hint)
    return about_ticket(Form.NOTE, f"Note on #{ticket.number}", ticket, policy, text, submit="Keep")


def reopen(ticket: Ticket, policy: Policy) -> View:
    """For the team and for the requester alike."""
    reason = field("Reason", text_input("reason", multiline=True), hint="What is still wrong? The team reads this.")
    return about_ticket(Form.REOPEN, f"Reopen #{ticket.number}", ticket, policy, reason, submit="Reopen")


def change(ticket: Ticket, policy: Policy) -> View:
    """What the ticket is; a type that is no longer described stays in the list as long as the ticket has it."""
    types = {key: one.name for key, one in policy.types.items()}
    types.setdefault(ticket.type, policy.type(ticket.type).name)
    priorities = [(f"{SIGNS[one]}{words}", str(one)) for one, words in PRIORITY_WORDS.items()]
    ways = [(words, str(one)) for one, words in REPLY_BY_WORDS.items()]
    fields = (
        field("Title", text_input("title", initial=ticket.title, limit=TITLE_LIMIT)),
        field("Type", select("type", [(name, key) for key, name in types.items()], chosen=ticket.type)),
        field("Priority", select("priority", priorities, chosen=str(ticket.priority))),
        field("Customer", text_input("customer", initial=ticket.customer or "", limit=TITLE_LIMIT), optional=True),
        field("Reply to the customer by", select("reply_by", ways, chosen=str(ticket.reply_by))),
    )
    about = f"{ticket.number}.{ticket.seq}"
    return about_ticket(Form.CHANGE, f"Change #{ticket.number}", ticket, policy, *fields, submit="Change", about=about)


def about_ticket(
    name: Form, title: str, ticket: Ticket, policy: Policy, *fields: Block, submit: str, about: str | None = None
) -> View:
    """Every form about one ticket begins with which it is."""
    content = [*head(ticket, policy), *fields]
    return form(name, title, content, submit=submit, about=about or str(ticket.number))
