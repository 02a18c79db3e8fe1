"""A failure becomes words where the person is; anything unexpected gets a reference that the log has too."""

import logging
import re
from typing import Any
from uuid import uuid4

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.cards.blocks import esc, page, section
from handlers.payloads import Submission, person_of
from rules.errors import DeskError, FieldError

KEPT = 20  # shorter answers are menu choices, not worth giving back
_MENTION = re.compile(r"&lt;@([UW][A-Z0-9]+)&gt;")

log = logging.getLogger("baton.handlers")


class Unknown(DeskError):
    """Slack sent a name that nobody answers: most often a button of an older card."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__("This is from an older version. Type `/ticket` with the number to get the current card.")


async def explain(error: Exception, kind: str, *, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
    """Tells the person on the surface where they are. An event that failed unexpectedly is left for Slack to repeat."""
    words = _words(error)
    if kind == "event":
        await _event(error, words, ack, body, client)
    elif kind == "command":
        await ack(text=words)
    elif kind == "view":
        await _form(error, words, ack, body)
    elif kind == "options":
        await ack(options=[])
    else:
        await _tell(words, body, client)
        await ack()


def _words(error: Exception) -> str:
    if isinstance(error, DeskError):
        return safe(str(error))
    reference = uuid4().hex[:8]
    log.error("Unexpected error %s", reference, exc_info=error)
    if isinstance(error, SlackApiError):
        return f"Slack refused that (`{error.response.get('error')}`, reference {reference}). Nothing was lost."
    return f"Something broke on our side (reference {reference}). Try again, or tell whoever runs Baton."


def safe(words: str) -> str:
    """A refusal may quote what somebody typed: all of it is escaped, and only mentions of people stay mentions."""
    return _MENTION.sub(r"<@\1>", esc(words))


async def _event(
    error: Exception, words: str, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
) -> None:
    if isinstance(error, Unknown):
        await ack()
        return
    if not isinstance(error, DeskError):
        raise error
    await _tell(words, body, client)
    await ack()


async def _form(error: Exception, words: str, ack: AsyncAck, body: dict[str, Any]) -> None:
    fields = [block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"]
    if isinstance(error, FieldError) and error.field in fields:
        await ack(response_action="errors", errors={error.field: str(error)})
        return
    written = [f">>> {esc(text)}" for text in Submission.read(body).answers.values() if len(text) > KEPT]
    kept = [section(text) for text in ("What you wrote:", *written)] if written else []
    await ack(response_action="update", view=page("Not done", [section(words), *kept]))


async def _tell(words: str, body: dict[str, Any], client: AsyncWebClient) -> None:
    event = body.get("event", {})
    container = body.get("container", {})
    channel = container.get("channel_id") or event.get("channel") or body.get("channel", {}).get("id")
    who = person_of(body)
    if channel and container.get("type") != "view":
        thread = container.get("thread_ts") or event.get("thread_ts")
        await client.chat_postEphemeral(channel=channel, user=who, text=words, thread_ts=thread)
    elif body.get("trigger_id"):
        view = page("Not done", [section(words)])
        opener = client.views_push if body.get("view", {}).get("type") == "modal" else client.views_open
        await opener(trigger_id=body["trigger_id"], view=view)
    else:
        await client.chat_postMessage(channel=who, text=words)
