"""A real browser for tests: Chromium from the system or from Playwright, and pages opened as one person."""

import os
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright
from playwright.sync_api import sync_playwright

from bot.emulator.server import Emulator
from tests.patience import PATIENCE_SECONDS

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
REMEDY = "The page is tested in Chromium: install it with your package manager, or run playwright install chromium."
DESKTOP, PHONE = (1280, 800), (390, 844)

Visit = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The address of this worker's one Chromium: to start it takes longer than most tests of a page.

    It has a thread of its own, since it outlives the loop of every test.
    """
    address, over = Future[str](), threading.Event()
    holder = threading.Thread(target=_run_chromium, args=(address, over), name="chromium", daemon=True)
    holder.start()
    try:
        url = address.result()
    except Error:
        if os.environ.get("CI"):
            raise
        pytest.skip(REMEDY)
    yield url
    over.set()
    holder.join()


def _run_chromium(address: "Future[str]", over: threading.Event) -> None:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    port = free_port()
    try:
        with sync_playwright() as engine:
            started = engine.chromium.launch(executable_path=path, args=[*QUIET, f"--remote-debugging-port={port}"])
            address.set_result(f"http://127.0.0.1:{port}")
            over.wait()
            started.close()
    except Error as error:
        address.set_exception(error)


@asynccontextmanager
async def browser_session(chromium: str) -> AsyncIterator[Browser]:
    """Chromium for one test: every page has a profile of its own, and closes when the test ends."""
    async with async_playwright() as engine:
        browser = await engine.chromium.connect_over_cdp(chromium)
        yield browser
        for context in browser.contexts[1:]:  # the first is Chromium's own
            await context.close()
        await browser.close()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with browser_session(chromium) as session:
        yield session


@pytest.fixture
async def visit(browser: Browser, slack: Emulator) -> AsyncIterator[Visit]:
    """Opens the page as one person; a script that fails there fails the test."""
    failures: list[str] = []

    async def opened(person: str, channel: str, size: tuple[int, int] = DESKTOP, **more: str) -> Page:
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        await page.goto(f"{slack.url}/?{urlencode({'as': person, 'channel': channel, **more})}")
        return page

    yield opened
    assert not failures, failures


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def say(page: Page, words: str) -> None:
    await page.get_by_test_id("composer").fill(words)
    await page.get_by_test_id("composer").press("Enter")
