"""The forms in which a ticket is given to somebody, and passed back."""

from collections.abc import Mapping

from handlers.assignment.cards.candidates import MARK, first_of, option_of
from handlers.people.cards.slack_status import beside
from handlers.slack.blocks import context, field, page, section, select, text_input
from handlers.slack.ids import Form
from handlers.tickets.cards.forms import View, about_ticket
from handlers.tickets.cards.ticket import head
from rules.intake.requests import TITLE_LIMIT
from rules.model.policy import Policy
from rules.people.slack_status import Hint
from storage.assignment.candidates import Choices
from storage.schema.tickets import Ticket


def pass_on(ticket: Ticket, policy: Policy) -> View:
    reason = field("Reason", text_input("reason", multiline=True), hint="The lead reads this and finds someone else.")
    return about_ticket(Form.PASS, f"Pass #{ticket.number}", ticket, policy, reason, submit="Pass")


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
    return about_ticket(Form.ASSIGN, f"Assign #{ticket.number}", ticket, policy, *fields, submit="Assign", about=about)
