"""Who belongs to a team: the form that says it, and what was said lately."""

from collections.abc import Sequence
from typing import Any

from handlers.slack.blocks import (
    Block,
    Message,
    button,
    context,
    field,
    form,
    line,
    moment,
    person,
    pick_person,
    section,
    select,
)
from handlers.slack.ids import Button, Form
from rules.model.policy import Team
from rules.people.memberships import InTeam, Member, role_in

ROLES = {InTeam.AGENT: "Agent", InTeam.EXPERT: "Expert", InTeam.LEAD: "Lead", InTeam.OUT: "Not in this team any more"}
NEWEST = 5
_FOR_MANAGERS = "Who leads the team is for managers to say. What you say here counts before desk.yml."


def add(team: Team) -> dict[str, Any]:
    """The button beside a team's name."""
    return button("Add somebody…", Button.MEMBER, f"{team.key}|", says="Add somebody to this team")


def role_of(team: Team, who: str) -> Block:
    """What the person is in the team, with the way to change it."""
    change = button("Role…", Button.MEMBER, f"{team.key}|{who}", says="Change the role in this team")
    return section(f"*{line(team.name, 80)}*: {ROLES[role_in(team, who)].lower()}", accessory=change)


def member_form(team: Team, who: str) -> dict[str, Any]:
    """Whom to add as what; of somebody who is named, their role."""
    name = line(team.name, 80)
    if not who:
        options = [(words, str(role)) for role, words in ROLES.items() if role is not InTeam.OUT]
        content = [
            section(f"Somebody works in *{name}* from now on."),
            field("Person", pick_person("person")),
            field("Role", select("role", options, chosen=str(InTeam.AGENT)), hint=_FOR_MANAGERS),
        ]
        return form(Form.MEMBER, "Add somebody", content, submit="Add", about=f"{team.key}||")
    now = role_in(team, who)
    options = [(words, str(role)) for role, words in ROLES.items()]
    content = [
        section(f"What {person(who)} is in *{name}*."),
        field("Role", select("role", options, chosen=str(now)), hint=_FOR_MANAGERS),
    ]
    return form(Form.MEMBER, "Role", content, submit="Keep", about=f"{team.key}|{who}|{now}")


def lately(said: Sequence[Member]) -> list[Block]:
    """The newest of what was said of a team's people; nothing where nothing ever was."""
    return [context("\n".join(map(_said, said)))] if said else []


def answer(team: Team, said: Sequence[Member], *, just_said: str = "") -> Message:
    """What `/desk team` answers: what became of it, or how it is said."""
    head = f"✓ {just_said}" if just_said else f"Who belongs to {line(team.name, 80)} is said with {_HOW}."
    return Message(head, [section(head), *lately(said)])


_HOW = "`/desk team add @ana agent` and `/desk team remove @ana`"


def _said(one: Member) -> str:
    what = "taken out" if one.role is InTeam.OUT else ROLES[one.role].lower()
    return f"{person(one.person)}: {what} · {person(one.by)}, {moment(one.at)}"
