"""Makes docs/picture.png from the demo: `.venv/bin/python tools/picture.py`, with Chromium and an emoji font."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import async_playwright, expect

from bot.demo.main import open_demo
from bot.emulator.people.person import Person
from bot.emulator.server import Emulator
from bot.slack.socket_mode import open_socket_mode
from services.alerts.sweep import send_all_alerts

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "picture.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SUPPORT, NETWORK = "C0SUPPORT", "C0NETWORK"
TITLE = "VPN is down on floor 3"
WHY, TRIED = "The tunnel flaps on both gateways since 8:10.", "Restarted the client, tried the other network."
REPLY = "We see it too; the network team is asked."
ADVICE = "Send the gateway's log of the last hour, then ask us again."


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baton-picture-") as folder:
        async with (
            open_demo(Path(folder), port=0, on_progress=lambda share: None) as (emulator, baton, settings),
            open_socket_mode(baton.app, settings, baton.desk.health) as connection,
        ):
            await connection.connect()
            await emulator.wait_until_connected(seconds=30)
            await send_all_alerts(baton.desk)
            thread = await play_scene(emulator)
            await take_screenshot(f"{emulator.url}/?{urlencode({'as': 'U0ANA', 'channel': SUPPORT, 'thread': thread})}")
    print(f"docs/{PICTURE.name}: {PICTURE.stat().st_size // 1000} kB")


async def play_scene(emulator: Emulator) -> str:
    """Ana files, takes, replies and escalates; Emil rejects with advice. Returns the ts of the ticket's thread."""
    ana, emil = emulator.person("U0ANA"), emulator.person("U0EMIL")
    await ana.command(SUPPORT, "/ticket", f"{TITLE} !high type:network")
    ts = str((await emulator.wait_until(lambda: newest_card(ana, SUPPORT, "ticket.take")))["ts"])
    await ana.press(SUPPORT, ts, "ticket.take")
    await emulator.wait_until(lambda: newest_card(ana, SUPPORT, "ticket.reply"))
    await ana.press(SUPPORT, ts, "ticket.reply")
    await ana.submit({"text": REPLY})
    await ana.press(SUPPORT, ts, "ticket.escalate")
    await ana.submit({"team": "network", "why": WHY, "tried": TRIED})
    request = await emulator.wait_until(lambda: newest_card(emil, NETWORK, "escalation.reject"))
    await emil.press(NETWORK, request["ts"], "escalation.reject")
    await emil.submit({"advice": "information_missing", "comment": ADVICE})
    return ts


def newest_card(person: Person, channel: str, button: str) -> dict[str, Any]:
    """The newest card of the ticket with that button; LookupError means that it is not there yet."""
    cards = [
        one
        for one in person.visible_messages(channel)
        if not one.get("is_ephemeral") and TITLE in str(one.get("blocks"))
    ]
    return [one for one in cards if button in str(one["blocks"])][-1]


async def take_screenshot(url: str) -> None:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(url)
        await expect(page.get_by_role("complementary", name="Thread")).to_contain_text(ADVICE)
        await page.screenshot(path=PICTURE)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
