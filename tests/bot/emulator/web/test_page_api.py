"""What the page reads and does, over HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, BEN, Body, button, field, form, open_on, received


class Window:
    """Ana's browser."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def get(self, path: str, **query: str) -> Body:
        async with self.session.get(f"{self.url}/ui/{path}", params={"as": ANA, **query}) as answer:
            return dict(await answer.json())

    async def post(self, path: str, **body: object) -> Body:
        async with self.session.post(f"{self.url}/ui/{path}", json={"as": ANA, **body}) as answer:
            return dict(await answer.json())

    async def upload(self, fields: dict[str, str]) -> Body:
        data = aiohttp.FormData(fields)
        data.add_field("file", b"bytes", filename="log.txt")
        async with self.session.post(f"{self.url}/ui/upload", data=data) as answer:
            return dict(await answer.json())


@pytest_asyncio.fixture(loop_scope="session")
async def window(slack: Emulator) -> AsyncIterator[Window]:
    async with aiohttp.ClientSession() as session:
        yield Window(slack.url, session)


async def test_the_page_starts_with_people_channels_and_commands(slack: Emulator, window: Window) -> None:
    await slack.person(BEN).say("C0HELP", "unread")

    boot = await window.get("boot")

    rows = {row["name"]: (row["is_member"], row["unread"]) for row in boot["channels"]}
    assert rows == {"help": (True, 1), "other": (True, 0), "old": (True, 0), "secret": (True, 0)}
    assert (boot["me"]["real_name"], boot["app"]["name"]) == ("Ana Kowalska", "Baton")
    assert boot["commands"] == [{"command": "/ask", "description": "Ask", "usage_hint": ""}]


async def test_reading_marks_read(slack: Emulator, window: Window) -> None:
    await slack.person(BEN).say("C0HELP", "unread")

    await window.post("read", channel="C0HELP")

    assert (await window.get("channel/C0HELP"))["channel"]["unread"] == 0


async def test_what_is_sent_reaches_an_open_page_at_once(slack: Emulator, window: Window) -> None:
    async with window.session.ws_connect(f"{slack.url}/ui/stream?as={BEN}") as stream:
        answer = await window.post("send", channel="C0HELP", text="hello")
        update = await stream.receive_json(timeout=5)

    assert (update["type"], update["message"]["ts"]) == ("message", answer["message"]["ts"])


async def test_the_traffic_in_the_page_has_no_secrets(slack: Emulator, window: Window) -> None:
    async with window.session.ws_connect(f"{slack.url}/ui/stream?as={ANA}") as stream:
        await window.post("command", channel="C0HELP", command="/ask", text="")
        update = await stream.receive_json(timeout=5)

    assert update["entry"]["body"]["token"] == "(hidden)"
    assert update["entry"]["body"]["response_url"].endswith("/response/(hidden)")


async def test_another_persons_ephemeral_does_not_reach_the_page(
    slack: Emulator, window: Window, client: AsyncWebClient
) -> None:
    async with window.session.ws_connect(f"{slack.url}/ui/stream?as={BEN}") as stream:
        await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="only Ana")
        await window.post("send", channel="C0SECRET", text="not Ben")
        await window.post("send", channel="C0HELP", text="all")
        updates = [await stream.receive_json(timeout=5) for _ in range(2)]

    assert [one.get("message", {}).get("text") for one in updates] == [None, "all"]


async def test_a_form_is_opened_filled_and_sent_by_hand(slack: Emulator, window: Window, app: AsyncApp) -> None:
    open_on(app.command("/ask"), form("f", field("title")))
    submissions = received(app.view("f"))

    outcome = await window.post("command", channel="C0HELP", command="/ask", text="")
    state = {"title": {"title": {"type": "plain_text_input", "value": "VPN"}}}
    done = await window.post("submit", view_id=outcome["view"]["id"], state=state)

    assert submissions[0]["view"]["state"]["values"] == state
    assert (done["ok"], (await window.get("views"))["views"]) == (True, [])


async def test_a_button_is_pressed_by_hand(window: Window, app: AsyncApp, client: AsyncWebClient) -> None:
    received(app.action("go"))
    card = await client.chat_postMessage(channel="C0HELP", text="x", blocks=[button("go")])
    where = {"type": "message", "channel": "C0HELP", "message_ts": card["ts"]}
    outcome = await window.post("press", container=where, block_id="buttons", action_id="go")

    assert outcome["ok"]


async def test_a_file_is_dropped_into_a_channel(window: Window) -> None:
    answer = await window.upload({"as": ANA, "channel": "C0HELP", "text": "Log"})

    assert answer["message"]["files"][0]["name"] == "log.txt"


async def test_a_file_without_a_channel_is_stored_for_its_form(window: Window) -> None:
    answer = await window.upload({"as": ANA})

    assert answer["ok"]
    assert answer["file"] | {"name": "log.txt", "size": 5, "user": ANA, "channels": []} == answer["file"]


async def test_a_stranger_stores_no_file_here(window: Window) -> None:
    assert await window.upload({"as": "U0NOBODY"}) == {"ok": False, "error": "user_not_found"}


async def test_a_refusal_has_slacks_name(window: Window) -> None:
    assert await window.post("send", channel="C0OLD", text="x") == {"ok": False, "error": "is_archived"}


async def test_another_site_may_not_act_here(slack: Emulator, window: Window) -> None:
    headers = {"Origin": "https://elsewhere.example"}

    async with window.session.post(f"{slack.url}/ui/send", json={"as": ANA}, headers=headers) as answer:
        assert answer.status == 403


async def test_presence_and_limits_are_switched_by_hand(slack: Emulator, window: Window) -> None:
    await window.post("presence", presence="away", status_text="Lunch", dnd=True)
    await window.post("settings", rate_limits=True)

    ana = slack.workspace.users[ANA]
    assert (ana.presence, ana.status_text, ana.dnd) == ("away", "Lunch", True)
    assert (await window.get("boot"))["settings"] == {"rate_limits": True}


async def test_files_outside_the_page_are_not_served(slack: Emulator, window: Window) -> None:
    sneaky = URL(f"{slack.url}/static/%2e%2e/server.py", encoded=True)

    async with window.session.get(sneaky) as answer:
        assert answer.status == 404
