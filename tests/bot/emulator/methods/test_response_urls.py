"""A response URL takes five messages, within half an hour."""

from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, BEN, Body, button, received, section


class ResponseUrl:
    """The response URL of Ana's last interaction; a post returns the status and text of the answer."""

    def __init__(self) -> None:
        self.url = ""

    async def post(self, **body: Any) -> tuple[int, str]:
        async with aiohttp.ClientSession() as web, web.post(self.url, json=body) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def response_url(app: AsyncApp) -> ResponseUrl:
    response_url = ResponseUrl()

    async def store_url(ack: AsyncAck, body: Body) -> None:
        response_url.url = body["response_url"]
        await ack()

    app.command("/ask")(store_url)
    app.action("go")(store_url)
    received(app.event("message"))
    return response_url


def texts(slack: Emulator, who: str) -> list[str]:
    return [message["text"] for message in slack.person(who).visible_messages("C0HELP")]


async def test_it_answers_one_person_unless_it_names_the_channel(slack: Emulator, response_url: ResponseUrl) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    await response_url.post(text="For you")
    await response_url.post(text="For all", response_type="in_channel")

    assert (texts(slack, ANA), texts(slack, BEN)) == (["For you", "For all"], ["For all"])


async def test_the_sixth_use_is_refused(slack: Emulator, response_url: ResponseUrl) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    answers = [await response_url.post(text=str(number)) for number in range(6)]

    assert answers[4:] == [(200, "ok"), (404, "used_url")]


async def test_after_half_an_hour_it_is_refused(slack: Emulator, response_url: ResponseUrl) -> None:
    slack.workspace.temporary_ids.response_url_seconds = 0
    await slack.person(ANA).command("C0HELP", "/ask")

    assert await response_url.post(text="Too late") == (404, "expired_url")


async def test_it_replaces_the_card_it_was_pressed_on(
    slack: Emulator, response_url: ResponseUrl, client: AsyncWebClient
) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Open", blocks=[section("Open"), button("go")])
    await slack.person(ANA).press("C0HELP", card["ts"], "go")

    await response_url.post(text="Done", replace_original=True)

    changed = slack.person(BEN).visible_messages("C0HELP")[0]
    assert (changed["text"], "blocks" in changed) == ("Done", False)


async def test_it_deletes_the_card_it_was_pressed_on(
    slack: Emulator, response_url: ResponseUrl, client: AsyncWebClient
) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Open", blocks=[button("go")])
    await slack.person(ANA).press("C0HELP", card["ts"], "go")

    await response_url.post(delete_original=True)

    assert texts(slack, BEN) == []


async def test_an_ephemeral_is_replaced_and_deleted_for_its_reader(
    slack: Emulator, response_url: ResponseUrl, client: AsyncWebClient
) -> None:
    card = await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="Sure?", blocks=[button("go")])
    await slack.person(ANA).press("C0HELP", card["message_ts"], "go")

    await response_url.post(text="Done", replace_original=True)
    replaced = texts(slack, ANA)
    await response_url.post(delete_original=True)

    assert (replaced, texts(slack, ANA)) == (["Done"], [])


async def test_it_answers_in_a_thread(slack: Emulator, response_url: ResponseUrl, client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Card", blocks=[button("go")])
    await slack.person(ANA).press("C0HELP", card["ts"], "go")

    await response_url.post(text="Noted", response_type="in_channel", thread_ts=card["ts"])

    assert slack.person(BEN).thread("C0HELP", card["ts"])[-1]["text"] == "Noted"


async def test_bad_blocks_are_refused_here_too(slack: Emulator, response_url: ResponseUrl) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    assert await response_url.post(text="x", blocks=[section("")]) == (404, '{"ok": false, "error": "invalid_blocks"}')
