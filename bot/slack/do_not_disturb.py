"""Slack is asked whom of the desk's people it disturbs with nothing now: a hint, which decides nothing."""

import asyncio

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.socket_mode import code_of
from handlers.slack.payloads import quiet_of
from services.desk import Desk
from storage.people import people

AT_ONCE = 50
PACE = 3.0  # seconds between two questions: Slack allows about twenty a minute


async def refresh(desk: Desk, slack: AsyncWebClient) -> str:
    """Of how many people it is known now. Without the scope there are no such hints, and nothing else is missing."""
    wanted = await desk.read(people.reachable, desk.policy.everyone)
    known = 0
    for begin in range(0, len(wanted), AT_ONCE):
        if begin:
            await asyncio.sleep(PACE)
        try:
            answer = await slack.dnd_teamInfo(users=wanted[begin : begin + AT_ONCE])
        except SlackApiError as error:
            if code_of(error) == "missing_scope":
                return "no hints of do not disturb: the app lacks the scope dnd:read"
            raise
        known += await desk.execute(people.keep_quiet, {who: quiet_of(told) for who, told in answer["users"].items()})
    return str(known)
