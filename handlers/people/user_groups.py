"""A user group that feeds a team changed in Slack: its members count at once."""

from slack_sdk.web.async_client import AsyncWebClient

from handlers.people import people
from handlers.slack.ids import SlackEvent
from handlers.slack.payloads import Body
from handlers.slack.people.profiles import UserGroup
from handlers.slack.router import Router
from rules.people.permissions import Permission
from services.config import reload_configuration
from services.desk import Desk
from storage.people import user_groups


def register(on: Router) -> None:
    on.event(SlackEvent.USER_GROUP_CHANGED, Permission.USE_DESK_COMMAND)(update_user_group)


async def update_user_group(body: Body, client: AsyncWebClient, desk: Desk) -> None:
    """Slack tells of every group in the workspace; only those that desk.yml names are kept."""
    group = UserGroup.from_event(body)
    if group.key in desk.policy.user_group_ids and group.is_complete:
        await save_user_group(desk, group)
        await reload_configuration(desk)
        desk.background_tasks.start(_refresh_names(desk, client), notify=None)


async def save_user_group(desk: Desk, group: UserGroup) -> bool:
    """Returns whether anything changed."""
    return await desk.execute(
        user_groups.save_user_group,
        group.key,
        name=group.name,
        handle=group.handle,
        members=group.members,
        changed_at=group.changed_at,
    )


async def _refresh_names(desk: Desk, client: AsyncWebClient) -> None:
    await people.refresh_people(desk, client)
