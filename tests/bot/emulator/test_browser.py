"""One Chromium serves many tests, and each starts without the data of another."""

from bot.emulator.server import Emulator
from tests.bot.emulator.browser import Tabs

KEPT = "[localStorage.getItem('left'), document.cookie]"


async def test_what_a_page_kept_and_the_page_itself_are_gone_with_their_test(slack: Emulator, tabs: Tabs) -> None:
    first = await tabs.open()
    await first.goto(slack.url)
    await first.evaluate("localStorage.setItem('left', 'behind'); document.cookie = 'left=behind'")
    await tabs.leave(first)

    second = await tabs.open()
    found = second.url
    await second.goto(slack.url)

    assert second is first
    assert found == "about:blank"
    assert await second.evaluate(KEPT) == [None, ""]
    await tabs.leave(second)


async def test_two_pages_of_one_test_keep_nothing_in_common(slack: Emulator, tabs: Tabs) -> None:
    first, second = await tabs.open(), await tabs.open()
    for page in (first, second):
        await page.goto(slack.url)

    await first.evaluate("localStorage.setItem('left', 'behind'); document.cookie = 'left=behind'")

    assert await second.evaluate(KEPT) == [None, ""]
    for page in (first, second):
        await tabs.leave(page)
