"""Baton listens to Slack, to whoever watches over it, and to whoever tells it to stop."""

import asyncio
import json
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, make_settings
from bot.slack.server import CannotListen, open_listener, serve_slack
from bot.slack.signatures import slack_signature
from bot.slack.socket_mode import SocketModeRefused
from bot.supervision import Supervisor
from services.desk import utc_now
from services.health import Health
from tests.bot.fake_slack import FakeSlack, fake_slack
from tests.bot.written import written
from tests.patience import PATIENCE_SECONDS

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TYPED = {"command": "/ticket", "text": "VPN is down", "team_id": "T0DESK", "user_id": "U0ANA"}
FILING = b"command=%2Fticket&text=VPN+is+down&user_id=U0ANA&team_id=T0DESK&channel_id=C0GENERAL&trigger_id=1.2.3"


class Desk:
    """A Bolt app that answers /ticket once it may, with what it takes to serve it."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked = asyncio.Event()
        self.health = Health(utc_now)
        self.measured = 0
        self.stop = asyncio.Event()
        self.url = ""

    async def measure(self) -> None:
        self.measured += 1

    async def file(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        self.asked.set()
        await self.may_answer.wait()
        await ack(f"Filed #1 {command['text']}")

    def app(self, api: str = "http://127.0.0.1:1/api/") -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T0DESK", bot_token="xoxb-1", bot_user_id="U0BATON")

        app = AsyncApp(
            signing_secret=SECRET,
            authorize=authorize,
            client=AsyncWebClient(base_url=api),
            process_before_response=True,
        )
        app.command("/ticket")(self.file)
        return app

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as client, client.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        status, page = await self.get("/readyz")
        return status, json.loads(page)

    async def post(self, body: bytes = FILING, *, signature: str = "") -> tuple[int, str]:
        now = str(int(time.time()))
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": now,
            "X-Slack-Signature": signature or slack_signature(SECRET.encode(), now.encode(), body).decode(),
        }
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.url}/slack/events", data=body, headers=sent) as answer,
        ):
            return answer.status, await answer.text()


@asynccontextmanager
async def serving(desk: Desk, app: AsyncApp, settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """The desk's own address while it serves; a desk that has ended by itself says why."""
    listener = open_listener(settings)
    desk.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    supervisor = Supervisor(desk.health)
    work = serve_slack(app, settings, supervisor, measure=desk.measure, listener=listener, stop=desk.stop)
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        desk.stop.set()
        await task


def over_http(**more: object) -> Settings:
    return make_settings(slack_bot_token="xoxb-1", slack_signing_secret=SECRET, **{"port": 0} | more)


def over_socket(slack: FakeSlack) -> Settings:
    return make_settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1", slack_api_url=slack.url, port=0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Served over HTTP."""
    desk = Desk()
    async with serving(desk, desk.app(), over_http()):
        yield desk


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as slack:
        yield slack


async def test_ana_files_over_signed_http(desk: Desk) -> None:
    assert await desk.post() == (200, "Filed #1 VPN is down")


async def test_what_is_not_signed_is_refused_and_not_logged(desk: Desk) -> None:
    with written("DEBUG") as page:
        refused = await desk.post(signature="v0=" + "0" * 64)

        assert refused[0] == 401
        assert "VPN" not in page()
        assert "U0ANA" not in page()


async def test_two_mebibytes_are_refused_and_not_logged(desk: Desk) -> None:
    with written("DEBUG") as page:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(desk.url.rpartition(":")[2]))
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: desk\r\nContent-Length: 2097152\r\n\r\ntext=VPN")
        answer = await reader.read()
        writer.close()

        assert answer.startswith(b"HTTP/1.1 413 ")
        assert "VPN" not in page()


async def test_a_body_in_chunks_without_end_is_cut_off(desk: Desk) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(desk.url.rpartition(":")[2]))
    head = f"X-Slack-Request-Timestamp: {int(time.time())}\r\nX-Slack-Signature: v0=1\r\n".encode()
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n" + head + b"\r\n")
    writer.write(b"100000\r\n" + b"x" * 0x100000 + b"\r\n1\r\nx\r\n")

    assert (await reader.read()).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_a_desk_that_lives_says_so(desk: Desk) -> None:
    desk.health.report("saving", "This process cannot save.", is_unready=True)

    assert await desk.get("/healthz") == (200, "ok\n")


async def test_a_desk_that_works_says_so(desk: Desk) -> None:
    assert await desk.readiness() == (200, {"status": "ok", "reasons": []})


async def test_a_desk_that_cannot_save_says_why_and_since_when(desk: Desk) -> None:
    desk.health.report("saving", "This process cannot save.", is_unready=True)

    status, page = await desk.readiness()

    (reason,) = desk.health.reasons
    told = {"source": "saving", "reason": "This process cannot save.", "since": reason.since.isoformat()}
    assert (status, page) == (503, {"status": "unready", "reasons": [told]})


async def test_what_keeps_nobody_from_filing_does_not_make_the_desk_unready(desk: Desk) -> None:
    desk.health.report("slack", "Slack refuses us.")

    status, page = await desk.readiness()

    assert (status, page["status"]) == (200, "degraded")


async def test_what_was_done_can_be_counted(desk: Desk) -> None:
    await desk.post()

    status, page = await desk.get("/metrics")

    assert (status, desk.measured) == (200, 1)
    assert 'baton_requests_total{kind="command"}' in page
    assert 'baton_request_seconds_bucket{kind="command",le="0.05"}' in page
    assert "process_resident_memory_bytes" in page


@pytest.mark.parametrize("path", ["/", "/slack", "/slack/events/", "/docs", "/../.env"])
async def test_there_is_nothing_else(desk: Desk, path: str) -> None:
    assert (await desk.get(path))[0] == 404


async def test_a_browser_has_no_business_where_slack_posts(desk: Desk) -> None:
    assert (await desk.get("/slack/events"))[0] == 405


async def test_who_is_being_answered_when_the_desk_stops_is_answered() -> None:
    desk = Desk()
    desk.may_answer.clear()
    async with serving(desk, desk.app(), over_http()) as work:
        filing = asyncio.create_task(desk.post())
        await desk.asked.wait()
        desk.stop.set()
        await asyncio.sleep(0)
        assert not work.done()

        desk.may_answer.set()

        assert await filing == (200, "Filed #1 VPN is down")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_desk_in_order(number: signal.Signals) -> None:
    desk = Desk()
    listener = open_listener(over_http())
    desk.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    work = asyncio.create_task(serve_slack(desk.app(), over_http(), Supervisor(desk.health), listener=listener))
    assert (await desk.get("/healthz"))[0] == 200

    os.kill(os.getpid(), number)

    await asyncio.wait_for(work, 10)


def test_a_small_answer_does_not_wait_for_more() -> None:
    """asyncio sets TCP_NODELAY only on connections whose protocol is named."""
    with open_listener(over_http()) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotListen, match=rf"^Port {port} on 127\.0\.0\.1 is taken\. End the program"):
            open_listener(over_http(port=port))


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(CannotListen, match="Set HOST to an address of this machine"):
        open_listener(over_http(host=host))


async def test_ana_files_over_socket_mode(slack: FakeSlack) -> None:
    desk = Desk()
    async with serving(desk, desk.app(slack.url), over_socket(slack)):
        envelope = await slack.send(TYPED)

        assert await slack.acknowledged.get() == {"envelope_id": envelope, "payload": {"text": "Filed #1 VPN is down"}}
        assert await desk.readiness() == (200, {"status": "ok", "reasons": []})
        assert (await desk.post())[0] == 404


async def test_the_last_answer_still_goes_down_the_line(slack: FakeSlack) -> None:
    desk = Desk()
    desk.may_answer.clear()
    async with serving(desk, desk.app(slack.url), over_socket(slack)):
        envelope = await slack.send(TYPED)
        await desk.asked.wait()
        desk.stop.set()
        await asyncio.sleep(0)

        desk.may_answer.set()

        assert (await slack.acknowledged.get())["envelope_id"] == envelope


async def test_a_desk_without_slack_lives_and_says_what_is_missing(slack: FakeSlack) -> None:
    slack.answers["apps.connections.open"] = {"ok": False, "error": "service_unavailable"}
    desk = Desk()
    async with serving(desk, desk.app(slack.url), over_socket(slack)):
        assert await desk.get("/healthz") == (200, "ok\n")
        status, page = await desk.readiness()
        assert (status, page["status"]) == (200, "degraded")
        assert [reason["reason"] for reason in page["reasons"]] == ["There is no connection to Slack."]


async def test_a_refused_app_token_ends_the_desk_with_the_remedy(slack: FakeSlack) -> None:
    slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}
    desk = Desk()

    with pytest.raises(SocketModeRefused, match=r"^Slack refuses SLACK_APP_TOKEN \(invalid_auth\)\. Make one on"):
        async with serving(desk, desk.app(slack.url), over_socket(slack)) as work:
            await work


async def test_a_line_that_was_cut_is_made_again(slack: FakeSlack) -> None:
    desk = Desk()
    async with serving(desk, desk.app(slack.url), over_socket(slack)):
        first = await slack.line
        slack.line = asyncio.get_running_loop().create_future()

        await first.send_str(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

        envelope = await slack.send(TYPED)
        assert (await slack.acknowledged.get())["envelope_id"] == envelope


async def changes_counted(desk: Desk) -> dict[str, float]:
    """How often each thing happened to the connection until now, in this process."""
    _, page = await desk.get("/metrics")
    rows = re.findall(r'baton_socket_mode_changes_total{change="(\w+)"} (\S+)', page)
    return {change: float(count) for change, count in rows}


@pytest.mark.parametrize(("reason", "counted"), [("link_disabled", "link_disabled"), ("warning", "closed")])
async def test_a_line_that_slack_closes_and_one_that_opens_again_are_logged_and_counted(
    slack: FakeSlack, reason: str, counted: str
) -> None:
    desk = Desk()
    with written("INFO") as page:
        async with serving(desk, desk.app(slack.url), over_socket(slack)):
            first = await slack.line
            before = await changes_counted(desk)
            slack.line = asyncio.get_running_loop().create_future()

            await first.send_str(json.dumps({"type": "disconnect", "reason": reason}))
            await slack.send(TYPED)
            await slack.acknowledged.get()
            after = await changes_counted(desk)

        assert f"reason={reason}" in page()
        assert "again=True" in page()
    assert after[counted] == before.get(counted, 0) + 1
    assert after["reopened"] == before.get("reopened", 0) + 1


async def test_a_line_that_slack_does_not_open_again_is_logged_and_counted(slack: FakeSlack) -> None:
    desk = Desk()
    with written("INFO") as page:
        async with serving(desk, desk.app(slack.url), over_socket(slack)):
            first = await slack.line
            before = await changes_counted(desk)
            slack.answers["apps.connections.open"] = {"ok": False, "error": "link_disabled"}

            await first.send_str(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (await changes_counted(desk)).get("refused", 0) == before.get("refused", 0):
                    pass

        assert "code=link_disabled" in page()


async def test_over_socket_mode_too_what_cannot_be_read_is_logged_and_not_sent_again(slack: FakeSlack) -> None:
    desk = Desk()
    with written("INFO") as page:
        async with serving(desk, desk.app(slack.url), over_socket(slack)):
            envelope = await slack.send({"type": "block_actions", "user": {"id": "U0ANA"}, "actions": []})

            assert await slack.acknowledged.get() == {"envelope_id": envelope}
        assert "No payload of Slack's: actions." in page()
