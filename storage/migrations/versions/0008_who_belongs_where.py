"""Who belongs where."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.create_table(
        "memberships",
        sa.Column("workspace_id", sa.String(length=24), nullable=False),
        sa.Column("team", sa.String(length=120), nullable=False),
        sa.Column("person", sa.String(length=24), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "team", "person", "id", name=op.f("pk_memberships")),
    )
