"""What Slack says of people, beside what the desk knows: do not disturb, and who is away just now."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.ids import Happening
from handlers.slack.payloads import person_of, quiet_of
from handlers.slack.router import Router
from rules.people.slack_status import Hint
from services.desk import Desk
from storage.people import people

LOOKED_AT = 5  # of those proposed: Slack answers for one person at a time

Draw = Callable[[Mapping[str, Hint]], dict[str, Any]]
log = logging.getLogger("baton.hints")


def register(on: Router) -> None:
    on.event(Happening.QUIET)(keep_quiet)


async def keep_quiet(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    """Slack tells of everyone in the workspace; only those of the desk are kept."""
    who = person_of(body)
    if who in desk.policy.everyone:
        await desk.execute(people.keep_quiet, {who: quiet_of(body["event"].get("dnd_status") or {})})
    await ack()


async def of_first(desk: Desk, proposed: Sequence[str]) -> dict[str, Hint]:
    """What is known already of the first of those proposed."""
    return await desk.read(people.hints, proposed[:LOOKED_AT], at=desk.clock())


async def add_presence(
    desk: Desk, client: AsyncWebClient, view: Mapping[str, Any], hints: Mapping[str, Hint], draw: Draw
) -> None:
    """Who of them Slack shows as away is added to the open form; it stays as it is where nobody is, or Slack is silent.

    Nobody waits for it, and it may come too late: the form was sent or closed meanwhile.
    """
    try:
        found = await asyncio.gather(*(_is_away(desk, client, who) for who in hints))
        away = {who for who, is_away in zip(hints, found, strict=True) if is_away}
        if away:
            shown = {who: replace(one, is_away=who in away) for who, one in hints.items()}
            await client.views_update(view_id=view["id"], hash=view["hash"], view=draw(shown))
    except SlackApiError as error:
        log.info("No presence in the form: %s", error.response["error"])
    except (aiohttp.ClientError, TimeoutError) as error:
        log.info("No presence in the form: %s", type(error).__name__)


async def _is_away(desk: Desk, client: AsyncWebClient, who: str) -> bool:
    now = desk.clock()
    known = desk.slack_presence.of(who, now)
    if known is not None:
        return known
    answer = await client.users_getPresence(user=who)
    away = str(answer["presence"]) == "away"
    desk.slack_presence.keep(who, now, away=away)
    return away
