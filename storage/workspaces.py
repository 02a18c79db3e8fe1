"""The workspace: its ticket counter and the desk's configuration."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.schema import escalations, forecasts, people, sla  # noqa: F401 - the other pages of the schema
from storage.schema.columns import Table
from storage.schema.tickets import ConfigurationVersion, Workspace
from storage.transaction import Reader, Transaction, all_where, insert_if_absent, select_where

LOCAL_WORKSPACE = "LOCAL"


def enrol_workspace(tx: Transaction) -> None:
    insert_if_absent(tx, Workspace, last_number=0, policy_version=0)


def adopt_local_data(tx: Transaction) -> bool:
    """What was applied or imported before Slack was reached becomes this workspace's; whether there was any."""
    workspaces = known_workspaces(tx.session)
    if LOCAL_WORKSPACE not in workspaces or tx.workspace in workspaces or tx.workspace == LOCAL_WORKSPACE:
        return False
    for table in Table.metadata.sorted_tables:
        column = table.c.workspace_id
        tx.execute(update(table).where(column == LOCAL_WORKSPACE).values(workspace_id=tx.workspace))
    return True


def lock_workspace(tx: Transaction) -> Workspace:
    return tx.session.scalars(select_where(tx, Workspace).with_for_update()).one()


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


def known_workspaces(session: Session) -> list[str]:
    return list(session.scalars(select(Workspace.workspace_id).order_by(Workspace.workspace_id)))
