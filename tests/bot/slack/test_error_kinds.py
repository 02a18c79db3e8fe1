"""Slack's error names: each documented one is known, and says whom it is about."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.error_kinds import KIND_BY_NAME, ErrorKind, SlackRefusal
from tests.bot.fake_slack import fake_slack

# As documented under https://docs.slack.dev/reference/methods/ for the methods that Baton calls.
OF_EVERY_METHOD = """
    access_denied accesslimited account_inactive app_access_restricted deprecated_endpoint ekm_access_denied
    enterprise_is_restricted fatal_error internal_error invalid_arg_name invalid_arguments invalid_array_arg
    invalid_auth invalid_charset invalid_form_data invalid_post_type is_bot method_deprecated missing_post_type
    missing_scope no_permission not_allowed_token_type not_authed org_login_required ratelimited request_timeout
    service_unavailable team_access_not_granted team_added_to_org token_expired token_revoked two_factor_setup_required
"""
DOCUMENTED = {
    "chat.postMessage": """
        agent_prompt_display_not_allowed as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message
        channel_not_found draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
        duplicate_channel_not_found duplicate_message_not_found external_channel_migrating invalid_blocks
        invalid_blocks_format invalid_metadata_format invalid_metadata_schema is_archived markdown_text_conflict
        message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large missing_file_data
        msg_blocks_too_long msg_too_long no_text not_in_channel rate_limited restricted_action
        restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
        restricted_action_thread_only_channel send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked
        slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked team_not_found too_many_attachments
        too_many_contact_cards
    """,
    "chat.update": """
        as_user_not_supported block_mismatch cant_broadcast_message cant_update_message channel_not_found
        edit_window_closed external_channel_migrating file_not_found invalid_attachments invalid_blocks
        invalid_metadata_format invalid_metadata_schema is_inactive markdown_text_conflict message_not_found
        metadata_must_be_sent_from_app metadata_too_large msg_too_long no_dual_broadcast_content_update no_text
        slack_connect_blocked_file_type slack_connect_file_link_sharing_blocked streaming_state_conflict
        too_many_attachments update_failed
    """,
    "chat.delete": """
        as_user_not_supported cant_delete_message channel_not_found compliance_exports_prevent_deletion
        message_not_found thread_locked
    """,
    "chat.postEphemeral": """
        channel_not_found invalid_blocks invalid_blocks_format is_archived message_limit_exceeded messages_tab_disabled
        msg_too_long no_text restricted_action too_many_attachments user_not_in_channel
    """,
    "conversations.open": """
        channel_not_found invalid_user_combination method_not_supported_for_channel_type not_enough_users too_many_users
        user_disabled user_not_found user_not_visible users_list_not_supplied
    """,
    "conversations.history, conversations.replies": """
        channel_not_found invalid_cursor invalid_limit invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest
        not_in_channel thread_not_found
    """,
    "views.open, views.push, views.update, views.publish": """
        duplicate_external_id exchanged_trigger_id expired_trigger_id hash_conflict invalid_trigger_id not_enabled
        not_found push_limit_reached trigger_exchanged trigger_expired view_too_large
    """,
    "files.getUploadURLExternal, files.completeUploadExternal": """
        alt_txt_too_large file_not_found file_update_failed file_upload_size_restricted file_uploads_disabled
        invalid_channel missing_argument posting_to_channel_denied snippet_too_large storage_limit_reached
        unknown_snippet_type unknown_subtype
    """,
}


@pytest.mark.parametrize("method", DOCUMENTED)
def test_every_documented_name_is_known(method: str) -> None:
    names = f"{DOCUMENTED[method]} {OF_EVERY_METHOD}".split()

    assert [name for name in names if name not in KIND_BY_NAME] == []


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (ErrorKind.OURS, "account_inactive token_revoked invalid_auth not_authed token_expired"),
        (ErrorKind.SCOPE, "missing_scope"),
        (ErrorKind.DESTINATION, "restricted_action_read_only_channel no_permission is_archived user_disabled"),
        (ErrorKind.MESSAGE, "msg_blocks_too_long metadata_too_large invalid_blocks restricted_action_thread_locked"),
        (ErrorKind.TARGET_GONE, "message_not_found"),
        (ErrorKind.TARGET_LOCKED, "cant_update_message edit_window_closed cant_delete_message"),
        (ErrorKind.TRANSIENT, "internal_error fatal_error service_unavailable ekm_access_denied"),
    ],
)
def test_a_name_says_whom_it_is_about(kind: ErrorKind, names: str) -> None:
    assert {KIND_BY_NAME[name] for name in names.split()} == {kind}


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, {"ok": False, "error": "is_archived"}, SlackRefusal("is_archived", ErrorKind.DESTINATION)),
        (200, {}, {"ok": False, "error": "new_in_2027"}, SlackRefusal("new_in_2027", ErrorKind.UNKNOWN)),
        (
            200,
            {},
            {"ok": False, "error": "missing_scope", "needed": "files:write"},
            SlackRefusal("missing_scope", ErrorKind.SCOPE, needed="files:write"),
        ),
        (
            429,
            {"Retry-After": "30"},
            {"ok": False, "error": "ratelimited"},
            SlackRefusal("ratelimited", ErrorKind.RATE_LIMITED, "30"),
        ),
        (429, {"Retry-After": "7"}, "<html>Slow down", SlackRefusal("http_429", ErrorKind.RATE_LIMITED, "7")),
        (503, {}, {"ok": False, "error": "invalid_auth"}, SlackRefusal("invalid_auth", ErrorKind.TRANSIENT)),
        (502, {}, "<html>Bad gateway", SlackRefusal("http_502", ErrorKind.TRANSIENT)),
        (200, {}, "<html>Sign in to the hotel", SlackRefusal("http_200", ErrorKind.TRANSIENT)),
    ],
)
async def test_an_answer_is_read_whoever_gave_it(
    status: int, headers: dict[str, str], body: dict[str, Any] | str, expected: SlackRefusal
) -> None:
    async with fake_slack() as slack, aiohttp.ClientSession() as session:
        slack.raw["chat.postMessage"] = (status, headers, body if isinstance(body, str) else json.dumps(body))
        client = AsyncWebClient(token="xoxb-local", base_url=slack.url, session=session, retry_handlers=[])

        with pytest.raises(SlackApiError) as error:
            await client.chat_postMessage(channel="C0SUPPORT", text="Hello")

    assert SlackRefusal.from_error(error.value) == expected
