"""A user group that feeds a team changed in Slack: its members count at once."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.people import people
from handlers.slack.ids import Happening
from handlers.slack.payloads import UserGroup
from handlers.slack.router import Router
from services.config import reload
from services.desk import Desk
from storage.people import user_groups


def register(on: Router) -> None:
    on.event(Happening.GROUP)(keep_members)


async def keep_members(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """Slack tells of every group in the workspace; only those that desk.yml names are kept."""
    told = UserGroup.of_event(body)
    if told.key in desk.policy.groups and told.is_whole:
        await keep(desk, told)
        await reload(desk)
        desk.background_tasks.start(_learn_names(desk, client))
    await ack()


async def keep(desk: Desk, told: UserGroup) -> bool:
    """Whether what Slack says of the group is news."""
    return await desk.execute(
        user_groups.keep,
        told.key,
        name=told.name,
        handle=told.handle,
        members=told.members,
        changed_at=told.changed_at,
    )


async def _learn_names(desk: Desk, client: AsyncWebClient) -> None:
    await people.refresh(desk, client)
