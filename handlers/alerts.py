"""An alert is answered: taken and assigned like any ticket, or silenced for a while."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from desk import sla
from desk.desk import Desk
from handlers.ids import Button
from handlers.payloads import Press
from handlers.pressing import up_to_date
from handlers.router import Router


def register(on: Router) -> None:
    on.action(Button.SNOOZE)(snooze)


async def snooze(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.once(press.key, sla.snooze, press.number, by=press.by)
    await ack()
