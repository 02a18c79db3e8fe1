"""The outbox from the side that sends: what is due, who has claimed it, how it went."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from storage.outbox import message_references
from storage.schema.tickets import OutboxMessage
from storage.transaction import Reader, Transaction

CLAIM_LEASE = timedelta(seconds=60)
LAPSED_CLAIM = datetime(2000, 1, 1, tzinfo=UTC)
MESSAGES_PER_READ = 20


def destinations_due(reader: Reader, *, at: datetime) -> Sequence[str]:
    """The channels and people for whom something is due, and to whom no worker speaks just now."""
    due = select(OutboxMessage.lane).where(
        OutboxMessage.workspace_id == reader.workspace, OutboxMessage.next_at <= at, _is_unclaimed(at)
    )
    return reader.session.scalars(
        due.where(OutboxMessage.lane.not_in(_busy_destinations(reader.workspace, at))).distinct()
    ).all()


def due_messages_to(reader: Reader, destination: str, *, at: datetime) -> Sequence[OutboxMessage]:
    """What is due in a lane and free (or left by a worker that died), the next few in the order of queueing."""
    due = select(OutboxMessage).where(
        OutboxMessage.workspace_id == reader.workspace,
        OutboxMessage.lane == destination,
        OutboxMessage.next_at <= at,
        _is_unclaimed(at),
    )
    return reader.session.scalars(due.order_by(OutboxMessage.id).limit(MESSAGES_PER_READ)).all()


def due_messages(reader: Reader, *, at: datetime) -> Sequence[OutboxMessage]:
    """Everything that is due and free, in the order of queueing."""
    due = select(OutboxMessage).where(
        OutboxMessage.workspace_id == reader.workspace, OutboxMessage.next_at <= at, _is_unclaimed(at)
    )
    return reader.session.scalars(due.order_by(OutboxMessage.id)).all()


def next_due_at(reader: Reader, *, at: datetime) -> datetime | None:
    """When the next row becomes due that is not due yet; None when none waits for its time."""
    return reader.session.scalar(
        select(func.min(OutboxMessage.next_at)).where(
            OutboxMessage.workspace_id == reader.workspace, OutboxMessage.next_at > at
        )
    )


def waiting_count(reader: Reader) -> int:
    """How many rows have not arrived yet."""
    return reader.session.scalar(_select_waiting_count(reader.workspace)) or 0


def claim_message(tx: Transaction, id_: int, *, destination: str) -> int:
    """How many times it has been tried now, for the one worker that may send it; 0 for everyone else.

    Also 0 while another worker speaks in the lane: two at once would post the same card twice, or out of order.
    """
    if not _is_destination_free(tx, id_, destination):
        return 0
    claimed = tx.execute(
        update(OutboxMessage)
        .where(*_is_row(tx, id_), OutboxMessage.next_at.is_not(None), _is_unclaimed(tx.now))
        .values(claimed_at=tx.now, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage.attempts)
    ).scalar()
    return claimed or 0


def release_claims(tx: Transaction) -> int:
    """Claims of a process that is gone lapse at once; only where one process sends (SQLite) is that known."""
    held = (
        OutboxMessage.workspace_id == tx.workspace,
        OutboxMessage.next_at.is_not(None),
        OutboxMessage.claimed_at.is_not(None),
    )
    return tx.execute(update(OutboxMessage).where(*held).values(claimed_at=LAPSED_CLAIM)).rowcount


def mark_sent(tx: Transaction, id_: int, *, reference: dict[str, Any] | None) -> None:
    """It arrived; `post` says where the card stands now."""
    tx.execute(update(OutboxMessage).where(*_is_row(tx, id_)).values(sent_at=tx.now, next_at=None, error=None))
    if reference is not None:
        message_references.save_reference(tx, **reference)


def retry_later(tx: Transaction, id_: int, *, delay_seconds: float, error: str) -> None:
    """It is tried again after so many seconds."""
    at = tx.now + timedelta(seconds=delay_seconds)
    tx.execute(update(OutboxMessage).where(*_is_row(tx, id_)).values(next_at=at, claimed_at=LAPSED_CLAIM, error=error))


def mark_failed(tx: Transaction, id_: int, *, error: str) -> None:
    """It will never arrive; `/desk health` shows why."""
    tx.execute(update(OutboxMessage).where(*_is_row(tx, id_)).values(failed_at=tx.now, next_at=None, error=error))


def waiting_and_failed(reader: Reader, *, since: datetime) -> tuple[int, Sequence[OutboxMessage]]:
    """How many rows wait, and which failed since then, newest first."""
    lost = select(OutboxMessage).where(OutboxMessage.workspace_id == reader.workspace, OutboxMessage.failed_at >= since)
    return waiting_count(reader), reader.session.scalars(lost.order_by(OutboxMessage.id.desc()).limit(20)).all()


def delete_delivered_before(tx: Transaction, moment: datetime) -> int:
    """How many rows that arrived, or failed for good, before then were dropped."""
    ended = func.coalesce(OutboxMessage.sent_at, OutboxMessage.failed_at)
    old = (OutboxMessage.workspace_id == tx.workspace, OutboxMessage.next_at.is_(None), ended < moment)
    return tx.execute(delete(OutboxMessage).where(*old)).rowcount


def _is_destination_free(tx: Transaction, id_: int, lane: str) -> bool:
    """Where several processes may ask at once, the lane's lock lets one of them look, and lasts to its commit."""
    if tx.connection.dialect.name == "postgresql":
        key = func.hashtextextended(f"{tx.workspace}:{lane}", 0)
        if not tx.execute(select(func.pg_try_advisory_xact_lock(key))).scalar():
            return False
    spoken = _busy_destinations(tx.workspace, tx.now).where(OutboxMessage.lane == lane, OutboxMessage.id != id_)
    return tx.execute(spoken.limit(1)).first() is None


def _busy_destinations(workspace: str, at: datetime) -> Select[str]:
    """The lanes in which a worker has claimed a row and still lives, as far as is known."""
    claimed = (OutboxMessage.next_at.is_not(None), OutboxMessage.claimed_at >= at - CLAIM_LEASE)
    return select(OutboxMessage.lane).where(OutboxMessage.workspace_id == workspace, *claimed)


def _is_unclaimed(at: datetime) -> ColumnElement[bool]:
    return or_(OutboxMessage.claimed_at.is_(None), OutboxMessage.claimed_at < at - CLAIM_LEASE)


def _select_waiting_count(workspace: str) -> Select[int]:
    return select(func.count()).where(OutboxMessage.workspace_id == workspace, OutboxMessage.next_at.is_not(None))


def _is_row(tx: Transaction, id_: int) -> tuple[Any, ...]:
    return (OutboxMessage.workspace_id == tx.workspace, OutboxMessage.id == id_)


def delete_waiting(tx: Transaction) -> int:
    """How many rows that had not been sent were dropped: made-up history is not told to anybody."""
    unsent = (OutboxMessage.workspace_id == tx.workspace, OutboxMessage.next_at.is_not(None))
    return tx.execute(delete(OutboxMessage).where(*unsent)).rowcount
