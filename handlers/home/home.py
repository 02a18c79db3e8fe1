"""Home is drawn when somebody looks."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.home import cards
from handlers.slack.ids import Happening
from handlers.slack.payloads import looks_at_home, person_of
from handlers.slack.router import Router
from services.desk import Desk
from storage.home import home_of


def register(on: Router) -> None:
    on.event(Happening.HOME)(open_home)


async def open_home(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    if looks_at_home(body):
        await publish(client, desk, person_of(body))
    await ack()


async def publish(client: AsyncWebClient, desk: Desk, person: str) -> None:
    """The person's Home as things are now."""
    now = desk.clock()
    found = await desk.read(home_of, person, policy=desk.policy, at=now)
    await client.views_publish(user_id=person, view=cards.home(found, desk.policy, now, of=person))
