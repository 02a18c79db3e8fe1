"""Slack is asked who is in the user groups that feed the desk's teams."""

from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.socket_mode import error_code
from handlers.people import people
from handlers.people.user_groups import save_user_group
from handlers.slack.payloads import UserGroup
from rules.errors import Refused
from rules.model.groups import user_group_disabled_text, user_group_missing_text, user_groups_refused_text
from services.config import reload_configuration
from services.desk import Desk


class UserGroupsUnavailable(Refused):
    """Slack did not tell of some of the groups; whoever was known of them stays."""


async def refresh_user_groups(desk: Desk, slack: AsyncWebClient) -> int:
    """How many of the groups that feed a team have changed; GroupsUnheard names those that Slack did not tell of."""
    named = desk.policy.user_group_ids
    if not named:
        return 0
    told, unheard = await fetch_user_groups(slack, named)
    changed = [await save_user_group(desk, group) for group in told]
    await reload_configuration(desk)
    await people.refresh_people(desk, slack)
    if unheard:
        raise UserGroupsUnavailable(" ".join(unheard))
    return sum(changed)


async def fetch_user_groups(slack: AsyncWebClient, named: Sequence[str]) -> tuple[list[UserGroup], list[str]]:
    """Those of the groups whose members Slack tells, and a sentence for each that it does not."""
    try:
        answer = await slack.usergroups_list(include_disabled=True)
        every = {group.key: group for group in map(UserGroup.from_subteam, answer["usergroups"])}
        told = [await _with_members(slack, every[key]) for key in named if key in every and not every[key].is_disabled]
    except SlackApiError as error:
        return [], [user_groups_refused_text(error_code(error), named)]
    unknown = [user_group_missing_text(key) for key in named if key not in every]
    return told, [
        *unknown,
        *(user_group_disabled_text(key, every[key].handle) for key in named if key in every and every[key].is_disabled),
    ]


async def _with_members(slack: AsyncWebClient, group: UserGroup) -> UserGroup:
    answer = await slack.usergroups_users_list(usergroup=group.key)
    return group.with_members(answer["users"])
