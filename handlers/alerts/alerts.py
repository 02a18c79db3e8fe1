"""An alert is answered: taken and assigned like any ticket, silenced for a while, or with a call for help."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.alerts.cards import forms
from handlers.slack.ids import Button, Form, More
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal, ticket_for_form
from rules.alerts import DEFAULT_SNOOZE, SNOOZE_CHOICES
from rules.people.permissions import Permission
from services.alerts import sweep
from services.desk import Desk

SNOOZE_SPANS = {str(More.SNOOZE_ONE_HOUR): SNOOZE_CHOICES[1], str(More.SNOOZE_TWO_HOURS): SNOOZE_CHOICES[2]}


def register(on: Router) -> None:
    on.action(Button.SNOOZE)(snooze_alert)
    on.view(Form.ASK_FOR_HELP)(ask_for_help)


async def snooze_alert(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    async with redraw_on_refusal(desk, press.ticket):
        await desk.execute_once(
            press.key,
            sweep.snooze_alerts,
            press.ticket,
            by=press.user,
            span=SNOOZE_SPANS.get(press.menu_choice, DEFAULT_SNOOZE),
        )
    await ack()


async def open_help_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.ASK_FOR_HELP)
    await open_modal(client, press, forms.help_form(ticket, desk.policy))
    await ack()


async def ask_for_help(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(sent.key, sweep.request_help, sent.ticket, by=sent.user, text=sent.answer("text"))
    await ack()
