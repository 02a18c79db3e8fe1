"""The top of Home: buttons, and for newcomers what Baton is."""

from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.home_tab import ticket_buttons
from handlers.slack.ids import Button
from handlers.text.slack import Markup, bold, join
from rules.model.policy import Policy
from rules.people.permissions import Permission, Role, desk_wide_roles, is_allowed, roles_anywhere, teams_led_by
from rules.text import Code, Person, Text, _, join_texts, ngettext

WELCOME_TEXT = _(
    "Ask for help here: your request becomes a ticket and goes to the right team. "
    "You always see who works on it and when you get an answer."
)


def welcome() -> list[Block]:
    steps: list[Text | Markup] = [
        bold(_("To start")),
        _("• Press *New ticket*, or type {command} and your request, in any channel.", command=Code("/ticket")),
        _("• Under ⋯ of any message choose *Create ticket*."),
        _("• Mention me in a thread: the thread becomes a ticket."),
        _("You get the answer as a message from me; reply in its thread."),
    ]
    return [
        blocks.header(_("Baton, the help desk")),
        blocks.section(WELCOME_TEXT),
        blocks.section(join("\n", steps)),
        blocks.actions(*ticket_buttons()),
    ]


def first_buttons(policy: Policy, person: str) -> list[Block]:
    buttons = ticket_buttons()
    if is_allowed(Permission.TAKE_NEXT_TICKET, roles_anywhere(policy, person)):
        spoken = _("Suggest the next ticket for me to take")
        buttons.append(blocks.button(_("Next ticket"), Button.NEXT_TICKET, "next", spoken=spoken))
    if Role.MANAGER in desk_wide_roles(policy, person) or teams_led_by(policy, person):
        spoken = _("My team and what each of them knows")
        buttons.append(blocks.button(_("Team"), Button.TEAM_PAGE, "team", spoken=spoken))
    away = policy.acts_for(person)[1:]
    if not away:
        return [blocks.actions(*buttons)]
    people = join_texts([Text("{person}", {"person": Person(one)}) for one in away], ", ")
    covers = ngettext(
        "You stand in for {people}, who is away. Until they are back, you may do what they may.",
        "You stand in for {people}, who are away. Until they are back, you may do what they may.",
        len(away),
        people=people,
    )
    return [blocks.actions(*buttons), blocks.context(covers)]
