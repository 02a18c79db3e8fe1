"""`/report`: the numbers of a day, for who may read them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import upload
from handlers.escalations import outcomes
from handlers.forecasts.forecasts import answer_forecast_quality
from handlers.presence import logged_time
from handlers.reports import open_work, resolution_times
from handlers.reports.cards import daily as cards
from handlers.reports.cards.help import report_help
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, context, escape, page_modal
from handlers.slack.ids import Button, Command
from handlers.slack.payloads import Press, TypedCommand
from handlers.slack.router import Router
from handlers.slack.text import unescape_text
from rules.reports import queries
from rules.reports.daily import ReportScope, build_daily_report, report_day
from rules.reports.queries import ReportQuery, ReportTopic
from services.desk import Desk
from storage.reports.daily import daily_facts

ANSWERS_BY_TOPIC: dict[ReportTopic, Callable[[Desk, str, ReportQuery], Awaitable[Message]]] = {
    ReportTopic.WHO: open_work.answer_open_work,
    ReportTopic.TIMES: resolution_times.answer_resolution_times,
    ReportTopic.HOURS: logged_time.answer_logged_time,
}


def register(on: Router) -> None:
    on.command(Command.REPORT)(answer_report_command)
    on.action(Button.OPEN_REPORT)(open_report)


async def answer_report_command(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    typed = TypedCommand.from_body(body)
    asked = queries.parse_report_query(unescape_text(typed.text), desk.policy)
    if asked.forecasts:
        said, drawn = await answer_forecast_quality(desk, typed.user)
    elif asked.topic is ReportTopic.ESCALATIONS:
        said, drawn = await outcomes.answer_escalations(desk, typed.user, asked)
    else:
        said, drawn = await _answer_with_hint(desk, typed.user, asked), None
    await ack(text=said.text, blocks=said.blocks)
    if drawn is not None:
        upload.post_chart_below(desk, client, typed.response_url, drawn)


async def open_report(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """The button of a summary: its value is `team:support` or `me`, with a day behind it where one is meant."""
    press = Press.from_body(body)
    said = await _answer_daily(desk, press.user, queries.parse_report_query(press.value.replace(":", " "), desk.policy))
    if not press.channel or not await ephemeral.post_in_channel(
        client, press.channel, press.user, said, press.thread_ts
    ):
        await client.views_open(trigger_id=press.trigger_id, view=page_modal("Report", said.blocks))
    await ack()


async def _answer_with_hint(desk: Desk, by: str, asked: ReportQuery) -> Message:
    if asked.topic is None:
        return await _answer_daily(desk, by, asked)
    said = await ANSWERS_BY_TOPIC[asked.topic](desk, by, asked)
    hint = _scope_hint(asked, queries.query_scope(desk.policy, by, asked))
    return Message(said.text, [*said.blocks, *([context(hint)] if hint else [])])


async def _answer_daily(desk: Desk, by: str, asked: ReportQuery) -> Message:
    if asked.help:
        return report_help()
    policy, now = desk.policy, desk.clock()
    whose = queries.query_scope(policy, by, asked)
    calendar = queries.report_calendar(policy, whose)
    day = report_day(calendar, queries.query_day(asked.day, report_day(calendar, None, now).date), now)
    found = await desk.read_in_worker(daily_facts, start=day.start, end=day.end)
    whose = queries.match_imported_team(policy, whose, found.teams)
    counted = await asyncio.to_thread(build_daily_report, found, whose, day, policy)
    return cards.daily_report_message(counted, whose, day, policy, hint=_scope_hint(asked, whose))


def _scope_hint(asked: ReportQuery, whose: ReportScope) -> str:
    """Somebody who asked for everything and reads their own numbers learns who may read the rest."""
    unasked = whose.person is not None and not asked.me
    return escape(queries.report_readers_text("A team", asked.topic)) if unasked else ""
