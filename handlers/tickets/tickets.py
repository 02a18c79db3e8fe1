"""Working a ticket from its card: take, resolve, reopen, and what stands under ⋯."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.alerts.alerts import ask_what_helps, snooze
from handlers.sla.explanations import why
from handlers.slack.ids import Button, Form, More
from handlers.slack.payloads import OldCard, Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import about, show, up_to_date
from handlers.tickets.cards import forms
from handlers.tickets.lists import open_ticket
from rules.errors import FieldError
from rules.model.tickets import Priority, ReplyBy
from rules.people.permissions import Deed
from services.desk import Desk
from services.tickets import corrections, tickets
from services.tickets.corrections import Correction


def register(on: Router) -> None:
    on.action(Button.TAKE)(take)
    on.action(Button.RESOLVE)(ask_solution)
    on.view(Form.RESOLVE)(resolve)
    on.action(Button.MORE)(more)
    on.action(Button.REPLY)(ask_reply)
    on.view(Form.REPLY)(reply)
    on.view(Form.NOTE)(note)
    on.action(Button.CHANGE)(ask_changes)
    on.view(Form.CHANGE)(change)
    on.action(Button.REOPEN)(ask_reason)
    on.view(Form.REOPEN)(reopen)


async def take(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.execute_once(press.key, tickets.take, press.number, by=press.by)
    await ack()


async def ask_solution(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.RESOLVE, tickets.resolvable)
    await show(client, press, forms.resolve(ticket, desk.policy))
    await ack()


async def resolve(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(sent.key, tickets.resolve, sent.number, by=sent.by, solution=sent.says("solution"))
    await ack()


async def more(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The line chosen under ⋯; a word of an older card is answered as such."""
    chosen = _UNDER_MORE.get(Press.read(body).word)
    if chosen is None:
        raise OldCard
    await chosen(ack, body, client, desk)


async def ask_reply(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.REPLY)
    await show(client, press, forms.reply(ticket, desk.policy))
    await ack()


async def reply(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(sent.key, tickets.reply, sent.number, by=sent.by, text=sent.says("text"))
    await ack()


async def ask_note(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.NOTE)
    await show(client, press, forms.note(ticket, desk.policy))
    await ack()


async def note(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(sent.key, tickets.note, sent.number, by=sent.by, text=sent.says("text"))
    await ack()


async def ask_changes(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.CHANGE, corrections.changeable)
    await show(client, press, forms.change(ticket, desk.policy))
    await ack()


async def change(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    number, seen = sent.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(sent.key, corrections.change, number, by=sent.by, to=_correction(sent), since=seen)
    await ack()


async def ask_reason(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    ticket = await about(desk, press, Deed.REOPEN, tickets.reopenable)
    await show(client, press, forms.reopen(ticket, desk.policy))
    await ack()


async def reopen(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    async with up_to_date(desk, sent.number):
        await desk.execute_once(sent.key, tickets.reopen, sent.number, by=sent.by, reason=sent.says("reason"))
    await ack()


async def _wait(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    async with up_to_date(desk, press.number):
        await desk.execute_once(press.key, tickets.wait, press.number, by=press.by)
    await ack()


async def snoozed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    await snooze(ack, body, desk)


_UNDER_MORE: dict[str, Callable[[AsyncAck, dict[str, Any], AsyncWebClient, Desk], Awaitable[None]]] = {
    More.WAIT: _wait,
    More.REPLY: ask_reply,
    More.NOTE: ask_note,
    More.CHANGE: ask_changes,
    More.REOPEN: ask_reason,
    More.OPEN: open_ticket,
    More.WHY: why,
    More.HELP: ask_what_helps,
    More.SNOOZE_HOUR: snoozed,
    More.SNOOZE_TWO: snoozed,
}


def _correction(sent: Submission) -> Correction:
    try:
        priority, reply_by = Priority(sent.says("priority")), ReplyBy(sent.says("reply_by"))
    except ValueError:
        raise FieldError("priority", "Choose one of the list.") from None
    return Correction(
        title=sent.says("title"),
        type=sent.says("type"),
        priority=priority,
        customer=sent.says("customer"),
        reply_by=reply_by,
    )
