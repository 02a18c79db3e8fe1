"""Fetches from Slack which of the desk's people are in do-not-disturb; it is shown, and decides nothing."""

import asyncio

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.ephemeral import error_code
from handlers.slack.people.profiles import do_not_disturb_of
from services.desk import Desk
from storage.people import people

USERS_PER_CALL = 50
SECONDS_BETWEEN_CALLS = 3.0  # Slack allows about twenty calls a minute


async def refresh_slack_status(desk: Desk, slack: AsyncWebClient) -> str:
    """The number of people whose status is known now; without the scope dnd:read a sentence that says so."""
    users = await desk.read(people.active_people, desk.policy.everyone)
    count = 0
    for begin in range(0, len(users), USERS_PER_CALL):
        if begin:
            await asyncio.sleep(SECONDS_BETWEEN_CALLS)
        try:
            answer = await slack.dnd_teamInfo(users=users[begin : begin + USERS_PER_CALL])
        except SlackApiError as error:
            if error_code(error) == "missing_scope":
                return "no hints of do not disturb: the app lacks the scope dnd:read"
            raise
        dnd_by_user = {user: do_not_disturb_of(dnd) for user, dnd in answer["users"].items()}
        count += await desk.execute(people.save_do_not_disturb, dnd_by_user)
    return str(count)
