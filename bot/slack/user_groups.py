"""Fetches the members of the user groups that feed the desk's teams."""

from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.people import people
from handlers.people.user_groups import save_user_group
from handlers.slack.ephemeral import error_code
from handlers.slack.people.profiles import UserGroup
from rules.errors import Refused
from rules.model.groups import user_group_disabled_text, user_group_missing_text, user_groups_refused_text
from rules.text import Text, join_texts
from services.config import reload_configuration
from services.desk import Desk


class UserGroupsUnavailable(Refused):
    """Slack did not answer for some of the user groups; their stored members stay."""


async def refresh_user_groups(desk: Desk, slack: AsyncWebClient) -> int:
    """The number of user groups that changed. UserGroupsUnavailable names those without an answer."""
    keys = desk.policy.user_group_ids
    if not keys:
        return 0
    groups, faults = await fetch_user_groups(slack, keys)
    changes = [await save_user_group(desk, group) for group in groups]
    await reload_configuration(desk)
    await people.refresh_people(desk, slack)
    if faults:
        raise UserGroupsUnavailable(join_texts(faults))
    return sum(changes)


async def fetch_user_groups(slack: AsyncWebClient, keys: Sequence[str]) -> tuple[list[UserGroup], list[Text]]:
    """The user groups with their members, and a sentence for each that Slack does not answer for."""
    try:
        answer = await slack.usergroups_list(include_disabled=True)
        by_key = {group.key: group for group in map(UserGroup.from_subteam, answer["usergroups"])}
        named = [by_key[key] for key in keys if key in by_key]
        groups = [await _with_members(slack, group) for group in named if not group.is_disabled]
    except SlackApiError as error:
        return [], [user_groups_refused_text(error_code(error), keys)]
    unknown = [user_group_missing_text(key) for key in keys if key not in by_key]
    disabled = [user_group_disabled_text(group.key, group.handle) for group in named if group.is_disabled]
    return groups, [*unknown, *disabled]


async def _with_members(slack: AsyncWebClient, group: UserGroup) -> UserGroup:
    answer = await slack.usergroups_users_list(usergroup=group.key)
    return group.with_members(answer["users"])
