"""How somebody wants to hear of alerts: chosen with `/desk alerts` or on Home."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.home.home import publish_home
from handlers.preferences import cards
from handlers.slack.blocks import Message
from handlers.slack.ids import Button
from handlers.slack.payloads import OldCard, Press
from handlers.slack.router import Router
from rules.alerts import AlertChannel
from rules.errors import Refused
from services import preferences
from services.desk import Desk
from storage.preferences import alert_channels


def register(on: Router) -> None:
    on.action(Button.ALERT_PREFERENCE)(choose_alert_preference)


async def choose_alert_preference(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    if press.value not in list(AlertChannel):
        raise OldCard
    await desk.execute_once(
        press.key, preferences.choose_alert_channel, by=press.user, channel=AlertChannel(press.value)
    )
    await publish_home(client, desk, press.user)
    await ack()


async def answer_alerts(desk: Desk, by: str, word: str) -> Message:
    """What `/desk alerts` answers, after the choice was made where one was named."""
    if word and word not in list(AlertChannel):
        raise Refused(f"`{word}` is no way to be called. Write `/desk alerts dm` or `/desk alerts channel`.")
    preferences.check_in_team(desk.policy, by)
    if word:
        await desk.execute(preferences.choose_alert_channel, by=by, channel=AlertChannel(word))
    how = (await desk.read(alert_channels, [by]))[by]
    return cards.alert_preference_message(how, just_now=bool(word))
