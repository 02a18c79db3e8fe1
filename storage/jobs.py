"""Scheduled jobs: when each last ran, how it went, which process may run it now, and which one leads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_
from sqlalchemy.dialects.postgresql import insert

from storage.schema.tickets import JobRun, LeaderLease
from storage.transaction import Reader, Transaction, all_where, insert_if_absent, update_where

DAILY_RETRY = timedelta(minutes=10)


def claim_run(tx: Transaction, name: str, *, min_interval: timedelta) -> datetime | None:
    """The start of the run, for the one process that may run it; None when a run began within `min_interval`."""
    return _claim(tx, name, JobRun.started_at <= tx.now - min_interval, max_skew=min_interval)


def claim_daily_run(tx: Transaction, name: str, *, due: datetime) -> datetime | None:
    """The start of the run, for the one process that may run it; None when a run that began after `due` has succeeded
    or is under way. A run that failed, or whose process died, is repeated after DAILY_RETRY."""
    is_unfinished = or_(JobRun.finished_at.is_(None), JobRun.finished_at < JobRun.started_at, JobRun.failed)
    is_over = or_(JobRun.started_at < due, and_(JobRun.started_at <= tx.now - DAILY_RETRY, is_unfinished))
    return _claim(tx, name, is_over, max_skew=DAILY_RETRY)


def _claim(tx: Transaction, name: str, is_over: ColumnElement[bool], *, max_skew: timedelta) -> datetime | None:
    """A start further than `max_skew` in the future was written by a clock that was wrong, and blocks nothing."""
    insert_if_absent(tx, JobRun, name=name, failed=False)
    is_free = or_(JobRun.started_at.is_(None), is_over, JobRun.started_at > tx.now + max_skew)
    return tx.now if update_where(tx, JobRun, JobRun.name == name, is_free, started_at=tx.now) else None


def finish_run(tx: Transaction, name: str, *, started_at: datetime, ms: int, result: str, failed: bool) -> None:
    """How the run went; nothing when a later run has begun meanwhile."""
    same_run = (JobRun.name == name, JobRun.started_at == started_at)
    update_where(tx, JobRun, *same_run, finished_at=tx.now, ms=ms, result=result, failed=failed)


def last_runs(reader: Reader) -> Sequence[JobRun]:
    """Every job that ever ran, by name."""
    return all_where(reader, JobRun, order_by=JobRun.name)


def renew_lease(connection: Connection, workspace: str, process: str, *, lease: timedelta) -> bool:
    """True when this process leads the workspace's jobs for so long from now, by the clock of PostgreSQL.

    It takes the lease of nobody, its own, and one that has ended, or that ends so late that the clock was wrong.
    """
    now = func.now()
    wanted = insert(LeaderLease).values(workspace_id=workspace, process=process, until=now + lease)
    is_free = or_(LeaderLease.process == process, LeaderLease.until <= now, LeaderLease.until > now + lease + lease)
    values = {"process": wanted.excluded.process, "until": wanted.excluded.until}
    statement = wanted.on_conflict_do_update(index_elements=[LeaderLease.workspace_id], set_=values, where=is_free)
    return connection.execute(statement.returning(LeaderLease.process)).first() is not None


def release_lease(connection: Connection, workspace: str, process: str) -> None:
    mine = (LeaderLease.workspace_id == workspace, LeaderLease.process == process)
    connection.execute(delete(LeaderLease).where(*mine))
