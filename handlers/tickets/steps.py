"""The steps of a ticket's process, one after another."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.slack.ids import Button
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from handlers.slack.ticket_actions import redraw_on_refusal
from services.desk import Desk
from services.tickets import steps


def register(on: Router) -> None:
    on.action(Button.FINISH_STEP)(finish_step)


async def finish_step(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    number, place = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(press.key, steps.finish_step, number, place, by=press.user)
    await ack()
