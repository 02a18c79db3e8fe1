"""Which chance is told."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    with op.batch_alter_table("learnings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("elapsed", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("method", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("elapsed", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("is_waiting", sa.Boolean(), nullable=True))
