"""Every refusal has Slack's own error name, and the session records it."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import ANA, button, field, form, section

CASES: list[tuple[str, dict[str, Any], str]] = [
    ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0OTHER", "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "C0OLD", "text": "x"}, "is_archived"),
    ("chat.postMessage", {"channel": "C0HELP"}, "no_text"),
    ("chat.postMessage", {"channel": "C0HELP", "text": "x" * 40_001}, "msg_too_long"),
    ("chat.postMessage", {"channel": "C0HELP", "blocks": "{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": "U0EVE", "text": "x"}, "account_inactive"),
    ("chat.postMessage", {"channel": "U0BATON", "text": "x"}, "cannot_dm_bot"),
    ("chat.postMessage", {"channel": "C0HELP", "text": "x", "thread_ts": "1.2"}, "thread_not_found"),
    ("chat.postMessage", {"channel": "C0HELP", "text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_schema"),
    ("chat.postEphemeral", {"channel": "C0HELP", "user": "U0EVE", "text": "x"}, "user_not_in_channel"),
    ("chat.update", {"channel": "C0HELP", "ts": "1.2", "text": "x"}, "message_not_found"),
    ("chat.delete", {"channel": "C0HELP", "ts": "1.2"}, "message_not_found"),
    ("chat.getPermalink", {"channel": "C0HELP", "message_ts": "1.2"}, "message_not_found"),
    ("conversations.history", {"channel": "C0OTHER"}, "not_in_channel"),
    ("conversations.history", {"channel": "C0HELP", "oldest": "soon"}, "invalid_ts_oldest"),
    ("conversations.replies", {"channel": "C0HELP", "ts": "1.2"}, "thread_not_found"),
    ("conversations.open", {"users": "U0EVE"}, "user_disabled"),
    ("conversations.open", {"users": ""}, "users_list_not_supplied"),
    ("conversations.list", {"types": "private_channel"}, "missing_scope"),
    ("users.info", {"user": "U0NONE"}, "user_not_found"),
    ("users.info", {}, "invalid_arguments"),
    ("users.lookupByEmail", {"email": "a@b.example"}, "missing_scope"),
    ("views.open", {"trigger_id": "1.2.3", "view": form("f", section("x"))}, "invalid_trigger_id"),
    ("views.open", {"trigger_id": "1.2.3"}, "invalid_arguments"),
    ("views.publish", {"user_id": ANA, "view": {"type": "home", "blocks": []}}, "invalid_arguments"),
    ("reactions.remove", {"channel": "C0HELP", "timestamp": "1.2", "name": "eyes"}, "message_not_found"),
    ("files.info", {"file": "F0NONE"}, "file_not_found"),
    ("bots.info", {"bot": "B0NONE"}, "bot_not_found"),
    ("dnd.info", {"user": ANA}, "missing_scope"),
    ("blocks.validate", {"blocks": [{"type": "divder"}]}, "invalid_blocks"),
    ("chat.shout", {"text": "x"}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "arguments", "error"), CASES, ids=[f"{one[0]} {one[2]}" for one in CASES])
async def test_the_call_is_refused_as_slack_refuses_it(
    slack: Emulator, client: AsyncWebClient, method: str, arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises(SlackApiError) as refusal:
        await client.api_call(method, json=arguments)

    assert refusal.value.response["error"] == error
    assert [(one.method, one.error) for one in slack.refusals] == [(method, error)]


@pytest.mark.parametrize(
    ("token", "error"),
    [("xoxb-wrong", "invalid_auth"), (None, "not_authed"), ("xapp-local", "not_allowed_token_type")],
)
async def test_a_token_must_be_the_apps(slack: Emulator, token: str | None, error: str) -> None:
    stranger = AsyncWebClient(token, base_url=slack.api_url)

    with pytest.raises(SlackApiError, match=error):
        await stranger.auth_test()


async def test_a_missing_scope_says_which(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        await client.users_profile_get(user=ANA)

    assert refusal.value.response["needed"] == "users.profile:read"
    assert "chat:write" in refusal.value.response["provided"].split(",")


async def test_a_bad_block_is_pointed_at(slack: Emulator, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel="C0HELP", text="x", blocks=[section("x"), section("")])

    assert refusal.value.response["error"] == "invalid_blocks"
    words = refusal.value.response["response_metadata"]["messages"]
    assert words == ["[ERROR] must not be empty [json-pointer:/blocks/1/text/text]"]


async def test_a_bad_view_is_pointed_at(slack: Emulator, client: AsyncWebClient) -> None:
    view = form("f", field("title")) | {"submit": None}

    with pytest.raises(SlackApiError) as refusal:
        await client.views_open(trigger_id=slack.workspace.temporary_ids.issue_trigger(ANA), view=view)

    assert "[json-pointer:/view/submit]" in refusal.value.response["response_metadata"]["messages"][0]


async def test_over_the_limit_a_post_must_wait(slack: Emulator, client: AsyncWebClient) -> None:
    slack.workspace.rate_limits.enabled = True
    for number in range(3):
        await client.chat_postMessage(channel="C0HELP", text=str(number))

    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel="C0HELP", text="too fast")

    assert (refusal.value.response.status_code, refusal.value.response["error"]) == (429, "ratelimited")
    assert refusal.value.response.headers["Retry-After"] == "1"


async def test_an_injected_fault_is_not_the_apps_mistake(slack: Emulator, client: AsyncWebClient) -> None:
    slack.faults.fail_next("chat.postMessage", error="internal_error")
    slack.faults.fail_next("chat.postMessage", ratelimited=7)

    with pytest.raises(SlackApiError, match="internal_error"):
        await client.chat_postMessage(channel="C0HELP", text="x")
    with pytest.raises(SlackApiError) as second:
        await client.chat_postMessage(channel="C0HELP", text="x")

    assert second.value.response.headers["Retry-After"] == "7"
    assert not slack.refusals


async def test_an_answer_can_get_lost_after_the_call_took_effect(slack: Emulator, client: AsyncWebClient) -> None:
    slack.faults.fail_next("chat.postMessage", drop_after=True)

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0HELP", text="Posted, unanswered")

    assert slack.person(ANA).visible_messages("C0HELP")[-1]["text"] == "Posted, unanswered"


async def test_a_channel_can_be_closed_to_the_app(slack: Emulator, client: AsyncWebClient) -> None:
    slack.faults.refuse_posts("C0HELP", "restricted_action")

    with pytest.raises(SlackApiError, match="restricted_action"):
        await client.chat_postMessage(channel="C0HELP", text="x", blocks=[button("go")])


async def test_every_answer_names_the_scopes_of_the_token(client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
