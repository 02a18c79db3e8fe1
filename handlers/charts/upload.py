"""A picture for an answer: the words come at once, the picture when it is drawn and Slack has it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import uuid4

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.charts import charts as cards
from handlers.charts.charts import Picture
from handlers.slack import ephemeral
from handlers.slack.blocks import Message
from rules.errors import DeskError
from services.desk import Desk

log = logging.getLogger("baton.pictures")

# Slack takes a fresh file for a block only when it has looked at it, which may be some seconds after the upload:
# https://github.com/slackapi/python-slack-sdk/issues/1521. Four tries and one sentence are what an address lasts for.
PAUSES = (1.0, 3.0, 8.0)
PATIENCE = 5.0
NOT_YET = "invalid_blocks"
OUT_OF_REACH = "Slack did not answer."
REFUSED = {
    "missing_scope": "Baton lacks the scope `files:write` here. `baton check` tells whoever runs Baton what to do.",
    "file_uploads_disabled": "Uploads are switched off in this workspace.",
    "file_upload_size_restricted": "Uploads of this size are switched off in this workspace.",
    "storage_limit_reached": "This workspace has no room left for files.",
    NOT_YET: "Slack had not finished looking at it. Ask again in a minute.",
}

Say = Callable[[Message], Awaitable[str | None]]


class NotShown(DeskError):
    """Why there is no picture; the words of the answer stand without it."""


def below(
    desk: Desk, client: AsyncWebClient, response_url: str, picture: Picture, *, pauses: Sequence[float] = PAUSES
) -> None:
    """Under the answer to a command or to a press on a card, as a whisper of its own: Slack cannot change those."""
    say = partial(ephemeral.refusal, client, response_url, replace=False, within=PATIENCE)
    desk.background_tasks.start(_show(desk, client, picture, say, pauses))


def within(
    desk: Desk,
    client: AsyncWebClient,
    response_url: str,
    said: Message,
    picture: Picture,
    *,
    pauses: Sequence[float] = PAUSES[:-1],
) -> None:
    """In the whisper whose button was pressed: the same words, and the picture under them.

    The handler may have put the words there with this address; therefore one try less.
    """

    async def say(more: Message) -> str | None:
        whole = Message(f"{said.text} {more.text}", [*said.blocks, *more.blocks])
        return await ephemeral.refusal(client, response_url, whole, replace=True, within=PATIENCE)

    desk.background_tasks.start(_show(desk, client, picture, say, pauses))


def under(
    desk: Desk, client: AsyncWebClient, channel: str, ts: str, picture: Picture, *, pauses: Sequence[float] = PAUSES
) -> None:
    """In the thread of a card that was posted just now."""

    async def say(more: Message) -> str | None:
        try:
            await client.chat_postMessage(channel=channel, thread_ts=ts, text=more.text, blocks=more.blocks)
        except SlackApiError as error:
            return str(error.response.get("error"))
        except ephemeral.FAILURES as failure:
            return type(failure).__name__
        return None

    desk.background_tasks.start(_show(desk, client, picture, say, pauses))


async def _show(desk: Desk, client: AsyncWebClient, picture: Picture, say: Say, pauses: Sequence[float]) -> None:
    """Draws, uploads, shows; whatever goes wrong becomes one small line."""
    try:
        file_id = await _uploaded(client, picture, await _drawn(desk, picture))
        await _stood(partial(say, cards.shown(picture, file_id)), pauses)
    except NotShown as trouble:
        if why := await say(cards.not_shown(str(trouble))):
            log.info("Nobody could be told that a picture was not shown: %s", why)


async def _drawn(desk: Desk, picture: Picture) -> bytes:
    try:
        content: bytes = await desk.compute(picture.draw, *picture.values)
    except DeskError as refusal:
        raise NotShown(str(refusal)) from None
    except Exception as error:  # drawing is a library's work: the person gets a reference, the log what it was
        raise _broken(error) from None
    return content


async def _uploaded(client: AsyncWebClient, picture: Picture, content: bytes) -> str:
    """Into no conversation: only who sees the block sees the file."""
    try:
        answer = await client.files_upload_v2(filename=picture.name, content=content, title=picture.title)
        return str(answer["file"]["id"])
    except SlackApiError as error:
        code = str(error.response.get("error"))
        log.warning("Slack refused the upload of a picture: %s", code)
        raise NotShown(REFUSED.get(code, f"Slack refused it ({code}).")) from None
    except (SlackClientError, *ephemeral.FAILURES):
        raise NotShown(OUT_OF_REACH) from None


async def _stood(show: Callable[[], Awaitable[str | None]], pauses: Sequence[float]) -> None:
    """Tries again while Slack is not done with the file."""
    why = await show()
    for pause in pauses:
        if why is None or NOT_YET not in why:
            break
        await asyncio.sleep(pause)
        why = await show()
    if why is not None:
        raise NotShown(REFUSED[NOT_YET] if NOT_YET in why else OUT_OF_REACH)


def _broken(error: Exception) -> NotShown:
    reference = uuid4().hex[:8]
    log.error("Unexpected error %s", reference, exc_info=error)
    return NotShown(f"Something broke on our side (reference {reference}).")
