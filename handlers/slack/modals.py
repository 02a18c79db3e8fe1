"""Opening a form or a page."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.blocks import Modal
from handlers.slack.ephemeral import answer_in_time, error_code


async def open_modal(
    client: AsyncWebClient, trigger_id: str, modal: Modal, *, opened_in: Mapping[str, Any]
) -> Mapping[str, Any]:
    """As Slack shows it: on top of the modal that it was opened in, or in its place where Slack takes no more.

    SlackSilent when Slack does not answer in time.
    """
    return await answer_in_time(_open_modal(client, trigger_id, modal, opened_in))


async def _open_modal(
    client: AsyncWebClient, trigger_id: str, modal: Modal, opened_in: Mapping[str, Any]
) -> Mapping[str, Any]:
    if opened_in.get("type") != "modal":
        answer = await client.views_open(trigger_id=trigger_id, view=modal)
    else:
        try:
            answer = await client.views_push(trigger_id=trigger_id, view=modal)
        except SlackApiError as error:
            if error_code(error) != "push_limit_reached":
                raise
            answer = await client.views_update(view_id=opened_in["id"], view=modal)
    shown: Mapping[str, Any] = answer["view"]
    return shown
