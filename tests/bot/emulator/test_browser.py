"""One Chromium serves many tests, and each starts without the data of another."""

from bot.emulator.server import Emulator
from tests.bot.emulator.browser import browser_session


async def test_a_page_and_its_data_are_gone_with_their_test(slack: Emulator, chromium: str) -> None:
    async with browser_session(chromium) as first:
        page = await first.new_page()
        await page.goto(slack.url)
        await page.evaluate("localStorage.setItem('left', 'behind'); document.cookie = 'left=behind'")

    async with browser_session(chromium) as second:
        session = await second.new_browser_cdp_session()
        open_pages = [one["url"] for one in (await session.send("Target.getTargets"))["targetInfos"]]
        page = await second.new_page()
        await page.goto(slack.url)

        assert not any(url.startswith(slack.url) for url in open_pages)
        assert await page.evaluate("[localStorage.getItem('left'), document.cookie]") == [None, ""]
