"""Why this deadline? The arithmetic behind a due time, for whoever may see the ticket."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from desk.desk import Desk
from handlers.cards import explanations as cards
from handlers.ids import Button
from handlers.listing import looked_at
from handlers.payloads import Press
from handlers.pressing import show
from handlers.router import Router


def register(on: Router) -> None:
    on.action(Button.WHY)(why)


async def why(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    look = await desk.ask(looked_at, press.number, policy=desk.policy, by=press.by)
    await show(client, press, cards.explained(look.ticket, look.clocks, desk.policy, desk.clock()))
    await ack()
