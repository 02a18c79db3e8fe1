"""How somebody wants to hear of alerts: chosen with `/desk alerts` or on Home."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.home.home import publish
from handlers.preferences import cards
from handlers.slack.blocks import Message
from handlers.slack.ids import Button
from handlers.slack.payloads import OldCard, Press
from handlers.slack.router import Router
from rules.alerts import HearBy
from rules.errors import DeskError
from services import preferences
from services.desk import Desk
from storage.preferences import hear_by


def register(on: Router) -> None:
    on.action(Button.HEAR_BY)(choose)


async def choose(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    if press.value not in list(HearBy):
        raise OldCard
    await desk.execute_once(press.key, preferences.choose, by=press.by, how=HearBy(press.value))
    await publish(client, desk, press.by)
    await ack()


async def said(desk: Desk, by: str, word: str) -> Message:
    """What `/desk alerts` answers, after the choice was made where one was named."""
    if word and word not in list(HearBy):
        raise DeskError(f"`{word}` is no way to be called. Write `/desk alerts dm` or `/desk alerts channel`.")
    preferences.in_a_team(desk.policy, by)
    if word:
        await desk.execute(preferences.choose, by=by, how=HearBy(word))
    how = (await desk.read(hear_by, [by]))[by]
    return cards.chosen(how, just_now=bool(word))
