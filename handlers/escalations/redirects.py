"""An escalation takes another way: to other experts, or back to the one who asked."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import escalations as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal
from rules.people.permissions import Permission
from services.desk import Desk
from services.escalations import escalations, redirects
from storage.escalations.escalations import redirect_chain
from storage.tickets.tickets import get_ticket


def register(on: Router) -> None:
    on.action(Button.REDIRECT)(open_redirect_form)
    on.view(Form.REDIRECT)(redirect_escalation)
    on.action(Button.WITHDRAW)(withdraw_escalation)


async def open_redirect_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    number, round_ = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        asked = await desk.read(
            escalations.decidable_escalation,
            desk.policy,
            number,
            round_,
            deed=Permission.REDIRECT_ESCALATION,
            by=press.user,
        )
    ticket, before = await desk.read(get_ticket, number), await desk.read(redirect_chain, asked)
    await open_modal(client, press, cards.redirect_form(ticket, asked, desk.policy, before))
    await ack()


async def redirect_escalation(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    number, round_ = sent.ticket_and_index
    team, reason = sent.answer("team"), sent.answer("reason")
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(sent.key, redirects.redirect, number, round_, by=sent.user, team=team, reason=reason)
    await ack()


async def withdraw_escalation(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    async with redraw_on_refusal(desk, press.ticket):
        await desk.execute_once(press.key, redirects.withdraw, press.ticket, by=press.user)
    await ack()
