"""What is to be posted, and what whoever draws it may look at."""

from dataclasses import dataclass
from datetime import datetime

from handlers.charts.charts import Chart
from handlers.slack.blocks import Message
from rules.model.policy import Policy
from storage.schema.tickets import MessageReference
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """One post to be made: what it says, and under which post it belongs."""

    message: Message
    thread: MessageReference | None = None
    waits_for_thread: bool = False  # it belongs under a card; while that card is not posted, it waits
    is_requester_thread: bool = False  # its thread is the requester's: what they write there reaches the team
    chart: Chart | None = None  # goes into its thread when it is posted


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What a drawing may look at."""

    reader: Reader
    policy: Policy
    now: datetime
