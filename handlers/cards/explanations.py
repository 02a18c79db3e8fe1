"""Why a ticket is due when it is, as arithmetic that anybody can follow."""

from datetime import datetime
from typing import Any

from handlers.cards import tickets
from handlers.cards.blocks import moment, page, section
from handlers.cards.stories import KIND_WORDS
from rules.policy import Policy
from storage.tables import Ticket


def explained(ticket: Ticket, clocks: tickets.Clocks, policy: Policy, now: datetime) -> dict[str, Any]:
    """One part for each clock, the one that is due first at the top."""
    told = [
        section(f"*{KIND_WORDS[kind].capitalize()}*: {clock.promise} for {clock.because}, due {moment(clock.due_at)}")
        for kind, clock in clocks.items()
    ]
    nothing = [section("No time is promised for this ticket.")]
    return page("Why this deadline?", [*tickets.head(ticket, policy), *(told or nothing)])
