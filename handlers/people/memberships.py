"""Memberships of teams: `/desk team`, *Add somebody…* and *Role…* on the lead's team page."""

from slack_sdk.web.async_client import AsyncWebClient

from handlers.people import people
from handlers.people.cards import memberships as cards
from handlers.slack.blocks import Message, Modal, page_modal, section
from handlers.slack.ephemeral import answer_in_time
from handlers.slack.ids import Button, Command, Form
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand
from handlers.slack.people.strangers import OwnWorkspace
from handlers.slack.router import Router
from handlers.text.slack import Markup, render
from rules.errors import Refused
from rules.model.policy import Policy
from rules.people.memberships import MEMBERSHIP_COMMAND_EXAMPLES, TeamRole, parse_membership_command
from rules.people.permissions import NotAllowed, Permission, Role, desk_wide_roles, teams_led_by
from rules.reports.queries import find_team_key
from rules.text import Code, Person, Text, _, join_texts
from services import memberships
from services.config import reload_configuration
from services.desk import Desk
from storage.people.memberships import membership_history


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "team",
        Permission.EDIT_MEMBERSHIPS,
        _("who is in your team"),
        examples=("/desk team add @ana agent", "/desk team remove @ana"),
    )(answer_team_word)
    on.action(Button.MEMBERSHIP, Permission.EDIT_MEMBERSHIPS)(open_membership_form)
    on.view(Form.MEMBERSHIP, Permission.EDIT_MEMBERSHIPS)(save_membership)


async def open_membership_form(press: Press, desk: Desk) -> Modal:
    team, _, who = press.value.partition("|")
    memberships.check_may_manage(desk.policy, team, press.user)
    return cards.membership_form(desk.policy.team(team), who)


async def save_membership(form: Submission, client: AsyncWebClient, desk: Desk, own_workspace: OwnWorkspace) -> Modal:
    team, who, shown = (*form.metadata.split("|"), "", "")[:3]
    memberships.check_may_manage(desk.policy, team, form.user)
    person, before, role = who or form["person"], _shown_role(shown), form.choice(TeamRole, "role")
    await _require_colleague(desk, client, team, person, own_workspace)
    said = await desk.execute_once(
        form.key, memberships.set_membership, team, person, role=role, by=form.user, shown=before
    )
    await reload_configuration(desk)
    return page_modal(_("Team"), [section(Markup(f"✓ {render(said)}"))])


async def answer_team_word(
    command: TypedCommand, client: AsyncWebClient, desk: Desk, own_workspace: OwnWorkspace
) -> Message:
    asked = parse_membership_command(command.rest)
    key = _team_to_change(desk.policy, asked.team, command.user)
    change: Text | str = ""
    memberships.check_may_manage(desk.policy, key, command.user)
    if asked.person:
        await _require_colleague(desk, client, key, asked.person, own_workspace)
        change = await desk.execute_once(
            command.key, memberships.set_membership, key, asked.person, role=asked.role, by=command.user
        )
        await reload_configuration(desk)
    changes = await desk.read(membership_history, key, limit=cards.CHANGES_SHOWN)
    return cards.membership_message(desk.policy.team(key), changes, change=change)


def _shown_role(word: str) -> TeamRole | None:
    """The role that the form showed, None where it was for a new member; OldCard for anything else."""
    if word and word not in list(TeamRole):
        raise OldCard
    return TeamRole(word) if word else None


async def _require_colleague(
    desk: Desk, client: AsyncWebClient, team: str, person: str, own_workspace: OwnWorkspace
) -> None:
    """Looks a new person up in Slack; refuses people of other companies."""
    if person in desk.policy.team(team).people:
        return
    profile = await answer_in_time(people.fetch_profile(client, person))
    await people.save_profile(desk, profile)
    if profile.team and not own_workspace.has_person_of(profile.team, profile.organisation):
        raise Refused(_("{person} is from another company. Choose a colleague.", person=Person(person)))


def _team_to_change(policy: Policy, name: str, by: str) -> str:
    """The named team, else the only one that they may change."""
    if name:
        key = find_team_key(policy, name)
        if key is None:
            teams = _team_keys_text(policy, list(policy.teams))
            raise Refused(_("{name} isn't a team here. Teams: {teams}.", name=Code(name), teams=teams))
        return key
    led = list(policy.teams) if Role.MANAGER in desk_wide_roles(policy, by) else teams_led_by(policy, by)
    if not led:
        raise NotAllowed(Permission.EDIT_MEMBERSHIPS)
    if len(led) > 1:
        teams, examples = _team_keys_text(policy, led), MEMBERSHIP_COMMAND_EXAMPLES
        raise Refused(_("Which team? Write {examples}. Your teams: {teams}.", examples=examples, teams=teams))
    return led[0]


def _team_keys_text(policy: Policy, keys: list[str]) -> Text:
    return join_texts((Text("{key}", {"key": Code(policy.team(key).key)}) for key in keys), ", ")
