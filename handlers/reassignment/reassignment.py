"""`/desk move`: many tickets from one person to others, shown before it is done, and undone with one press."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.reassignment import cards
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, safe, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import OldCard, Press, Submission, Typed
from handlers.slack.router import Router
from handlers.slack.text import mentioned
from rules.errors import DeskError
from rules.reassignment import wanted
from services.desk import Desk
from services.forecasts import runs
from services.reassignment import absence_cover, bulk
from services.reassignment.bulk import Asked, Changed, Preview
from storage.reassignment import bulk as kept

PATIENCE = 0.7  # of Slack's three seconds: what takes longer comes below the words
_MENTIONS = re.compile(r"<@[^>]*>")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a preview's button remembers: what was asked for, of which moment it is, and what it showed."""

    asked: Asked
    at: datetime
    digest: str

    @classmethod
    def of(cls, drawn: Preview) -> "Drawn":
        return cls(drawn.asked, drawn.at, drawn.plan.digest)

    @property
    def value(self) -> str:
        at = int(self.at.timestamp() * 1_000_000)
        words = " ".join(self.asked.wanted.words)
        return "|".join([str(at), self.digest, self.asked.giver, ",".join(self.asked.receivers), words])

    @classmethod
    def read(cls, desk: Desk, press: Press) -> "Drawn":
        """OldCard when the button does not say it."""
        try:
            at, digest, giver, receivers, words = press.value.split("|", 4)
            asked = Asked(giver, tuple(receivers.split(",")), press.by, wanted(desk.policy, words))
            return cls(asked, datetime.fromtimestamp(int(at) / 1_000_000, UTC), digest)
        except (ValueError, OverflowError):
            raise OldCard from None


def register(on: Router) -> None:
    on.view(Form.BASKET)(show)
    on.action(Button.MOVE)(go)
    on.action(Button.DROP)(drop)
    on.action(Button.UNDO)(undo)
    on.action(Button.TAKE_BACK)(take_back)


async def move(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """`/desk move @from @to [@to …] [network high overdue …]`; without two people, a form."""
    typed = Typed.read(body)
    people = list(dict.fromkeys(mentioned(typed.text)))
    words = " ".join(_MENTIONS.sub(" ", typed.text).split()[1:])
    bulk.may_ask(desk.policy, typed.by)
    these = wanted(desk.policy, words)
    if len(people) <= 1:
        about = json.dumps({"channel": typed.channel, "url": typed.response_url})
        view = cards.move_form(desk.policy, next(iter(people), ""), words, about)
        await client.views_open(trigger_id=typed.trigger_id, view=view)
        await ack()
        return
    said, later = await _preview(desk, Asked(people[0], tuple(people[1:]), typed.by, these))
    await ack(text=said.text, blocks=said.blocks)
    _below(client, desk, typed.response_url, later)


async def show(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The form was filled: what would be moved is said where it was asked for."""
    sent = Submission.read(body)
    words = " ".join(filter(None, (sent.says("type"), sent.says("priority"), sent.says("time"))))
    receivers = tuple(filter(None, sent.says("receivers").split(",")))
    said, later = await _preview(desk, Asked(sent.says("giver"), receivers, sent.by, wanted(desk.policy, words)))
    place = _place(sent.about)
    if not await ephemeral.beside(client, place["url"], said):
        await ephemeral.in_channel(client, place["channel"], sent.by, said)
    await ack()
    _below(client, desk, place["url"], later)


async def go(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """Exactly what was shown; where things have changed since, nothing, and what it would be now is shown."""
    press = Press.read(body)
    drawn = Drawn.read(desk, press)
    try:
        now = await desk.read_in_worker(bulk.preview, desk.policy, drawn.asked, at=drawn.at, now=desk.clock())
        if now.plan.digest != drawn.digest:
            raise Changed(await desk.read(kept.newest_of, drawn.asked.giver, since=drawn.at))
        id_ = await desk.execute_once(press.key, bulk.move, now)
    except DeskError as refusal:
        await _refused(client, desk, press, drawn, refusal)
        await ack()
        return
    await _moved(client, desk, press, id_)
    await ack()


async def drop(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
    words = "Nothing was moved."
    await _in_place(client, Press.read(body), Message(words, [section(words)]))
    await ack()


async def undo(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """On the answer of whoever moved it, or on the lead's message, which is redrawn by itself."""
    press = Press.read(body)
    id_, where = _basket(press)
    done = await desk.execute_once(press.key, bulk.undo, id_, by=press.by)
    basket = await desk.read(kept.get, id_)
    said = cards.undone(done["back"], done["kept"], basket.giver if basket else "")
    await (_in_place(client, press, said) if where == "answer" else _beside(client, press, said))
    await ack()


async def take_back(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    id_, _ = _basket(press)
    done = await desk.execute_once(press.key, absence_cover.take_back, id_, by=press.by)
    await _beside(client, press, cards.undone(done["back"], done["kept"], press.by))
    await ack()


async def _preview(desk: Desk, asked: Asked) -> tuple[Message, "asyncio.Task[tuple[float, float]] | None"]:
    """What would be moved, and the promises that would break: at once if they are known soon, else they come later."""
    now = desk.clock()
    drawn = await desk.read_in_worker(bulk.preview, desk.policy, asked, at=now, now=now)
    counting = asyncio.create_task(_breaches(desk, drawn))
    done, _ = await asyncio.wait({counting}, timeout=PATIENCE)
    known = counting.result() if done and counting.exception() is None else None
    said = cards.preview(drawn, Drawn.of(drawn).value, desk.policy, known)
    return said, None if known is not None else counting


async def _breaches(desk: Desk, drawn: Preview) -> tuple[float, float]:
    given: dict[str, dict[int, str | None]] = defaultdict(dict)
    for one in drawn.plan.moves:
        given[drawn.teams[one.number]][one.number] = one.to
    return await runs.with_and_without(desk, given)


def _below(client: AsyncWebClient, desk: Desk, response_url: str, later: Awaitable[tuple[float, float]] | None) -> None:
    """What was still being worked out is said below the words when it is there."""

    async def said() -> None:
        try:
            words = cards.broken(await later) if later is not None else ""
        except DeskError as refusal:
            words = safe(str(refusal))
        await ephemeral.beside(client, response_url, Message(words, [section(words)]))

    if later is not None:
        desk.background_tasks.start(said())


async def _refused(client: AsyncWebClient, desk: Desk, press: Press, drawn: Drawn, refusal: DeskError) -> None:
    """Their own press that came twice is answered as the first time; everybody else reads why, and how it is now."""
    first = await desk.read(kept.newest_of, drawn.asked.giver, since=drawn.at)
    if first is not None and first.by == press.by and first.undone_at is None:
        await _moved(client, desk, press, first.id)
        return
    words = str(refusal if isinstance(refusal, Changed) or first is None else Changed(first))
    anew = None
    try:
        anew, _ = await _preview(desk, drawn.asked)
    except DeskError as nothing:
        words = f"{words} {nothing}" if str(nothing) not in words else words
    await _in_place(client, press, cards.changed(safe(words), anew))


async def _moved(client: AsyncWebClient, desk: Desk, press: Press, id_: int) -> None:
    basket = await desk.read(kept.get, id_)
    if basket is not None:
        await _in_place(client, press, cards.moved(basket, desk.policy))


async def _in_place(client: AsyncWebClient, press: Press, said: Message) -> None:
    if not await ephemeral.in_place(client, press.response_url, said):
        await ephemeral.in_channel(client, press.channel, press.by, said, press.thread_ts)


async def _beside(client: AsyncWebClient, press: Press, said: Message) -> None:
    if not await ephemeral.beside(client, press.response_url, said):
        await ephemeral.in_channel(client, press.channel, press.by, said, press.thread_ts)


def _basket(press: Press) -> tuple[int, str]:
    """The basket's id, and where the button stands; OldCard when it does not say."""
    id_, _, where = press.value.partition(".")
    if not re.fullmatch(r"[0-9]{1,18}", id_):
        raise OldCard
    return int(id_), where


def _place(about: str) -> dict[str, str]:
    try:
        told = json.loads(about)
        return {"channel": str(told["channel"]), "url": str(told["url"])}
    except (ValueError, KeyError, TypeError):
        raise OldCard from None
