"""The forms that assign a ticket and decline it."""

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
from rules.text import Code, _
from storage.assignment.candidates import AssigneeChoices
from storage.schema.tickets import Ticket


def pass_form(ticket: Ticket, policy: Policy) -> Modal:
    reason = blocks.text_field(_("Reason"), "reason", hint=_("The lead reads this and reassigns the ticket."))
    return ticket_form(Form.PASS, _("Decline"), ticket, policy, reason)


def assign_form(
    ticket: Ticket, policy: Policy, choices: AssigneeChoices, slack_statuses: Mapping[str, SlackStatus] | None = None
) -> Modal:
    """The best candidate comes first; the Slack status of the first few is shown below and does not change that."""
    team = policy.team(ticket.team)
    if not choices.candidates:
        key, file = Code("agents:"), Code("desk.yml")
        text = _(
            "No one else is in {team}. An admin adds people under {key} in {file}.", team=team.name, key=key, file=file
        )
        return refusal_page(_("Assign"), ticket, policy, text)
    options = [candidate_option(one, choices) for one in choices.candidates]
    menu = blocks.select("assignee", options, placeholder=_("Someone in {team}", team=team.name))
    chosen = blocks.input_field(_("Assign to"), menu)
    first = blocks.context(first_candidate_reason(choices, policy.type(ticket.type).name))
    mark = NEEDS_REASON_MARK.strip()
    hint = _(
        "Required if you pick someone marked {mark} (no matching skill, or away). Saved in the ticket history.",
        mark=mark,
    )
    reason = blocks.input_field(
        _("Reason"), blocks.text_input("reason", limit=MAX_TITLE_LENGTH), optional=True, hint=hint
    )
    # The newest event they have seen goes with the form: two people who assign at once must not overrule each other.
    about = f"{ticket.number}.{ticket.seq}"
    fields = (chosen, first, *slack_status_blocks(slack_statuses or {}), reason)
    return ticket_form(Form.ASSIGN, _("Assign"), ticket, policy, *fields, metadata=about)
