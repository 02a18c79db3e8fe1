"""The health of the desk itself: waiting and undelivered messages with their reasons, and the last run of each job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from storage import jobs
from storage.schema.tickets import IdempotencyKey, JobRun, OutboxMessage
from storage.transaction import Reader, Transaction, insert_if_absent, update_where

MAX_LINES_SHOWN = 10
STUCK_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class UndeliveredMessages:
    """Messages that could not be delivered to one destination for one reason."""

    destination: str
    error: str
    count: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeskHealth:
    """`oldest_at` is when the longest waiting message was queued; `postponed` counts waiting messages by reason."""

    waiting_count: int
    oldest_at: datetime | None
    postponed: Sequence[tuple[str, int]]
    undelivered: Sequence[UndeliveredMessages]
    jobs: Sequence[JobRun]


def desk_health(reader: Reader, *, since: datetime) -> DeskHealth:
    """Messages given up before `since` are history and left out."""
    pending, count = (OutboxMessage.workspace_id == reader.workspace, OutboxMessage.next_at.is_not(None)), func.count()
    waiting, oldest = reader.session.execute(select(count, func.min(OutboxMessage.queued_at)).where(*pending)).one()
    by_error = select(OutboxMessage.error, count).where(*pending, OutboxMessage.error.is_not(None))
    postponed = by_error.group_by(OutboxMessage.error).order_by(count.desc()).limit(MAX_LINES_SHOWN)
    return DeskHealth(
        waiting_count=waiting,
        oldest_at=oldest,
        postponed=[(error or "", number) for error, number in reader.session.execute(postponed)],
        undelivered=_undelivered(reader, since),
        jobs=jobs.last_runs(reader),
    )


def stuck_message_count(reader: Reader, *, at: datetime) -> int:
    """Messages that were due for STUCK_AFTER, or have been tried in vain for so long."""
    is_late = OutboxMessage.next_at <= at - STUCK_AFTER
    is_retried = and_(OutboxMessage.error.is_not(None), OutboxMessage.queued_at <= at - STUCK_AFTER)
    waiting = (OutboxMessage.workspace_id == reader.workspace, OutboxMessage.next_at.is_not(None))
    return reader.session.scalar(select(func.count()).where(*waiting, or_(is_late, is_retried))) or 0


def save_probe(tx: Transaction, process: str, *, value: int) -> None:
    """A row that this process writes over and over, only to see that it can."""
    key = f"probe:{process}"
    insert_if_absent(tx, IdempotencyKey, key=key, answer=None, at=tx.now)
    update_where(tx, IdempotencyKey, IdempotencyKey.key == key, answer=value, at=tx.now)


def _undelivered(reader: Reader, since: datetime) -> list[UndeliveredMessages]:
    last = func.max(OutboxMessage.failed_at)
    given_up = (
        select(OutboxMessage.lane, OutboxMessage.error, func.count(), last)
        .where(OutboxMessage.workspace_id == reader.workspace, OutboxMessage.failed_at >= since)
        .group_by(OutboxMessage.lane, OutboxMessage.error)
        .order_by(last.desc())
        .limit(MAX_LINES_SHOWN)
    )
    return [
        UndeliveredMessages(destination, error or "", many, at)
        for destination, error, many, at in reader.session.execute(given_up)
    ]
