"""Which app is installed, and which tickets somebody filed for another person."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("installation", sa.JSON(), nullable=True))
    for_another = sa.text("registered_by <> requester")
    op.create_index(
        "ix_tickets_registered",
        "tickets",
        ["workspace_id", "registered_by", "number"],
        sqlite_where=for_another,
        postgresql_where=for_another,
    )
