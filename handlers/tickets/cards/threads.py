"""What the writer of a thread message reads, and nobody else."""

from collections.abc import Mapping
from typing import Any

from handlers.slack.blocks import Message, actions, button, section
from handlers.slack.ids import Button


def message_recorded(what: Mapping[str, Any]) -> Message | None:
    """What became of a message; None when its thread says enough."""
    number = what["number"]
    if what["kept"] == "note":
        words = "Kept as an internal note."
        send = button("Send to the customer", Button.SEND_NOTE, f"{number}.{what['seq']}")
        return Message(f"{words} Only the team reads it.", [section(words), actions(send)])
    if what["kept"] == "wrote" and what["done"]:
        words = f"#{number} is resolved. The team reads what you wrote; reopen it if it still needs work."
        reopen = button("Reopen", Button.REOPEN, number, spoken=f"Reopen ticket {number}")
        return Message(words, [section(words), actions(reopen)])
    return None


def note_sent(number: int) -> Message:
    words = f"Sent to the customer of #{number}."
    return Message(words, [section(words)])
