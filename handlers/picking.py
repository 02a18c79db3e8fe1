"""*Next ticket*: by `/desk next` or from Home; taken or skipped with one tap."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from desk import picking, tickets
from desk.desk import Desk
from handlers import whispers
from handlers.cards import picking as cards
from handlers.cards.blocks import Message, page
from handlers.ids import Button
from handlers.payloads import Press
from handlers.pressing import up_to_date
from handlers.router import Router
from rules.roles import Deed, NotAllowed, allowed, desk_roles
from storage.picking import next_of


def register(on: Router) -> None:
    on.action(Button.NEXT)(show)
    on.action(Button.TAKE_NEXT)(take)
    on.action(Button.SKIP)(skip)


async def show(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    await _put(client, press, await found(desk, press.by))
    await ack()


async def take(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.once(press.key, tickets.take, press.number, by=press.by)
    await _put(client, press, cards.taken(press.number))
    await ack()


async def skip(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    await desk.once(press.key, picking.skip, press.number, by=press.by)
    await _put(client, press, await found(desk, press.by))
    await ack()


async def found(desk: Desk, by: str) -> Message:
    """The next ticket for this person, as a message."""
    if not allowed(Deed.NEXT, desk_roles(desk.policy, by)):
        raise NotAllowed(Deed.NEXT)
    now = desk.clock()
    return cards.card(await desk.ask(next_of, by, policy=desk.policy, at=now), desk.policy, now)


async def _put(client: AsyncWebClient, press: Press, said: Message) -> None:
    """Where the person is: on Home a page opens, in a page it changes, in a channel the answer does."""
    shown = page("Next ticket", said.blocks)
    if press.view.get("type") == "modal":
        await client.views_update(view_id=press.view["id"], view=shown)
    elif press.view:
        await client.views_open(trigger_id=press.trigger_id, view=shown)
    elif not await whispers.in_place(client, press.response_url, said):
        await whispers.in_channel(client, press.channel, press.by, said)
