"""Memberships: the form that changes them, and the latest changes."""

from collections.abc import Sequence

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import local_time, mention
from rules.model.policy import Team
from rules.people.memberships import TeamMembership, TeamRole, role_in_team

ROLE_TEXTS = {
    TeamRole.AGENT: "Agent",
    TeamRole.EXPERT: "Expert",
    TeamRole.LEAD: "Lead",
    TeamRole.NOT_MEMBER: "Not in this team any more",
}
CHANGES_SHOWN = 5
_MANAGERS_HINT = "Who leads the team is for managers to say. What you say here counts before desk.yml."


def add_person_button(team: Team) -> Modal:
    return blocks.button("Add somebody…", Button.MEMBERSHIP, f"{team.key}|", spoken="Add somebody to this team")


def role_row(team: Team, who: str) -> Block:
    change = blocks.button("Role…", Button.MEMBERSHIP, f"{team.key}|{who}", spoken="Change the role in this team")
    return blocks.section(f"*{blocks.name_of(team)}*: {ROLE_TEXTS[role_in_team(team, who)].lower()}", accessory=change)


def membership_form(team: Team, who: str) -> Modal:
    name = blocks.name_of(team)
    if not who:
        options = [(words, str(role)) for role, words in ROLE_TEXTS.items() if role is not TeamRole.NOT_MEMBER]
        content = [
            blocks.section(f"Somebody works in *{name}* from now on."),
            blocks.input_field("Person", blocks.user_select("person")),
            blocks.input_field("Role", blocks.select("role", options, chosen=str(TeamRole.AGENT)), hint=_MANAGERS_HINT),
        ]
        return blocks.form_modal(Form.MEMBERSHIP, "Add somebody", content, submit="Add", metadata=f"{team.key}||")
    now = role_in_team(team, who)
    options = [(words, str(role)) for role, words in ROLE_TEXTS.items()]
    content = [
        blocks.section(f"What {mention(who)} is in *{name}*."),
        blocks.input_field("Role", blocks.select("role", options, chosen=str(now)), hint=_MANAGERS_HINT),
    ]
    return blocks.form_modal(Form.MEMBERSHIP, "Role", content, submit="Keep", metadata=f"{team.key}|{who}|{now}")


def recent_changes(changes: Sequence[TeamMembership]) -> list[Block]:
    return [blocks.context("\n".join(map(_change_text, changes)))] if changes else []


def membership_message(team: Team, changes: Sequence[TeamMembership], *, just_said: str = "") -> Message:
    head = f"✓ {just_said}" if just_said else f"Who belongs to {blocks.name_of(team)} is said with {_USAGE}."
    return Message(head, [blocks.section(head), *recent_changes(changes)])


_USAGE = "`/desk team add @ana agent` and `/desk team remove @ana`"


def _change_text(one: TeamMembership) -> str:
    what = "taken out" if one.role is TeamRole.NOT_MEMBER else ROLE_TEXTS[one.role].lower()
    return f"{mention(one.person)}: {what} · {mention(one.by)}, {local_time(one.at)}"
