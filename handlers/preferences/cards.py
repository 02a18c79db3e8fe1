"""The alert preference: how alerts reach the viewer, and the other choice."""

from handlers.slack.blocks import Block, Message, section, select
from handlers.slack.ids import Button
from rules.alerts import AlertChannel

CHOICE_TEXTS = {AlertChannel.DM: "By direct message", AlertChannel.CHANNEL: "In the team's channel"}
MEANING_TEXTS = {
    AlertChannel.DM: "Alerts reach you by direct message, in your own working hours; several at once are one message.",
    AlertChannel.CHANNEL: (
        "Alerts call you in your team's channel: the card names you, and when one that stands gets worse, "
        "a line in its thread does. You get no direct message for them."
    ),
}
OTHER_CHOICE_TEXTS = {
    AlertChannel.DM: "To be called in the channel instead: `/desk alerts channel`",
    AlertChannel.CHANNEL: "To get direct messages instead: `/desk alerts dm`",
}


def alert_preference_message(how: AlertChannel, *, just_now: bool) -> Message:
    words = f"{'✓ ' if just_now else ''}{MEANING_TEXTS[how]}"
    return Message(words, [section(f"{words}\n{OTHER_CHOICE_TEXTS[how]}")])


def alert_preference_menu(how: AlertChannel) -> Block:
    menu = select(Button.ALERT_PREFERENCE, [(words, str(way)) for way, words in CHOICE_TEXTS.items()], chosen=str(how))
    return section(f"*How alerts reach you*\n{MEANING_TEXTS[how]}", accessory=menu)
