"""Asking the experts, and their answer."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import escalations as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal, ticket_for_form
from rules.errors import FieldError
from rules.escalations.escalations import RejectionReason
from rules.people.permissions import Permission
from services.desk import Desk
from services.escalations import escalations
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket


def register(on: Router) -> None:
    on.action(Button.ESCALATE)(open_escalate_form)
    on.view(Form.ESCALATE)(escalate)
    on.action(Button.ACCEPT)(accept)
    on.action(Button.REJECT)(open_reject_form)
    on.view(Form.REJECT)(reject)
    on.action(Button.REQUEST_INFO)(open_request_info_form)
    on.view(Form.REQUEST_INFO)(request_info)


async def open_escalate_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.ESCALATE)
    async with redraw_on_refusal(desk, press.ticket):
        await desk.read(escalations.check_escalatable, desk.policy, ticket)
    await open_modal(client, press, cards.escalate_form(ticket, desk.policy))
    await ack()


async def escalate(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(
            sent.key,
            escalations.escalate,
            sent.ticket,
            by=sent.user,
            team=sent.answer("team"),
            why=sent.answer("why"),
            tried=sent.answer("tried"),
        )
    await ack()


async def accept(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    number, round_ = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(press.key, escalations.accept, number, round_, by=press.user)
    await ack()


async def open_reject_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await _ticket_to_decide(desk, press, Permission.REJECT_ESCALATION)
    await open_modal(client, press, cards.reject_form(ticket, press.ticket_and_index[1], desk.policy))
    await ack()


async def reject(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    number, round_ = sent.ticket_and_index
    advice, comment = _parse_reason(sent.answer("advice")), sent.answer("comment")
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(
            sent.key, escalations.reject, number, round_, by=sent.user, advice=advice, comment=comment
        )
    await ack()


async def open_request_info_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await _ticket_to_decide(desk, press, Permission.REQUEST_INFO)
    await open_modal(client, press, cards.request_info_form(ticket, press.ticket_and_index[1], desk.policy))
    await ack()


async def request_info(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    number, round_ = sent.ticket_and_index
    question = sent.answer("question")
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(sent.key, escalations.request_info, number, round_, by=sent.user, question=question)
    await ack()


async def _ticket_to_decide(desk: Desk, press: Press, deed: Permission) -> Ticket:
    """The ticket in question; what is decided already, or not theirs to decide, is refused before anyone types."""
    number, round_ = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.read(escalations.decidable_escalation, desk.policy, number, round_, deed=deed, by=press.user)
    return await desk.read(get_ticket, number)


def _parse_reason(word: str) -> RejectionReason:
    try:
        return RejectionReason(word)
    except ValueError:
        raise FieldError("advice", "Choose one of the reasons.") from None
