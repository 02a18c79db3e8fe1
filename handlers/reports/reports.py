"""`/report`: the numbers of a day, for who may read them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import upload
from handlers.escalations import outcomes
from handlers.forecasts.forecasts import quality
from handlers.presence import logged_time
from handlers.reports import open_work, resolution_times
from handlers.reports.cards import daily as cards
from handlers.reports.cards.help import help_
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, context, esc, page
from handlers.slack.ids import Button, Command
from handlers.slack.payloads import Press, Typed
from handlers.slack.router import Router
from handlers.slack.text import unescape
from rules.reports import queries
from rules.reports.daily import Scope, count, day_of
from rules.reports.queries import Asked, Topic
from services.desk import Desk
from storage.reports.daily import facts

TOPICS: dict[Topic, Callable[[Desk, str, Asked], Awaitable[Message]]] = {
    Topic.WHO: open_work.answer,
    Topic.TIMES: resolution_times.answer,
    Topic.HOURS: logged_time.answer,
}


def register(on: Router) -> None:
    on.command(Command.REPORT)(report)
    on.action(Button.REPORT)(open_report)


async def report(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    typed = Typed.read(body)
    asked = queries.read(unescape(typed.text), desk.policy)
    if asked.forecasts:
        said, drawn = await quality(desk, typed.by)
    elif asked.topic is Topic.ESCALATIONS:
        said, drawn = await outcomes.answer(desk, typed.by, asked)
    else:
        said, drawn = await _said(desk, typed.by, asked), None
    await ack(text=said.text, blocks=said.blocks)
    if drawn is not None:
        upload.below(desk, client, typed.response_url, drawn)


async def open_report(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The button of a summary: its value is `team:support` or `me`, with a day behind it where one is meant."""
    press = Press.read(body)
    said = await _answer(desk, press.by, queries.read(press.value.replace(":", " "), desk.policy))
    if not press.channel or not await ephemeral.in_channel(client, press.channel, press.by, said, press.thread_ts):
        await client.views_open(trigger_id=press.trigger_id, view=page("Report", said.blocks))
    await ack()


async def _said(desk: Desk, by: str, asked: Asked) -> Message:
    if asked.topic is None:
        return await _answer(desk, by, asked)
    said = await TOPICS[asked.topic](desk, by, asked)
    hint = _hint(asked, queries.scope(desk.policy, by, asked))
    return Message(said.text, [*said.blocks, *([context(hint)] if hint else [])])


async def _answer(desk: Desk, by: str, asked: Asked) -> Message:
    if asked.help:
        return help_()
    policy, now = desk.policy, desk.clock()
    whose = queries.scope(policy, by, asked)
    calendar = queries.calendar_for(policy, whose)
    day = day_of(calendar, queries.day_meant(asked.day, day_of(calendar, None, now).date), now)
    found = await desk.read_in_worker(facts, start=day.start, end=day.end)
    whose = queries.spelled(policy, whose, found.teams)
    counted = await asyncio.to_thread(count, found, whose, day, policy)
    return cards.answer(counted, whose, day, policy, hint=_hint(asked, whose))


def _hint(asked: Asked, whose: Scope) -> str:
    """Somebody who asked for everything and reads their own numbers learns who may read the rest."""
    unasked = whose.person is not None and not asked.me
    return esc(queries.who_may("A team", asked.topic)) if unasked else ""
