"""Home is drawn when somebody looks; people of the desk keep the names and time zones that Slack knows."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from desk.desk import Desk
from handlers.cards import home as cards
from handlers.ids import Happening
from handlers.payloads import Profile, looks_at_home, person_of
from handlers.router import Router
from rules.policy import Policy
from storage import people
from storage.home import home_of


def register(on: Router) -> None:
    on.event(Happening.HOME)(open_home)
    on.event(Happening.PERSON)(keep_person)


async def open_home(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    if looks_at_home(body):
        await publish(client, desk, person_of(body))
    await ack()


async def publish(client: AsyncWebClient, desk: Desk, person: str) -> None:
    """The person's Home as things are now."""
    now = desk.clock()
    found = await desk.ask(home_of, person, policy=desk.policy, at=now)
    await client.views_publish(user_id=person, view=cards.home(found, desk.policy, now, of=person))


async def keep_person(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    """Slack tells of everyone in the workspace; only those of the desk are kept."""
    profile = Profile.of_event(body)
    if profile.user in _people(desk.policy):
        await desk.do(
            people.keep, profile.user, name=profile.name, tz=profile.tz, is_guest=profile.is_guest, gone=profile.gone
        )
    await ack()


def _people(policy: Policy) -> set[str]:
    of_teams = {one for team in policy.teams.values() for one in team.people}
    return of_teams | policy.managers | policy.observers | policy.admins
