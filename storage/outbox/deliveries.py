"""The outbox from the side that sends: due messages, claims, results."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from storage.outbox import message_references
from storage.outbox.outbox import NOTICE, MessageKind, queue_message
from storage.schema.tickets import MessageReference, OutboxMessage
from storage.transaction import (
    Reader,
    Transaction,
    all_where,
    delete_some,
    delete_where,
    first_where,
    select_where,
    update_where,
)

CLAIM_LEASE = timedelta(seconds=60)
LONGEST_RETRY = timedelta(minutes=15)
LAPSED_CLAIM = datetime(2000, 1, 1, tzinfo=UTC)
MESSAGES_PER_READ = 30
LATE_AFTER = timedelta(minutes=1)


def destinations_due(reader: Reader, *, at: datetime) -> Sequence[str]:
    is_free = OutboxMessage.lane.not_in(_busy_destinations(reader, at))
    return reader.session.scalars(select_where(reader, OutboxMessage.lane, *_is_due(at), is_free).distinct()).all()


def due_messages_to(
    reader: Reader, destination: str, *, at: datetime, kind: str | None = None
) -> Sequence[OutboxMessage]:
    """Due messages to one destination that are unclaimed, or whose claim has lapsed, in the order of queueing."""
    of_kind = [] if kind is None else [OutboxMessage.kind == kind]
    is_due = (OutboxMessage.lane == destination, *_is_due(at), *of_kind)
    return all_where(reader, OutboxMessage, *is_due, order_by=OutboxMessage.id, limit=MESSAGES_PER_READ)


def late_notices(due: Sequence[OutboxMessage], *, at: datetime) -> Sequence[OutboxMessage]:
    """Those that could have been sent a minute ago; one that is meant for a later time is late only after that.

    One that was tried may have been read already: what became of it is looked up for itself.
    """
    late = at - LATE_AFTER
    untried = [row for row in due if row.kind == NOTICE and not row.attempts and row.queued_at <= late]
    return [row for row in untried if row.error or (row.next_at or at) <= late]


def due_messages(reader: Reader, *, at: datetime) -> Sequence[OutboxMessage]:
    return all_where(reader, OutboxMessage, *_is_due(at), order_by=OutboxMessage.id)


def next_due_at(reader: Reader, *, at: datetime) -> datetime | None:
    return first_where(reader, OutboxMessage.next_at, OutboxMessage.next_at > at, order_by=OutboxMessage.next_at)


def is_waiting(reader: Reader, kind: str, *, subject: str, destination: str) -> bool:
    """Whether a message of that kind is still to be sent there."""
    of_kind = (OutboxMessage.kind == kind, OutboxMessage.subject == subject, OutboxMessage.lane == destination)
    return first_where(reader, OutboxMessage.id, *of_kind, OutboxMessage.next_at.is_not(None)) is not None


def waiting_count(reader: Reader) -> int:
    waiting = select_where(reader, OutboxMessage.id, OutboxMessage.next_at.is_not(None))
    return reader.session.scalar(waiting.with_only_columns(func.count())) or 0


def claim_message(tx: Transaction, id_: int, *, destination: str) -> int:
    """The number of this attempt, for the one worker that may send the message; 0 for all others.

    It is also 0 while another worker sends to the destination: two at once would post a card twice, or out of order.
    A refresh behind an earlier one of the same card that is still to be tried again is left to that one: what became of
    its last try is looked up first, or the card would be posted twice.
    """
    if not lock_destination(tx, destination, but_for=id_):
        return 0
    if _is_behind_same_card(tx, id_, destination):
        mark_sent(tx, id_, reference=None)
        return 0
    claimed = tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.workspace_id == tx.workspace, OutboxMessage.id == id_)
        .where(OutboxMessage.next_at.is_not(None), _is_unclaimed(tx.now))
        .values(claimed_at=tx.now, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage.attempts)
    ).scalar()
    return claimed or 0


def lock_destination(tx: Transaction, destination: str, *, but_for: int = 0) -> bool:
    """False while another message is being sent there; on PostgreSQL one process at a time may look."""
    if tx.connection.dialect.name == "postgresql":
        key = func.hashtextextended(f"{tx.workspace}:{destination}", 0)
        if not tx.execute(select(func.pg_try_advisory_xact_lock(key))).scalar():
            return False
    busy = _busy_destinations(tx, tx.now).where(OutboxMessage.lane == destination, OutboxMessage.id != but_for)
    return tx.execute(busy.limit(1)).first() is None


def _is_behind_same_card(tx: Transaction, id_: int, destination: str) -> bool:
    fold = select(OutboxMessage.fold).where(OutboxMessage.workspace_id == tx.workspace, OutboxMessage.id == id_)
    earlier = (OutboxMessage.fold == fold.scalar_subquery(), OutboxMessage.id < id_)
    waiting = (OutboxMessage.lane == destination, OutboxMessage.next_at.is_not(None))
    return first_where(tx, OutboxMessage.id, *earlier, *waiting) is not None


def release_claims(tx: Transaction) -> int:
    """Lapses all claims. Right only where a single process sends (SQLite): its former claims are all dead."""
    claimed = (OutboxMessage.next_at.is_not(None), OutboxMessage.claimed_at.is_not(None))
    return update_where(tx, OutboxMessage, *claimed, claimed_at=LAPSED_CLAIM)


def mark_sent(tx: Transaction, id_: int, *, reference: MessageReference | None, next_part: int | None = None) -> None:
    """`reference` is the card in Slack; None when it is no card, or nothing was posted. `next_part` of what was
    too long for one message is queued."""
    update_where(tx, OutboxMessage, OutboxMessage.id == id_, sent_at=tx.now, next_at=None, error=None)
    if reference is not None:
        message_references.save_reference(tx, reference)
    if next_part is not None:
        row = tx.session.get_one(OutboxMessage, (tx.workspace, id_))
        data = row.data | {"part": next_part}
        kind, subject = MessageKind(row.kind), row.subject
        queue_message(tx, kind, destination=row.lane, number=row.number, subject=subject, data=data)


def retry_later(tx: Transaction, id_: int, *, delay_seconds: float, error: str, is_attempt: bool = True) -> None:
    """Unless `is_attempt`, what was tried surely had no effect and is not counted."""
    at, count = tx.now + timedelta(seconds=delay_seconds), OutboxMessage.attempts - (0 if is_attempt else 1)
    again = {"next_at": at, "claimed_at": LAPSED_CLAIM, "attempts": count, "error": error}
    update_where(tx, OutboxMessage, OutboxMessage.id == id_, **again)


def mark_failed(tx: Transaction, id_: int, *, error: str) -> None:
    update_where(tx, OutboxMessage, OutboxMessage.id == id_, failed_at=tx.now, next_at=None, error=error)


def waiting_and_failed(reader: Reader, *, since: datetime) -> tuple[int, Sequence[OutboxMessage]]:
    has_failed, newest_first = OutboxMessage.failed_at >= since, OutboxMessage.id.desc()
    return waiting_count(reader), all_where(reader, OutboxMessage, has_failed, order_by=newest_first, limit=20)


def delete_delivered_before(tx: Transaction, moment: datetime, *, limit: int) -> int:
    ended = func.coalesce(OutboxMessage.sent_at, OutboxMessage.failed_at)
    return delete_some(tx, OutboxMessage, OutboxMessage.next_at.is_(None), ended < moment, limit=limit)


def _busy_destinations(reader: Reader, at: datetime) -> Select[str]:
    claimed = OutboxMessage.claimed_at.between(at - CLAIM_LEASE, at + CLAIM_LEASE)
    return select_where(reader, OutboxMessage.lane, OutboxMessage.next_at.is_not(None), claimed)


def _is_unclaimed(at: datetime) -> ColumnElement[bool]:
    lapsed = (OutboxMessage.claimed_at < at - CLAIM_LEASE, OutboxMessage.claimed_at > at + CLAIM_LEASE)
    return or_(OutboxMessage.claimed_at.is_(None), *lapsed)


def _is_due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """What was to be sent at once, a retry later than any retry is, and a claim of the future do not wait until a clock
    that was set back is there again."""
    at_once = OutboxMessage.next_at == OutboxMessage.queued_at
    late_retry = and_(OutboxMessage.error.is_not(None), OutboxMessage.next_at > at + LONGEST_RETRY)
    return or_(OutboxMessage.next_at <= at, at_once, late_retry), _is_unclaimed(at)


def delete_waiting(tx: Transaction) -> int:
    """How many unsent messages were deleted: those of generated history must not reach anyone."""
    return delete_where(tx, OutboxMessage, OutboxMessage.next_at.is_not(None))
