"""Slack is asked who the desk's people are: their names for lists, their zones for dates."""

import asyncio
from datetime import timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from desk.desk import Desk
from handlers.payloads import Profile
from rules.policy import Policy
from storage import people

FRESH = timedelta(days=1)
PACE = 1.0  # seconds between two questions: Slack allows about a hundred a minute, shared with everything else
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


async def refresh(desk: Desk, slack: AsyncWebClient) -> int:
    """How many people of the desk were asked about: those not known yet, or not since yesterday."""
    wanted = await desk.ask(people.unknown, described(desk.policy), since=desk.clock() - FRESH)
    for place, user in enumerate(wanted):
        if place:
            await asyncio.sleep(PACE)
        await _learn(desk, slack, user)
    return len(wanted)


def described(policy: Policy) -> list[str]:
    """Everyone whom the desk's description names, each once."""
    teams = [person for team in policy.teams.values() for person in team.people]
    return list(dict.fromkeys([*teams, *sorted(policy.managers | policy.observers | policy.admins)]))


async def _learn(desk: Desk, slack: AsyncWebClient, user: str) -> None:
    try:
        answer = await slack.users_info(user=user)
    except SlackApiError as error:
        if error.response.get("error") not in NOBODY:
            raise
        await desk.do(people.keep, user, name=user, tz="UTC", is_guest=False, gone=True)
        return
    told = Profile.of(answer["user"])
    await desk.do(people.keep, told.user, name=told.name, tz=told.tz, is_guest=told.is_guest, gone=told.gone)
