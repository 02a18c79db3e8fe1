"""Open work is counted along indexes, and each timer says from when on it is due soon.

The timers of open tickets get that moment from the job that recalculates SLA targets, a few tickets at a time. What
ended before has none: the reports of earlier days no longer count it as due soon.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

revision = "0012"
down_revision: str | None = "0011"

OPEN_TICKETS = sa.text("resolved_at IS NULL")
OPEN_TIMERS = sa.text("state IN ('running', 'paused')")
COUNTED = ("due_soon_at", "state", "remaining_s", "target")


def upgrade() -> None:
    with op.batch_alter_table("clocks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_soon_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index("ix_clocks_due")
        _partial_index(batch_op, "ix_clocks_open", ["number", "due_at", *COUNTED], OPEN_TIMERS)
        _partial_index(batch_op, "ix_clocks_due", ["due_at", "number", *COUNTED], OPEN_TIMERS)
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("ix_tickets_created")
        batch_op.drop_index("ix_tickets_open_team")
        counted = ["team", "assignee", "number", "created_at", "status", "resolved_at", "promised_under"]
        _partial_index(batch_op, "ix_tickets_open", counted, OPEN_TICKETS)
        batch_op.drop_index("ix_tickets_open_assignee")
        grouped = ["assignee", "status", "team", "type", "step", "number", "resolved_at"]
        _partial_index(batch_op, "ix_tickets_open_assignee", grouped, OPEN_TICKETS)
    tickets = sa.table("tickets", *map(sa.column, ("workspace_id", "resolved_at", "promised_under")))
    workspaces = sa.table("workspaces", *map(sa.column, ("workspace_id", "policy_version")))
    current = sa.select(workspaces.c.policy_version).where(workspaces.c.workspace_id == tickets.c.workspace_id)
    is_current = (tickets.c.resolved_at.is_(None), tickets.c.promised_under == current.scalar_subquery())
    op.execute(sa.update(tickets).where(*is_current).values(promised_under=None))


def _partial_index(batch_op: BatchOperations, name: str, columns: list[str], where: sa.TextClause) -> None:
    batch_op.create_index(name, ["workspace_id", *columns], sqlite_where=where, postgresql_where=where)
