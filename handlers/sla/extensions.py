"""More time for a ticket: asked for in a form, given at once or by the lead."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.sla.cards import extensions as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal, ticket_for_form
from rules.errors import FieldError
from rules.model.timers import TimerKind
from rules.people.permissions import Permission
from services.desk import Desk
from services.sla import extensions
from storage.sla import timers


def register(on: Router) -> None:
    on.action(Button.EXTEND)(open_extension_form)
    on.view(Form.EXTEND)(extend_deadline)
    on.action(Button.GRANT_EXTENSION)(grant_extension)
    on.action(Button.REFUSE_EXTENSION)(refuse_extension)


async def open_extension_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.EXTEND_TARGET, extensions.check_extendable)
    ticking = await desk.read(timers.ticket_timers, ticket.number)
    await open_modal(client, press, cards.extension_form(ticket, ticking, desk.policy, desk.clock()))
    await ack()


async def extend_deadline(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        given = await desk.execute_once(
            sent.key,
            extensions.extend_timer,
            sent.ticket,
            by=sent.user,
            target=_parse_target(sent),
            more=sent.answer("more"),
            reason=sent.answer("reason"),
        )
    if given:
        await ack()
    else:
        await ack(response_action="update", view=cards.extension_requested_page(sent.ticket))


async def grant_extension(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    await _decide_extension(body, desk, yes=True)
    await ack()


async def refuse_extension(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    await _decide_extension(body, desk, yes=False)
    await ack()


async def _decide_extension(body: dict[str, Any], desk: Desk, *, yes: bool) -> None:
    press = Press.from_body(body)
    number, round_ = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(press.key, extensions.answer_extension, number, round_, by=press.user, granted=yes)


def _parse_target(sent: Submission) -> TimerKind:
    try:
        return TimerKind(sent.answer("target"))
    except ValueError:
        raise FieldError("target", "Choose one of the list.") from None
