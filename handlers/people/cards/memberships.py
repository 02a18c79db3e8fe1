"""Memberships: the form that changes them, and the latest changes."""

from collections.abc import Sequence

from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, join, render
from rules.model.policy import Team
from rules.people.memberships import TeamMembership, TeamRole, role_in_team
from rules.text import Code, Moment, Person, Text, _

ROLE_TEXTS = {
    TeamRole.AGENT: _("Agent"),
    TeamRole.EXPERT: _("Expert"),
    TeamRole.LEAD: _("Lead"),
    TeamRole.NOT_MEMBER: _("Not in this team"),
}
CHANGES_SHOWN = 5
_MANAGERS_HINT = _("Only managers can change leads. Changes here override desk.yml.")


def add_person_button(team: Team) -> Element:
    spoken = _("Add a member to this team")
    return blocks.button(_("Add member…"), Button.MEMBERSHIP, f"{team.key}|", spoken=spoken)


def role_row(team: Team, who: str) -> Block:
    spoken = _("Change the role in this team")
    change = blocks.button(_("Change role…"), Button.MEMBERSHIP, f"{team.key}|{who}", spoken=spoken)
    role = role_in_team(team, who).label
    return blocks.section(join(": ", [bold(blocks.name_of(team)), role]), accessory=change)


def membership_form(team: Team, who: str) -> Modal:
    name = blocks.name_of(team)
    if not who:
        options = [(text, str(role)) for role, text in ROLE_TEXTS.items() if role is not TeamRole.NOT_MEMBER]
        role = blocks.select("role", options, chosen=str(TeamRole.AGENT))
        content = [
            blocks.section(_("Add a member to {team}.", team=name)),
            blocks.input_field(_("Person"), blocks.user_select("person")),
            blocks.input_field(_("Role"), role, hint=_MANAGERS_HINT),
        ]
        return blocks.form_modal(Form.MEMBERSHIP, _("Add member"), content, submit=_("Add"), metadata=f"{team.key}||")
    now = role_in_team(team, who)
    options = [(text, str(role)) for role, text in ROLE_TEXTS.items()]
    content = [
        blocks.section(_("Role of {person} in {team}.", person=Person(who), team=name)),
        blocks.input_field(_("Role"), blocks.select("role", options, chosen=str(now)), hint=_MANAGERS_HINT),
    ]
    return blocks.form_modal(
        Form.MEMBERSHIP, _("Change role"), content, submit=_("Save"), metadata=f"{team.key}|{who}|{now}"
    )


def recent_changes(changes: Sequence[TeamMembership]) -> list[Block]:
    return [blocks.context(join("\n", map(_change_text, changes)))] if changes else []


def membership_message(team: Team, changes: Sequence[TeamMembership], *, change: Text | str = "") -> Message:
    """`change` is what was just done; one that an earlier version kept is a finished string."""
    text = Markup(f"✓ {render(change)}") if change else render(_usage(team))
    return Message(text, [blocks.section(text), *recent_changes(changes)])


def _usage(team: Team) -> Text:
    add, remove = Code("/desk team add @ana agent"), Code("/desk team remove @ana")
    return _("Change the members of {team} with {add} or {remove}.", team=team.name, add=add, remove=remove)


def _change_text(one: TeamMembership) -> Text:
    person, by, at = Person(one.person), Person(one.by), Moment(one.at)
    if one.role is TeamRole.NOT_MEMBER:
        return _("{person} removed by {by}, {at}", person=person, by=by, at=at)
    return _("{person} made {role} by {by}, {at}", person=person, role=one.role.label, by=by, at=at)
