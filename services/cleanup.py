"""Rows that nobody will ask for again are deleted."""

from datetime import timedelta

from services.desk import Desk
from storage import idempotency
from storage.alerts import delete_alert_groups_before
from storage.outbox import deliveries
from storage.transaction import Transaction

KEY_RETENTION = timedelta(days=2)
MESSAGE_RETENTION = timedelta(days=7)
ROWS_PER_TRANSACTION = 2000  # of each kind; other transactions wait while these are deleted


def delete_old_rows(tx: Transaction) -> int:
    """ROWS_PER_TRANSACTION or more mean that there may be more."""
    week_ago, limit = tx.now - MESSAGE_RETENTION, ROWS_PER_TRANSACTION
    messages = deliveries.delete_delivered_before(tx, week_ago, limit=limit)
    groups = delete_alert_groups_before(tx, week_ago, limit=limit)
    return messages + groups + idempotency.delete_keys_before(tx, tx.now - KEY_RETENTION, limit=limit)


async def delete_all_old_rows(desk: Desk) -> int:
    return await desk.execute_in_batches(delete_old_rows, size=ROWS_PER_TRANSACTION)
