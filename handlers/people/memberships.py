"""Who belongs to a team: `/desk team`, and *Add somebody…* and *Role…* on the lead's page of the team."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.people import people
from handlers.people.cards import memberships as cards
from handlers.slack.blocks import page, safe, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission, Typed
from handlers.slack.router import Router
from handlers.slack.text import unescape
from handlers.slack.ticket_actions import show
from rules.errors import DeskError
from rules.model.policy import Policy
from rules.people.memberships import HOW, InTeam, read_asked
from rules.people.permissions import Deed, NotAllowed, Role, standing, teams_led
from rules.reports.queries import team_named
from services import memberships
from services.config import reload
from services.desk import Desk
from storage.people.memberships import history


def register(on: Router) -> None:
    on.action(Button.MEMBER)(ask)
    on.view(Form.MEMBER)(keep)


async def ask(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    team, _, who = press.value.partition("|")
    memberships.require(desk.policy, team, press.by)
    await show(client, press, cards.member_form(desk.policy.team(team), who))
    await ack()


async def keep(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Submission.read(body)
    team, who, shown = (*sent.about.split("|"), "", "")[:3]
    memberships.require(desk.policy, team, sent.by)
    person, before = who or sent.says("person"), InTeam(shown) if shown else None
    await _known(desk, client, team, person)
    said = await desk.execute_once(
        sent.key, memberships.say, team, person, role=InTeam(sent.says("role")), by=sent.by, shown=before
    )
    await reload(desk)
    await ack(response_action="update", view=page("Team", [section(f"✓ {safe(said)}")]))


async def typed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk team support add @ana agent`; without a person it shows what was said lately."""
    command = Typed.read(body)
    asked = read_asked(unescape(command.text).partition(" ")[2])
    key, said = _team(desk.policy, asked.team, command.by), ""
    memberships.require(desk.policy, key, command.by)
    if asked.person:
        await _known(desk, client, key, asked.person)
        said = await desk.execute_once(command.key, memberships.say, key, asked.person, role=asked.role, by=command.by)
        await reload(desk)
    changes = await desk.read(history, key, limit=cards.NEWEST)
    answer = cards.answer(desk.policy.team(key), changes, just_said=safe(said))
    await ack(text=answer.text, blocks=answer.blocks)


async def _known(desk: Desk, client: AsyncWebClient, team: str, person: str) -> None:
    """Slack is asked who that is, where they are not of the team yet: people of other companies are not of the desk."""
    if person in desk.policy.team(team).people:
        return
    told = await people.learn(desk, client, person)
    if told.team not in ("", desk.workspace):
        raise DeskError(f"<@{person}> is of another company: choose a colleague.")


def _team(policy: Policy, name: str, by: str) -> str:
    """The team that is named, else the only one that they may say something of."""
    if name:
        found = team_named(policy, name)
        if found is None:
            raise DeskError(f"`{name}` is no team here. Teams: {_listed(policy, list(policy.teams))}.")
        return found
    led = list(policy.teams) if Role.MANAGER in standing(policy, by) else teams_led(policy, by)
    if not led:
        raise NotAllowed(Deed.MEMBERS)
    if len(led) > 1:
        raise DeskError(f"Which team? Write {HOW}. Yours: {_listed(policy, led)}.")
    return led[0]


def _listed(policy: Policy, keys: list[str]) -> str:
    return ", ".join(f"`{policy.team(key).key}`" for key in keys)
