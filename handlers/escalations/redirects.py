"""An escalation takes another way: to other experts, or back to the one who asked."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import escalations as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import show, up_to_date
from rules.people.permissions import Deed
from services.desk import Desk
from services.escalations import escalations, redirects
from storage.escalations.escalations import chain
from storage.tickets.tickets import seen


def register(on: Router) -> None:
    on.action(Button.REDIRECT)(ask_where)
    on.view(Form.REDIRECT)(redirect)
    on.action(Button.WITHDRAW)(withdraw)


async def ask_where(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        asked = await desk.read(escalations.decidable, desk.policy, number, round_, deed=Deed.REDIRECT, by=press.by)
    ticket, before = await desk.read(seen, number), await desk.read(chain, asked)
    await show(client, press, cards.redirect_form(ticket, asked, desk.policy, before))
    await ack()


async def redirect(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, round_ = sent.numbers
    team, reason = sent.says("team"), sent.says("reason")
    async with up_to_date(desk, number):
        await desk.execute_once(sent.key, redirects.redirect, number, round_, by=sent.by, team=team, reason=reason)
    await ack()


async def withdraw(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.execute_once(press.key, redirects.take_back, press.number, by=press.by)
    await ack()
