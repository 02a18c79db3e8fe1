"""A rendered message, and what rendering one may read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.charts.charts import ChartedMessage
from handlers.slack.blocks import Message
from rules.model.policy import Policy
from storage.schema.tickets import MessageReference, OutboxMessage
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    message: Message
    thread: MessageReference | None = None
    waits_for_thread: bool = False  # the card in whose thread it belongs is still to be posted
    is_requester_thread: bool = False  # the team receives what the requester writes in its thread
    charted: ChartedMessage | None = None  # takes the message's place when its chart is drawn
    next_part: int | None = None  # where it goes on in a message of its own


@dataclass(frozen=True, slots=True)
class RenderContext:
    reader: Reader
    policy: Policy
    now: datetime


MessageRenderer = Callable[[RenderContext, OutboxMessage], RenderedMessage | None]  # None: nothing is left to say


def ticket_and_index(row: OutboxMessage) -> tuple[int, int]:
    """The ticket that a card's subject names, and which event, escalation or request of it."""
    number, _, index = row.subject.partition(".")
    return int(number), int(index)
