"""A picture in a block is visible to everybody who sees the block."""

import base64
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.emulator.errors import SlackError
from bot.emulator.limits.surfaces import check_payload
from bot.emulator.server import Emulator
from tests.bot.emulator.browser import PHONE, Visit
from tests.bot.emulator.conftest import ANA, BEN, form, section

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
Block = dict[str, Any]


def picture(alt_text: str = "A red dot", **source: object) -> Block:
    return {"type": "image", "alt_text": alt_text, **source}


async def uploaded(client: AsyncWebClient, name: str = "chart.png", content: bytes = PNG, **more: Any) -> str:
    answer = await client.files_upload_v2(filename=name, content=content, title="Chart", **more)
    return str(answer["file"]["id"])


async def refusal_of(client: AsyncWebClient, *blocks: Block) -> list[str]:
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C0HELP", text="x", blocks=list(blocks))
    assert refused.value.response["error"] == "invalid_blocks"
    return list(refused.value.response["response_metadata"]["messages"])


async def test_a_file_for_a_block_is_in_no_channel(slack: Emulator, client: AsyncWebClient) -> None:
    file_id = await uploaded(client)

    info = await client.files_info(file=file_id)

    assert (info["file"]["title"], info["file"]["channels"]) == ("Chart", [])
    assert slack.person(ANA).visible_messages("C0HELP") == []


@pytest.mark.parametrize("multipart", [False, True])
async def test_the_three_steps_by_hand(slack: Emulator, client: AsyncWebClient, multipart: bool) -> None:
    started = await client.files_getUploadURLExternal(filename="chart.png", length=len(PNG), alt_txt="A red dot")
    form_ = aiohttp.FormData()
    form_.add_field("filename", PNG, filename="chart.png")
    data = form_ if multipart else PNG
    async with aiohttp.ClientSession() as web, web.post(started["upload_url"], data=data) as answer:
        assert answer.status == 200

    await client.files_completeUploadExternal(files=[{"id": started["file_id"], "title": "x"}], channel_id="C0HELP")

    (message,) = slack.person(ANA).visible_messages("C0HELP")
    assert message["files"][0]["alt_txt"] == "A red dot"
    assert slack.person(ANA).open_file(started["file_id"]) == PNG


@pytest.mark.parametrize("named_by", ["id", "url_private", "permalink"])
async def test_a_message_shows_it_to_its_readers_only(slack: Emulator, client: AsyncWebClient, named_by: str) -> None:
    file_id = await uploaded(client)
    file = (await client.files_info(file=file_id))["file"]
    named = {"id": file_id} if named_by == "id" else {"url": file[named_by]}

    await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="x", blocks=[picture(slack_file=named)])

    assert slack.person(ANA).open_file(file_id) == PNG
    with pytest.raises(SlackError, match="file_not_found"):
        slack.person(BEN).open_file(file_id)


async def test_a_form_and_a_home_show_pictures_too(slack: Emulator, client: AsyncWebClient) -> None:
    first, second = await uploaded(client), await uploaded(client)
    accessory = section("x") | {"accessory": picture(slack_file={"id": first})}
    await client.views_open(trigger_id=slack.workspace.temporary_ids.issue_trigger(ANA), view=form("f", accessory))
    home = {"type": "home", "blocks": [picture(slack_file={"id": second})]}
    await client.views_publish(user_id=ANA, view=home)

    assert [slack.person(ANA).open_file(one) for one in (first, second)] == [PNG, PNG]


async def test_an_unknown_file_is_refused_by_its_place(slack: Emulator, client: AsyncWebClient) -> None:
    problems = await refusal_of(client, section("x"), picture(slack_file={"id": "F0NOBODYS1"}))

    assert problems == ["[ERROR] invalid slack file [json-pointer:/blocks/1/slack_file]"]


async def test_only_a_complete_picture_may_stand_in_a_block(client: AsyncWebClient) -> None:
    started = await client.files_getUploadURLExternal(filename="chart.png", length=9)
    text = await uploaded(client, "log.txt", b"tunnel down")

    for file_id in (started["file_id"], text):
        assert "invalid slack file" in (await refusal_of(client, picture(slack_file={"id": file_id})))[0]


async def test_a_form_with_an_unknown_file_is_refused_by_its_place(slack: Emulator, client: AsyncWebClient) -> None:
    view = form("f", picture(slack_file={"id": "F0NOBODYS1"}))

    with pytest.raises(SlackApiError, match=r"json-pointer:/view/blocks/0/slack_file"):
        await client.views_open(trigger_id=slack.workspace.temporary_ids.issue_trigger(ANA), view=view)


async def test_a_fresh_file_may_need_a_while_which_is_not_the_apps_mistake(
    slack: Emulator, client: AsyncWebClient
) -> None:
    slack.faults.delay_files(2)
    file_id = await uploaded(client)

    for _ in range(2):
        await refusal_of(client, picture(slack_file={"id": file_id}))
    await client.chat_postMessage(channel="C0HELP", text="x", blocks=[picture(slack_file={"id": file_id})])

    assert slack.refusals == []


async def test_a_response_url_shows_only_files_that_are_shared(slack: Emulator, client: AsyncWebClient) -> None:
    """https://github.com/slackapi/java-slack-sdk/issues/1349"""
    alone, shared = await uploaded(client), await uploaded(client, channel=slack.person(ANA).dm_channel("U0BATON"))

    answers = []
    for file_id in (alone, shared):
        url = f"{slack.url}/response/{slack.workspace.temporary_ids.issue_response_id(ANA, 'C0HELP')}"
        answers.append(await AsyncWebhookClient(url).send(text="x", blocks=[picture(slack_file={"id": file_id})]))

    assert [(one.status_code, "invalid_blocks" in one.body) for one in answers] == [(404, True), (200, False)]
    assert [one["blocks"][0]["slack_file"]["id"] for one in slack.person(ANA).visible_messages("C0HELP")] == [shared]


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        (picture(), "/image_url"),
        (picture("", image_url="https://x.example/i.png"), "/alt_text"),
        (picture("x" * 2001, image_url="https://x.example/i.png"), "/alt_text"),
        (picture(image_url="https://x.example/i.png", slack_file={"id": "F0CHART001"}), ""),
        (picture(slack_file={"id": "F0CHART001", "url": "https://x.example"}), "/slack_file"),
        (picture(slack_file={}), "/slack_file"),
        (picture(slack_file="F0CHART001"), "/slack_file"),
        (picture(slack_file={"id": "chart.png"}), "/slack_file/id"),
        (picture(slack_file={"id": "F0CHART001"}, title={"type": "plain_text", "text": "x" * 2001}), "/title/text"),
        (picture(slack_file={"id": "F0CHART001"}, title={"type": "mrkdwn", "text": "x"}), "/title/type"),
    ],
)
def test_a_picture_that_slack_would_refuse_is_a_problem(block: Block, pointer: str) -> None:
    problems = check_payload("message", [block])

    assert any(f"[json-pointer:/blocks/0{pointer}]" in problem for problem in problems), problems


async def test_too_long_an_alternative_text_is_refused(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="alt_txt_too_large"):
        await client.files_getUploadURLExternal(filename="chart.png", length=9, alt_txt="x" * 1001)


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
async def test_the_page_shows_it_with_its_alternative_text(
    slack: Emulator, client: AsyncWebClient, visit: Visit, size: tuple[int, int]
) -> None:
    file_id = await uploaded(client)
    block = picture(slack_file={"id": file_id}, title={"type": "plain_text", "text": "Risk"})
    await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="x", blocks=[block])

    page: Page = await visit(ANA, "C0HELP", size)

    image = page.get_by_role("img", name="A red dot")
    await expect(image).to_be_visible()
    await expect(page.get_by_role("figure").get_by_text("Risk")).to_be_visible()
    assert await image.evaluate("one => one.naturalWidth") == 1
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_does_not_open_it_for_others(slack: Emulator, client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    block = picture(slack_file={"id": file_id})
    await client.chat_postEphemeral(channel="C0HELP", user=ANA, text="x", blocks=[block])

    async with aiohttp.ClientSession() as web:
        async with web.get(f"{slack.url}/ui/file/{file_id}", params={"as": ANA}) as answer:
            hers = (answer.status, answer.content_type)
        async with web.get(f"{slack.url}/ui/file/{file_id}", params={"as": BEN}) as answer:
            his = answer.status

    assert (hers, his) == ((200, "image/png"), 404)
