"""What nobody will ask for again is dropped."""

from datetime import timedelta

from storage import idempotency
from storage.alerts import forget_gathered
from storage.outbox import deliveries
from storage.transaction import Work

REPEATS = timedelta(days=2)
SENT = timedelta(days=7)


def tidy(work: Work) -> int:
    """How many rows were dropped: keys that Slack no longer repeats, messages that arrived a week ago, and what was
    gathered on a message and resolved a week ago."""
    week = work.now - SENT
    told = deliveries.forget_before(work, week) + forget_gathered(work, week)
    return idempotency.forget_before(work, work.now - REPEATS) + told
