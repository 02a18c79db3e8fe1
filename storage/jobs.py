"""Scheduled jobs: when each last ran, how it went, and which process may run it now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.schema.tickets import Job
from storage.transaction import Reader, Transaction

_KNOWN = {
    "sqlite": sqlite.insert(Job).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Job).on_conflict_do_nothing(),
}


def claim(tx: Transaction, name: str, *, apart: timedelta) -> datetime | None:
    """When it began, for the one process that runs it now; None when a run began less than `apart` ago.

    A start in the future was written by a clock that went wrong, and holds nobody up.
    """
    tx.execute(_KNOWN[tx.connection.dialect.name], {"workspace_id": tx.workspace, "name": name, "failed": False})
    due = or_(Job.started_at.is_(None), Job.started_at <= tx.now - apart, Job.started_at > tx.now + apart)
    began: datetime | None = tx.execute(
        update(Job)
        .where(Job.workspace_id == tx.workspace, Job.name == name, due)
        .values(started_at=tx.now)
        .returning(Job.started_at)
        .execution_options(synchronize_session=False)
    ).scalar()
    return began


def finish(tx: Transaction, name: str, *, started_at: datetime, ms: int, result: str, failed: bool) -> None:
    """How the run went; nothing when a later run has begun meanwhile."""
    tx.execute(
        update(Job)
        .where(Job.workspace_id == tx.workspace, Job.name == name, Job.started_at == started_at)
        .values(finished_at=tx.now, ms=ms, result=result, failed=failed)
        .execution_options(synchronize_session=False)
    )


def runs(reader: Reader) -> Sequence[Job]:
    """Every job that ever ran, by name."""
    return reader.session.scalars(select(Job).where(Job.workspace_id == reader.workspace).order_by(Job.name)).all()
