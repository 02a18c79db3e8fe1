"""People of the desk as Slack knows them: names for lists, time zones for dates."""

import asyncio
from datetime import timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.registry import Registry
from handlers.slack.ephemeral import UNKNOWN_USER_ERRORS, error_code
from handlers.slack.ids import SlackEvent
from handlers.slack.payloads import Body
from handlers.slack.people.profiles import Profile
from rules.people.permissions import Permission
from services.config import reload_configuration
from services.desk import Desk
from services.presence.board import update_boards
from storage.people import people

PROFILE_MAX_AGE = timedelta(days=1)
LOOKUP_PAUSE_SECONDS = (
    1.0  # seconds between two calls; Slack allows about a hundred a minute, shared with everything else
)


def register(on: Registry) -> None:
    on.event(SlackEvent.USER_CHANGED, Permission.USE_DESK_COMMAND)(update_person)
    on.job("people.refresh", order=180, every=timedelta(hours=1))(refresh_people)


async def update_person(body: Body, desk: Desk) -> None:
    """Slack tells of everyone in the workspace; only those of the desk are kept."""
    profile = Profile.from_event(body)
    if profile.user in desk.policy.everyone:
        await save_profile(desk, profile)
        await reload_configuration(desk)


async def refresh_people(desk: Desk, slack: AsyncWebClient) -> int:
    """Looks up people who are unknown or were last looked up more than PROFILE_MAX_AGE ago; returns how many."""
    since = desk.clock() - PROFILE_MAX_AGE
    unknown_users = await desk.read(people.people_to_look_up, desk.policy.everyone, since=since)
    for place, user in enumerate(unknown_users):
        if place:
            await asyncio.sleep(LOOKUP_PAUSE_SECONDS)
        await refresh_profile(desk, slack, user)
    if unknown_users:
        await desk.execute(update_boards)  # a first board has been posted with ids
    await reload_configuration(desk)
    return len(unknown_users)


async def refresh_profile(desk: Desk, slack: AsyncWebClient, user: str) -> Profile:
    """Saves what Slack says of the person."""
    profile = await fetch_profile(slack, user)
    await save_profile(desk, profile)
    return profile


async def fetch_profile(slack: AsyncWebClient, user: str) -> Profile:
    """A user whom Slack does not know counts as deactivated."""
    try:
        answer = await slack.users_info(user=user)
    except SlackApiError as error:
        if error_code(error) not in UNKNOWN_USER_ERRORS:
            raise
        return Profile(user, name=user, is_deactivated=True)
    return Profile.from_user(answer["user"])


async def save_profile(desk: Desk, profile: Profile) -> None:
    await desk.execute(
        people.save_person,
        profile.user,
        name=profile.name,
        tz=profile.tz,
        gone=profile.is_deactivated,
        is_bot=profile.is_bot,
        status=profile.status,
    )
