"""A response URL says something later, five times, within half an hour."""

from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, BEN, button, section

Body = dict[str, Any]


class Later:
    """The response URL of what Ana last did, and what the workspace says to its use."""

    def __init__(self) -> None:
        self.url = ""

    async def say(self, **body: Any) -> tuple[int, str]:
        async with aiohttp.ClientSession() as web, web.post(self.url, json=body) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def later(app: AsyncApp) -> Later:
    later = Later()

    async def keep(ack: Any, body: Body) -> None:  # noqa: ANN401 - Bolt's own argument
        later.url = body["response_url"]
        await ack()

    app.command("/ask")(keep)
    app.action("go")(keep)
    app.event("message")(keep_quiet)
    return later


async def keep_quiet() -> None:
    """Hears the app's own posts, and lets them be."""


def texts(slack: Emulator, who: str) -> list[str]:
    return [message["text"] for message in slack.person(who).sees("C0HELP")]


async def test_it_whispers_unless_told_otherwise(slack: Emulator, later: Later) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    await later.say(text="For you")
    await later.say(text="For all", response_type="in_channel")

    assert (texts(slack, ANA), texts(slack, BEN)) == (["For you", "For all"], ["For all"])


async def test_the_sixth_use_is_refused(slack: Emulator, later: Later) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    answers = [await later.say(text=str(number)) for number in range(6)]

    assert answers[4:] == [(200, "ok"), (404, "used_url")]


async def test_after_half_an_hour_it_is_refused(slack: Emulator, later: Later) -> None:
    slack.workspace.passes.response_seconds = 0
    await slack.person(ANA).command("C0HELP", "/ask")

    assert await later.say(text="Too late") == (404, "expired_url")


async def test_it_replaces_the_card_it_was_pressed_on(slack: Emulator, later: Later, client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Open", blocks=[section("Open"), button("go")])
    await slack.person(ANA).press("C0HELP", card["ts"], "go")

    await later.say(text="Done", replace_original=True)

    changed = slack.person(BEN).sees("C0HELP")[0]
    assert (changed["text"], "blocks" in changed) == ("Done", False)


async def test_it_deletes_the_card_it_was_pressed_on(slack: Emulator, later: Later, client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Open", blocks=[button("go")])
    await slack.person(ANA).press("C0HELP", card["ts"], "go")

    await later.say(delete_original=True)

    assert texts(slack, BEN) == []


async def test_an_ephemeral_is_replaced_and_deleted_for_its_reader(
    slack: Emulator, later: Later, client: AsyncWebClient
) -> None:
    card = await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="Sure?", blocks=[button("go")])
    await slack.person(ANA).press("C0HELP", card["message_ts"], "go")

    await later.say(text="Done", replace_original=True)
    replaced = texts(slack, ANA)
    await later.say(delete_original=True)

    assert (replaced, texts(slack, ANA)) == (["Done"], [])


async def test_it_answers_in_a_thread(slack: Emulator, later: Later, client: AsyncWebClient) -> None:
    card = await client.chat_postMessage(channel="C0HELP", text="Card", blocks=[button("go")])
    await slack.person(ANA).press("C0HELP", card["ts"], "go")

    await later.say(text="Noted", response_type="in_channel", thread_ts=card["ts"])

    assert slack.person(BEN).thread("C0HELP", card["ts"])[-1]["text"] == "Noted"


async def test_bad_blocks_are_refused_here_too(slack: Emulator, later: Later) -> None:
    await slack.person(ANA).command("C0HELP", "/ask")

    assert await later.say(text="x", blocks=[section("")]) == (404, '{"ok": false, "error": "invalid_blocks"}')
