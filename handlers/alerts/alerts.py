"""An alert is answered: taken and assigned like any ticket, silenced for a while, or with a call for help."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.alerts.cards import forms
from handlers.slack.ids import Button, Form, More
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import about, show, up_to_date
from rules.alerts import SNOOZE, SNOOZES
from rules.people.permissions import Deed
from services.alerts import sweep
from services.desk import Desk

SPANS = {str(More.SNOOZE_HOUR): SNOOZES[1], str(More.SNOOZE_TWO): SNOOZES[2]}


def register(on: Router) -> None:
    on.action(Button.SNOOZE)(snooze)
    on.view(Form.HELP)(ask_help)


async def snooze(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.execute_once(press.key, sweep.snooze, press.number, by=press.by, span=SPANS.get(press.word, SNOOZE))
    await ack()


async def ask_what_helps(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.ASK_HELP)
    await show(client, press, forms.help_(ticket, desk.policy))
    await ack()


async def ask_help(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(sent.key, sweep.ask_help, sent.number, by=sent.by, text=sent.says("text"))
    await ack()
