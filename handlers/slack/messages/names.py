"""The names of the people, channels and user groups that a message names by their ids alone."""

import asyncio

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.ephemeral import SLACK_FAILURES
from handlers.slack.markup import Names
from handlers.slack.messages.content import ids_of_message
from handlers.slack.messages.messages import SlackMessage
from handlers.slack.people.profiles import Profile
from services.desk import Desk
from storage.people import people

LOOKUP_TIMEOUT_SECONDS = 0.5  # of Slack's three seconds; an id that has no name by then stays an id
MAX_LOOKUPS = 8


async def with_names(message: SlackMessage, client: AsyncWebClient, desk: Desk) -> SlackMessage:
    ids = ids_of_message(message.raw)
    return message.with_names(await look_up_names(ids, client, desk)) if ids else message


async def look_up_names(ids: set[str], client: AsyncWebClient, desk: Desk) -> Names:
    known = {id_: name for id_, name in (await desk.read(people.names_of, ids)).items() if name != id_}
    known |= {key: group.name for key, group in desk.user_groups.items() if key in ids and group.name}
    unknown = sorted(ids - known.keys())[:MAX_LOOKUPS]
    found = await asyncio.gather(*(_look_up_name(client, id_) for id_ in unknown))
    return known | {id_: name for id_, name in zip(unknown, found, strict=True) if name}


async def _look_up_name(client: AsyncWebClient, id_: str) -> str:
    """Empty where Slack does not say, or not in time."""
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT_SECONDS):
            if id_.startswith(("U", "W")):
                return Profile.from_user((await client.users_info(user=id_))["user"]).name
            if id_.startswith("C"):
                return str((await client.conversations_info(channel=id_))["channel"].get("name") or "")
    except (SlackApiError, *SLACK_FAILURES):
        return ""
    return ""
