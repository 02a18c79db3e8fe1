"""Answers to the author of a message in a thread, for them alone."""

from collections.abc import Mapping
from typing import Any

from handlers.slack.blocks import Message, actions, button, section
from handlers.slack.ids import Button
from handlers.tickets.cards.ticket import reopen_button


def message_recorded(what: Mapping[str, Any]) -> Message | None:
    """What happened to a message; None when its thread shows it already."""
    number = what["number"]
    if what["kept"] == "note":
        words = "Kept as an internal note."
        send = button("Send to the customer", Button.SEND_NOTE, f"{number}.{what['seq']}")
        return Message(f"{words} Only the team reads it.", [section(words), actions(send)])
    if what["kept"] == "wrote" and what["done"]:
        words = f"#{number} is resolved. The team reads what you wrote; reopen it if it still needs work."
        return Message(words, [section(words), actions(reopen_button(number))])
    return None


def note_sent(number: int) -> Message:
    words = f"Sent to the customer of #{number}."
    return Message(words, [section(words)])
