"""Home is rendered when a person opens it."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.home import cards
from handlers.slack.ids import SlackEvent
from handlers.slack.payloads import is_home_tab, user_of
from handlers.slack.router import Router
from rules.people.permissions import Permission
from services.desk import Desk
from storage.home import home_content


def register(on: Router) -> None:
    on.event(SlackEvent.HOME_OPENED, Permission.OPEN_HOME)(show_home)
    on.publish_home = publish_home


async def show_home(body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    if is_home_tab(body):
        await publish_home(client, desk, user_of(body))


async def publish_home(client: AsyncWebClient, desk: Desk, user: str) -> None:
    now = desk.clock()
    home = await desk.read(home_content, user, policy=desk.policy, at=now)
    await client.views_publish(user_id=user, view=cards.home_view(home, desk.policy, now, user=user))
