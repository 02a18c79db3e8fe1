"""*Next ticket*: by `/desk next` or from Home; taken or skipped with one tap."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment.cards import next_ticket as cards
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, page
from handlers.slack.ids import Button
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from handlers.slack.ticket_actions import up_to_date
from rules.people.permissions import Deed, NotAllowed, allowed, desk_roles
from services.assignment import routing
from services.desk import Desk
from services.tickets import tickets
from storage.assignment.candidates import next_of


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
        await desk.execute_once(press.key, tickets.take, press.number, by=press.by)
    await _put(client, press, cards.taken(press.number))
    await ack()


async def skip(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    await desk.execute_once(press.key, routing.skip, press.number, by=press.by)
    await _put(client, press, await found(desk, press.by))
    await ack()


async def found(desk: Desk, by: str) -> Message:
    """The next ticket for this person, as a message."""
    if not allowed(Deed.NEXT, desk_roles(desk.policy, by)):
        raise NotAllowed(Deed.NEXT)
    now = desk.clock()
    return cards.card(await desk.read(next_of, by, policy=desk.policy, at=now), desk.policy, now)


async def _put(client: AsyncWebClient, press: Press, said: Message) -> None:
    """Where the person is: on Home a page opens, in a page it changes, in a channel the answer does."""
    shown = page("Next ticket", said.blocks)
    if press.view.get("type") == "modal":
        await client.views_update(view_id=press.view["id"], view=shown)
    elif press.view:
        await client.views_open(trigger_id=press.trigger_id, view=shown)
    elif not await ephemeral.in_place(client, press.response_url, said):
        await ephemeral.in_channel(client, press.channel, press.by, said)
