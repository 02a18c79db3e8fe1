"""Notices that waited while Slack was ill become one message per person, instead of a flood."""

from storage.outbox import deliveries, outbox
from storage.outbox.outbox import LATE_NOTICES, NOTICE
from storage.transaction import Transaction


def merge_late_notices(tx: Transaction, destination: str) -> None:
    """What has lost its point is left out when the message is rendered."""
    if not deliveries.lock_destination(tx, destination):
        return
    due = deliveries.due_messages_to(tx, destination, at=tx.now, kind=NOTICE)
    late = deliveries.late_notices(due, at=tx.now)
    items = [{**row.data, "number": row.number, "queued_at": row.queued_at.isoformat()} for row in late]
    if len(items) > 1:
        outbox.queue_message(tx, LATE_NOTICES, destination=destination, subject=str(late[0].id), data={"items": items})
        for row in late:
            deliveries.mark_sent(tx, row.id, reference=None)
