"""Shifts beside the usual calendar: `/desk shift`, Home, a form."""

from datetime import date, time
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.presence.cards import shifts as cards
from handlers.presence.cards.presence import entered_page
from handlers.presence.presence import local_today, split_mention
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, escape_keeping_mentions, section
from handlers.slack.home_tab import HomeTab
from handlers.slack.ids import Button, Command, Form
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand
from handlers.slack.router import Router, WordHelp
from handlers.slack.ticket_actions import open_modal
from rules.errors import FieldError, Refused
from rules.people.permissions import Permission, is_allowed, roles_anywhere
from rules.presence.shift_parsing import own_shift_on, parse_shift
from services.desk import Desk
from services.presence import presence, shifts
from storage.presence.time_entries import find_entry
from storage.schema.people import ShiftEntry


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "shift",
        permission=Permission.SET_PRESENCE,
        help=WordHelp(
            ("/desk shift saturday 9:00-13:00", "/desk shift", "/desk shift @ben friday 9:00-17:00"),
            "work beside your usual hours, typed or by a form; for others: leads, managers, admins",
        ),
    )(answer_shift)
    on.action(Button.NEW_SHIFT, Permission.SET_PRESENCE)(open_shift_form)
    on.view(Form.SHIFT, Permission.SET_PRESENCE)(enter_shift)
    on.action(Button.CANCEL_SHIFT, Permission.SET_PRESENCE)(cancel_shift)


async def answer_shift(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Message | None:
    """Without a day or a time it opens the form."""
    whom, when = split_mention(command.rest, command.user)
    presence.check_may_enter(desk.policy, whom, command.user)
    if not when:
        await client.views_open(trigger_id=command.trigger_id, view=_shift_form(desk, whom, command.user))
        return None
    shift = parse_shift(when, desk.clock(), presence.work_timezone(desk.policy, whom))
    id_ = await desk.execute_once(command.key, shifts.enter_shift, whom, shift, by=command.user)
    return await _shift_answer(desk, whom, id_, command.user)


async def open_shift_form(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    presence.check_staff(desk.policy, press.user)
    await open_modal(client, press, _shift_form(desk, press.user, press.user))


async def enter_shift(form: Submission, desk: Desk) -> dict[str, Any]:
    whom = form.answer("whom") or form.metadata
    day = date.fromisoformat(form.answer("day"))
    begins, ends = time.fromisoformat(form.answer("from")), time.fromisoformat(form.answer("until"))
    try:
        presence.check_may_enter(desk.policy, whom, form.user)
        shift = own_shift_on(day, begins, ends, desk.clock(), presence.work_timezone(desk.policy, whom))
        id_ = await desk.execute_once(form.key, shifts.enter_shift, whom, shift, by=form.user)
    except Refused as refusal:
        raise FieldError("until", str(refusal)) from refusal
    return entered_page(await _shift_answer(desk, whom, id_, form.user))


async def cancel_shift(press: Press, client: AsyncWebClient, home: HomeTab, desk: Desk) -> None:
    who, _, number = press.value.partition(":")
    if not number.isdigit():
        raise OldCard
    words = await desk.execute_once(press.key, shifts.cancel_shift, who, int(number), by=press.user)
    if not await home.refresh():
        said = Message(f"✓ {escape_keeping_mentions(words)}", [section(f"✓ {escape_keeping_mentions(words)}")])
        await ephemeral.replace_pressed_message(client, press.response_url, said)


def _shift_form(desk: Desk, whom: str, by: str) -> dict[str, Any]:
    leads = is_allowed(Permission.ENTER_LEAVE_FOR_OTHERS, roles_anywhere(desk.policy, by))
    return cards.shift_form(whom, local_today(desk, whom), presence.work_timezone(desk.policy, whom), leads=leads)


async def _shift_answer(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(find_entry, ShiftEntry, whom, id_)
    if row is None:
        raise shifts.ShiftOver
    return cards.shift_entered(row, desk.policy, desk.clock(), by=by)
