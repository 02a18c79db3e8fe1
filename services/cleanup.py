"""What nobody will ask for again is dropped."""

from datetime import timedelta

from storage import idempotency
from storage.alerts import delete_alert_groups_before
from storage.outbox import deliveries
from storage.transaction import Transaction

KEY_RETENTION = timedelta(days=2)
MESSAGE_RETENTION = timedelta(days=7)


def delete_old_rows(tx: Transaction) -> int:
    """How many rows were dropped: keys that Slack no longer repeats, messages that arrived a week ago, and what was
    gathered on a message and resolved a week ago."""
    week = tx.now - MESSAGE_RETENTION
    told = deliveries.delete_delivered_before(tx, week) + delete_alert_groups_before(tx, week)
    return idempotency.delete_keys_before(tx, tx.now - KEY_RETENTION) + told
