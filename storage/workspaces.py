"""The workspace: its ticket counter and the desk's configuration."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from storage.schema import escalations, forecasts, imports, people, sla  # noqa: F401 - the other pages of the schema
from storage.schema.columns import Table
from storage.schema.tickets import ConfigurationVersion, Workspace
from storage.transaction import Reader, Transaction, all_where, insert_if_absent, select_where

LOCAL_WORKSPACE = "LOCAL"


def enrol_workspace(tx: Transaction) -> None:
    insert_if_absent(tx, Workspace, last_number=0, policy_version=0)


def adopt_local_data(tx: Transaction, *, limit: int) -> int:
    """What was applied or imported before Slack was reached becomes this workspace's, so many rows at a time; fewer
    mean that it is done.

    The workspace's own row comes last: until then another start carries on.
    """
    local = select(Workspace.workspace_id).where(Workspace.workspace_id == LOCAL_WORKSPACE)
    is_left = tx.execute(local.with_for_update()).first() is not None  # of two processes one waits for the other
    if not is_left or tx.workspace in known_workspaces(tx.session):
        return 0
    adopted = 0
    for table in sorted(Table.metadata.sorted_tables, key=lambda table: table.name == Workspace.__tablename__):
        adopted += _adopt_rows(tx, table, limit - adopted)
        if adopted == limit:
            break
    return adopted


def _adopt_rows(tx: Transaction, table: sa.Table, limit: int) -> int:
    key = table.primary_key
    some = select(*key).where(table.c.workspace_id == LOCAL_WORKSPACE).limit(limit)
    return tx.execute(update(table).where(tuple_(*key).in_(some)).values(workspace_id=tx.workspace)).rowcount


def lock_workspace(tx: Transaction) -> Workspace:
    return tx.session.scalars(select_where(tx, Workspace).with_for_update()).one()


def lock_row(tx: Transaction) -> None:
    """`lock_workspace` for those who need nothing of the row."""
    tx.execute(select(Workspace.workspace_id).where(Workspace.workspace_id == tx.workspace).with_for_update())


def current_configuration(reader: Reader) -> tuple[int, dict[str, Any] | None]:
    """Version and configuration; 0 and None before the first."""
    row = reader.session.get(Workspace, reader.workspace)
    return (0, None) if row is None else (row.policy_version, row.policy)


def save_configuration(tx: Transaction, version: int, configuration: Mapping[str, Any]) -> None:
    tx.session.merge(
        ConfigurationVersion(workspace_id=tx.workspace, version=version, policy=dict(configuration), applied_at=tx.now)
    )


def configurations_by_version(tx: Transaction, versions: Iterable[int | None]) -> list[tuple[int, dict[str, Any]]]:
    is_known = ConfigurationVersion.version.in_([version for version in versions if version is not None])
    return [(row.version, row.policy) for row in all_where(tx, ConfigurationVersion, is_known)]


def find_installation(session: Session, *, token: str) -> dict[str, Any] | None:
    """The app's identity that was saved with this token's fingerprint."""
    return session.scalars(select(Workspace.installation).where(Workspace.token == token)).first()


def save_installation(tx: Transaction, installation: dict[str, Any], *, token: str) -> None:
    tx.execute(
        update(Workspace).where(Workspace.workspace_id == tx.workspace).values(token=token, installation=installation)
    )


def known_workspaces(session: Session) -> list[str]:
    return list(session.scalars(select(Workspace.workspace_id).order_by(Workspace.workspace_id)))
