"""A colleague looks at an escalation before it goes to the experts."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import peer_review as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal
from services.desk import Desk
from services.escalations import peer_review


def register(on: Router) -> None:
    on.action(Button.FORWARD_TO_EXPERTS)(forward_to_experts)
    on.action(Button.RETURN_ESCALATION)(open_return_form)
    on.view(Form.RETURN_ESCALATION)(return_escalation)


async def forward_to_experts(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    number, round_ = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(press.key, peer_review.forward_to_experts, number, round_, by=press.user)
    await ack()


async def open_return_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    number, round_ = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        ticket, _ = await desk.execute(peer_review.lock_reviewable, number, round_, by=press.user)
    await open_modal(client, press, cards.return_form(ticket, round_, desk.policy))
    await ack()


async def return_escalation(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    number, round_ = sent.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(
            sent.key, peer_review.return_to_asker, number, round_, by=sent.user, comment=sent.answer("comment")
        )
    await ack()
