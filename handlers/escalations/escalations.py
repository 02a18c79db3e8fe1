"""Asking the experts, and their answer."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.cards import escalations as cards
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import about, show, up_to_date
from rules.errors import FieldError
from rules.escalations.escalations import Advice
from rules.people.permissions import Deed
from services.desk import Desk
from services.escalations import escalations
from storage.schema.tickets import Ticket
from storage.tickets.tickets import seen


def register(on: Router) -> None:
    on.action(Button.ESCALATE)(ask_evidence)
    on.view(Form.ESCALATE)(escalate)
    on.action(Button.ACCEPT)(accept)
    on.action(Button.REJECT)(ask_why)
    on.view(Form.REJECT)(reject)
    on.action(Button.ASK_BACK)(ask_question)
    on.view(Form.ASK_BACK)(ask_back)


async def ask_evidence(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.ESCALATE)
    async with up_to_date(desk, press.number):
        await desk.read(escalations.escalatable, desk.policy, ticket)
    await show(client, press, cards.escalate_form(ticket, desk.policy))
    await ack()


async def escalate(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(
            sent.key,
            escalations.escalate,
            sent.number,
            by=sent.by,
            team=sent.says("team"),
            why=sent.says("why"),
            tried=sent.says("tried"),
        )
    await ack()


async def accept(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(press.key, escalations.accept, number, round_, by=press.by)
    await ack()


async def ask_why(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await _decidable(desk, press, Deed.REJECT)
    await show(client, press, cards.reject_form(ticket, press.numbers[1], desk.policy))
    await ack()


async def reject(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, round_ = sent.numbers
    advice, comment = _advice(sent.says("advice")), sent.says("comment")
    async with up_to_date(desk, number):
        await desk.execute_once(
            sent.key, escalations.reject, number, round_, by=sent.by, advice=advice, comment=comment
        )
    await ack()


async def ask_question(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await _decidable(desk, press, Deed.ASK_BACK)
    await show(client, press, cards.ask_back_form(ticket, press.numbers[1], desk.policy))
    await ack()


async def ask_back(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, round_ = sent.numbers
    question = sent.says("question")
    async with up_to_date(desk, number):
        await desk.execute_once(sent.key, escalations.ask_back, number, round_, by=sent.by, question=question)
    await ack()


async def _decidable(desk: Desk, press: Press, deed: Deed) -> Ticket:
    """The ticket in question; what is decided already, or not theirs to decide, is refused before anyone types."""
    number, round_ = press.numbers
    async with up_to_date(desk, number):
        await desk.read(escalations.decidable, desk.policy, number, round_, deed=deed, by=press.by)
    return await desk.read(seen, number)


def _advice(word: str) -> Advice:
    try:
        return Advice(word)
    except ValueError:
        raise FieldError("advice", "Choose one of the reasons.") from None
