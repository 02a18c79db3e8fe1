"""A real browser for tests: Chromium from the system or from Playwright, and pages opened as one person.

Chromium, the program that steers it and its tabs are started once for a worker: each of them costs more than most tests
of a page. They live on the session's event loop, so that a test that visits a page runs there too.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, Playwright, async_playwright

from bot.emulator.server import Emulator
from tests.patience import PATIENCE_SECONDS

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
REMEDY = "The page is tested in Chromium: install it with your package manager, or run playwright install chromium."
DESKTOP, PHONE = (1280, 800), (390, 844)

Visit = Callable[..., Awaitable[Page]]


class Tabs:
    """Tabs of one Chromium, each with a profile of its own, which one test after another finds empty."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._free: list[Page] = []

    async def open(self) -> Page:
        return self._free.pop() if self._free else await self.browser.new_page()

    async def leave(self, page: Page) -> None:
        """Empties the tab, with all that the site kept in it."""
        session = await page.context.new_cdp_session(page)
        await session.send("Storage.clearDataForOrigin", {"origin": page.url, "storageTypes": "all"})
        await session.detach()
        await page.goto("about:blank")
        self._free.append(page)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tabs() -> AsyncIterator[Tabs]:
    """This worker's one Chromium."""
    async with async_playwright() as engine:
        browser = await launched(engine)
        yield Tabs(browser)
        await browser.close()


async def launched(engine: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return await engine.chromium.launch(executable_path=path, args=QUIET)
    except Error:
        if os.environ.get("CI"):
            raise
        pytest.skip(REMEDY)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(tabs: Tabs, slack: Emulator) -> AsyncIterator[Visit]:
    """Opens the page as somebody; a script that fails there fails the test."""
    failures: list[str] = []
    pages: list[Page] = []

    def failed(error: Error) -> None:
        failures.append(str(error))

    async def opened(person: str, channel: str, size: tuple[int, int] = DESKTOP, **more: str) -> Page:
        page = await tabs.open()
        pages.append(page)
        page.on("pageerror", failed)
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.goto(f"{slack.url}/?{urlencode({'as': person, 'channel': channel, **more})}")
        return page

    yield opened
    for page in pages:
        page.remove_listener("pageerror", failed)
        await tabs.leave(page)
    assert not failures, failures


async def say(page: Page, words: str) -> None:
    await page.get_by_test_id("composer").fill(words)
    await page.get_by_test_id("composer").press("Enter")
