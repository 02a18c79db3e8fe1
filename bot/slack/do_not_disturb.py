"""Slack is asked whom of the desk's people it disturbs with nothing now: a hint, which decides nothing."""

import asyncio

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.socket_mode import error_code
from handlers.slack.payloads import do_not_disturb_of
from services.desk import Desk
from storage.people import people

USERS_PER_CALL = 50
SECONDS_BETWEEN_CALLS = 3.0  # seconds between two questions: Slack allows about twenty a minute


async def refresh_slack_status(desk: Desk, slack: AsyncWebClient) -> str:
    """Of how many people it is known now. Without the scope there are no such hints, and nothing else is missing."""
    wanted = await desk.read(people.active_people, desk.policy.everyone)
    known = 0
    for begin in range(0, len(wanted), USERS_PER_CALL):
        if begin:
            await asyncio.sleep(SECONDS_BETWEEN_CALLS)
        try:
            answer = await slack.dnd_teamInfo(users=wanted[begin : begin + USERS_PER_CALL])
        except SlackApiError as error:
            if error_code(error) == "missing_scope":
                return "no hints of do not disturb: the app lacks the scope dnd:read"
            raise
        known += await desk.execute(
            people.save_do_not_disturb, {who: do_not_disturb_of(told) for who, told in answer["users"].items()}
        )
    return str(known)
