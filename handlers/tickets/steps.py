"""The steps of a ticket's process, one after another."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.slack.ids import Button
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from handlers.slack.ticket_actions import up_to_date
from services.desk import Desk
from services.tickets import steps


def register(on: Router) -> None:
    on.action(Button.STEP)(finish)


async def finish(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    number, place = press.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(press.key, steps.finish, number, place, by=press.by)
    await ack()
