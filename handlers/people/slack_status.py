"""The Slack status of people: do not disturb, and who is away just now."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.ephemeral import error_code
from handlers.slack.ids import SlackEvent
from handlers.slack.payloads import Body, user_of
from handlers.slack.people.profiles import do_not_disturb_of
from handlers.slack.router import Router
from rules.people.permissions import Permission
from rules.people.slack_status import SlackStatus
from services.desk import Desk
from storage.people import people

PEOPLE_LOOKED_UP = 5  # candidates; Slack answers for one person per call

RenderForm = Callable[[Mapping[str, SlackStatus]], dict[str, Any]]
log = logging.getLogger("baton.hints")


def register(on: Router) -> None:
    on.event(SlackEvent.DO_NOT_DISTURB_CHANGED, Permission.USE_DESK_COMMAND)(update_do_not_disturb)


async def update_do_not_disturb(body: Body, desk: Desk) -> None:
    """Slack tells of everyone in the workspace; only those of the desk are kept."""
    who = user_of(body)
    if who in desk.policy.everyone:
        await desk.execute(people.save_do_not_disturb, {who: do_not_disturb_of(body["event"].get("dnd_status") or {})})


async def known_slack_statuses(desk: Desk, proposed: Sequence[str]) -> dict[str, SlackStatus]:
    return await desk.read(people.slack_statuses, proposed[:PEOPLE_LOOKED_UP], at=desk.clock())


async def add_presence_to_form(
    desk: Desk,
    client: AsyncWebClient,
    view: Mapping[str, Any],
    slack_statuses: Mapping[str, SlackStatus],
    render: RenderForm,
) -> None:
    """Updates the open form where Slack shows a candidate as away.

    It runs in the background and may come too late, when the form is sent or closed; failures are only logged.
    """
    try:
        answers = await asyncio.gather(*(_is_away(desk, client, who) for who in slack_statuses))
        away = {who for who, is_away in zip(slack_statuses, answers, strict=True) if is_away}
        if away:
            updated = {who: replace(one, is_away=who in away) for who, one in slack_statuses.items()}
            await client.views_update(view_id=view["id"], hash=view["hash"], view=render(updated))
    except SlackApiError as error:
        log.info("No presence in the form: %s", error_code(error))
    except (aiohttp.ClientError, TimeoutError) as error:
        log.info("No presence in the form: %s", type(error).__name__)


async def _is_away(desk: Desk, client: AsyncWebClient, who: str) -> bool:
    now = desk.clock()
    cached = desk.slack_presence.is_away(who, now)
    if cached is not None:
        return cached
    answer = await client.users_getPresence(user=who)
    away = str(answer["presence"]) == "away"
    desk.slack_presence.remember(who, now, away=away)
    return away
