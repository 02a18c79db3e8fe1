"""Scheduled jobs: the last run of each, and which process may run it now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.schema.tickets import JobRun
from storage.transaction import Reader, Transaction

_INSERT_JOB = {
    "sqlite": sqlite.insert(JobRun).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(JobRun).on_conflict_do_nothing(),
}


def claim_run(tx: Transaction, name: str, *, min_interval: timedelta) -> datetime | None:
    """The start of the run, for the one process that may run it; None when a run began within `min_interval`.

    A start in the future was written by a clock that was wrong, and blocks nothing.
    """
    tx.execute(_INSERT_JOB[tx.connection.dialect.name], {"workspace_id": tx.workspace, "name": name, "failed": False})
    is_due = or_(
        JobRun.started_at.is_(None),
        JobRun.started_at <= tx.now - min_interval,
        JobRun.started_at > tx.now + min_interval,
    )
    started_at: datetime | None = tx.execute(
        update(JobRun)
        .where(JobRun.workspace_id == tx.workspace, JobRun.name == name, is_due)
        .values(started_at=tx.now)
        .returning(JobRun.started_at)
        .execution_options(synchronize_session=False)
    ).scalar()
    return started_at


def finish_run(tx: Transaction, name: str, *, started_at: datetime, ms: int, result: str, failed: bool) -> None:
    """Changes nothing when a later run has begun meanwhile."""
    tx.execute(
        update(JobRun)
        .where(JobRun.workspace_id == tx.workspace, JobRun.name == name, JobRun.started_at == started_at)
        .values(finished_at=tx.now, ms=ms, result=result, failed=failed)
        .execution_options(synchronize_session=False)
    )


def last_runs(reader: Reader) -> Sequence[JobRun]:
    return reader.session.scalars(
        select(JobRun).where(JobRun.workspace_id == reader.workspace).order_by(JobRun.name)
    ).all()
