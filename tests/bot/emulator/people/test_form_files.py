"""Files that people add to a form: the app gets them with the answers, and no conversation shows them."""

from typing import Any

import aiohttp
import pytest
from playwright.async_api import FilePayload, expect
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.browser import Visit, browser, visit
from tests.bot.emulator.conftest import ANA, field, form

__all__ = ["browser", "visit"]
HELP = "C0HELP"


@pytest.fixture
def sent(app: AsyncApp) -> list[dict[str, Any]]:
    """The files of every form that was sent: /ask opens one with a place for them."""
    found: list[dict[str, Any]] = []

    async def ask(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=form("file", field("log", {"type": "file_input"})))
        await ack()

    async def file(ack: AsyncAck, body: dict[str, Any]) -> None:
        found.extend(body["view"]["state"]["values"]["log"]["log"]["files"])
        await ack()

    app.command("/ask")(ask)
    app.view("file")(file)
    return found


async def test_ana_adds_a_log_to_a_form(slack: Emulator, sent: list[dict[str, Any]], visit: Visit) -> None:
    page = await visit(ANA, HELP)
    await page.get_by_role("textbox", name="Message #help").fill("/ask")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="title")
    log: FilePayload = {"name": "gateway.log", "mimeType": "text/plain", "buffer": b"retries"}
    await dialog.get_by_label("log").set_input_files(log)
    await expect(dialog.get_by_role("button", name="Remove gateway.log")).to_be_visible()

    await dialog.get_by_role("button", name="submit").click()
    await expect(dialog).to_be_hidden()

    assert [one["name"] for one in sent] == ["gateway.log"]
    assert slack.person(ANA).sees(HELP) == []


async def test_a_file_without_a_channel_is_kept_for_its_form(slack: Emulator) -> None:
    data = aiohttp.FormData({"as": ANA})
    data.add_field("file", b"retries", filename="gateway.log")

    async with aiohttp.ClientSession() as session, session.post(f"{slack.url}/ui/upload", data=data) as answer:
        kept = await answer.json()

    assert kept["ok"]
    assert kept["file"] | {"name": "gateway.log", "size": 7, "user": ANA, "channels": []} == kept["file"]


async def test_a_stranger_keeps_no_file_here(slack: Emulator) -> None:
    data = aiohttp.FormData({"as": "U0NOBODY"})
    data.add_field("file", b"retries", filename="gateway.log")

    async with aiohttp.ClientSession() as session, session.post(f"{slack.url}/ui/upload", data=data) as answer:
        refused = await answer.json()

    assert refused == {"ok": False, "error": "user_not_found"}
