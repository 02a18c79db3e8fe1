"""The outbox from the side that sends: what is due, who has claimed it, how it went."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from storage.outbox import message_references
from storage.schema.tickets import Outgoing
from storage.transaction import Reader, Transaction

LEASE = timedelta(seconds=60)
LAPSED = datetime(2000, 1, 1, tzinfo=UTC)
AT_ONCE = 20


def lanes_due(reader: Reader, *, at: datetime) -> Sequence[str]:
    """The channels and people for whom something is due, and to whom no worker speaks just now."""
    due = select(Outgoing.lane).where(Outgoing.workspace_id == reader.workspace, Outgoing.next_at <= at, _free(at))
    return reader.session.scalars(due.where(Outgoing.lane.not_in(_spoken(reader.workspace, at))).distinct()).all()


def pending_in(reader: Reader, lane: str, *, at: datetime) -> Sequence[Outgoing]:
    """What is due in a lane and free (or left by a worker that died), the next few in the order of queueing."""
    due = select(Outgoing).where(
        Outgoing.workspace_id == reader.workspace, Outgoing.lane == lane, Outgoing.next_at <= at, _free(at)
    )
    return reader.session.scalars(due.order_by(Outgoing.id).limit(AT_ONCE)).all()


def pending(reader: Reader, *, at: datetime) -> Sequence[Outgoing]:
    """Everything that is due and free, in the order of queueing."""
    due = select(Outgoing).where(Outgoing.workspace_id == reader.workspace, Outgoing.next_at <= at, _free(at))
    return reader.session.scalars(due.order_by(Outgoing.id)).all()


def next_after(reader: Reader, *, at: datetime) -> datetime | None:
    """When the next row becomes due that is not due yet; None when none waits for its time."""
    return reader.session.scalar(
        select(func.min(Outgoing.next_at)).where(Outgoing.workspace_id == reader.workspace, Outgoing.next_at > at)
    )


def waiting(reader: Reader) -> int:
    """How many rows have not arrived yet."""
    return reader.session.scalar(_waiting(reader.workspace)) or 0


def claim(tx: Transaction, id_: int, *, lane: str) -> int:
    """How many times it has been tried now, for the one worker that may send it; 0 for everyone else.

    Also 0 while another worker speaks in the lane: two at once would post the same card twice, or out of order.
    """
    if not _lane_is_free(tx, id_, lane):
        return 0
    claimed = tx.execute(
        update(Outgoing)
        .where(*_row(tx, id_), Outgoing.next_at.is_not(None), _free(tx.now))
        .values(claimed_at=tx.now, attempts=Outgoing.attempts + 1)
        .returning(Outgoing.attempts)
    ).scalar()
    return claimed or 0


def release_all(tx: Transaction) -> int:
    """Claims of a process that is gone lapse at once; only where one process sends (SQLite) is that known."""
    held = (Outgoing.workspace_id == tx.workspace, Outgoing.next_at.is_not(None), Outgoing.claimed_at.is_not(None))
    return tx.execute(update(Outgoing).where(*held).values(claimed_at=LAPSED)).rowcount


def sent(tx: Transaction, id_: int, *, post: dict[str, Any] | None) -> None:
    """It arrived; `post` says where the card stands now."""
    tx.execute(update(Outgoing).where(*_row(tx, id_)).values(sent_at=tx.now, next_at=None, error=None))
    if post is not None:
        message_references.stands(tx, **post)


def later(tx: Transaction, id_: int, *, seconds: float, error: str) -> None:
    """It is tried again after so many seconds."""
    at = tx.now + timedelta(seconds=seconds)
    tx.execute(update(Outgoing).where(*_row(tx, id_)).values(next_at=at, claimed_at=LAPSED, error=error))


def failed(tx: Transaction, id_: int, *, error: str) -> None:
    """It will never arrive; `/desk health` shows why."""
    tx.execute(update(Outgoing).where(*_row(tx, id_)).values(failed_at=tx.now, next_at=None, error=error))


def waiting_and_failed(reader: Reader, *, since: datetime) -> tuple[int, Sequence[Outgoing]]:
    """How many rows wait, and which failed since then, newest first."""
    lost = select(Outgoing).where(Outgoing.workspace_id == reader.workspace, Outgoing.failed_at >= since)
    return waiting(reader), reader.session.scalars(lost.order_by(Outgoing.id.desc()).limit(20)).all()


def forget_before(tx: Transaction, moment: datetime) -> int:
    """How many rows that arrived, or failed for good, before then were dropped."""
    ended = func.coalesce(Outgoing.sent_at, Outgoing.failed_at)
    old = (Outgoing.workspace_id == tx.workspace, Outgoing.next_at.is_(None), ended < moment)
    return tx.execute(delete(Outgoing).where(*old)).rowcount


def _lane_is_free(tx: Transaction, id_: int, lane: str) -> bool:
    """Where several processes may ask at once, the lane's lock lets one of them look, and lasts to its commit."""
    if tx.connection.dialect.name == "postgresql":
        key = func.hashtextextended(f"{tx.workspace}:{lane}", 0)
        if not tx.execute(select(func.pg_try_advisory_xact_lock(key))).scalar():
            return False
    spoken = _spoken(tx.workspace, tx.now).where(Outgoing.lane == lane, Outgoing.id != id_)
    return tx.execute(spoken.limit(1)).first() is None


def _spoken(workspace: str, at: datetime) -> Select[str]:
    """The lanes in which a worker has claimed a row and still lives, as far as is known."""
    claimed = (Outgoing.next_at.is_not(None), Outgoing.claimed_at >= at - LEASE)
    return select(Outgoing.lane).where(Outgoing.workspace_id == workspace, *claimed)


def _free(at: datetime) -> ColumnElement[bool]:
    return or_(Outgoing.claimed_at.is_(None), Outgoing.claimed_at < at - LEASE)


def _waiting(workspace: str) -> Select[int]:
    return select(func.count()).where(Outgoing.workspace_id == workspace, Outgoing.next_at.is_not(None))


def _row(tx: Transaction, id_: int) -> tuple[Any, ...]:
    return (Outgoing.workspace_id == tx.workspace, Outgoing.id == id_)


def forget_waiting(tx: Transaction) -> int:
    """How many rows that had not been sent were dropped: made-up history is not told to anybody."""
    unsent = (Outgoing.workspace_id == tx.workspace, Outgoing.next_at.is_not(None))
    return tx.execute(delete(Outgoing).where(*unsent)).rowcount
