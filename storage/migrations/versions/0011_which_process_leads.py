"""Which process leads."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.create_table(
        "leader_leases",
        sa.Column("workspace_id", sa.String(length=24), nullable=False),
        sa.Column("process", sa.String(length=36), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_leader_leases")),
    )
