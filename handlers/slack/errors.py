"""A failure becomes words where the person is; anything unexpected gets a reference that the log has too."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.blocks import actions, button, page, quote, safe, section
from handlers.slack.ephemeral import FAILURES
from handlers.slack.ids import Button, value_of
from handlers.slack.payloads import looks_at_home
from handlers.slack.request import Place, speaks_to_us, written_in
from rules.errors import DeskError, FieldError
from rules.intake.commands import Listing, View

log = logging.getLogger("baton.handlers")

_OLD = "This is from an older version. Type `/ticket` with the number to get the current card."
_UNKNOWN = {
    "command": "I do not know this command. `/ticket help` shows what there is.",
    "view": "This form is from an older version, and nothing was done. Please open it again.",
    "shortcut": "This shortcut is from an older version. `/ticket help` shows what there is.",
}


def _home(words: str) -> dict[str, Any]:
    """What stands there when Home could not be drawn."""
    new = button("New ticket", Button.NEW, "new", style="primary")
    mine = button("My tickets", Button.LIST, value_of(Listing(View.MINE)), says="List my tickets")
    return {"type": "home", "blocks": [section(words), actions(new, mine)]}


class Unknown(DeskError):
    """Slack sent a name that nobody answers: most often a button of an older card."""

    def __init__(self, kind: str) -> None:
        super().__init__(_UNKNOWN.get(kind, _OLD))


async def explain(
    error: Exception, kind: str, *, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, again: bool = False
) -> None:
    """Tells the person on the surface where they are. An event that failed unexpectedly is left for Slack to repeat.

    `again` when Slack repeats it already: then the person has been told.
    """
    words = _words(error, kind)
    if kind == "event":
        await _event(error, words, ack, body, client, again=again)
    elif kind == "command":
        await ack(text=words)
    elif kind == "view":
        await _form(error, words, ack, body)
    elif kind == "options":
        await ack(options=[])
    else:
        await _tell(words, body, client)
        await ack()


def _words(error: Exception, kind: str) -> str:
    if isinstance(error, DeskError):
        return safe(str(error))
    reference = uuid4().hex[:8]
    log.error("Unexpected error %s", reference, exc_info=error)
    if isinstance(error, SlackApiError):
        return f"Slack refused that (`{error.response.get('error')}`, reference {reference}). Nothing was lost."
    then = "I try again by myself" if kind == "event" else "Try again"
    return f"Something broke on our side (reference {reference}). {then}, or tell whoever runs Baton."


async def _event(
    error: Exception, words: str, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, *, again: bool
) -> None:
    """Who only talks with others does not hear of our trouble; who asked us for something does, once."""
    if isinstance(error, DeskError):
        if not isinstance(error, Unknown):
            await _tell(words, body, client)
        await ack()
        return
    if speaks_to_us(body) and not again:
        await _tell(words, body, client)
    raise error


async def _form(error: Exception, words: str, ack: AsyncAck, body: dict[str, Any]) -> None:
    fields = [block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"]
    if isinstance(error, FieldError) and error.field in fields:
        await ack(response_action="errors", errors={error.field: str(error)})
        return
    written = [block for text in written_in(body) for block in quote(text)]
    kept = [section("What you wrote:"), *written] if written else []
    await ack(response_action="update", view=page("Not done", [section(words), *kept]))


async def _tell(words: str, body: dict[str, Any], client: AsyncWebClient) -> None:
    """Where the person is, or where they can be reached at all; what Slack refuses, the next way may do."""
    for way in _ways(words, body, client):
        try:
            await way()
        except FAILURES as failure:
            log.info("Could not be told there: %s", failure)
        else:
            return


def _ways(words: str, body: dict[str, Any], client: AsyncWebClient) -> list[Callable[[], Awaitable[object]]]:
    place = Place.read(body)
    ways: list[Callable[[], Awaitable[object]]] = []
    if looks_at_home(body):
        ways.append(partial(client.views_publish, user_id=place.who, view=_home(words)))
    elif place.channel:
        told = partial(client.chat_postEphemeral, channel=place.channel, user=place.who, text=words)
        ways.append(partial(told, thread_ts=place.thread))
    if place.trigger_id:
        opener = client.views_push if place.in_form else client.views_open
        ways.append(partial(opener, trigger_id=place.trigger_id, view=page("Not done", [section(words)])))
    return [*ways, partial(client.chat_postMessage, channel=place.who, text=words)]
