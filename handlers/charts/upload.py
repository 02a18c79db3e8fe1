"""A chart above the words of its answer, in one message. Where Slack refuses it the words stand alone and say why.

Slack shows a file by response_url only where it is shared with a conversation that the reader sees, so the chart is
shared with the reader's direct message with Baton, or in the thread of the card that it belongs to.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import charts as cards
from handlers.charts.charts import Chart, ChartedMessage
from handlers.slack import ephemeral
from handlers.slack.blocks import Message, fit_message
from handlers.slack.payloads import Press, TypedCommand
from handlers.text.slack import clip, render
from rules.errors import Refused
from rules.model.people import slack_user_id
from rules.text import Code, Text, _
from services.desk import Desk

log = logging.getLogger("baton.pictures")

# Slack accepts a fresh file in a block only after processing it, some seconds after the upload:
# https://github.com/slackapi/python-slack-sdk/issues/1521. A response_url takes five messages; the listener may have
# used one. In the meantime the words of a command's answer wait too.
RETRY_PAUSES_SECONDS = (1.0, 3.0)
CHART_TIMEOUT_SECONDS = 15.0  # to draw and upload it
FILE_ALT_LIMIT = 1000  # of the file itself; a block takes more
POST_TIMEOUT_SECONDS = 5.0
FILE_NOT_READY = "invalid_blocks"
NO_ANSWER_TEXT = _("Slack did not answer.")
TOO_LATE_TEXT = _("It took too long. Try again in a minute.")
FILE_COMMENT = _("The chart from the answer you asked for.")
REFUSAL_TEXTS = {
    "file_uploads_disabled": _("Uploads are switched off in this workspace."),
    "file_upload_size_restricted": _("Uploads of this size are switched off in this workspace."),
    "storage_limit_reached": _("This workspace has no room left for files."),
    FILE_NOT_READY: _("Slack is still processing it. Try again in a minute."),
}

PostMessage = Callable[[Message], Awaitable[str | None]]


class ChartNotShown(Refused):
    """Why there is no chart above the words."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the file is shared: in the reader's direct message with Baton, or in a card's thread."""

    reader: str = ""
    channel: str = ""
    thread_ts: str | None = None


def answer_with_chart(
    desk: Desk,
    client: AsyncWebClient,
    command: TypedCommand,
    answer: ChartedMessage,
    *,
    pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
) -> None:
    """The answer to a command comes when its chart is drawn: Slack could not add the chart to it later."""

    async def say(message: Message) -> str | None:
        return await _respond(client, command.response_url, message, replace=False)

    async def say_words(message: Message) -> str | None:
        why = await say(message)
        if why is None or await ephemeral.post_in_channel(client, command.channel, command.user, message):
            return None
        return why

    _start_drawing(desk, client, _Place(reader=command.user), answer, say, pauses, say_words)


def add_chart_to_answer(
    desk: Desk,
    client: AsyncWebClient,
    press: Press,
    answer: ChartedMessage,
    *,
    pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
) -> None:
    """Replaces the ephemeral message whose button was pressed, which shows the words already."""

    async def say(message: Message) -> str | None:
        return await _respond(client, press.response_url, message, replace=True)

    _start_drawing(desk, client, _Place(reader=press.user), answer, say, pauses, say)


def add_chart_to_card(
    desk: Desk,
    client: AsyncWebClient,
    channel: str,
    ts: str,
    answer: ChartedMessage,
    *,
    pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
) -> None:
    """The card was posted with its words."""

    async def say(message: Message) -> str | None:
        fitting = fit_message(message)
        try:
            await client.chat_update(channel=channel, ts=ts, text=fitting.text, blocks=fitting.blocks)
        except SlackApiError as error:
            return ephemeral.error_code(error)
        except ephemeral.SLACK_FAILURES as failure:
            return type(failure).__name__
        return None

    _start_drawing(desk, client, _Place(channel=channel, thread_ts=ts), answer, say, pauses, say)


async def _respond(client: AsyncWebClient, response_url: str, message: Message, *, replace: bool) -> str | None:
    return await ephemeral.send_to_response_url(
        client, response_url, message, replace=replace, seconds=POST_TIMEOUT_SECONDS
    )


def _start_drawing(
    desk: Desk,
    client: AsyncWebClient,
    place: _Place,
    answer: ChartedMessage,
    say: PostMessage,
    pauses: Sequence[float],
    say_words: PostMessage,
) -> None:
    async def draw_and_post() -> None:
        try:
            async with asyncio.timeout(CHART_TIMEOUT_SECONDS):
                content = await desk.compute(answer.chart.renderer, *answer.chart.arguments)
                file_id = await _upload_chart(desk, client, place, answer.chart, content)
        except TimeoutError:
            raise ChartNotShown(TOO_LATE_TEXT) from None
        await _post_when_ready(partial(say, cards.chart_message(answer, file_id)), pauses)

    async def notify(reason: Text | str) -> None:
        if why := await say_words(cards.chart_failure_message(answer, reason)):
            log.info("Nobody could be told that a chart was not shown: %s", why)

    desk.background_tasks.start(draw_and_post(), notify=notify)


async def _upload_chart(desk: Desk, client: AsyncWebClient, place: _Place, chart: Chart, content: bytes) -> str:
    try:
        answer = await client.files_upload_v2(
            filename=chart.file_name,
            content=content,
            title=chart.title,
            alt_txt=clip(chart.alt_text, FILE_ALT_LIMIT),
            channel=place.channel or await _dm_channel(client, place.reader),
            thread_ts=place.thread_ts,
            initial_comment=render(FILE_COMMENT) if place.reader else None,
        )
        return str(answer["file"]["id"])
    except SlackApiError as error:
        raise ChartNotShown(_refusal_text(desk, error)) from None
    except (SlackClientError, *ephemeral.SLACK_FAILURES):
        raise ChartNotShown(NO_ANSWER_TEXT) from None


async def _dm_channel(client: AsyncWebClient, user: str) -> str:
    answer = await client.conversations_open(users=slack_user_id(user))
    return str(answer["channel"]["id"])


def _refusal_text(desk: Desk, error: SlackApiError) -> Text:
    code = ephemeral.error_code(error)
    log.warning("Slack refused the upload of a chart: %s", code)
    if code == "missing_scope":
        scope = str(error.response.get("needed") or "files:write")
        desk.health.report_missing_scope(scope)
        return _(
            "Baton lacks the scope {scope} here. {check} tells your administrator what to do.",
            scope=Code(scope),
            check=Code("baton check"),
        )
    return REFUSAL_TEXTS.get(code, _("Slack refused it ({code}).", code=Code(code)))


async def _post_when_ready(show: Callable[[], Awaitable[str | None]], pauses: Sequence[float]) -> None:
    why = await show()
    for pause in pauses:
        if why is None or FILE_NOT_READY not in why:
            break
        await asyncio.sleep(pause)
        why = await show()
    if why is not None:
        raise ChartNotShown(REFUSAL_TEXTS[FILE_NOT_READY] if FILE_NOT_READY in why else NO_ANSWER_TEXT)
