"""Slack's error names: whom each is about, and so what becomes of the message that was refused."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from slack_sdk.errors import SlackApiError


class ErrorKind(StrEnum):
    OURS = "ours"  # our token or account: nothing can be sent until that is repaired
    SCOPE = "scope"  # what needs the scope waits, or is left out
    DESTINATION = "destination"  # this channel or person
    MESSAGE = "message"  # this message, anywhere
    TARGET_GONE = "target_gone"  # the message to change does not exist any more
    TARGET_LOCKED = "target_locked"  # the message to change is there and stays as it is
    RATE_LIMITED = "rate_limited"
    TRANSIENT = "transient"  # Slack itself: the same call may succeed later
    UNKNOWN = "unknown"


_NAMES = {
    ErrorKind.OURS: """
        account_inactive app_access_restricted enterprise_is_restricted invalid_auth not_allowed_token_type
        not_authed token_expired token_revoked two_factor_setup_required
    """,
    ErrorKind.SCOPE: "missing_scope",
    ErrorKind.DESTINATION: """
        access_denied as_user_not_supported cannot_dm_bot channel_not_found external_channel_migrating
        invalid_channel invalid_user_combination is_archived is_inactive messages_tab_disabled
        method_not_supported_for_channel_type no_permission not_in_channel posting_to_channel_denied
        posting_to_general_channel_denied restricted_action restricted_action_non_threadable_channel
        restricted_action_read_only_channel restricted_action_thread_only_channel team_access_not_granted
        team_not_found user_disabled user_not_found user_not_in_channel user_not_visible users_not_found
    """,
    ErrorKind.MESSAGE: """
        agent_prompt_display_not_allowed alt_txt_too_large attachment_payload_limit_exceeded block_mismatch
        cannot_reply_to_message cant_broadcast_message deprecated_endpoint draft_already_deleted
        draft_already_sent draft_has_conflict draft_not_found duplicate_channel_not_found duplicate_external_id
        duplicate_message_not_found exchanged_trigger_id expired_trigger_id external_id_too_long file_not_found
        file_update_failed file_upload_size_restricted file_uploads_disabled free_team_not_allowed hash_conflict
        invalid_arg_name invalid_arguments invalid_array_arg invalid_attachments invalid_blocks
        invalid_blocks_format invalid_charset invalid_cursor invalid_form_data invalid_limit
        invalid_metadata_filter_keys invalid_metadata_format invalid_metadata_schema invalid_post_type
        invalid_thread_ts invalid_trigger_id invalid_ts_latest invalid_ts_oldest is_bot markdown_text_conflict
        metadata_must_be_sent_from_app metadata_too_large method_deprecated missing_argument missing_file_data
        missing_post_type msg_blocks_too_long msg_too_long no_dual_broadcast_content_update no_text not_enabled
        not_enough_users not_found only_one_table_allowed push_limit_reached restricted_action_thread_locked
        send_on_behalf_not_allowed slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
        slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
        slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked snippet_too_large
        storage_limit_reached streaming_state_conflict thread_locked thread_not_found too_many_attachments
        too_many_contact_cards too_many_users trigger_exchanged trigger_expired unknown_method
        unknown_snippet_type unknown_subtype users_list_not_supplied view_too_large
    """,
    ErrorKind.TARGET_GONE: "message_not_found",
    ErrorKind.TARGET_LOCKED: """
        cant_delete_message cant_update_message compliance_exports_prevent_deletion edit_window_closed
    """,
    ErrorKind.RATE_LIMITED: "rate_limited ratelimited",
    ErrorKind.TRANSIENT: """
        accesslimited ekm_access_denied fatal_error internal_error message_limit_exceeded org_login_required
        request_timeout service_unavailable team_added_to_org update_failed
    """,
}
KIND_BY_NAME = {name: kind for kind, names in _NAMES.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class SlackRefusal:
    """What Slack answered instead of doing it; `needed` is the scope that is missing, else empty."""

    name: str
    kind: ErrorKind
    retry_after: str | None = None
    needed: str = ""

    @classmethod
    def from_error(cls, error: SlackApiError) -> "SlackRefusal":
        """Also for an answer that is not Slack's own, such as a proxy's page."""
        answer = error.response
        status = int(getattr(answer, "status_code", None) or getattr(answer, "status", None) or HTTPStatus.OK)
        data = getattr(answer, "data", None)
        fields = data if isinstance(data, dict) else {}
        headers = getattr(answer, "headers", None) or {}
        name = str(fields.get("error") or f"http_{status}")
        needed = str(fields.get("needed") or "")
        return cls(name, _kind_of(name, status, fields), headers.get("Retry-After"), needed)


def _kind_of(name: str, status: int, fields: dict[str, object]) -> ErrorKind:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ErrorKind.RATE_LIMITED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not fields:
        return ErrorKind.TRANSIENT
    return KIND_BY_NAME.get(name, ErrorKind.UNKNOWN)
