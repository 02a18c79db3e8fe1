"""The form *New ticket* says who could begin now with a ticket of that type."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment.cards.candidates import proposal
from handlers.intake import cards
from handlers.slack.blocks import Block
from handlers.slack.ids import Button
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from rules.intake.commands import default_type
from rules.intake.requests import team_for
from rules.people.permissions import Deed, allowed, desk_roles, roles
from services.assignment.routing import workers
from services.desk import Desk
from storage.assignment.candidates import choices
from storage.schema.tickets import Ticket


def register(on: Router) -> None:
    on.action(Button.TYPE)(propose)


async def propose(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """Another type was chosen: other people could begin. What was written stays in the form."""
    press = Press.read(body)
    about = str(press.view.get("private_metadata", ""))
    view = await new_form(desk, press.by, cards.Started(), about, type_=press.value)
    await client.views_update(view_id=press.view["id"], hash=press.view.get("hash"), view=view)
    await ack()


async def new_form(desk: Desk, by: str, started: cards.Started, about: str, *, type_: str = "") -> dict[str, Any]:
    """The form; to those who may assign it says who could begin."""
    proposed = await _proposed(desk, by, type_ or default_type(desk.policy))
    return cards.new_form(desk.policy, started, about, type_=type_, proposed=proposed)


async def _proposed(desk: Desk, by: str, type_: str) -> list[Block] | None:
    """None for whoever assigns in no team, nobody where this type is another team's."""
    policy = desk.policy
    if not allowed(Deed.ASSIGN, desk_roles(policy, by)):
        return None
    team = team_for(policy, type_)
    if type_ not in policy.types or not allowed(Deed.ASSIGN, roles(policy, by, teams=[team.key])):
        return []
    asked = Ticket(team=team.key, type=type_, requester=by, seq=0)
    found = await desk.read(choices, asked, workers(team), policy=policy, at=desk.clock(), viewer=by)
    theirs = [who for who in policy.team(policy.type(type_).experts or "").experts if who not in team.people]
    experts = await desk.read(choices, asked, theirs, policy=policy, at=desk.clock(), viewer=by)
    return [proposal(found, policy.type(type_).name, experts)]
