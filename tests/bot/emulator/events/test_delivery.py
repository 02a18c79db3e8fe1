"""An event without an answer is sent again; an answered one is not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, EVENTS_PATH, Body, connected, new_app, received, serving


@dataclass
class Endpoint:
    """A bare HTTP endpoint with prepared answers."""

    answers: list[web.Response] = field(default_factory=list)
    requests: list[tuple[Body, dict[str, str]]] = field(default_factory=list)
    signature_checks: list[bool] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body, headers = await request.text(), dict(request.headers)
        self.signature_checks.append(SignatureVerifier("local-secret").is_valid_request(body, headers))
        self.requests.append((await request.json(), {name.lower(): value for name, value in headers.items()}))
        return self.answers.pop(0) if self.answers else web.Response()


@pytest_asyncio.fixture(loop_scope="session")
async def endpoint(slack: Emulator) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    server = web.Application()
    server.router.add_post(EVENTS_PATH, endpoint.answer)
    async with serving(server, slack):
        yield endpoint


async def test_requests_are_signed_as_slack_signs_them(slack: Emulator, endpoint: Endpoint) -> None:
    await slack.person(ANA).say("C0HELP", "héllo")
    await slack.wait_until_settled()

    assert endpoint.signature_checks == [True]


async def test_an_event_that_failed_comes_again_at_once_with_the_reason(slack: Emulator, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500)]

    await slack.person(ANA).say("C0HELP", "hello")
    await slack.wait_until_settled()

    (first, before), (second, after) = endpoint.requests
    assert first["event_id"] == second["event_id"]
    assert "x-slack-retry-num" not in before
    assert (after["x-slack-retry-num"], after["x-slack-retry-reason"]) == ("1", "http_error")


async def test_after_three_retries_an_event_is_lost(slack: Emulator, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500) for _ in range(4)]

    await slack.person(ANA).say("C0HELP", "hello")
    await slack.wait_until_settled()
    slack.delivery.retry_events_now()
    await slack.wait_until(lambda: len(endpoint.requests) == 3)
    await slack.wait_until_settled()
    slack.delivery.retry_events_now()
    await slack.wait_until(lambda: slack.delivery.lost_events)

    assert [body["event_id"] for body, _ in endpoint.requests] == [slack.delivery.lost_events[0]["event_id"]] * 4


async def test_an_app_can_decline_retries(slack: Emulator, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]

    await slack.person(ANA).say("C0HELP", "hello")
    await slack.wait_until_settled()

    assert (len(endpoint.requests), slack.delivery.lost_events) == (1, [])


async def test_a_handler_that_fails_gets_the_envelope_again(slack: Emulator, app: AsyncApp) -> None:
    attempts: list[str | None] = []

    @app.event("message")
    async def stumble(request: Any) -> None:  # noqa: ANN401 - Bolt's own argument
        attempts.append(request.headers.get("x-slack-retry-num", [None])[0])
        if len(attempts) == 1:
            raise RuntimeError("not yet")

    slack.delivery.answer_seconds = 0.05
    await slack.person(ANA).say("C0HELP", "hello")
    await slack.wait_until_settled()

    assert attempts == ["0", "1"]


async def test_events_wait_for_the_first_connection(slack: Emulator, client: AsyncWebClient) -> None:
    await slack.person(ANA).say("C0HELP", "anybody there?")
    app = new_app(client)
    messages = received(app.event("message"))

    async with connected(app, slack):
        await slack.wait_until_settled()

    assert [body["event"]["text"] for body in messages] == ["anybody there?"]


async def test_a_connection_that_breaks_is_replaced_and_its_event_comes_again(slack: Emulator, app: AsyncApp) -> None:
    broken = asyncio.Event()
    event_ids: list[str] = []

    @app.event("message")
    async def reconnect_once(body: Body) -> None:
        event_ids.append(body["event_id"])
        if len(event_ids) == 1:
            await slack.delivery.sockets.request_reconnect()
            await broken.wait()

    await slack.person(ANA).say("C0HELP", "hello")
    await slack.wait_until(lambda: len(event_ids) == 2)
    broken.set()
    await slack.wait_until_settled()

    assert event_ids[0] == event_ids[1]
    assert slack.delivery.lost_events == []


async def test_an_address_is_trusted_once_it_echoes_the_challenge(slack: Emulator, served: AsyncApp) -> None:
    assert await slack.verify_url()


async def test_the_traffic_has_both_directions_without_secrets(slack: Emulator, app: AsyncApp) -> None:
    @app.command("/ask")
    async def ask(ack: Any, respond: Any) -> None:  # noqa: ANN401 - Bolt's own arguments
        await ack()
        await respond("Later")

    await slack.person(ANA).command("C0HELP", "/ask")

    entries = slack.traffic.entries_after(0)
    text = str(entries)
    assert {entry["kind"] for entry in entries} >= {"web_api", "slash_commands", "response_url"}
    assert not any(secret in text for secret in ("xoxb-", "xapp-", "local-verification"))
    assert "/response/(hidden)" in text


async def test_waiting_ends_as_soon_as_the_app_comes_or_goes(slack: Emulator, client: AsyncWebClient) -> None:
    is_connected = slack.delivery.sockets.is_connected
    come = asyncio.create_task(slack.wait_until(is_connected, seconds=600))
    await asyncio.sleep(0)
    async with connected(new_app(client), slack), asyncio.timeout(10):
        assert await come
        gone = asyncio.create_task(slack.wait_until(lambda: not is_connected(), seconds=600))
        await asyncio.sleep(0)

    async with asyncio.timeout(10):
        assert await gone
