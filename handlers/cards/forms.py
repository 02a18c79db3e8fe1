"""The forms about one ticket; each begins with which ticket it is, so that nobody answers about the wrong one."""

from collections.abc import Mapping
from typing import Any

from handlers.cards.blocks import Block, context, field, form, page, section, select, text_input
from handlers.cards.candidates import MARK, first_of, option_of
from handlers.cards.hints import beside
from handlers.cards.tickets import SIGNS, head
from handlers.ids import Form
from rules.hints import Hint
from rules.intake import TITLE_LIMIT
from rules.policy import Policy
from rules.tickets import PRIORITY_WORDS, REPLY_BY_WORDS
from storage.assignments import Choices
from storage.tables import Ticket

View = dict[str, Any]


def resolve(ticket: Ticket, policy: Policy) -> View:
    solution = field("Solution", text_input("solution", multiline=True), hint="The customer reads this.")
    return _form(Form.RESOLVE, f"Resolve #{ticket.number}", ticket, policy, solution, submit="Resolve")


def reply(ticket: Ticket, policy: Policy) -> View:
    hint = "They read it in their own thread or as a direct message."
    text = field("Reply to the customer", text_input("text", multiline=True), hint=hint)
    return _form(Form.REPLY, f"Reply on #{ticket.number}", ticket, policy, text, submit="Send")


def note(ticket: Ticket, policy: Policy) -> View:
    hint = "The team reads this; the customer does not."
    text = field("Internal note", text_input("text", multiline=True), hint=hint)
    return _form(Form.NOTE, f"Note on #{ticket.number}", ticket, policy, text, submit="Keep")


def reopen(ticket: Ticket, policy: Policy) -> View:
    """For the team and for the requester alike."""
    reason = field("Reason", text_input("reason", multiline=True), hint="What is still wrong? The team reads this.")
    return _form(Form.REOPEN, f"Reopen #{ticket.number}", ticket, policy, reason, submit="Reopen")


def pass_on(ticket: Ticket, policy: Policy) -> View:
    reason = field("Reason", text_input("reason", multiline=True), hint="The lead reads this and finds someone else.")
    return _form(Form.PASS, f"Pass #{ticket.number}", ticket, policy, reason, submit="Pass")


def help_(ticket: Ticket, policy: Policy) -> View:
    hint = "The lead reads this: who or what would help, and by when."
    text = field("What would help", text_input("text", multiline=True), hint=hint)
    return _form(Form.HELP, f"Help with #{ticket.number}", ticket, policy, text, submit="Ask")


def assign(ticket: Ticket, policy: Policy, choices: Choices, hints: Mapping[str, Hint] | None = None) -> View:
    """Who could begin now first, and why; a team in which nobody can be chosen says what to do about it.

    What Slack says of the first of them stands below: it has no say in their order."""
    team = policy.team(ticket.team)
    if not choices.people:
        words = f"Nobody else is in {team.name}. Whoever runs the desk adds people under `agents:` in desk.yml."
        return page(f"Assign #{ticket.number}", [*head(ticket, policy), section(words)])
    options = [option_of(one, choices) for one in choices.people]
    chosen = field("Assign to", select("assignee", options, placeholder=f"Someone in {team.name}"))
    first = context(first_of(choices, policy.type(ticket.type).name))
    reason = field(
        "Reason",
        text_input("reason", limit=TITLE_LIMIT),
        optional=True,
        hint=f"Needed for whom {MARK.strip()} marks: not competent, or not here. The ticket's story keeps it.",
    )
    # the newest event they have seen goes with the form: two people who assign at once must not overrule each other
    about = f"{ticket.number}.{ticket.seq}"
    fields = (chosen, first, *beside(hints or {}), reason)
    return _form(Form.ASSIGN, f"Assign #{ticket.number}", ticket, policy, *fields, submit="Assign", about=about)


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
    return _form(Form.CHANGE, f"Change #{ticket.number}", ticket, policy, *fields, submit="Change", about=about)


def _form(
    name: Form, title: str, ticket: Ticket, policy: Policy, *fields: Block, submit: str, about: str | None = None
) -> View:
    blocks = [*head(ticket, policy), *fields]
    return form(name, title, blocks, submit=submit, about=about or str(ticket.number))
