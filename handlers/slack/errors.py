"""A failure becomes a sentence where the person is; an unexpected one gets a reference that is in the log too."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import blocks
from handlers.slack.blocks import Modal
from handlers.slack.ephemeral import POST_TIMEOUT_SECONDS, SLACK_FAILURES, SlackSilent, error_code, is_final
from handlers.slack.home_tab import ticket_buttons
from handlers.slack.markup import unescape_keeping_mentions
from handlers.slack.payloads import is_home_tab
from handlers.slack.request import RequestContext, is_addressed_to_bot, typed_line, typed_texts
from handlers.text.plain import render_plain
from handlers.text.slack import Markup, escape_keeping_mentions, render
from rules.errors import FieldErrors, Refused
from rules.model.people import slack_user_id
from rules.text import Code, _

log = logging.getLogger("baton.handlers")

_HELP = Code("/ticket help")
_OLD_CARD_TEXT = _(
    "This is from an older version. Type {command} with the number to get the current card.", command=Code("/ticket")
)
_UNKNOWN_NAME_TEXTS = {
    "command": _("I don't know this command. {help} shows what there is.", help=_HELP),
    "view": _("This form is from an older version, and nothing was done. Please open it again."),
    "shortcut": _("This shortcut is from an older version. {help} shows what there is.", help=_HELP),
}


def _fallback_home(words: str) -> Modal:
    return {"type": "home", "blocks": [blocks.section(words), blocks.actions(*ticket_buttons())]}


class UnknownInteraction(Refused):
    """Slack sent a name without a listener: most often a button of an older card."""

    def __init__(self, kind: str) -> None:
        super().__init__(_UNKNOWN_NAME_TEXTS.get(kind, _OLD_CARD_TEXT))


async def show_error(
    error: Exception, kind: str, *, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, is_retry: bool = False
) -> None:
    """Answers the person where they are. An event that failed unexpectedly is raised, so that Slack repeats it.

    `is_retry` when Slack repeats the event already: the person has read it already.
    """
    words = _with_typed_text(_error_text(error, kind), typed_line(kind, body))
    if kind == "event":
        await _answer_event(error, words, ack, body, client, is_retry=is_retry)
    elif kind == "command":
        await ack(text=words)
    elif kind == "view":
        await _answer_form(error, words, ack, body)
    elif kind == "options":
        await ack(options=[])
    else:
        await _notify_person(words, body, client)
        await ack()


def _error_text(error: Exception, kind: str) -> Markup:
    if isinstance(error, Refused):
        return render(error.text)
    reference = uuid4().hex[:8]
    log.error("Unexpected error %s", reference, exc_info=error)
    if isinstance(error, SlackApiError):
        code = Code(error_code(error))
        return render(_("Slack refused that ({error}, reference {id}). Nothing was lost.", error=code, id=reference))
    if kind == "event":
        words = _(
            "Something went wrong on our side (reference {id}). I'll try again; if it goes on, tell your admin.",
            id=reference,
        )
    else:
        words = _("Something went wrong on our side (reference {id}). Try again, or tell your admin.", id=reference)
    return render(words)


def _with_typed_text(words: str, typed: str) -> str:
    """Slack has cleared the box: a refused person gets their text back, unless the sentence quotes all of it."""
    text = escape_keeping_mentions(unescape_keeping_mentions(typed))
    return words if text in words else f"{words} {render(_('Your text:'))} {text}"


async def _answer_event(
    error: Exception, words: str, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, *, is_retry: bool
) -> None:
    """People who only talk to each other do not read of our failures; people who asked Baton do, once.

    What Slack itself refused it would refuse again.
    """
    if isinstance(error, Refused) and not isinstance(error, SlackSilent):  # what Slack was asked is asked again
        if not isinstance(error, UnknownInteraction):
            await _notify_person(words, body, client)
        await ack()
        return
    if is_addressed_to_bot(body) and not is_retry:
        await _notify_person(words, body, client)
    if not is_final(error):
        raise error
    await ack()


async def _answer_form(error: Exception, words: str, ack: AsyncAck, body: dict[str, Any]) -> None:
    fields = [block.get("block_id") for block in body["view"]["blocks"] if block["type"] == "input"]
    if isinstance(error, FieldErrors) and error.sentences.keys() <= set(fields):
        await ack(
            response_action="errors",
            errors={field: render_plain(sentence) for field, sentence in error.sentences.items()},
        )
        return
    written = [block for text in typed_texts(body) for block in blocks.quoted_sections(text)]
    kept = [blocks.section(_("What you wrote:")), *written] if written else []
    await ack(response_action="update", view=blocks.page_modal(_("Not done"), [blocks.section(words), *kept]))


async def _notify_person(words: str, body: dict[str, Any], client: AsyncWebClient) -> None:
    """All ways together take a second at most: Slack waits for the answer meanwhile."""
    with suppress(TimeoutError):
        async with asyncio.timeout(POST_TIMEOUT_SECONDS):
            await _try_ways(_ways_to_reach(words, body, client))


async def _try_ways(ways: Iterable[Callable[[], Awaitable[object]]]) -> None:
    for way in ways:
        try:
            await way()
        except SLACK_FAILURES as failure:
            log.info("Could not be told there: %s", failure)
        else:
            return


def _ways_to_reach(words: str, body: dict[str, Any], client: AsyncWebClient) -> list[Callable[[], Awaitable[object]]]:
    place = RequestContext.from_body(body)
    user = slack_user_id(place.user)
    ways: list[Callable[[], Awaitable[object]]] = []
    if is_home_tab(body):
        ways.append(partial(client.views_publish, user_id=user, view=_fallback_home(words)))
    elif place.channel:
        post_ephemeral = partial(client.chat_postEphemeral, channel=place.channel, user=user, text=words)
        ways.append(partial(post_ephemeral, thread_ts=place.thread))
    if place.trigger_id:
        opener = client.views_push if place.in_form else client.views_open
        page = blocks.page_modal(_("Not done"), [blocks.section(words)])
        ways.append(partial(opener, trigger_id=place.trigger_id, view=page))
    return [*ways, partial(client.chat_postMessage, channel=user, text=words)]
