"""The top of Home: buttons, and for newcomers what Baton is."""

from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.home_tab import ticket_buttons
from handlers.slack.ids import Button
from handlers.text.slack import mention
from rules.model.policy import Policy
from rules.people.permissions import Permission, Role, desk_wide_roles, is_allowed, roles_anywhere, teams_led_by

WELCOME_TEXT = (
    "I take requests for help, hand them to the right people and keep them from being forgotten. "
    "You always see who has yours and by when they answer."
)
FIRST_STEPS_TEXT = (
    "*To begin*\n"
    "• Press *New ticket*, or type `/ticket` and what is wrong, in any channel.\n"
    "• Under ⋯ of any message choose *Create ticket*.\n"
    "• Mention me in a thread: the thread becomes the ticket.\n"
    "The answer comes to you; write back in its thread."
)


def welcome() -> list[Block]:
    return [
        blocks.header("Baton, the help desk"),
        blocks.section(WELCOME_TEXT),
        blocks.section(FIRST_STEPS_TEXT),
        blocks.actions(*ticket_buttons()),
    ]


def first_buttons(policy: Policy, person: str) -> list[Block]:
    buttons = ticket_buttons()
    if is_allowed(Permission.TAKE_NEXT_TICKET, roles_anywhere(policy, person)):
        spoken = "The best ticket for me to take now"
        buttons.append(blocks.button("Next ticket", Button.NEXT_TICKET, "next", spoken=spoken))
    if Role.MANAGER in desk_wide_roles(policy, person) or teams_led_by(policy, person):
        spoken = "My team and what each of them knows"
        buttons.append(blocks.button("Team", Button.TEAM_PAGE, "team", spoken=spoken))
    away = ", ".join(map(mention, policy.acts_for(person)[1:]))
    if not away:
        return [blocks.actions(*buttons)]
    text = f"You stand in for {away}, who is away: you may do what they may, until they are back."
    return [blocks.actions(*buttons), blocks.context(text)]
