"""A colleague looks at an escalation before it goes to the experts."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import peer_review as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import show, up_to_date
from services.desk import Desk
from services.escalations import peer_review


def register(on: Router) -> None:
    on.action(Button.SEND_ON)(send_on)
    on.action(Button.RETURN)(ask_why)
    on.view(Form.RETURN)(return_)


async def send_on(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(press.key, peer_review.send_on, number, round_, by=press.by)
    await ack()


async def ask_why(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        ticket, _ = await desk.execute(peer_review.to_check, number, round_, by=press.by)
    await show(client, press, cards.return_form(ticket, round_, desk.policy))
    await ack()


async def return_(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, round_ = sent.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(sent.key, peer_review.return_, number, round_, by=sent.by, comment=sent.says("comment"))
    await ack()
