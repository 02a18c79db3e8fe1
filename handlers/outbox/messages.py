"""What is to be posted, and what whoever draws it may look at."""

from dataclasses import dataclass
from datetime import datetime

from handlers.charts.charts import Picture
from handlers.slack.blocks import Message
from rules.model.policy import Policy
from storage.schema.tickets import Post
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class Draft:
    """One post to be made: what it says, and under which post it belongs."""

    message: Message
    thread: Post | None = None
    rooted: bool = False  # it belongs under a card; while that card is not posted, it waits
    theirs: bool = False  # its thread is the requester's: what they write there reaches the team
    picture: Picture | None = None  # goes into its thread when it is posted


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drawing may look at."""

    reader: Reader
    policy: Policy
    now: datetime
