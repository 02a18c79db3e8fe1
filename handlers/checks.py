"""A colleague looks at an escalation before it goes to the experts."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from desk import checks
from desk.desk import Desk
from handlers.cards import checks as cards
from handlers.ids import Button, Form
from handlers.payloads import Press, Submission
from handlers.pressing import show, up_to_date
from handlers.router import Router


def register(on: Router) -> None:
    on.action(Button.SEND_ON)(send_on)
    on.action(Button.RETURN)(ask_why)
    on.view(Form.RETURN)(return_)


async def send_on(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        await desk.once(press.key, checks.send_on, number, round_, by=press.by)
    await ack()


async def ask_why(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        ticket, _ = await desk.do(checks.to_check, number, round_, by=press.by)
    await show(client, press, cards.return_form(ticket, round_, desk.policy))
    await ack()


async def return_(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, round_ = sent.numbers
    async with up_to_date(desk, number):
        await desk.once(sent.key, checks.return_, number, round_, by=sent.by, comment=sent.says("comment"))
    await ack()
