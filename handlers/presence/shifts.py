"""Where people say that they work beside their calendar: `/desk shift`, Home, a form."""

from datetime import date, time
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.presence.cards import shifts as cards
from handlers.presence.presence import first_word, home_too, today_of, whom_named
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, safe, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission, Typed
from handlers.slack.router import Router
from handlers.slack.text import unescape
from handlers.slack.ticket_actions import show
from rules.errors import DeskError, FieldError
from rules.people.permissions import Deed, allowed, desk_roles
from rules.presence.shift_parsing import read_shift, shift_on
from services.desk import Desk
from services.presence import presence, shifts
from storage.presence.shifts import own_shift


def register(on: Router) -> None:
    on.action(Button.SHIFT_ASK)(ask_when)
    on.view(Form.SHIFT)(enter)
    on.action(Button.SHIFT_CANCEL)(take_back)


async def typed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk shift …`; without a day or a time it opens the form."""
    said = Typed.read(body)
    _, rest = first_word(unescape(said.text))
    whom, when = whom_named(rest, said.by)
    presence.may_enter(desk.policy, whom, said.by)
    if not when:
        await client.views_open(trigger_id=said.trigger_id, view=_form(desk, whom, said.by))
        await ack()
        return
    shift = read_shift(when, desk.clock(), presence.place_of(desk.policy, whom))
    id_ = await desk.execute_once(said.key, shifts.enter, whom, shift, by=said.by)
    answer = await _entered(desk, whom, id_, said.by)
    await ack(text=answer.text, blocks=answer.blocks)


async def ask_when(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.read(body)
    presence.of_the_desk(desk.policy, sent.by)
    await show(client, sent, _form(desk, sent.by, sent.by))
    await ack()


async def enter(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Submission.read(body)
    whom = sent.says("whom") or sent.about
    day, begins, ends = date.fromisoformat(sent.says("day")), *map(time.fromisoformat, _times(sent))
    try:
        presence.may_enter(desk.policy, whom, sent.by)
        shift = shift_on(day, begins, ends, desk.clock(), presence.place_of(desk.policy, whom))
        id_ = await desk.execute_once(sent.key, shifts.enter, whom, shift, by=sent.by)
    except DeskError as refusal:
        raise FieldError("until", str(refusal)) from refusal
    await ack(response_action="update", view=cards.entered_page(await _entered(desk, whom, id_, sent.by)))


async def take_back(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.read(body)
    who, _, number = sent.value.partition(":")
    if not number.isdigit():
        raise OldCard
    words = await desk.execute_once(sent.key, shifts.cancel, who, int(number), by=sent.by)
    if not await home_too(client, desk, sent):
        said = Message(f"✓ {safe(words)}", [section(f"✓ {safe(words)}")])
        await ephemeral.in_place(client, sent.response_url, said)
    await ack()


def _form(desk: Desk, whom: str, by: str) -> dict[str, Any]:
    """Who leads people may choose one of them."""
    leads = allowed(Deed.LEAVE_FOR, desk_roles(desk.policy, by))
    return cards.form_(whom, today_of(desk, whom), presence.place_of(desk.policy, whom), leads=leads)


def _times(sent: Submission) -> tuple[str, str]:
    return sent.says("from"), sent.says("until")


async def _entered(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(own_shift, whom, id_)
    if row is None:
        raise shifts.OldShift
    return cards.entered(row, desk.policy, desk.clock(), by=by)
