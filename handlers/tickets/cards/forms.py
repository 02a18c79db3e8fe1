"""The forms about one ticket; each begins with the ticket, so that people answer about the right one."""

from typing import Annotated

from pydantic import Field

from handlers.slack import blocks
from handlers.slack.blocks import Block, Modal
from handlers.slack.forms import ChoiceField, FormModel, TextField
from handlers.slack.ids import Form
from handlers.text.plain import render_plain
from handlers.tickets.cards.ticket import PRIORITY_SIGNS, form_head
from rules.intake.requests import MAX_TITLE_LENGTH
from rules.model.policy import Policy
from rules.model.tickets import Priority, ReplyBy
from rules.text import Text, TicketNumber, _
from storage.schema.tickets import Ticket


def resolve_form(ticket: Ticket, policy: Policy) -> Modal:
    solution = blocks.text_field(_("Solution"), "solution", hint=_("The requester gets this text."))
    return ticket_form(Form.RESOLVE, _("Resolve"), ticket, policy, solution)


def reply_form(ticket: Ticket, policy: Policy) -> Modal:
    text = blocks.text_field(
        _("Reply to the requester"),
        "text",
        hint=_("They get it in the thread of their request or as a direct message."),
    )
    return ticket_form(Form.REPLY, _("Reply on"), ticket, policy, text, submit=_("Send"))


def note_form(ticket: Ticket, policy: Policy) -> Modal:
    text = blocks.text_field(_("Internal note"), "text", hint=_("Only the team can see it, not the requester."))
    return ticket_form(Form.NOTE, _("Note on"), ticket, policy, text, submit=_("Save"))


def reopen_form(ticket: Ticket, policy: Policy) -> Modal:
    reason = blocks.text_field(_("Reason"), "reason", hint=_("What is still wrong? The team sees this."))
    return ticket_form(Form.REOPEN, _("Reopen"), ticket, policy, reason)


class TicketCorrection(FormModel):
    """What a person may correct of a ticket."""

    title: Annotated[
        str,
        Field(max_length=MAX_TITLE_LENGTH),
        TextField(_("Title"), missing=_("Say in a few words what it is about.")),
    ]
    type: Annotated[str, ChoiceField(_("Type"))]
    priority: Annotated[Priority, ChoiceField(_("Priority"))]
    customer: Annotated[str, Field(max_length=MAX_TITLE_LENGTH), TextField(_("Customer"))] = ""
    reply_by: Annotated[ReplyBy, ChoiceField(_("Reply via"))]


def change_form(ticket: Ticket, policy: Policy) -> Modal:
    """A type that left desk.yml stays in the list while the ticket has it."""
    types = {key: one.name for key, one in policy.types.items()}
    types.setdefault(ticket.type, policy.type(ticket.type).name)
    fields = TicketCorrection.fields(
        {name: getattr(ticket, name) for name in TicketCorrection.model_fields},
        type=[(name, key) for key, name in types.items()],
        priority=[(f"{PRIORITY_SIGNS[one]}{render_plain(one.label)}", str(one)) for one in Priority],
    )
    return ticket_form(Form.CHANGE, _("Change"), ticket, policy, *fields, metadata=f"{ticket.number}.{ticket.seq}")


def ticket_form(
    name: Form,
    title: Text | str,
    ticket: Ticket,
    policy: Policy,
    *fields: Block,
    submit: Text | str = "",
    metadata: str = "",
) -> Modal:
    """`title` comes before the ticket's number, and on the button where `submit` is empty."""
    content = [*form_head(ticket, policy), *fields]
    about = metadata or str(ticket.number)
    return blocks.form_modal(name, _form_title(title, ticket), content, submit=submit or title, metadata=about)


def _form_title(title: Text | str, ticket: Ticket) -> Text:
    return _("{title} {ticket}", title=title, ticket=TicketNumber(ticket.number))


def refusal_page(title: Text | str, ticket: Ticket, policy: Policy, words: Text | str) -> Modal:
    """In place of a form that has nothing to choose from."""
    return blocks.page_modal(_form_title(title, ticket), [*form_head(ticket, policy), blocks.section(words)])
