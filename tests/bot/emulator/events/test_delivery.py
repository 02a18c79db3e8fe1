"""An event nobody answered comes again; an answered one does not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, bolt, listening


@dataclass
class Endpoint:
    """A bare HTTP endpoint that answers as it is told."""

    answers: list[web.Response] = field(default_factory=list)
    heard: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)
    genuine: list[bool] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        body, headers = await request.text(), dict(request.headers)
        self.genuine.append(SignatureVerifier("local-secret").is_valid_request(body, headers))
        self.heard.append((await request.json(), {name.lower(): value for name, value in headers.items()}))
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def endpoint(slack: Emulator) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    server = web.Application()
    server.router.add_post("/slack/events", endpoint.hear)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield endpoint
    slack.use_http(None)
    await runner.cleanup()


async def test_requests_are_signed_as_slack_signs_them(slack: Emulator, endpoint: Endpoint) -> None:
    await slack.person(ANA).says("C0HELP", "héllo")
    await slack.settled()

    assert endpoint.genuine == [True]


async def test_an_event_that_failed_comes_again_at_once_with_the_reason(slack: Emulator, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500)]

    await slack.person(ANA).says("C0HELP", "hello")
    await slack.settled()

    (first, before), (second, after) = endpoint.heard
    assert first["event_id"] == second["event_id"]
    assert "x-slack-retry-num" not in before
    assert (after["x-slack-retry-num"], after["x-slack-retry-reason"]) == ("1", "http_error")


async def test_after_three_retries_an_event_is_lost(slack: Emulator, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500) for _ in range(4)]

    await slack.person(ANA).says("C0HELP", "hello")
    await slack.settled()
    slack.retry_now()
    await slack.until(lambda: len(endpoint.heard) == 3)
    await slack.settled()
    slack.retry_now()
    await slack.until(lambda: slack.lost)

    assert [body["event_id"] for body, _ in endpoint.heard] == [slack.lost[0]["event_id"]] * 4


async def test_an_app_can_decline_retries(slack: Emulator, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]

    await slack.person(ANA).says("C0HELP", "hello")
    await slack.settled()

    assert (len(endpoint.heard), slack.lost) == (1, [])


async def test_a_handler_that_fails_gets_the_envelope_again(slack: Emulator, app: AsyncApp) -> None:
    attempts: list[str | None] = []

    @app.event("message")
    async def stumble(request: Any) -> None:  # noqa: ANN401 - Bolt's own argument
        attempts.append(request.headers.get("x-slack-retry-num", [None])[0])
        if len(attempts) == 1:
            raise RuntimeError("not yet")

    slack.delivery.answer_seconds = 0.05
    await slack.person(ANA).says("C0HELP", "hello")
    await slack.settled()

    assert attempts == ["0", "1"]


async def test_events_wait_for_the_first_connection(slack: Emulator, client: AsyncWebClient) -> None:
    await slack.person(ANA).says("C0HELP", "anybody there?")
    heard: list[str] = []
    app = bolt(client)

    @app.event("message")
    async def hear(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    async with listening(app, slack):
        await slack.settled()

    assert heard == ["anybody there?"]


async def test_a_connection_that_breaks_is_replaced_and_its_event_comes_again(slack: Emulator, app: AsyncApp) -> None:
    broken = asyncio.Event()
    heard: list[str] = []

    @app.event("message")
    async def hear(body: dict[str, Any]) -> None:
        heard.append(body["event_id"])
        if len(heard) == 1:
            await slack.refresh_sockets()
            await broken.wait()

    await slack.person(ANA).says("C0HELP", "hello")
    await slack.until(lambda: len(heard) == 2)
    broken.set()
    await slack.settled()

    assert heard[0] == heard[1]
    assert slack.lost == []


async def test_an_address_is_trusted_once_it_echoes_the_challenge(slack: Emulator, served: AsyncApp) -> None:
    assert await slack.verify_url()


async def test_the_inspector_keeps_both_directions_without_secrets(slack: Emulator, app: AsyncApp) -> None:
    @app.command("/ask")
    async def ask(ack: Any, respond: Any) -> None:  # noqa: ANN401 - Bolt's own arguments
        await ack()
        await respond("Later")

    await slack.person(ANA).command("C0HELP", "/ask")

    entries = slack.traffic.after(0)
    text = str(entries)
    assert {entry["kind"] for entry in entries} >= {"web_api", "slash_commands", "response_url"}
    assert not any(secret in text for secret in ("xoxb-", "xapp-", "local-verification"))
    assert "/response/(hidden)" in text


async def test_who_waits_for_the_app_to_come_or_go_hears_of_it_at_once(slack: Emulator, client: AsyncWebClient) -> None:
    there = slack.delivery.sockets.connected
    come = asyncio.create_task(slack.until(there, seconds=600))
    await asyncio.sleep(0)
    async with listening(bolt(client), slack), asyncio.timeout(10):
        assert await come
        gone = asyncio.create_task(slack.until(lambda: not there(), seconds=600))
        await asyncio.sleep(0)

    async with asyncio.timeout(10):
        assert await gone
