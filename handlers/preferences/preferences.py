"""The alert preference, chosen with `/desk alerts` or on Home."""

from handlers.preferences import cards
from handlers.slack.blocks import Message
from handlers.slack.home_tab import HomeTab
from handlers.slack.ids import Button, Command
from handlers.slack.payloads import OldCard, Press, TypedCommand
from handlers.slack.router import Router
from rules.alerts import AlertChannel
from rules.errors import Refused
from rules.people.permissions import Permission
from rules.text import Code, _
from services import preferences
from services.desk import Desk
from storage.preferences import alert_channels


def register(on: Router) -> None:
    on.word(
        Command.DESK,
        "alerts",
        Permission.CHOOSE_ALERT_CHANNEL,
        _("how alerts reach you"),
        examples=("/desk alerts dm", "/desk alerts channel"),
    )(answer_alerts)
    on.action(Button.ALERT_PREFERENCE, Permission.CHOOSE_ALERT_CHANNEL)(choose_alert_preference)


async def choose_alert_preference(press: Press, home: HomeTab, desk: Desk) -> None:
    if press.value not in list(AlertChannel):
        raise OldCard
    channel = AlertChannel(press.value)
    await desk.execute_once(press.key, preferences.choose_alert_channel, by=press.user, channel=channel)
    await home.refresh()


async def answer_alerts(command: TypedCommand, desk: Desk) -> Message:
    by, word = command.user, " ".join(command.rest.casefold().split())
    if word and word not in list(AlertChannel):
        dm, channel = Code("/desk alerts dm"), Code("/desk alerts channel")
        raise Refused(_("Unknown option {word}. Write {dm} or {channel}.", word=Code(word), dm=dm, channel=channel))
    preferences.check_in_team(desk.policy, by)
    if word:
        await desk.execute(preferences.choose_alert_channel, by=by, channel=AlertChannel(word))
    how = (await desk.read(alert_channels, [by]))[by]
    return cards.alert_preference_message(how, just_now=bool(word))
