"""What nobody will ask for again is dropped."""

from datetime import timedelta

from storage import deliveries, inbox
from storage.work import Work

REPEATS = timedelta(days=2)
SENT = timedelta(days=7)


def tidy(work: Work) -> int:
    """How many rows were dropped: keys that Slack no longer repeats, and messages that arrived a week ago."""
    return inbox.forget_before(work, work.now - REPEATS) + deliveries.forget_before(work, work.now - SENT)
