"""A press or a form about one ticket: whoever is refused also sees how things are now."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.slack.payloads import Press
from rules.people.permissions import Permission
from services import permissions
from services.desk import Desk
from storage.schema.tickets import Ticket


async def ticket_for_form(
    desk: Desk, number: int, permission: Permission, *checks: Callable[[Ticket], None], by: str
) -> Ticket:
    """The ticket for a form that needs this permission; what would be refused later is refused before anyone types."""
    ticket = await desk.read(permissions.permitted_ticket, desk.policy, permission, number, by=by)
    for check in checks:
        check(ticket)
    return ticket


async def open_modal(client: AsyncWebClient, press: Press, view: Mapping[str, Any]) -> Mapping[str, Any]:
    """Opens the form; one asked for within another lies on top of it, or in its place where Slack takes no more.

    The form is returned as Slack shows it."""
    if press.view.get("type") != "modal":
        return _opened_view(await client.views_open(trigger_id=press.trigger_id, view=dict(view)))
    try:
        return _opened_view(await client.views_push(trigger_id=press.trigger_id, view=dict(view)))
    except SlackApiError as error:
        if error.response["error"] != "push_limit_reached":
            raise
        return _opened_view(await client.views_update(view_id=press.view["id"], view=dict(view)))


def _opened_view(answer: AsyncSlackResponse) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = answer["view"]
    return shown
