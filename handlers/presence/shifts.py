"""Where people say that they work beside their calendar: `/desk shift`, Home, a form."""

from datetime import date, time
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.presence.cards import shifts as cards
from handlers.presence.presence import local_today, refresh_home_if_shown, split_first_word, split_mention
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, escape_keeping_mentions, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand
from handlers.slack.router import Router
from handlers.slack.text import unescape_text
from handlers.slack.ticket_actions import open_modal
from rules.errors import FieldError, Refused
from rules.people.permissions import Permission, is_allowed, roles_anywhere
from rules.presence.shift_parsing import own_shift_on, parse_shift
from services.desk import Desk
from services.presence import presence, shifts
from storage.presence.shifts import find_shift


def register(on: Router) -> None:
    on.action(Button.NEW_SHIFT)(open_shift_form)
    on.view(Form.SHIFT)(enter_shift)
    on.action(Button.CANCEL_SHIFT)(cancel_shift)


async def answer_shift_word(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk shift …`; without a day or a time it opens the form."""
    said = TypedCommand.from_body(body)
    _, rest = split_first_word(unescape_text(said.text))
    whom, when = split_mention(rest, said.user)
    presence.check_may_enter(desk.policy, whom, said.user)
    if not when:
        await client.views_open(trigger_id=said.trigger_id, view=_shift_form(desk, whom, said.user))
        await ack()
        return
    shift = parse_shift(when, desk.clock(), presence.work_timezone(desk.policy, whom))
    id_ = await desk.execute_once(said.key, shifts.enter_shift, whom, shift, by=said.user)
    answer = await _shift_answer(desk, whom, id_, said.user)
    await ack(text=answer.text, blocks=answer.blocks)


async def open_shift_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.from_body(body)
    presence.check_staff(desk.policy, sent.user)
    await open_modal(client, sent, _shift_form(desk, sent.user, sent.user))
    await ack()


async def enter_shift(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Submission.from_body(body)
    whom = sent.answer("whom") or sent.metadata
    day, begins, ends = date.fromisoformat(sent.answer("day")), *map(time.fromisoformat, _from_and_until(sent))
    try:
        presence.check_may_enter(desk.policy, whom, sent.user)
        shift = own_shift_on(day, begins, ends, desk.clock(), presence.work_timezone(desk.policy, whom))
        id_ = await desk.execute_once(sent.key, shifts.enter_shift, whom, shift, by=sent.user)
    except Refused as refusal:
        raise FieldError("until", str(refusal)) from refusal
    await ack(response_action="update", view=cards.entered_page(await _shift_answer(desk, whom, id_, sent.user)))


async def cancel_shift(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.from_body(body)
    who, _, number = sent.value.partition(":")
    if not number.isdigit():
        raise OldCard
    words = await desk.execute_once(sent.key, shifts.cancel_shift, who, int(number), by=sent.user)
    if not await refresh_home_if_shown(client, desk, sent):
        said = Message(f"✓ {escape_keeping_mentions(words)}", [section(f"✓ {escape_keeping_mentions(words)}")])
        await ephemeral.replace_pressed_message(client, sent.response_url, said)
    await ack()


def _shift_form(desk: Desk, whom: str, by: str) -> dict[str, Any]:
    """Who leads people may choose one of them."""
    leads = is_allowed(Permission.ENTER_LEAVE_FOR_OTHERS, roles_anywhere(desk.policy, by))
    return cards.shift_form(whom, local_today(desk, whom), presence.work_timezone(desk.policy, whom), leads=leads)


def _from_and_until(sent: Submission) -> tuple[str, str]:
    return sent.answer("from"), sent.answer("until")


async def _shift_answer(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(find_shift, whom, id_)
    if row is None:
        raise shifts.ShiftOver
    return cards.shift_entered(row, desk.policy, desk.clock(), by=by)
