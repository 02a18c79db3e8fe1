"""Where people say that they are: the floor card's buttons, `/desk in` and its like, `/desk away`."""

import re
from datetime import date
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.home.home import publish_home
from handlers.presence.cards import presence as cards
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, escape_keeping_mentions, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand
from handlers.slack.router import Router
from handlers.slack.text import unescape_text
from handlers.slack.ticket_actions import open_modal
from rules.calendars.timezones import time_zone
from rules.errors import FieldError, Refused
from rules.presence import presence as pressing
from rules.presence.leave import LeaveKind
from rules.presence.leave_parsing import leave_from_days, parse_leave
from services.desk import Desk
from services.presence import presence
from storage.presence.presence import find_leave
from storage.tickets.tickets import open_counts

STATUS_BY_WORD = {
    "in": pressing.PresenceAction.IN,
    "out": pressing.PresenceAction.OUT,
    "break": pressing.PresenceAction.BREAK,
    "busy": pressing.PresenceAction.ACTIVITY,
}
PRESENCE_WORDS = (*STATUS_BY_WORD, "away", "back")
_MENTION = re.compile(r"(?<!\S)@(\S+?)(?=[\s,]|$)")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")


def register(on: Router) -> None:
    on.action(Button.LOG_IN)(set_status)
    on.action(Button.LOG_OUT)(set_status)
    on.action(Button.BREAK)(set_status)
    on.action(Button.START_ACTIVITY)(start_activity)
    on.action(Button.NEW_LEAVE)(open_leave_form)
    on.view(Form.LEAVE)(enter_leave)
    on.action(Button.CANCEL_LEAVE)(cancel_leave)


async def set_status(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.from_body(body)
    if sent.value not in STATUS_BY_WORD:
        raise OldCard
    await desk.execute_once(sent.key, presence.set_presence, by=sent.user, what=STATUS_BY_WORD[sent.value])
    await refresh_home_if_shown(client, desk, sent)
    await ack()


async def start_activity(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.from_body(body)
    await desk.execute_once(
        sent.key, presence.set_presence, by=sent.user, what=pressing.PresenceAction.ACTIVITY, activity=sent.value
    )
    await refresh_home_if_shown(client, desk, sent)
    await ack()


async def answer_presence_word(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk in`, `out`, `break`, `busy WHAT`, `back`, and `away …`; the first word is one of WORDS."""
    said = TypedCommand.from_body(body)
    word, rest = split_first_word(unescape_text(said.text))
    if word == "away":
        await _answer_away(ack, said, rest, client, desk)
        return
    if word == "back":
        whom, _ = split_mention(rest, said.user)
        words = await desk.execute_once(said.key, presence.return_to_work, whom, by=said.user)
    else:
        if rest and word != "busy":
            raise Refused(f"`/desk {word}` takes no more words. For time away write `/desk away until 15:00`.")
        words = await desk.execute_once(
            said.key, presence.set_presence, by=said.user, what=STATUS_BY_WORD[word], activity=rest
        )
    await ack(text=f"✓ {escape_keeping_mentions(words)}")


async def open_leave_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.from_body(body)
    presence.check_staff(desk.policy, sent.user)
    await open_modal(client, sent, cards.leave_form(sent.user, local_today(desk, sent.user), is_own=True))
    await ack()


async def enter_leave(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Submission.from_body(body)
    place = presence.work_timezone(desk.policy, sent.metadata)
    first, last = (date.fromisoformat(sent.answer(name)) for name in ("from", "until"))
    kind = LeaveKind(sent.answer("kind"))
    try:
        span = leave_from_days(first, last, desk.clock(), place, kind=kind, reason=sent.answer("reason"))
        id_ = await desk.execute_once(sent.key, presence.enter_leave, sent.metadata, span, by=sent.user)
    except Refused as refusal:
        raise FieldError("until", str(refusal)) from refusal
    await ack(
        response_action="update", view=cards.entered_page(await _leave_answer(desk, sent.metadata, id_, sent.user))
    )


async def cancel_leave(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.from_body(body)
    who, _, number = sent.value.partition(":")
    if not number.isdigit():
        raise OldCard
    words = await desk.execute_once(sent.key, presence.cancel_leave, who, int(number), by=sent.user)
    if not await refresh_home_if_shown(client, desk, sent):
        said = Message(f"✓ {escape_keeping_mentions(words)}", [section(f"✓ {escape_keeping_mentions(words)}")])
        await ephemeral.replace_pressed_message(client, sent.response_url, said)
    await ack()


async def _answer_away(ack: AsyncAck, said: TypedCommand, rest: str, client: AsyncWebClient, desk: Desk) -> None:
    whom, when = split_mention(rest, said.user)
    presence.check_may_enter(desk.policy, whom, said.user)
    if not when:
        view = cards.leave_form(whom, local_today(desk, whom), is_own=whom == said.user)
        await client.views_open(trigger_id=said.trigger_id, view=view)
        await ack()
        return
    span = parse_leave(when, desk.clock(), presence.work_timezone(desk.policy, whom))
    id_ = await desk.execute_once(said.key, presence.enter_leave, whom, span, by=said.user)
    answer = await _leave_answer(desk, whom, id_, said.user)
    await ack(text=answer.text, blocks=answer.blocks)


async def _leave_answer(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(find_leave, whom, id_)
    held = await desk.read(open_counts, [whom])
    if row is None:
        raise presence.LeaveOver
    return cards.leave_entered(row, desk.policy, desk.clock(), by=by, open_count=held[whom])


async def refresh_home_if_shown(client: AsyncWebClient, desk: Desk, sent: Press) -> bool:
    """Whether it was pressed on Home, which then shows how things are now; a floor card does so by itself."""
    on_home = sent.view.get("type") == "home"
    if on_home:
        await publish_home(client, desk, sent.user)
    return on_home


def split_first_word(text: str) -> tuple[str, str]:
    word, _, rest = text.strip().partition(" ")
    return word.casefold(), rest.strip()


def split_mention(text: str, by: str) -> tuple[str, str]:
    """Whom it is about, themselves unless somebody is named, and the words without that name."""
    found = _MENTION.search(text)
    if found is None:
        return by, text
    if not _USER_ID.fullmatch(found[1]):
        raise Refused(f"I do not know `@{found[1]}`. Type @ and choose the person from the list that Slack shows.")
    return found[1], f"{text[: found.start()]} {text[found.end() :]}".strip()


def local_today(desk: Desk, person: str) -> date:
    return desk.clock().astimezone(time_zone(presence.work_timezone(desk.policy, person))).date()
