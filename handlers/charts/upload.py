"""A chart for an answer: the text comes at once, the chart when it is drawn and uploaded."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import charts as cards
from handlers.charts.charts import Chart
from handlers.slack import ephemeral
from handlers.slack.blocks import Message
from rules.errors import Refused
from rules.text import Code, Text, _
from services.desk import Desk

log = logging.getLogger("baton.pictures")

# Slack accepts a fresh file in a block only after processing it, some seconds after the upload:
# https://github.com/slackapi/python-slack-sdk/issues/1521. Four tries and one sentence use up a response_url.
RETRY_PAUSES_SECONDS = (1.0, 3.0, 8.0)
POST_TIMEOUT_SECONDS = 5.0
FILE_NOT_READY = "invalid_blocks"
NO_ANSWER_TEXT = _("Slack did not answer.")
REFUSAL_TEXTS = {
    "missing_scope": _("Baton lacks the scope `files:write` here. `baton check` tells your administrator what to do."),
    "file_uploads_disabled": _("Uploads are switched off in this workspace."),
    "file_upload_size_restricted": _("Uploads of this size are switched off in this workspace."),
    "storage_limit_reached": _("This workspace has no room left for files."),
    FILE_NOT_READY: _("Slack is still processing it. Try again in a minute."),
}

PostMessage = Callable[[Message], Awaitable[str | None]]


class ChartNotShown(Refused):
    """Why there is no chart; the text of the answer was sent already."""


def post_chart_below(
    desk: Desk,
    client: AsyncWebClient,
    response_url: str,
    picture: Chart,
    *,
    pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
) -> None:
    """An ephemeral message of its own: Slack cannot change the answer to a command or the card that was pressed."""
    say = partial(ephemeral.send_to_response_url, client, response_url, replace=False, seconds=POST_TIMEOUT_SECONDS)
    _start_drawing(desk, client, picture, say, pauses)


def add_chart_to_answer(
    desk: Desk,
    client: AsyncWebClient,
    response_url: str,
    answer: Message,
    picture: Chart,
    *,
    pauses: Sequence[float] = RETRY_PAUSES_SECONDS[:-1],
) -> None:
    """Replaces the ephemeral message whose button was pressed: the same text, and the chart below it.

    The listener may have used this response_url once already, so there is one try less.
    """

    async def say(more: Message) -> str | None:
        whole = Message(f"{answer.text} {more.text}", [*answer.blocks, *more.blocks])
        return await ephemeral.send_to_response_url(
            client, response_url, whole, replace=True, seconds=POST_TIMEOUT_SECONDS
        )

    _start_drawing(desk, client, picture, say, pauses)


def post_chart_in_thread(
    desk: Desk,
    client: AsyncWebClient,
    channel: str,
    ts: str,
    picture: Chart,
    *,
    pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
) -> None:
    async def say(more: Message) -> str | None:
        try:
            await client.chat_postMessage(channel=channel, thread_ts=ts, text=more.text, blocks=more.blocks)
        except SlackApiError as error:
            return ephemeral.error_code(error)
        except ephemeral.SLACK_FAILURES as failure:
            return type(failure).__name__
        return None

    _start_drawing(desk, client, picture, say, pauses)


def _start_drawing(
    desk: Desk, client: AsyncWebClient, picture: Chart, say: PostMessage, pauses: Sequence[float]
) -> None:
    async def draw_and_post() -> None:
        content = await desk.compute(picture.renderer, *picture.arguments)
        file_id = await _upload_chart(desk, client, picture, content)
        await _post_when_ready(partial(say, cards.chart_message(picture, file_id)), pauses)

    async def notify(reason: Text | str) -> None:
        if why := await say(cards.chart_failure_message(reason)):
            log.info("Nobody could be told that a picture was not shown: %s", why)

    desk.background_tasks.start(draw_and_post(), notify=notify)


async def _upload_chart(desk: Desk, client: AsyncWebClient, picture: Chart, content: bytes) -> str:
    """Shared with no conversation: only people who see the block see the file."""
    try:
        answer = await client.files_upload_v2(filename=picture.file_name, content=content, title=picture.title)
        return str(answer["file"]["id"])
    except SlackApiError as error:
        code = ephemeral.error_code(error)
        log.warning("Slack refused the upload of a picture: %s", code)
        if code == "missing_scope":
            desk.health.report_missing_scope(str(error.response.get("needed") or "files:write"))
        raise ChartNotShown(REFUSAL_TEXTS.get(code, _("Slack refused it ({code}).", code=Code(code)))) from None
    except (SlackClientError, *ephemeral.SLACK_FAILURES):
        raise ChartNotShown(NO_ANSWER_TEXT) from None


async def _post_when_ready(show: Callable[[], Awaitable[str | None]], pauses: Sequence[float]) -> None:
    why = await show()
    for pause in pauses:
        if why is None or FILE_NOT_READY not in why:
            break
        await asyncio.sleep(pause)
        why = await show()
    if why is not None:
        raise ChartNotShown(REFUSAL_TEXTS[FILE_NOT_READY] if FILE_NOT_READY in why else NO_ANSWER_TEXT)
