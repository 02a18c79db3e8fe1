"""Presence: the board's buttons, `/desk in` and its like, `/desk away`."""

import re
from datetime import date

from slack_sdk.web.async_client import AsyncWebClient

from handlers.presence.cards import presence as cards
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, Modal, section
from handlers.slack.home_tab import HomeTab
from handlers.slack.ids import Button, Command, Form
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand, parse_ticket_and_index
from handlers.slack.router import Answer, Router
from handlers.text.slack import Markup, render
from rules.calendars.timezones import local_date
from rules.errors import FieldError, Refused
from rules.people.permissions import Permission
from rules.presence import presence as pressing
from rules.presence.leave import LeaveKind
from rules.presence.leave_parsing import leave_from_days, parse_leave
from rules.text import Code, Text, _
from services.desk import Desk
from services.presence import presence
from storage.presence.time_entries import find_entry
from storage.schema.people import LeaveEntry
from storage.tickets.tickets import open_counts

STATUS_BY_WORD = {
    "in": pressing.PresenceAction.IN,
    "out": pressing.PresenceAction.OUT,
    "break": pressing.PresenceAction.BREAK,
    "busy": pressing.PresenceAction.ACTIVITY,
}
AWAY_EXAMPLES = (
    "/desk away until Friday",
    "/desk away 2026-12-24..2027-01-02 family",
    "/desk away",
    "/desk away @ben until Monday",
)
_MENTION = re.compile(r"(?<!\S)@(\S+?)(?=[\s,]|$)")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "away",
        Permission.SET_PRESENCE,
        _("time away, typed or in a form; for others: leads, managers, admins"),
        examples=AWAY_EXAMPLES,
    )(answer_away)
    on.word(Command.DESK, "back", Permission.SET_PRESENCE, _("end your time away"))(answer_back)
    on.word(
        Command.DESK,
        " ".join(STATUS_BY_WORD),
        Permission.SET_PRESENCE,
        _("your status now"),
        examples=("/desk in", "/desk break", "/desk busy meeting", "/desk out"),
    )(answer_status)
    for button in (Button.LOG_IN, Button.LOG_OUT, Button.BREAK):
        on.action(button, Permission.SET_PRESENCE)(set_status)
    on.action(Button.START_ACTIVITY, Permission.SET_PRESENCE)(start_activity)
    on.action(Button.NEW_LEAVE, Permission.SET_PRESENCE)(open_leave_form)
    on.view(Form.LEAVE, Permission.SET_PRESENCE)(enter_leave)
    on.action(Button.CANCEL_LEAVE, Permission.SET_PRESENCE)(cancel_leave)


async def set_status(press: Press, home: HomeTab, desk: Desk) -> None:
    if press.value not in STATUS_BY_WORD:
        raise OldCard
    await desk.execute_once(press.key, presence.set_presence, by=press.user, what=STATUS_BY_WORD[press.value])
    await home.refresh()


async def start_activity(press: Press, home: HomeTab, desk: Desk) -> None:
    activity, what = press.value, pressing.PresenceAction.ACTIVITY
    await desk.execute_once(press.key, presence.set_presence, by=press.user, what=what, activity=activity)
    await home.refresh()


async def answer_status(command: TypedCommand, desk: Desk) -> Message:
    if command.rest and command.word != "busy":
        typed, away = Code(f"/desk {command.word}"), Code("/desk away until 15:00")
        raise Refused(_("{command} takes no more words. For time away write {away}.", command=typed, away=away))
    what = STATUS_BY_WORD[command.word]
    key, by = command.key, command.user
    words = await desk.execute_once(key, presence.set_presence, by=by, what=what, activity=command.rest)
    return Message(done_text(words))


async def answer_back(command: TypedCommand, desk: Desk) -> Message:
    person, rest = split_mention(command.rest, command.user)
    if rest:
        raise Refused(
            _(
                "I did not understand {rest}. {own} and {other} end a time away now. To end it later, enter it anew.",
                rest=Code(rest),
                own=Code("/desk back"),
                other=Code("/desk back @ben"),
            )
        )
    words = await desk.execute_once(command.key, presence.return_to_work, person, by=command.user)
    return Message(done_text(words))


async def answer_away(command: TypedCommand, desk: Desk) -> Answer:
    person, when = split_mention(command.rest, command.user)
    presence.check_may_enter(desk.policy, person, command.user)
    if not when:
        return cards.leave_form(person, local_today(desk, person), is_own=person == command.user)
    span = parse_leave(when, desk.clock(), presence.work_timezone(desk.policy, person))
    id_ = await desk.execute_once(command.key, presence.enter_leave, person, span, by=command.user)
    return await _leave_answer(desk, person, id_, command.user)


async def open_leave_form(press: Press, desk: Desk) -> Modal:
    presence.check_staff(desk.policy, press.user)
    return cards.leave_form(press.user, local_today(desk, press.user), is_own=True)


async def enter_leave(form: Submission, desk: Desk) -> Modal:
    place = presence.work_timezone(desk.policy, form.metadata)
    first, last = form.day("from"), form.day("until")
    kind = form.choice(LeaveKind, "kind")
    try:
        span = leave_from_days(first, last, desk.clock(), place, kind=kind, reason=form["reason"])
        id_ = await desk.execute_once(form.key, presence.enter_leave, form.metadata, span, by=form.user)
    except Refused as refusal:
        raise FieldError("until", refusal.text) from refusal
    return cards.entered_page(await _leave_answer(desk, form.metadata, id_, form.user))


async def cancel_leave(press: Press, client: AsyncWebClient, home: HomeTab, desk: Desk) -> None:
    words = await desk.execute_once(press.key, presence.cancel_leave, *entry_of(press), by=press.user)
    await show_cancelled(press, client, home, words)


def entry_of(press: Press) -> tuple[str, int]:
    """The person and the id of the leave or the shift; OldCard when the button does not name them."""
    who, _, number = press.value.partition(":")
    return who, parse_ticket_and_index(number)[0]


async def show_cancelled(press: Press, client: AsyncWebClient, home: HomeTab, words: Text | str) -> None:
    if not await home.refresh():
        text = done_text(words)
        await ephemeral.replace_pressed_message(client, press.response_url, Message(text, [section(text)]))


def done_text(words: Text | str) -> Markup:
    """An answer that an earlier version kept is a finished string."""
    return Markup(f"✓ {render(words)}")


async def _leave_answer(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(find_entry, LeaveEntry, whom, id_)
    counts = await desk.read(open_counts, [whom])
    if row is None:
        raise presence.LeaveOver
    return cards.leave_entered(row, desk.policy, desk.clock(), by=by, open_count=counts[whom])


def split_mention(text: str, by: str) -> tuple[str, str]:
    """The mentioned person, else `by`, and the text without the mention."""
    match = _MENTION.search(text)
    if match is None:
        return by, text
    if not _USER_ID.fullmatch(match[1]):
        name = Code(f"@{match[1]}")
        raise Refused(_("I don't know {name}. Type @ and choose the person from Slack's list.", name=name))
    return match[1], f"{text[: match.start()]} {text[match.end() :]}".strip()


def local_today(desk: Desk, person: str) -> date:
    return local_date(desk.clock(), presence.work_timezone(desk.policy, person))
