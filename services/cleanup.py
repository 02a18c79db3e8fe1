"""Rows that nobody will ask for again are deleted."""

from datetime import timedelta

from storage import idempotency
from storage.alerts import delete_alert_groups_before
from storage.outbox import deliveries
from storage.transaction import Transaction

KEY_RETENTION = timedelta(days=2)
MESSAGE_RETENTION = timedelta(days=7)


def delete_old_rows(tx: Transaction) -> int:
    week_ago = tx.now - MESSAGE_RETENTION
    messages = deliveries.delete_delivered_before(tx, week_ago) + delete_alert_groups_before(tx, week_ago)
    return idempotency.delete_keys_before(tx, tx.now - KEY_RETENTION) + messages
