"""More time for a ticket: asked for in a form, given at once or by the lead."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.sla.cards import extensions as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import about, show, up_to_date
from rules.errors import FieldError
from rules.model.timers import ClockKind
from rules.people.permissions import Deed
from services.desk import Desk
from services.sla import extensions
from storage.sla import timers


def register(on: Router) -> None:
    on.action(Button.EXTEND)(ask_how_long)
    on.view(Form.EXTEND)(extend)
    on.action(Button.GRANT)(grant)
    on.action(Button.REFUSE)(refuse)


async def ask_how_long(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.EXTEND, extensions.extendable)
    ticking = await desk.read(timers.of, ticket.number)
    await show(client, press, cards.form(ticket, ticking, desk.policy, desk.clock()))
    await ack()


async def extend(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        given = await desk.execute_once(
            sent.key,
            extensions.extend,
            sent.number,
            by=sent.by,
            target=_target(sent),
            more=sent.says("more"),
            reason=sent.says("reason"),
        )
    if given:
        await ack()
    else:
        await ack(response_action="update", view=cards.asked(sent.number))


async def grant(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    await _answer(body, desk, yes=True)
    await ack()


async def refuse(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    await _answer(body, desk, yes=False)
    await ack()


async def _answer(body: dict[str, Any], desk: Desk, *, yes: bool) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(press.key, extensions.answer, number, round_, by=press.by, yes=yes)


def _target(sent: Submission) -> ClockKind:
    try:
        return ClockKind(sent.says("target"))
    except ValueError:
        raise FieldError("target", "Choose one of the list.") from None
