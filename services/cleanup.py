"""What nobody will ask for again is dropped."""

from datetime import timedelta

from storage import idempotency
from storage.alerts import forget_gathered
from storage.outbox import deliveries
from storage.transaction import Transaction

REPEATS = timedelta(days=2)
SENT = timedelta(days=7)


def tidy(tx: Transaction) -> int:
    """How many rows were dropped: keys that Slack no longer repeats, messages that arrived a week ago, and what was
    gathered on a message and resolved a week ago."""
    week = tx.now - SENT
    told = deliveries.forget_before(tx, week) + forget_gathered(tx, week)
    return idempotency.forget_before(tx, tx.now - REPEATS) + told
