"""`/report`: the numbers of a day, for who may read them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from desk.desk import Desk
from handlers import holders, hours, ledger, pictures, times, whispers
from handlers.cards import reports as cards
from handlers.cards.blocks import Message, context, esc, page
from handlers.cards.report_help import help_
from handlers.forecasts import quality
from handlers.ids import Button, Command
from handlers.payloads import Press, Typed
from handlers.router import Router
from handlers.texts import unescape
from rules import report_questions as questions
from rules.report_questions import Asked, Topic
from rules.reports import Scope, count, day_of
from storage.reports import facts

TOPICS: dict[Topic, Callable[[Desk, str, Asked], Awaitable[Message]]] = {
    Topic.WHO: holders.answer,
    Topic.TIMES: times.answer,
    Topic.HOURS: hours.answer,
}


def register(on: Router) -> None:
    on.command(Command.REPORT)(report)
    on.action(Button.REPORT)(open_report)


async def report(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    typed = Typed.read(body)
    asked = questions.read(unescape(typed.text), desk.policy)
    if asked.forecasts:
        said, drawn = await quality(desk, typed.by)
    elif asked.topic is Topic.ESCALATIONS:
        said, drawn = await ledger.answer(desk, typed.by, asked)
    else:
        said, drawn = await _said(desk, typed.by, asked), None
    await ack(text=said.text, blocks=said.blocks)
    if drawn is not None:
        pictures.below(desk, client, typed.response_url, drawn)


async def open_report(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The button of a summary: its value is `team:support` or `me`, with a day behind it where one is meant."""
    press = Press.read(body)
    said = await _answer(desk, press.by, questions.read(press.value.replace(":", " "), desk.policy))
    if not press.channel or not await whispers.in_channel(client, press.channel, press.by, said, press.thread_ts):
        await client.views_open(trigger_id=press.trigger_id, view=page("Report", said.blocks))
    await ack()


async def _said(desk: Desk, by: str, asked: Asked) -> Message:
    if asked.topic is None:
        return await _answer(desk, by, asked)
    said = await TOPICS[asked.topic](desk, by, asked)
    hint = _hint(asked, questions.scope(desk.policy, by, asked))
    return Message(said.text, [*said.blocks, *([context(hint)] if hint else [])])


async def _answer(desk: Desk, by: str, asked: Asked) -> Message:
    if asked.help:
        return help_()
    policy, now = desk.policy, desk.clock()
    whose = questions.scope(policy, by, asked)
    calendar = questions.calendar_for(policy, whose)
    day = day_of(calendar, questions.day_meant(asked.day, day_of(calendar, None, now).date), now)
    found = await desk.ask_aside(facts, start=day.start, end=day.end)
    whose = questions.spelled(policy, whose, found.teams)
    counted = await asyncio.to_thread(count, found, whose, day, policy)
    return cards.answer(counted, whose, day, policy, hint=_hint(asked, whose))


def _hint(asked: Asked, whose: Scope) -> str:
    """Somebody who asked for everything and reads their own numbers learns who may read the rest."""
    unasked = whose.person is not None and not asked.me
    return esc(questions.who_may("A team", asked.topic)) if unasked else ""
