"""How alerts reach the reader, what that means, and the other way."""

from handlers.slack.blocks import Block, Message, section, select
from handlers.slack.ids import Button
from rules.alerts import HearBy

WAYS = {HearBy.DM: "By direct message", HearBy.CHANNEL: "In the team's channel"}
MEANING = {
    HearBy.DM: "Alerts reach you by direct message, in your own working hours; several at once are one message.",
    HearBy.CHANNEL: (
        "Alerts call you in your team's channel: the card names you, and when one that stands gets worse, "
        "a line in its thread does. You get no direct message for them."
    ),
}
OTHER = {
    HearBy.DM: "To be called in the channel instead: `/desk alerts channel`",
    HearBy.CHANNEL: "To get direct messages instead: `/desk alerts dm`",
}


def chosen(how: HearBy, *, just_now: bool) -> Message:
    """The answer to `/desk alerts`."""
    words = f"{'✓ ' if just_now else ''}{MEANING[how]}"
    return Message(words, [section(f"{words}\n{OTHER[how]}")])


def choice(how: HearBy) -> Block:
    """The same choice on Home."""
    menu = select(Button.HEAR_BY, [(words, str(way)) for way, words in WAYS.items()], chosen=str(how))
    return section(f"*How alerts reach you*\n{MEANING[how]}", accessory=menu)
