"""The steps of a ticket's process, one after another."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from desk import steps
from desk.desk import Desk
from handlers.ids import Button
from handlers.payloads import Press
from handlers.pressing import up_to_date
from handlers.router import Router


def register(on: Router) -> None:
    on.action(Button.STEP)(finish)


async def finish(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    number, place = press.numbers
    async with up_to_date(desk, number):
        await desk.once(press.key, steps.finish, number, place, by=press.by)
    await ack()
