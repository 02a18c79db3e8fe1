"""Where people say that they are: the floor card's buttons, `/desk in` and its like, `/desk away`."""

import re
from datetime import date
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.home.home import publish
from handlers.presence.cards import presence as cards
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, safe, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission, Typed
from handlers.slack.router import Router
from handlers.slack.text import unescape
from handlers.slack.ticket_actions import show
from rules.calendars.timezones import zone
from rules.errors import DeskError, FieldError
from rules.presence import presence as pressing
from rules.presence.leave import LeaveKind
from rules.presence.leave_parsing import read_leave, span_of_days
from services.desk import Desk
from services.presence import presence
from storage.presence.presence import absence
from storage.tickets.tickets import open_counts

PRESSED = {
    "in": pressing.Press.IN,
    "out": pressing.Press.OUT,
    "break": pressing.Press.BREAK,
    "busy": pressing.Press.ACTIVITY,
}
WORDS = (*PRESSED, "away", "back")
_WHOM = re.compile(r"(?<!\S)@(\S+?)(?=[\s,]|$)")
_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")


def register(on: Router) -> None:
    on.action(Button.LOG_IN)(press)
    on.action(Button.LOG_OUT)(press)
    on.action(Button.BREAK)(press)
    on.action(Button.BUSY)(be_busy)
    on.action(Button.LEAVE_ASK)(ask_when)
    on.view(Form.LEAVE)(enter)
    on.action(Button.LEAVE_CANCEL)(take_back)


async def press(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.read(body)
    if sent.value not in PRESSED:
        raise OldCard
    await desk.execute_once(sent.key, presence.press, by=sent.by, what=PRESSED[sent.value])
    await home_too(client, desk, sent)
    await ack()


async def be_busy(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.read(body)
    await desk.execute_once(sent.key, presence.press, by=sent.by, what=pressing.Press.ACTIVITY, activity=sent.value)
    await home_too(client, desk, sent)
    await ack()


async def typed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk in`, `out`, `break`, `busy WHAT`, `back`, and `away …`; the first word is one of WORDS."""
    said = Typed.read(body)
    word, rest = first_word(unescape(said.text))
    if word == "away":
        await _away(ack, said, rest, client, desk)
        return
    if word == "back":
        whom, _ = whom_named(rest, said.by)
        words = await desk.execute_once(said.key, presence.back, whom, by=said.by)
    else:
        if rest and word != "busy":
            raise DeskError(f"`/desk {word}` takes no more words. For time away write `/desk away until 15:00`.")
        words = await desk.execute_once(said.key, presence.press, by=said.by, what=PRESSED[word], activity=rest)
    await ack(text=f"✓ {safe(words)}")


async def ask_when(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.read(body)
    presence.of_the_desk(desk.policy, sent.by)
    await show(client, sent, cards.leave_form(sent.by, today_of(desk, sent.by), own_=True))
    await ack()


async def enter(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Submission.read(body)
    place = presence.place_of(desk.policy, sent.about)
    first, last = (date.fromisoformat(sent.says(name)) for name in ("from", "until"))
    kind = LeaveKind(sent.says("kind"))
    try:
        span = span_of_days(first, last, desk.clock(), place, kind=kind, reason=sent.says("reason"))
        id_ = await desk.execute_once(sent.key, presence.away, sent.about, span, by=sent.by)
    except DeskError as refusal:
        raise FieldError("until", str(refusal)) from refusal
    await ack(response_action="update", view=cards.entered_page(await _entered(desk, sent.about, id_, sent.by)))


async def take_back(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    sent = Press.read(body)
    who, _, number = sent.value.partition(":")
    if not number.isdigit():
        raise OldCard
    words = await desk.execute_once(sent.key, presence.cancel, who, int(number), by=sent.by)
    if not await home_too(client, desk, sent):
        said = Message(f"✓ {safe(words)}", [section(f"✓ {safe(words)}")])
        await ephemeral.in_place(client, sent.response_url, said)
    await ack()


async def _away(ack: AsyncAck, said: Typed, rest: str, client: AsyncWebClient, desk: Desk) -> None:
    whom, when = whom_named(rest, said.by)
    presence.may_enter(desk.policy, whom, said.by)
    if not when:
        view = cards.leave_form(whom, today_of(desk, whom), own_=whom == said.by)
        await client.views_open(trigger_id=said.trigger_id, view=view)
        await ack()
        return
    span = read_leave(when, desk.clock(), presence.place_of(desk.policy, whom))
    id_ = await desk.execute_once(said.key, presence.away, whom, span, by=said.by)
    answer = await _entered(desk, whom, id_, said.by)
    await ack(text=answer.text, blocks=answer.blocks)


async def _entered(desk: Desk, whom: str, id_: int, by: str) -> Message:
    row = await desk.read(absence, whom, id_)
    held = await desk.read(open_counts, [whom])
    if row is None:
        raise presence.OldLeave
    return cards.entered(row, desk.policy, desk.clock(), by=by, open_=held[whom])


async def home_too(client: AsyncWebClient, desk: Desk, sent: Press) -> bool:
    """Whether it was pressed on Home, which then shows how things are now; a floor card does so by itself."""
    on_home = sent.view.get("type") == "home"
    if on_home:
        await publish(client, desk, sent.by)
    return on_home


def first_word(text: str) -> tuple[str, str]:
    word, _, rest = text.strip().partition(" ")
    return word.casefold(), rest.strip()


def whom_named(text: str, by: str) -> tuple[str, str]:
    """Whom it is about, themselves unless somebody is named, and the words without that name."""
    found = _WHOM.search(text)
    if found is None:
        return by, text
    if not _PERSON.fullmatch(found[1]):
        raise DeskError(f"I do not know `@{found[1]}`. Type @ and choose the person from the list that Slack shows.")
    return found[1], f"{text[: found.start()]} {text[found.end() :]}".strip()


def today_of(desk: Desk, person: str) -> date:
    return desk.clock().astimezone(zone(presence.place_of(desk.policy, person))).date()
