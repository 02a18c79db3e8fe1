"""Imported logs are kept, so that a newer export brings only what is new."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    op.create_table(
        "imported_logs",
        sa.Column("workspace_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=op.f("pk_imported_logs")),
    )
