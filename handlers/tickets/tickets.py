"""Working a ticket from its card: take, resolve, reopen, and what stands under ⋯."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.alerts.alerts import open_help_form, snooze_alert
from handlers.sla.explanations import explain_deadline
from handlers.slack.ids import Button, Form, More
from handlers.slack.payloads import OldCard, Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import open_modal, redraw_on_refusal, ticket_for_form
from handlers.tickets.cards import forms
from handlers.tickets.lists import open_ticket
from rules.errors import FieldError
from rules.model.tickets import Priority, ReplyBy
from rules.people.permissions import Permission
from services.desk import Desk
from services.tickets import corrections, tickets
from services.tickets.corrections import Correction


def register(on: Router) -> None:
    on.action(Button.TAKE)(take_ticket)
    on.action(Button.RESOLVE)(open_resolve_form)
    on.view(Form.RESOLVE)(resolve_ticket)
    on.action(Button.MORE_MENU)(answer_menu)
    on.action(Button.REPLY)(open_reply_form)
    on.view(Form.REPLY)(reply_to_customer)
    on.view(Form.NOTE)(add_note)
    on.action(Button.CHANGE)(open_change_form)
    on.view(Form.CHANGE)(change_ticket)
    on.action(Button.REOPEN)(open_reopen_form)
    on.view(Form.REOPEN)(reopen_ticket)


async def take_ticket(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.from_body(body)
    async with redraw_on_refusal(desk, press.ticket):
        await desk.execute_once(press.key, tickets.take, press.ticket, by=press.user)
    await ack()


async def open_resolve_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.RESOLVE_TICKET, tickets.check_resolvable)
    await open_modal(client, press, forms.resolve_form(ticket, desk.policy))
    await ack()


async def resolve_ticket(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(sent.key, tickets.resolve, sent.ticket, by=sent.user, solution=sent.answer("solution"))
    await ack()


async def answer_menu(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The line chosen under ⋯; a word of an older card is answered as such."""
    chosen = _LISTENERS_BY_CHOICE.get(Press.from_body(body).menu_choice)
    if chosen is None:
        raise OldCard
    await chosen(ack, body, client, desk)


async def open_reply_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.REPLY_TO_REQUESTER)
    await open_modal(client, press, forms.reply_form(ticket, desk.policy))
    await ack()


async def reply_to_customer(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(sent.key, tickets.reply, sent.ticket, by=sent.user, text=sent.answer("text"))
    await ack()


async def open_note_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.ADD_NOTE)
    await open_modal(client, press, forms.note_form(ticket, desk.policy))
    await ack()


async def add_note(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(sent.key, tickets.add_note, sent.ticket, by=sent.user, text=sent.answer("text"))
    await ack()


async def open_change_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.CHANGE_TICKET, corrections.check_correctable)
    await open_modal(client, press, forms.change_form(ticket, desk.policy))
    await ack()


async def change_ticket(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    number, seen = sent.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(
            sent.key,
            corrections.correct_ticket,
            number,
            by=sent.user,
            to=_correction_from_form(sent),
            last_seen_seq=seen,
        )
    await ack()


async def open_reopen_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    ticket = await ticket_for_form(desk, press, Permission.REOPEN_TICKET, tickets.check_reopenable)
    await open_modal(client, press, forms.reopen_form(ticket, desk.policy))
    await ack()


async def reopen_ticket(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.from_body(body)
    async with redraw_on_refusal(desk, sent.ticket):
        await desk.execute_once(sent.key, tickets.reopen, sent.ticket, by=sent.user, reason=sent.answer("reason"))
    await ack()


async def _wait_for_customer(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    async with redraw_on_refusal(desk, press.ticket):
        await desk.execute_once(press.key, tickets.wait_for_customer, press.ticket, by=press.user)
    await ack()


async def snooze_from_menu(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    await snooze_alert(ack, body, desk)


_LISTENERS_BY_CHOICE: dict[str, Callable[[AsyncAck, dict[str, Any], AsyncWebClient, Desk], Awaitable[None]]] = {
    More.WAIT_FOR_CUSTOMER: _wait_for_customer,
    More.REPLY: open_reply_form,
    More.NOTE: open_note_form,
    More.CHANGE: open_change_form,
    More.REOPEN: open_reopen_form,
    More.OPEN: open_ticket,
    More.EXPLAIN_DEADLINE: explain_deadline,
    More.ASK_FOR_HELP: open_help_form,
    More.SNOOZE_ONE_HOUR: snooze_from_menu,
    More.SNOOZE_TWO_HOURS: snooze_from_menu,
}


def _correction_from_form(sent: Submission) -> Correction:
    try:
        priority, reply_by = Priority(sent.answer("priority")), ReplyBy(sent.answer("reply_by"))
    except ValueError:
        raise FieldError("priority", "Choose one of the list.") from None
    return Correction(
        title=sent.answer("title"),
        type=sent.answer("type"),
        priority=priority,
        customer=sent.answer("customer"),
        reply_by=reply_by,
    )
