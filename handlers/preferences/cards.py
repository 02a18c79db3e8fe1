"""The alert preference: how alerts reach the viewer, and the other choice."""

from handlers.slack.blocks import Block, Message, section, select
from handlers.slack.ids import Button
from handlers.text.slack import Markup, bold, join, render
from rules.alerts import AlertChannel
from rules.text import Code, _

CHOICE_TEXTS = {AlertChannel.DM: _("By direct message"), AlertChannel.CHANNEL: _("In the team's channel")}
MEANING_TEXTS = {
    AlertChannel.DM: _("Alerts reach you by direct message, during your working hours. Several at once are combined."),
    AlertChannel.CHANNEL: _(
        "Alerts mention you in your team's channel, and again in the thread when one gets worse. "
        "You get no direct messages for them."
    ),
}
OTHER_CHOICE_TEXTS = {
    AlertChannel.DM: _("To be mentioned in the channel instead: {command}", command=Code("/desk alerts channel")),
    AlertChannel.CHANNEL: _("To get direct messages instead: {command}", command=Code("/desk alerts dm")),
}


def alert_preference_message(how: AlertChannel, *, just_now: bool) -> Message:
    text = render(MEANING_TEXTS[how])
    if just_now:
        text = Markup(f"✓ {text}")
    return Message(text, [section(join("\n", [text, OTHER_CHOICE_TEXTS[how]]))])


def alert_preference_menu(how: AlertChannel) -> Block:
    menu = select(Button.ALERT_PREFERENCE, [(text, str(way)) for way, text in CHOICE_TEXTS.items()], chosen=str(how))
    return section(join("\n", [bold(_("How alerts reach you")), MEANING_TEXTS[how]]), accessory=menu)
