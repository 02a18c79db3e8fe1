"""The page of the local workspace, used by people in a real browser."""

import re

import pytest
from playwright.async_api import FilePayload, Locator, Page, WebSocketRoute, expect
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.browser import PHONE, Tabs, Visit, say
from tests.bot.emulator.conftest import ANA, BEN, Body, button, field, form, open_on, received, section

HELP = "C0HELP"
HOME_VIEW = {"type": "home", "blocks": [section("Two tickets wait for you")]}


def message(page: Page, words: str) -> Locator:
    return page.locator("#conversation").get_by_test_id("message").filter(has_text=words)


async def answer_ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
    """/ask opens a form, /ask words files them, /ask silence gets no answer."""
    if body["text"] == "silence":
        return
    if body["text"]:
        await ack(f"Filed: {body['text']}")
        return
    fields = [field("title"), field("what", optional=True), button("grow")]
    await client.views_open(trigger_id=body["trigger_id"], view=form("file", *fields))
    await ack()


async def file_ticket(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
    title = body["view"]["state"]["values"]["title"]["title"]["value"]
    if title == "again":
        await ack(response_action="errors", errors={"title": "There is one already: #7."})
        return
    await ack()
    await client.chat_postMessage(channel=HELP, text=f"Ticket: {title}")


async def add_line(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
    """The form gets a line more; its fields keep their ids."""
    await ack()
    fields = [section("A line more"), field("title"), field("what", optional=True)]
    await client.views_update(view_id=body["view"]["id"], view=form("file", *fields))


async def replace_card(ack: AsyncAck, respond: AsyncRespond) -> None:
    await ack()
    await respond("Taken by Ana", replace_original=True)


async def quote_message(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
    await ack()
    await respond(f"Kept: {body['message']['text']}")


async def publish_home(event: Body, client: AsyncWebClient) -> None:
    await client.views_publish(user_id=event["user"], view=HOME_VIEW)


@pytest.fixture
def ticket_app(app: AsyncApp) -> AsyncApp:
    app.command("/ask")(answer_ask)
    app.view("file")(file_ticket)
    app.action("go")(replace_card)
    app.action("grow")(add_line)
    app.action("team")(replace_card)
    open_on(app.shortcut("new"), form("file", field("title")))
    app.shortcut("from")(quote_message)
    app.event("app_home_opened")(publish_home)
    received(app.event("message"))
    return app


async def test_ben_sees_at_once_what_ana_sends(slack: Emulator, visit: Visit) -> None:
    ana, ben = await visit(ANA, HELP), await visit(BEN, HELP)
    await say(ana, "Good morning @Ben Ode, *look*")

    await expect(message(ben, "Good morning @Ben Ode, look")).to_be_visible()
    assert slack.person(BEN).visible_messages(HELP)[-1]["text"] == "Good morning <@U0BEN>, *look*"


async def test_what_people_type_is_never_markup(visit: Visit) -> None:
    page = await visit(ANA, HELP)
    await say(page, "<img src=x onerror=alert(1)> & <b>")

    await expect(message(page, "<img src=x onerror=alert(1)> & <b>")).to_be_visible()


async def test_a_command_answers_only_the_one_who_typed_it(ticket_app: AsyncApp, visit: Visit) -> None:
    ana, ben = await visit(ANA, HELP), await visit(BEN, HELP)
    await ana.get_by_test_id("composer").press_sequentially("/as")
    await expect(ana.get_by_role("option", name="/ask")).to_be_visible()
    await ana.get_by_test_id("composer").press("Tab")
    await ana.get_by_test_id("composer").press_sequentially("VPN is down")
    await ana.get_by_test_id("composer").press("Enter")

    await expect(message(ana, "Filed: VPN is down")).to_contain_text("Only visible to you")
    await expect(message(ben, "Filed")).to_have_count(0)


async def test_an_unanswered_command_is_reported_and_comes_back_to_the_composer(
    ticket_app: AsyncApp, slack: Emulator, visit: Visit
) -> None:
    slack.delivery.answer_seconds = 0.1
    page = await visit(ANA, HELP)
    await say(page, "/ask silence")

    await expect(message(page, "operation_timeout")).to_contain_text("Slackbot")
    await expect(page.get_by_test_id("composer")).to_have_value("/ask silence")


async def test_an_error_shows_beside_its_field_until_the_form_is_right(ticket_app: AsyncApp, visit: Visit) -> None:
    page = await visit(ANA, HELP)
    await say(page, "/ask")
    modal = page.get_by_test_id("modal")
    title = modal.get_by_role("textbox", name="title")
    await modal.get_by_role("textbox", name="what").fill("since 8:10")
    await modal.get_by_role("button", name="submit").click()
    await expect(title).to_have_accessible_description("Please complete this required field.")
    await title.fill("again")
    await title.press("Enter")
    await expect(title).to_have_accessible_description("There is one already: #7.")
    await expect(modal.get_by_role("textbox", name="what")).to_have_value("since 8:10")
    await title.fill("VPN is down")
    await title.press("Enter")

    await expect(message(page, "Ticket: VPN is down")).to_be_visible()
    await expect(modal).to_have_count(0)


async def test_ana_adds_a_log_to_a_form(slack: Emulator, app: AsyncApp, visit: Visit) -> None:
    open_on(app.command("/ask"), form("file", field("log", {"type": "file_input"})))
    submissions = received(app.view("file"))
    page = await visit(ANA, HELP)
    await page.get_by_role("textbox", name="Message #help").fill("/ask")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="title")
    log: FilePayload = {"name": "gateway.log", "mimeType": "text/plain", "buffer": b"retries"}
    await dialog.get_by_label("log").set_input_files(log)
    await expect(dialog.get_by_role("button", name="Remove gateway.log")).to_be_visible()

    await dialog.get_by_role("button", name="submit").click()
    await expect(dialog).to_be_hidden()

    files = submissions[0]["view"]["state"]["values"]["log"]["log"]["files"]
    assert [one["name"] for one in files] == ["gateway.log"]
    assert slack.person(ANA).visible_messages(HELP) == []


async def test_typed_words_and_focus_survive_an_update_of_the_form(ticket_app: AsyncApp, visit: Visit) -> None:
    page = await visit(ANA, HELP)
    await say(page, "/ask")
    modal = page.get_by_test_id("modal")
    await modal.get_by_role("textbox", name="title").fill("VPN is down")
    await modal.get_by_role("button", name="Go").click()
    await modal.get_by_role("textbox", name="title").focus()

    await expect(modal).to_contain_text("A line more")
    await expect(modal.get_by_role("textbox", name="title")).to_have_value("VPN is down")
    await expect(modal.get_by_role("textbox", name="title")).to_be_focused()


async def test_a_select_is_chosen_with_the_keyboard(ticket_app: AsyncApp, client: AsyncWebClient, visit: Visit) -> None:
    teams = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Support", "Network")]
    select = {"type": "static_select", "action_id": "team", "options": teams}
    await client.chat_postMessage(channel=HELP, text="card", blocks=[section("VPN") | {"accessory": select}])
    page = await visit(ANA, HELP)
    await page.get_by_role("combobox").focus()
    await page.keyboard.type("net")
    await expect(page.get_by_role("option")).to_have_text(["Network"])
    await page.keyboard.press("Enter")

    await expect(message(page, "Taken by Ana")).to_be_visible()


async def test_a_page_that_lost_its_stream_says_so_and_catches_up(slack: Emulator, tabs: Tabs) -> None:
    page = await tabs.browser.new_page()
    streams: list[WebSocketRoute] = []
    down = False

    async def opened(stream: WebSocketRoute) -> None:
        streams.append(stream)
        if down:
            await stream.close()
        else:
            stream.connect_to_server()

    await page.route_web_socket(re.compile("/ui/stream"), opened)
    await page.goto(f"{slack.url}/?as={ANA}&channel={HELP}")
    await expect(page.get_by_test_id("composer")).to_be_visible()
    down = True
    await streams[0].close()
    await expect(page.get_by_text("Reconnecting…")).to_be_visible()
    await slack.person(BEN).say(HELP, "Did you miss this?")
    down = False

    await expect(message(page, "Did you miss this?")).to_be_visible()
    await expect(page.get_by_text("Reconnecting…")).to_be_hidden()
    await page.close()


async def test_shortcuts_are_run_from_the_composer_and_from_a_message(
    slack: Emulator, ticket_app: AsyncApp, visit: Visit
) -> None:
    await slack.person(BEN).say(HELP, "Is the printer broken?")
    page = await visit(ANA, HELP)
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="New").click()
    await page.get_by_test_id("modal").get_by_role("button", name="Close").first.click()
    await message(page, "Is the printer broken?").hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="From").click()

    await expect(message(page, "Kept: Is the printer broken?")).to_contain_text("Only visible to you")


async def test_a_pressed_button_redraws_its_card(ticket_app: AsyncApp, client: AsyncWebClient, visit: Visit) -> None:
    await client.chat_postMessage(channel=HELP, text="card", blocks=[section("VPN is down"), button("go")])
    page = await visit(ANA, HELP)
    await message(page, "VPN is down").get_by_role("button", name="Go").click()

    await expect(message(page, "Taken by Ana")).to_be_visible()
    await expect(page.get_by_role("button", name="Go", exact=True)).to_have_count(0)


async def test_acting_as_ben_shows_what_ben_sees(slack: Emulator, ticket_app: AsyncApp, visit: Visit) -> None:
    await slack.person(ANA).say("C0SECRET", "only for us")
    page = await visit(ANA, HELP)
    await say(page, "/ask printer")
    await expect(message(page, "Filed: printer")).to_be_visible()
    await page.get_by_test_id("acting-as").click()
    await page.get_by_role("menuitemradio", name="Ben Ode").click()

    await expect(page.get_by_test_id("acting-as")).to_have_accessible_name("Acting as Ben Ode")
    await expect(message(page, "Filed: printer")).to_have_count(0)
    await expect(page.get_by_role("button", name="secret")).to_have_count(0)
    assert f"as={BEN}" in page.url


async def test_a_reply_stays_in_its_thread_and_is_counted_in_the_channel(slack: Emulator, visit: Visit) -> None:
    await slack.person(BEN).say(HELP, "Is the printer broken?")
    page = await visit(ANA, HELP)
    await message(page, "Is the printer broken?").hover()
    await page.get_by_role("button", name="Reply in thread").click()
    await page.get_by_role("textbox", name="Reply in thread").fill("It is fine again")
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("thread").get_by_test_id("message")).to_have_count(2)
    await expect(message(page, "Is the printer broken?")).to_contain_text("1 reply")
    await expect(message(page, "It is fine again")).to_have_count(0)


async def test_a_thread_refuses_commands(slack: Emulator, ticket_app: AsyncApp, visit: Visit) -> None:
    root = await slack.person(BEN).say(HELP, "Is the printer broken?")
    page = await visit(ANA, HELP, thread=root["ts"])
    await page.get_by_role("textbox", name="Reply in thread").fill("/ask it is")
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("thread")).to_contain_text("/ask is not supported in threads. Sorry!")


async def test_the_home_of_the_app_opens_with_what_it_publishes(ticket_app: AsyncApp, visit: Visit) -> None:
    page = await visit(ANA, HELP)
    await page.get_by_role("button", name="Baton").click()

    await expect(page.get_by_test_id("home")).to_contain_text("Two tickets wait for you")


async def test_a_channel_elsewhere_counts_what_is_unread(slack: Emulator, visit: Visit) -> None:
    page = await visit(ANA, "C0OTHER")
    await slack.person(BEN).say(HELP, "Anybody?")
    await page.get_by_role("button", name="help, 1 unread").click()

    await expect(message(page, "Anybody?")).to_be_visible()
    await expect(page.get_by_role("button", name="help", exact=True)).to_be_visible()


async def test_on_a_phone_the_keyboard_alone_is_enough(
    ticket_app: AsyncApp, client: AsyncWebClient, visit: Visit
) -> None:
    await client.chat_postMessage(channel=HELP, text="card", blocks=[section("VPN is down"), button("go")])
    page = await visit(ANA, "C0OTHER", PHONE)
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("help")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="help", exact=True)).to_be_visible()
    await expect(page.get_by_test_id("composer")).to_be_focused()
    go = page.get_by_role("button", name="Go", exact=True)
    while not await go.evaluate("node => node === document.activeElement"):
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")

    await expect(message(page, "Taken by Ana")).to_be_visible()
    await expect(message(page, "Taken by Ana")).to_be_focused()


async def test_traffic_shows_what_crossed_the_wire(ticket_app: AsyncApp, visit: Visit) -> None:
    page = await visit(ANA, HELP)
    await page.get_by_role("button", name="Traffic").click()
    await say(page, "/ask VPN")
    await page.get_by_test_id("traffic").get_by_role("option", name="/ask").first.click()

    await expect(page.get_by_role("region", name="Request", exact=True)).to_contain_text('"text": "VPN"')


async def test_an_address_without_a_place_opens_where_something_was_said(slack: Emulator, visit: Visit) -> None:
    await slack.person(ANA).say("C0OTHER", "The printer is back")

    page = await visit(ANA, "")

    await expect(message(page, "The printer is back")).to_be_visible()
