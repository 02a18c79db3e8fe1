"""One Chromium serves many tests, and none finds what another left."""

from bot.emulator.server import Emulator
from tests.bot.emulator.browser import joined


async def test_what_a_page_kept_and_the_page_itself_are_gone_with_their_test(slack: Emulator, chromium: str) -> None:
    async with joined(chromium) as first:
        page = await first.new_page()
        await page.goto(slack.url)
        await page.evaluate("localStorage.setItem('left', 'behind'); document.cookie = 'left=behind'")

    async with joined(chromium) as second:
        session = await second.new_browser_cdp_session()
        open_pages = [one["url"] for one in (await session.send("Target.getTargets"))["targetInfos"]]
        page = await second.new_page()
        await page.goto(slack.url)

        assert not any(url.startswith(slack.url) for url in open_pages)
        assert await page.evaluate("[localStorage.getItem('left'), document.cookie]") == [None, ""]
