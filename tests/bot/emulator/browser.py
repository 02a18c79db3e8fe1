"""A real browser for tests: Chromium from the system or from Playwright, and pages opened as one person."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

from bot.emulator.server import Emulator

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
REMEDY = "The page is tested in Chromium: install it with your package manager, or run playwright install chromium."
DESKTOP, PHONE = (1280, 800), (390, 844)

Visit = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as engine:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        try:
            started = await engine.chromium.launch(executable_path=path, args=QUIET)
        except Error:
            if os.environ.get("CI"):
                raise
            pytest.skip(REMEDY)
        yield started
        await started.close()


@pytest.fixture
async def visit(browser: Browser, slack: Emulator) -> AsyncIterator[Visit]:
    """Opens the page as somebody; a script that fails there fails the test."""
    failures: list[str] = []

    async def opened(person: str, channel: str, size: tuple[int, int] = DESKTOP, **more: str) -> Page:
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.set_default_timeout(5000)
        await page.goto(f"{slack.url}/?{urlencode({'as': person, 'channel': channel, **more})}")
        return page

    yield opened
    assert not failures, failures


async def say(page: Page, words: str) -> None:
    await page.get_by_test_id("composer").fill(words)
    await page.get_by_test_id("composer").press("Enter")
