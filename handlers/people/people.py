"""People of the desk are known as Slack knows them: their names for lists, their zones for dates."""

import asyncio
from datetime import timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.ids import Happening
from handlers.slack.payloads import Profile
from handlers.slack.router import Router
from services.config import reload
from services.desk import Desk
from storage.people import people

FRESH = timedelta(days=1)
PACE = 1.0  # seconds between two questions: Slack allows about a hundred a minute, shared with everything else
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


def register(on: Router) -> None:
    on.event(Happening.PERSON)(keep_person)


async def keep_person(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    """Slack tells of everyone in the workspace; only those of the desk are kept."""
    told = Profile.of_event(body)
    if told.user in desk.policy.everyone:
        await _keep(desk, told)
        await reload(desk)
    await ack()


async def refresh(desk: Desk, slack: AsyncWebClient) -> int:
    """How many people of the desk were asked about: those not known yet, or not since yesterday."""
    wanted = await desk.read(people.unknown, desk.policy.everyone, since=desk.clock() - FRESH)
    for place, user in enumerate(wanted):
        if place:
            await asyncio.sleep(PACE)
        await learn(desk, slack, user)
    await reload(desk)
    return len(wanted)


async def learn(desk: Desk, slack: AsyncWebClient, user: str) -> Profile:
    """What Slack says of the person, which is kept; whom it does not know is gone."""
    try:
        answer = await slack.users_info(user=user)
    except SlackApiError as error:
        if error.response.get("error") not in NOBODY:
            raise
        told = Profile(user, name=user, gone=True)
    else:
        told = Profile.of(answer["user"])
    await _keep(desk, told)
    return told


async def _keep(desk: Desk, told: Profile) -> None:
    await desk.execute(
        people.keep,
        told.user,
        name=told.name,
        tz=told.tz,
        is_guest=told.is_guest,
        gone=told.gone,
        is_bot=told.is_bot,
        status=told.status,
    )
