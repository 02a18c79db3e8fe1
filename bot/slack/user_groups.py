"""Slack is asked who is in the user groups that feed the desk's teams."""

from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.socket_mode import code_of
from handlers.people import people
from handlers.people.user_groups import keep
from handlers.slack.payloads import UserGroup
from rules.errors import DeskError
from rules.model.groups import not_found, refused, switched_off
from services.config import reload
from services.desk import Desk


class GroupsUnheard(DeskError):
    """Slack did not tell of some of the groups; whoever was known of them stays."""


async def refresh(desk: Desk, slack: AsyncWebClient) -> int:
    """How many of the groups that feed a team have changed; GroupsUnheard names those that Slack did not tell of."""
    named = desk.policy.groups
    if not named:
        return 0
    told, unheard = await told_of(slack, named)
    changed = [await keep(desk, group) for group in told]
    await reload(desk)
    await people.refresh(desk, slack)
    if unheard:
        raise GroupsUnheard(" ".join(unheard))
    return sum(changed)


async def told_of(slack: AsyncWebClient, named: Sequence[str]) -> tuple[list[UserGroup], list[str]]:
    """Those of the groups whose members Slack tells, and a sentence for each that it does not."""
    try:
        answer = await slack.usergroups_list(include_disabled=True)
        every = {group.key: group for group in map(UserGroup.of, answer["usergroups"])}
        told = [await _whole(slack, every[key]) for key in named if key in every and not every[key].is_off]
    except SlackApiError as error:
        return [], [refused(code_of(error), named)]
    unknown = [not_found(key) for key in named if key not in every]
    return told, [
        *unknown,
        *(switched_off(key, every[key].handle) for key in named if key in every and every[key].is_off),
    ]


async def _whole(slack: AsyncWebClient, group: UserGroup) -> UserGroup:
    answer = await slack.usergroups_users_list(usergroup=group.key)
    return group.with_members(answer["users"])
