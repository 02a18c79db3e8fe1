"""How the desk itself is: what waits for delivery, what was given up and why, when each job last ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage import jobs
from storage.schema.tickets import Job, Outgoing
from storage.transaction import Reader

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be delivered to one place for one reason: how many, and when last."""

    lane: str
    error: str
    many: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """`oldest_at` is when the longest waiting row was queued; `held` is why rows were put off, by reason."""

    waiting: int
    oldest_at: datetime | None
    held: Sequence[tuple[str, int]]
    lost: Sequence[Lost]
    jobs: Sequence[Job]


def health(reader: Reader, *, since: datetime) -> Health:
    """The state of delivery and of the jobs; what was given up before `since` is history."""
    pending = (Outgoing.workspace_id == reader.workspace, Outgoing.next_at.is_not(None))
    waiting, oldest = reader.session.execute(select(func.count(), func.min(Outgoing.queued_at)).where(*pending)).one()
    many = func.count()
    held = select(Outgoing.error, many).where(*pending, Outgoing.error.is_not(None)).group_by(Outgoing.error)
    return Health(
        waiting=waiting,
        oldest_at=oldest,
        held=[(error or "", count) for error, count in reader.session.execute(held.order_by(many.desc()).limit(SHOWN))],
        lost=_lost(reader, since),
        jobs=jobs.runs(reader),
    )


def _lost(reader: Reader, since: datetime) -> list[Lost]:
    last = func.max(Outgoing.failed_at)
    given_up = (
        select(Outgoing.lane, Outgoing.error, func.count(), last)
        .where(Outgoing.workspace_id == reader.workspace, Outgoing.failed_at >= since)
        .group_by(Outgoing.lane, Outgoing.error)
        .order_by(last.desc())
        .limit(SHOWN)
    )
    return [Lost(lane, error or "", many, at) for lane, error, many, at in reader.session.execute(given_up)]
