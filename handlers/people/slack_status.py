"""What Slack says of people, beside what the desk knows: do not disturb, and who is away just now."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.ids import SlackEvent
from handlers.slack.payloads import do_not_disturb_of, user_of
from handlers.slack.router import Router
from rules.people.permissions import Permission
from rules.people.slack_status import SlackStatus
from services.desk import Desk
from storage.people import people

PEOPLE_LOOKED_UP = 5  # of those proposed: Slack answers for one person at a time

RenderForm = Callable[[Mapping[str, SlackStatus]], dict[str, Any]]
log = logging.getLogger("baton.hints")


def register(on: Router) -> None:
    on.event(SlackEvent.DO_NOT_DISTURB_CHANGED, Permission.USE_DESK_COMMAND)(update_do_not_disturb)


async def update_do_not_disturb(body: dict[str, Any], desk: Desk) -> None:
    """Slack tells of everyone in the workspace; only those of the desk are kept."""
    who = user_of(body)
    if who in desk.policy.everyone:
        await desk.execute(people.save_do_not_disturb, {who: do_not_disturb_of(body["event"].get("dnd_status") or {})})


async def known_slack_statuses(desk: Desk, proposed: Sequence[str]) -> dict[str, SlackStatus]:
    """What is known already of the first of those proposed."""
    return await desk.read(people.slack_statuses, proposed[:PEOPLE_LOOKED_UP], at=desk.clock())


async def add_presence_to_form(
    desk: Desk,
    client: AsyncWebClient,
    view: Mapping[str, Any],
    slack_statuses: Mapping[str, SlackStatus],
    render: RenderForm,
) -> None:
    """Who of them Slack shows as away is added to the open form; it stays as it is where nobody is, or Slack is silent.

    Nobody waits for it, and it may come too late: the form was sent or closed meanwhile.
    """
    try:
        found = await asyncio.gather(*(_is_away(desk, client, who) for who in slack_statuses))
        away = {who for who, is_away in zip(slack_statuses, found, strict=True) if is_away}
        if away:
            shown = {who: replace(one, is_away=who in away) for who, one in slack_statuses.items()}
            await client.views_update(view_id=view["id"], hash=view["hash"], view=render(shown))
    except SlackApiError as error:
        log.info("No presence in the form: %s", error.response["error"])
    except (aiohttp.ClientError, TimeoutError) as error:
        log.info("No presence in the form: %s", type(error).__name__)


async def _is_away(desk: Desk, client: AsyncWebClient, who: str) -> bool:
    now = desk.clock()
    known = desk.slack_presence.is_away(who, now)
    if known is not None:
        return known
    answer = await client.users_getPresence(user=who)
    away = str(answer["presence"]) == "away"
    desk.slack_presence.remember(who, now, away=away)
    return away
