"""What a person does and sees on the page of the local Slack: by names and words, as they would be read aloud."""

import re

from playwright.async_api import Locator, Page, expect


async def be(page: Page, name: str, *, channel: str) -> None:
    """Becomes somebody by the menu of the page, and goes to a channel."""
    await page.get_by_role("button", name="Acting as").click()
    await page.get_by_role("menuitemradio", name=name).click()
    await expect(page.get_by_role("button", name=f"Acting as {name}")).to_be_visible()
    await go_to(page, channel)


async def go_to(page: Page, name: str) -> None:
    """To a channel or an app, by the list at the left."""
    await page.get_by_role("button", name=re.compile(rf"^{name}(, \d+ unread)?$")).click()
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


async def read_messages(page: Page, app: str = "Baton") -> None:
    """To the messages of an app: it opens on Home where none is unread yet."""
    await go_to(page, app)
    await page.get_by_role("tab", name="Messages").click()


async def say(page: Page, words: str) -> None:
    composer = page.get_by_role("textbox", name="Message")
    await composer.fill(words)
    await composer.press("Enter")


def message(page: Page, words: str) -> Locator:
    """What was said in the channel that is open; the newest one with these words."""
    return page.get_by_role("list", name="Messages").get_by_role("article").filter(has_text=words).last


def story(page: Page) -> Locator:
    """The thread that is open beside the channel."""
    return page.get_by_role("complementary", name="Thread")


def form(page: Page, title: str) -> Locator:
    return page.get_by_role("dialog", name=title)


async def fill(page: Page, title: str, send: str, **fields: str) -> None:
    """Fills a form and sends it; it closes, or the test fails with what it says."""
    dialog = form(page, title)
    for field, words in fields.items():
        name = field.replace("_", " ")
        box = dialog.get_by_role("textbox", name=name).or_(dialog.get_by_role("combobox", name=name))
        if await box.get_attribute("role") == "combobox":
            await choose(dialog, name, words)
        else:
            await box.fill(words)
    await dialog.get_by_role("button", name=send, exact=True).click()
    await expect(dialog).to_be_hidden()


async def choose(dialog: Locator, name: str, words: str) -> None:
    await dialog.get_by_role("combobox", name=name).click()
    await dialog.page.get_by_role("option", name=words).click()
