"""Shifts outside the usual calendar: `/desk shift`, Home, a form."""

from slack_sdk.web.async_client import AsyncWebClient

from handlers.presence.cards import shifts as cards
from handlers.presence.cards.presence import entered_page
from handlers.presence.presence import entry_of, local_today, show_cancelled, split_mention
from handlers.slack.blocks import Message, Modal
from handlers.slack.home_tab import HomeTab
from handlers.slack.ids import Button, Command, Form
from handlers.slack.payloads import Press, Submission, TypedCommand
from handlers.slack.router import Answer, Router
from rules.errors import FieldError, Refused
from rules.people.permissions import Permission, is_allowed, roles_anywhere
from rules.presence.shift_parsing import own_shift_on, parse_shift
from rules.text import _
from services.desk import Desk
from services.presence import presence, shifts
from storage.presence.time_entries import find_entry
from storage.schema.people import ShiftEntry


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "shift",
        Permission.SET_PRESENCE,
        _("work outside your usual hours, typed or in a form; for others: leads, managers, admins"),
        examples=("/desk shift saturday 9:00-13:00", "/desk shift", "/desk shift @ben friday 9:00-17:00"),
    )(answer_shift)
    on.action(Button.NEW_SHIFT, Permission.SET_PRESENCE)(open_shift_form)
    on.view(Form.SHIFT, Permission.SET_PRESENCE)(enter_shift)
    on.action(Button.CANCEL_SHIFT, Permission.SET_PRESENCE)(cancel_shift)


async def answer_shift(command: TypedCommand, desk: Desk) -> Answer:
    whom, when = split_mention(command.rest, command.user)
    presence.check_may_enter(desk.policy, whom, command.user)
    if not when:
        return _shift_form(desk, whom, command.user)
    shift = parse_shift(when, desk.clock(), presence.work_timezone(desk.policy, whom))
    id_ = await desk.execute_once(command.key, shifts.enter_shift, whom, shift, by=command.user)
    return await _shift_answer(desk, whom, id_, command.user)


async def open_shift_form(press: Press, desk: Desk) -> Modal:
    presence.check_staff(desk.policy, press.user)
    return _shift_form(desk, press.user, press.user)


async def enter_shift(form: Submission, desk: Desk) -> Modal:
    whom = form["whom"] or form.metadata
    day, begins, ends = form.day("day"), form.time("from"), form.time("until")
    try:
        presence.check_may_enter(desk.policy, whom, form.user)
        shift = own_shift_on(day, begins, ends, desk.clock(), presence.work_timezone(desk.policy, whom))
        id_ = await desk.execute_once(form.key, shifts.enter_shift, whom, shift, by=form.user)
    except Refused as refusal:
        raise FieldError("until", refusal.text) from refusal
    return entered_page(await _shift_answer(desk, whom, id_, form.user))


async def cancel_shift(press: Press, client: AsyncWebClient, home: HomeTab, desk: Desk) -> None:
    words = await desk.execute_once(press.key, shifts.cancel_shift, *entry_of(press), by=press.user)
    await show_cancelled(press, client, home, words)


def _shift_form(desk: Desk, whom: str, by: str) -> Modal:
    leads = is_allowed(Permission.ENTER_LEAVE_FOR_OTHERS, roles_anywhere(desk.policy, by))
    return cards.shift_form(whom, local_today(desk, whom), presence.work_timezone(desk.policy, whom), leads=leads)


async def _shift_answer(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(find_entry, ShiftEntry, whom, id_)
    if row is None:
        raise shifts.ShiftOver
    return cards.shift_entered(row, desk.policy, desk.clock(), by=by)
