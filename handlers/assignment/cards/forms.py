"""The forms that assign a ticket and pass it back."""

from collections.abc import Mapping

from handlers.assignment.cards.candidates import NEEDS_REASON_MARK, candidate_option, first_candidate_reason
from handlers.people.cards.slack_status import slack_status_blocks
from handlers.slack import blocks
from handlers.slack.blocks import Modal
from handlers.slack.ids import Form
from handlers.tickets.cards.forms import refusal_page, ticket_form
from rules.intake.requests import MAX_TITLE_LENGTH
from rules.model.policy import Policy
from rules.people.slack_status import SlackStatus
from storage.assignment.candidates import AssigneeChoices
from storage.schema.tickets import Ticket


def pass_form(ticket: Ticket, policy: Policy) -> Modal:
    reason = blocks.text_field("Reason", "reason", hint="The lead reads this and finds someone else.")
    return ticket_form(Form.PASS, "Pass", ticket, policy, reason)


def assign_form(
    ticket: Ticket, policy: Policy, choices: AssigneeChoices, slack_statuses: Mapping[str, SlackStatus] | None = None
) -> Modal:
    """The best candidate comes first; the Slack status of the first few is shown below and does not change that."""
    team = policy.team(ticket.team)
    if not choices.candidates:
        words = f"Nobody else is in {team.name}. Whoever runs the desk adds people under `agents:` in desk.yml."
        return refusal_page("Assign", ticket, policy, words)
    options = [candidate_option(one, choices) for one in choices.candidates]
    chosen = blocks.input_field("Assign to", blocks.select("assignee", options, placeholder=f"Someone in {team.name}"))
    first = blocks.context(first_candidate_reason(choices, policy.type(ticket.type).name))
    mark = NEEDS_REASON_MARK.strip()
    hint = f"Needed for whom {mark} marks: not competent, or not here. The ticket's story keeps it."
    reason = blocks.input_field("Reason", blocks.text_input("reason", limit=MAX_TITLE_LENGTH), optional=True, hint=hint)
    # The newest event they have seen goes with the form: two people who assign at once must not overrule each other.
    about = f"{ticket.number}.{ticket.seq}"
    fields = (chosen, first, *slack_status_blocks(slack_statuses or {}), reason)
    return ticket_form(Form.ASSIGN, "Assign", ticket, policy, *fields, metadata=about)
