"""Answers to the author of a message in a thread, for them alone."""

from collections.abc import Mapping
from typing import Any

from handlers.slack.blocks import Message, actions, button, section
from handlers.slack.ids import Button
from handlers.text.slack import render
from handlers.tickets.cards.ticket import reopen_button
from rules.text import TicketNumber, _


def message_recorded(what: Mapping[str, Any]) -> Message | None:
    """What happened to a message; None when its thread shows it already."""
    number = what["number"]
    if what["kept"] == "note":
        saved = _("Saved as an internal note (the requester can't see it).")
        send = button(_("Send to the requester"), Button.SEND_NOTE, f"{number}.{what['seq']}")
        return Message(render(saved), [section(saved), actions(send)])
    if what["kept"] == "wrote" and what["done"]:
        added = _("{ticket} is resolved. Your message was added. Still not working?", ticket=TicketNumber(number))
        spoken = _("{added} Reopen the ticket.", added=added)
        return Message(render(spoken), [section(added), actions(reopen_button(number))])
    return None


def note_sent(number: int) -> Message:
    sent = _("Sent to the requester of {ticket}.", ticket=TicketNumber(number))
    return Message(render(sent), [section(sent)])
